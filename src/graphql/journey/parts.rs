//! What the types of this folder have in common: the customer, campaign and channel that a row names, and amounts.

use async_graphql::Context;

use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        Session,
        campaign::Campaign,
        channel::Channel,
        customer::Customer,
        kpi_value::Money,
        loaders::{CampaignId, ChannelId, CustomerId},
    },
};

/// The customer with an id.
pub async fn customer(ctx: &Context<'_>, id: Option<i64>) -> ApiResult<Option<Customer>> {
    let Some(id) = id else { return Ok(None) };
    let session = Session::with_scope(ctx, Scope::CustomersRead)?;
    Ok(session.load.load_one(CustomerId(id)).await?.map(Customer))
}

/// The campaign with an id.
pub async fn campaign(ctx: &Context<'_>, id: Option<i64>) -> ApiResult<Option<Campaign>> {
    let Some(id) = id else { return Ok(None) };
    let session = Session::with_scope(ctx, Scope::CampaignsRead)?;
    Ok(session.load.load_one(CampaignId(id)).await?.map(Campaign))
}

/// The channel with an id.
pub async fn channel(ctx: &Context<'_>, id: Option<i64>) -> ApiResult<Option<Channel>> {
    let Some(id) = id else { return Ok(None) };
    let session = Session::with_scope(ctx, Scope::CampaignsRead)?;
    Ok(session.load.load_one(ChannelId(id)).await?.map(Channel))
}

/// An amount in micros, for those who may see it.
pub fn money(ctx: &Context<'_>, micros: i64, currency: &str) -> ApiResult<Money> {
    Session::with_scope(ctx, Scope::MoneyRead)?;
    Ok(Money::of_micros(micros, currency))
}
