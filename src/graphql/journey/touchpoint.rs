//! Touchpoints.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::{
    touchpoint,
    values::{RefEntity, TouchKind},
};

use super::parts;
use crate::{
    error::ApiResult,
    graphql::{
        GlobalId,
        campaign::Campaign,
        channel::Channel,
        customer::Customer,
        external_ref::{ExternalRef, external_refs},
        global_id::NodeType,
        scalars::Date,
    },
};

/// A touchpoint.
#[derive(Clone)]
pub struct Touchpoint(pub touchpoint::Model);

/// A contact of a customer with a campaign or channel.
#[Object]
impl Touchpoint {
    /// The touchpoint's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Touchpoint, self.0.id).into()
    }

    /// The names that other systems have for it.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        external_refs(ctx, RefEntity::Touchpoint, self.0.id, limit).await
    }

    /// Whose contact. Null in the moment in which the customer is deleted; needs CUSTOMERS_READ.
    async fn customer(&self, ctx: &Context<'_>) -> ApiResult<Option<Customer>> {
        parts::customer(ctx, Some(self.0.customer_id)).await
    }

    /// When.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// The day in the team's time zone.
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// What kind of contact.
    async fn kind(&self) -> TouchKind {
        self.0.kind
    }

    /// The campaign. Null when none is named; needs CAMPAIGNS_READ.
    async fn campaign(&self, ctx: &Context<'_>) -> ApiResult<Option<Campaign>> {
        parts::campaign(ctx, self.0.campaign_id).await
    }

    /// The channel. Null when none is named; needs CAMPAIGNS_READ.
    async fn channel(&self, ctx: &Context<'_>) -> ApiResult<Option<Channel>> {
        parts::channel(ctx, self.0.channel_id).await
    }

    /// The link's utm_source. Null when it has none.
    async fn utm_source(&self) -> Option<&str> {
        self.0.utm_source.as_deref()
    }

    /// The link's utm_medium. Null when it has none.
    async fn utm_medium(&self) -> Option<&str> {
        self.0.utm_medium.as_deref()
    }

    /// The link's utm_campaign. Null when it has none.
    async fn utm_campaign(&self) -> Option<&str> {
        self.0.utm_campaign.as_deref()
    }

    /// The page that the visitor came from. Null when unknown.
    async fn referrer(&self) -> Option<&str> {
        self.0.referrer.as_deref()
    }
}
