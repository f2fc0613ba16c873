//! Customers, keyed by the ids that a CRM has for them.

use async_graphql::{Context, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::values::LifecycleStage;

use super::{BulkCounts, Item, Naming, PerItem, UpsertInput, faults, work};
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        Session,
        customer::Customer,
        external_ref::{ExternalRef, RefInput},
        payload::UserError,
    },
    import::bulk::{Given, GivenText, Kind, RowAnswer, UpsertOutcome},
};

/// One customer as the source knows it. What is left out stays as it was.
#[derive(InputObject)]
pub struct CustomerUpsert {
    /// Which customer. One that is named by a system and unknown is made.
    r#ref: RefInput,
    /// The e-mail address, at most 320 characters.
    email: Option<String>,
    /// The name, 1 to 300 characters.
    name: Option<String>,
    /// The country, best as an ISO 3166 two-letter code; at most 64 characters.
    country: Option<String>,
    /// The stage that the customer is in.
    lifecycle: Option<LifecycleStage>,
    /// When the customer entered the stage. Default: now, unless the customer is in it already.
    lifecycle_at: Option<PerItem<DateTime<Utc>>>,
    /// When the source last changed the customer; a row older than what is stored is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for CustomerUpsert {
    const KIND: Kind = Kind::Customers;
    const MUTATION: &'static str = "upsertCustomers";
    const SCOPE: Scope = Scope::CustomersWrite;

    fn given(self) -> Given {
        Given::default()
            .customer("customer_id", "ref", Some(self.r#ref))
            .with("email", "email", self.email)
            .with("name", "name", self.name)
            .with("country", "country", self.country)
            .with("stage", "lifecycle", GivenText::choice(self.lifecycle))
            .with("entered_at", "lifecycleAt", self.lifecycle_at)
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}

/// What happened to the customers, in the order of the request.
#[derive(SimpleObject, Default)]
pub struct UpsertCustomersPayload {
    /// One result per item; none when the call as a whole is refused.
    results: Vec<CustomerUpsertResult>,
    /// How many of each outcome.
    counts: BulkCounts,
    /// Whether this is the answer to an earlier call with the same idempotency key.
    replayed: bool,
    /// Mistakes of the call as a whole; nothing was written then.
    errors: Vec<UserError>,
}

/// What happened to one customer.
#[derive(SimpleObject)]
pub struct CustomerUpsertResult {
    /// The item's place in the request, from 0.
    index: usize,
    /// The name under which the item was given. Null when it was given by id.
    external_ref: Option<ExternalRef>,
    /// What happened.
    outcome: UpsertOutcome,
    /// The customer as it is now. Null when it failed or was only tried, and without CUSTOMERS_READ.
    customer: Option<Customer>,
    /// Why it failed; empty also when another row kept the whole call from being written.
    errors: Vec<UserError>,
}

/// Creates and updates customers.
pub async fn upsert(
    ctx: &Context<'_>,
    input: UpsertInput<CustomerUpsert>,
) -> ApiResult<UpsertCustomersPayload> {
    let dry_run = input.dry_run == Some(true);
    let names: Vec<Option<ExternalRef>> = input.items.iter().map(name).collect();
    let answer = match work(ctx, input.into()).await? {
        Ok(answer) => answer,
        Err(mistakes) => {
            return Ok(UpsertCustomersPayload {
                errors: mistakes.into_errors(),
                ..Default::default()
            });
        }
    };
    let session = Session::of(ctx)?;
    let shown = !dry_run && session.caller.scopes().contains(Scope::CustomersRead);
    let ids: Vec<i64> = answer.rows.iter().filter_map(|row| row.id).collect();
    let customers = match shown {
        true => session.store.customers_by_id(&ids).await?,
        false => Default::default(),
    };
    let counts = BulkCounts::of(&answer);
    let replayed = answer.replayed;
    let results = answer.rows.into_iter().zip(names).enumerate();
    let result = |(index, (row, external_ref)): (usize, (RowAnswer, _))| CustomerUpsertResult {
        index,
        external_ref,
        outcome: row.outcome,
        customer: row
            .id
            .and_then(|id| customers.get(&id).cloned())
            .map(Customer),
        errors: faults(index, row.fault),
    };
    Ok(UpsertCustomersPayload {
        results: results.map(result).collect(),
        counts,
        replayed,
        errors: vec![],
    })
}

fn name(item: &CustomerUpsert) -> Option<ExternalRef> {
    match &item.r#ref {
        RefInput::External(name) => Some(ExternalRef {
            system: name.system.clone(),
            id: ID(name.id.clone()),
        }),
        RefInput::Id(_) => None,
    }
}
