//! Operations within their team's allowance: points are taken before, settled after, and told in `extensions.cost`.

use actix_web::{HttpResponse, http::StatusCode, http::header::RETRY_AFTER};
use async_graphql::{Response, value};

use super::{
    Service, answer::Media, graphql::Handled, observed::About, operation::code_of, quota::Admission,
};
use crate::{
    auth::Caller,
    error::Error,
    graphql::{CostPlan, refusal},
    store::TeamStore,
};

/// Points of a file of rows.
const EXPORT: u64 = 1000;

impl Service {
    /// The answer of an operation that runs once there are points for it.
    ///
    /// # Errors
    /// When the team or the key has taken too much.
    pub(super) async fn metered(
        &self,
        caller: &Caller,
        store: &TeamStore,
        (about, cost): (&About, &CostPlan),
        running: impl Future<Output = Response>,
    ) -> Result<Response, Error> {
        let metered = self.within_allowance(caller, store, cost, running);
        self.observed(store, about, metered).await
    }

    async fn within_allowance(
        &self,
        caller: &Caller,
        store: &TeamStore,
        cost: &CostPlan,
        running: impl Future<Output = Response>,
    ) -> Result<Response, Error> {
        self.outflows.check(store.team().id)?;
        let asked = cost.asked();
        let admission = self.quotas.admit(caller, store, asked).await?;
        let mut response = running.await;
        if let Err(error) = self.max_size.check(&response.data) {
            response = refusal(&error);
        }
        // What was broken off has worked for its points, though it has nothing to show.
        let mut codes = response.errors.iter().filter_map(code_of);
        let actual = match codes.any(|code| matches!(code, "TIMEOUT" | "LIMIT_EXCEEDED")) {
            true => asked,
            false => cost.actual(&response.data),
        };
        let remaining = admission.settle(actual).await;
        self.count_points(store, actual);
        let told = value!({
            "asked": asked, "actual": actual, "limit": self.gate.max_cost, "remaining": remaining
        });
        response.extensions.insert("cost".to_owned(), told);
        Ok(response)
    }

    /// Takes the points of a file of rows, which has no document to price; else the answer that refuses it.
    pub(super) async fn exporting(&self, caller: &Caller, store: &TeamStore) -> Handled<Admission> {
        let admitted = self.quotas.admit(caller, store, EXPORT).await;
        if admitted.is_ok() {
            self.count_points(store, EXPORT);
        }
        admitted.map_err(|error| Box::new(not_now(Media::Json, &error)))
    }
}

/// The answer over HTTP to an operation that may not run now: 429 with the time to wait, or what its error is else.
pub fn not_now(media: Media, error: &Error) -> HttpResponse {
    let Error::RateLimited(limited) = error else {
        tracing::error!(%error, "an operation could not be run");
        return media.failure(error);
    };
    let mut answer = media.error(StatusCode::TOO_MANY_REQUESTS, error);
    let seconds = limited.wait.as_secs();
    answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    answer
}
