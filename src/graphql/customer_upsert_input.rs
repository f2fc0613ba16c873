//! The input and payload of `upsertCustomers`, and what one item makes of a customer.

use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Datelike, SubsecRound, Utc};
use entity::{customer, stage_event, values::LifecycleStage};

use super::{
    bulk::{BulkCounts, BulkMode, UpsertOutcome},
    customer::Customer,
    external_ref::{ExternalRef, RefInput},
    payload::{Mistakes, UserError},
};
use crate::{error::ApiResult, store::TeamStore};

/// Customers to create or update.
#[derive(InputObject)]
pub struct UpsertCustomersInput {
    /// Who tells, 1 to 60 characters, such as `hubspot`; kept with the stages entered.
    pub source: String,
    /// Whether good rows are written when others are bad. Default: PARTIAL.
    pub mode: Option<BulkMode>,
    /// Say what would happen and write nothing. Default: false.
    pub dry_run: Option<bool>,
    /// The customers, 1 to 5000. Of two that mean the same customer the last counts.
    pub items: Vec<CustomerUpsert>,
}

/// One customer as the source knows it. What is left out stays as it was.
#[derive(InputObject, Clone)]
pub struct CustomerUpsert {
    /// Which customer. One that is named by another system and unknown is made.
    pub r#ref: RefInput,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The country, best as an ISO 3166 two-letter code.
    pub country: Option<String>,
    /// The stage that the customer is in.
    pub lifecycle: Option<LifecycleStage>,
    /// When the customer entered the stage. Default: now.
    pub lifecycle_at: Option<DateTime<Utc>>,
    /// When the source last changed the customer; a row older than what is stored is skipped.
    pub source_updated_at: Option<DateTime<Utc>>,
}

/// What happened to the customers, in the order of the request.
#[derive(SimpleObject, Default)]
pub struct UpsertCustomersPayload {
    /// One result per item.
    pub results: Vec<CustomerUpsertResult>,
    /// How many of each outcome.
    pub counts: BulkCounts,
    /// Mistakes of the call as a whole.
    pub errors: Vec<UserError>,
}

/// What happened to one customer.
#[derive(SimpleObject)]
pub struct CustomerUpsertResult {
    /// The item's place in the request, from 0.
    pub index: usize,
    /// The name under which the item was given. Null when it was given by id.
    pub external_ref: Option<ExternalRef>,
    /// What happened.
    pub outcome: UpsertOutcome,
    /// The customer as it is now. Null when it failed or was only tried, and without CUSTOMERS_READ.
    pub customer: Option<Customer>,
    /// Why it failed.
    pub errors: Vec<UserError>,
}

impl CustomerUpsert {
    /// Checks the values.
    pub fn check(&self, index: usize, mistakes: &mut Mistakes) {
        let path = |field: &str| format!("input.items[{index}].{field}");
        if let RefInput::External(name) = &self.r#ref {
            mistakes.check_name(&path("ref.external.system"), &name.system, 60);
            mistakes.check_name(&path("ref.external.id"), &name.id, 200);
        }
        if let Some(email) = &self.email {
            let looks_right = email
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
            if !looks_right || email.len() > 320 || email.chars().any(char::is_whitespace) {
                let shown: String = email.chars().take(60).collect();
                mistakes.invalid(
                    &path("email"),
                    format!("{}: '{shown}' is no e-mail address", path("email")),
                );
            }
        }
        for (field, at) in [
            ("lifecycleAt", self.lifecycle_at),
            ("sourceUpdatedAt", self.source_updated_at),
        ] {
            if let Some(at) = at.filter(|at| !(1970..=2200).contains(&at.year())) {
                let path = path(field);
                mistakes.invalid(
                    &path,
                    format!("{path}: {at} is not allowed; the years 1970 to 2200 are"),
                );
            }
        }
        if let Some(name) = &self.name {
            mistakes.check_name(&path("name"), name, 300);
        }
        if let Some(country) = &self.country {
            mistakes.check_name(&path("country"), country, 64);
        }
    }

    /// The customer with what the item says.
    pub fn applied(
        &self,
        before: Option<customer::Model>,
        id: i64,
        team_id: i64,
        now: DateTime<Utc>,
    ) -> customer::Model {
        let mut row = before.unwrap_or(customer::Model {
            team_id,
            id,
            email: None,
            name: None,
            country: None,
            lifecycle: None,
            acquired_campaign_id: None,
            acquired_channel_id: None,
            acquired_at: None,
            first_order_day: None,
            second_order_day: None,
            source_updated_at: None,
            properties: "{}".into(),
            created_at: now,
            updated_at: now,
            version: 0,
        });
        row.email = self
            .email
            .as_ref()
            .map(|email| email.to_lowercase())
            .or(row.email);
        row.name = self.name.clone().or(row.name);
        row.country = self.country.clone().or(row.country);
        row.source_updated_at = self
            .source_updated_at
            .map(to_micros)
            .or(row.source_updated_at);
        row.updated_at = now;
        row.version += 1;
        row
    }

    /// The entry into the stage given, unless the customer is in it already.
    pub fn entry(
        &self,
        customer: &customer::Model,
        known: Option<&Vec<stage_event::Model>>,
        source: &str,
        now: DateTime<Utc>,
        id: i64,
        store: &TeamStore,
    ) -> ApiResult<Option<stage_event::Model>> {
        let Some(stage) = self.lifecycle else {
            return Ok(None);
        };
        let known = known.map_or(&[][..], Vec::as_slice);
        let entered_at = self.lifecycle_at.map_or(now, to_micros);
        let told = match self.lifecycle_at {
            Some(at) => known
                .iter()
                .any(|event| event.stage == stage && event.entered_at == to_micros(at)),
            None => customer.lifecycle == Some(stage),
        };
        let day = store.calendar()?.day_of(entered_at);
        Ok((!told).then(|| stage_event::Model {
            team_id: customer.team_id,
            id,
            customer_id: customer.id,
            stage,
            entered_at,
            day,
            first_entry: true,
            source: source.to_owned(),
        }))
    }
}

/// The instant as both databases keep it.
fn to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}
