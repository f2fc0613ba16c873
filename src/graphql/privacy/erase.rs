//! Erasing a person.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

use super::wanted;
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        GlobalId, Session,
        external_ref::RefInput,
        global_id::NodeType,
        payload::{Mistakes, Outcome, payload},
    },
};

/// Whom to erase.
#[derive(InputObject)]
pub struct EraseCustomerInput {
    /// The customer. References are erased, too: a repeat by one finds nobody.
    customer: RefInput,
}

/// That a person was erased.
#[derive(SimpleObject)]
pub struct CustomerErasure {
    /// The id under which the numbers of the person are still counted.
    customer_id: ID,
    /// When the person was erased.
    erased_at: DateTime<Utc>,
    /// Whether that was before this call.
    already_erased: bool,
}

payload!(EraseCustomerPayload, erasure: CustomerErasure, "The erasure. Null when there are mistakes.");

/// Answers `eraseCustomer`.
pub async fn erase(
    ctx: &Context<'_>,
    input: EraseCustomerInput,
) -> ApiResult<Outcome<CustomerErasure>> {
    let session = Session::with_scope(ctx, Scope::CustomersWrite)?;
    session.caller.require(Scope::PersonalDataRead)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let Some(row) = wanted(&writer, "input.customer", &input.customer, &mut mistakes).await? else {
        return Ok(Err(mistakes));
    };
    let id = row.id;
    let erased = writer.erase_customer(row).await?;
    if !erased.before {
        writer.commit().await?;
        // The person is gone from the tables; the log is emptied with the next erasure at the latest.
        if let Err(error) = session.store.empty_log().await {
            tracing::warn!(%error, "the database's log still holds what was erased");
        }
        session.forget_loaded();
    }
    Ok(Ok(CustomerErasure {
        customer_id: GlobalId::new(NodeType::Customer, id).into(),
        erased_at: erased.at,
        already_erased: erased.before,
    }))
}
