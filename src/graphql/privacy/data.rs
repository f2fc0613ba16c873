//! All that is held on one person.

use async_graphql::{Context, Json, SimpleObject};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::found;
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{Session, customer::Customer, external_ref::RefInput},
};

/// What is held on a customer.
#[derive(SimpleObject)]
pub struct CustomerData {
    /// The customer.
    customer: Customer,
    /// When it was put together.
    generated_at: DateTime<Utc>,
    /// The document: `customer`, `externalRefs`, `orders` with their `refunds`, `opportunities`, `touchpoints`,
    /// `conversions`, `stageEvents`, `surveyAnswers`, `merges`, `formerVersions` of these, and what `auditLog` tells.
    /// Ids are numbers as texts, amounts decimals in the currency beside them.
    document: Json<Value>,
}

/// Answers `customerData`.
pub async fn customer_data(
    ctx: &Context<'_>,
    customer: &RefInput,
) -> ApiResult<Option<CustomerData>> {
    let session = Session::with_scope(ctx, Scope::CustomersRead)?;
    session.caller.require(Scope::PersonalDataRead)?;
    session.caller.require(Scope::MoneyRead)?;
    let Some(row) = found(&session.store, customer).await? else {
        return Ok(None);
    };
    Ok(Some(CustomerData {
        document: Json(session.store.customer_data(&row).await?),
        generated_at: session.store.clock().now(),
        customer: Customer(row),
    }))
}
