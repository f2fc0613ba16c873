//! Refunds.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::{refund, values::RefEntity};

use super::{OrderId, parts};
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        GlobalId, Session,
        external_ref::{ExternalRef, external_refs},
        global_id::NodeType,
        kpi_value::Money,
        order::Order,
        scalars::Date,
    },
};

/// A refund.
#[derive(Clone)]
pub struct Refund(pub refund::Model);

/// Money given back for an order.
#[Object]
impl Refund {
    /// The refund's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Refund, self.0.id).into()
    }

    /// The names that other systems have for it.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        external_refs(ctx, RefEntity::Refund, self.0.id, limit).await
    }

    /// The order. Null in the moment in which it is deleted; needs MONEY_READ.
    async fn order(&self, ctx: &Context<'_>) -> ApiResult<Option<Order>> {
        let session = Session::with_scope(ctx, Scope::MoneyRead)?;
        let found = session.load.load_one(OrderId(self.0.order_id)).await?;
        Ok(found.map(Order))
    }

    /// When it was given back.
    async fn refunded_at(&self) -> DateTime<Utc> {
        self.0.refunded_at
    }

    /// The day in the team's time zone.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// How much; needs MONEY_READ.
    async fn amount(&self, ctx: &Context<'_>) -> ApiResult<Money> {
        parts::money(ctx, self.0.amount, &self.0.currency)
    }
}
