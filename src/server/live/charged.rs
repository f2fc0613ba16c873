//! What the results of a subscription cost: each reads anew what is selected of its event.

use std::sync::Arc;

use actix_web::web::Data;
use async_graphql::Response;

use crate::{
    graphql::{CostPlan, Identity, refusal},
    server::{Service, seats::Held},
    telemetry::Subscribed,
};

/// Points of a result that count as one: most events hold no more than a few fields.
const FREE: u64 = 10;

/// A subscription that is being charged for.
pub struct Charged {
    pub service: Data<Service>,
    pub identity: Arc<Identity>,
    pub cost: CostPlan,
    /// It counts among its team's.
    pub _place: Option<Held>,
    /// It counts as open as long as there may be results.
    pub open: Option<Subscribed>,
}

impl Charged {
    /// A result, once its points are taken; where there are none left, it waits for them.
    pub async fn paid(&self, result: Response) -> Response {
        if self.open.is_none() {
            return result;
        }
        let points = self.cost.actual(&result.data).saturating_sub(FREE).max(1);
        let Identity { caller, store } = &*self.identity;
        self.service.count_points(store, points);
        match self.service.quotas.draw(caller, store, points).await {
            Ok(()) => result,
            Err(error) => refusal(&error),
        }
    }
}
