//! Operations within their team's allowance: points are taken before, settled after, and told in `extensions.cost`.

use actix_web::{HttpResponse, http::StatusCode, http::header::RETRY_AFTER};
use async_graphql::{Response, Value, value};

use super::{
    Service, answer::Media, graphql::Handled, observed::About, operation::refusal, quota::Admission,
};
use crate::{auth::Caller, error::Error, graphql::CostPlan, guard::Exceeded, store::TeamStore};

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
        let asked = cost.asked();
        let admission = self.quotas.admit(caller, store, asked).await?;
        let mut response = running.await;
        let actual = cost.actual(&response.data);
        let remaining = admission.settle(actual).await;
        self.count_points(store, actual);
        if let Err(error) = self.check_size(&response.data) {
            response = refusal(&error);
        }
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

    /// Refuses data that would be too large a text, before the text is made.
    fn check_size(&self, data: &Value) -> Result<(), Error> {
        let mut left = self.max_response_bytes;
        if fits(data, &mut left) {
            return Ok(());
        }
        let limit = u64::try_from(self.max_response_bytes).unwrap_or(u64::MAX);
        Err(Error::Exceeded(Exceeded {
            what: "bytes of the answer",
            limit,
            // It is not counted any further.
            actual: limit.saturating_add(1),
        }))
    }
}

/// Whether the text of a value fits in what is left, which becomes less by it.
fn fits(value: &Value, left: &mut usize) -> bool {
    let text = match value {
        Value::String(text) => text.len() + 3,
        Value::Enum(name) => name.len() + 3,
        Value::List(list) => return take(2, left) && list.iter().all(|value| fits(value, left)),
        Value::Object(fields) => {
            return take(2, left)
                && fields
                    .iter()
                    .all(|(name, value)| take(name.len() + 3, left) && fits(value, left));
        }
        _ => 4,
    };
    take(text, left)
}

fn take(bytes: usize, left: &mut usize) -> bool {
    match left.checked_sub(bytes) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_measured_no_further_than_the_limit() {
        let value = value!({ "rows": [{ "name": "abc" }, { "name": "def", "n": 1 }] });
        let length = value.to_string().len();
        let (mut small, mut large) = (length / 2, length * 2);
        assert!(!fits(&value, &mut small));
        assert!(fits(&value, &mut large));
        assert!(large < length * 3 / 2);
    }
}
