//! Opportunities of the sales pipeline.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::{
    opportunity,
    values::{Outcome, RefEntity},
};

use super::parts;
use crate::{
    error::ApiResult,
    graphql::{
        GlobalId,
        customer::Customer,
        external_ref::{ExternalRef, external_refs},
        global_id::NodeType,
        kpi_value::Money,
        scalars::Date,
    },
};

/// An opportunity.
#[derive(Clone)]
pub struct Opportunity(pub opportunity::Model);

/// A deal that may be won.
#[Object]
impl Opportunity {
    /// The opportunity's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Opportunity, self.0.id).into()
    }

    /// The names that other systems have for it.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        external_refs(ctx, RefEntity::Opportunity, self.0.id, limit).await
    }

    /// With whom. Null when unknown; needs CUSTOMERS_READ.
    async fn customer(&self, ctx: &Context<'_>) -> ApiResult<Option<Customer>> {
        parts::customer(ctx, self.0.customer_id).await
    }

    /// The day on which it was opened. Null when unknown.
    async fn opened_on(&self) -> Option<Date> {
        self.0.opened_on.map(Date)
    }

    /// When it was won or lost. Null while it is open.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// What became of it.
    async fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// The stage of the pipeline as delivered. Null when unknown.
    async fn stage(&self) -> Option<&str> {
        self.0.stage.as_deref()
    }

    /// What it is worth. Null when unknown; needs MONEY_READ.
    async fn amount(&self, ctx: &Context<'_>) -> Option<ApiResult<Money>> {
        let amount = self.0.amount?;
        Some(parts::money(ctx, amount, &self.0.currency))
    }
}
