//! Entries of customers into stages.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::{stage_event, values::LifecycleStage};

use super::parts;
use crate::{
    error::ApiResult,
    graphql::{GlobalId, customer::Customer, global_id::NodeType, scalars::Date},
};

/// An entry into a stage.
#[derive(Clone)]
pub struct StageEvent(pub stage_event::Model);

/// The entry of a customer into a lifecycle stage.
#[Object]
impl StageEvent {
    /// The entry's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::StageEvent, self.0.id).into()
    }

    /// Who entered. Null in the moment in which the customer is deleted; needs CUSTOMERS_READ.
    async fn customer(&self, ctx: &Context<'_>) -> ApiResult<Option<Customer>> {
        parts::customer(ctx, Some(self.0.customer_id)).await
    }

    /// The stage entered.
    async fn stage(&self) -> LifecycleStage {
        self.0.stage
    }

    /// When.
    async fn entered_at(&self) -> DateTime<Utc> {
        self.0.entered_at
    }

    /// The day in the team's time zone.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// Whether it is the customer's first entry into this stage.
    async fn first_entry(&self) -> bool {
        self.0.first_entry
    }

    /// Who told.
    async fn source(&self) -> &str {
        &self.0.source
    }
}
