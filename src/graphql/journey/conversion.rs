//! Conversions.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::{conversion, values::RefEntity};

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

/// A conversion.
#[derive(Clone)]
pub struct Conversion(pub conversion::Model);

/// A conversion that the team recorded itself.
#[Object]
impl Conversion {
    /// The conversion's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Conversion, self.0.id).into()
    }

    /// The names that other systems have for it.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        external_refs(ctx, RefEntity::Conversion, self.0.id, limit).await
    }

    /// Whose. Null when unknown; needs CUSTOMERS_READ.
    async fn customer(&self, ctx: &Context<'_>) -> ApiResult<Option<Customer>> {
        parts::customer(ctx, self.0.customer_id).await
    }

    /// The kind as delivered, such as `signup`.
    async fn kind(&self) -> &str {
        &self.0.kind
    }

    /// When.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// The day in the team's time zone.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// What it is worth. Null when unknown; needs MONEY_READ.
    async fn value(&self, ctx: &Context<'_>) -> Option<ApiResult<Money>> {
        let value = self.0.value?;
        Some(parts::money(ctx, value, &self.0.currency))
    }
}
