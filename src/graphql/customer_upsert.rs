//! `upsertCustomers`: a CRM's customers, keyed by the CRM's own ids.

use std::collections::HashMap;

use async_graphql::{Context, Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    customer, stage_event,
    values::{LifecycleStage, RefEntity},
};

use super::{
    Session,
    campaign::ExternalRef,
    customer::Customer,
    payload::{Mistakes, UserError},
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    store::{FactTable, RefKey, TeamStore},
    time::DateRange,
};

/// The most customers of one call.
const MOST_ITEMS: usize = 5_000;

/// Customers to create or update.
#[derive(InputObject)]
pub struct UpsertCustomersInput {
    /// The system that gives the ids, 1 to 60 characters, such as `hubspot`.
    source: String,
    /// Whether good rows are written when others are bad. Default: PARTIAL.
    mode: Option<BulkMode>,
    /// Say what would happen and write nothing. Default: false.
    dry_run: Option<bool>,
    /// The customers, 1 to 5000. Of two with the same id the last counts.
    items: Vec<CustomerUpsert>,
}

/// Whether good rows are written when others are bad.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum BulkMode {
    /// Good rows are written.
    Partial,
    /// Nothing is written if any row is bad.
    AllOrNone,
}

/// One customer as the source knows it. What is left out stays as it was.
#[derive(InputObject, Clone)]
pub struct CustomerUpsert {
    /// The source's id, 1 to 200 characters.
    id: ID,
    /// The e-mail address.
    email: Option<String>,
    /// The name.
    name: Option<String>,
    /// The country, best as an ISO 3166 two-letter code.
    country: Option<String>,
    /// The stage that the customer is in.
    lifecycle: Option<LifecycleStage>,
    /// When the customer entered the stage. Default: now.
    lifecycle_at: Option<DateTime<Utc>>,
    /// When the source last changed the customer; a row older than what is stored is skipped.
    source_updated_at: Option<DateTime<Utc>>,
}

/// A name that another system has for something.
#[derive(InputObject, Clone)]
pub struct ExternalRefInput {
    /// The system, 1 to 60 characters.
    pub system: String,
    /// Its name for the row, 1 to 200 characters.
    pub id: String,
}

/// What happened to the customers, in the order of the request.
#[derive(SimpleObject, Default)]
pub struct UpsertCustomersPayload {
    /// One result per item.
    results: Vec<CustomerUpsertResult>,
    /// How many of each outcome.
    counts: BulkCounts,
    /// Mistakes of the call as a whole.
    errors: Vec<UserError>,
}

/// What happened to one customer.
#[derive(SimpleObject)]
pub struct CustomerUpsertResult {
    /// The item's place in the request, from 0.
    index: usize,
    /// The item's name.
    external_ref: ExternalRef,
    /// What happened.
    outcome: UpsertOutcome,
    /// The customer as it is now. Null when it failed or was only tried.
    customer: Option<Customer>,
    /// Why it failed.
    errors: Vec<UserError>,
}

/// What happened to a row.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum UpsertOutcome {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It was so already.
    Unchanged,
    /// A later state is stored, or follows in the same call.
    SkippedStale,
    /// It is not allowed, or another row kept the whole call from being written.
    Failed,
}

/// How many rows had each outcome.
#[derive(SimpleObject, Default)]
pub struct BulkCounts {
    /// New rows.
    created: usize,
    /// Changed rows.
    updated: usize,
    /// Rows that were so already.
    unchanged: usize,
    /// Rows older than what is stored.
    skipped: usize,
    /// Rows that are not allowed.
    failed: usize,
}

/// Creates and updates customers.
pub async fn upsert(
    ctx: &Context<'_>,
    input: UpsertCustomersInput,
) -> ApiResult<UpsertCustomersPayload> {
    let session = Session::with_scope(ctx, Scope::CustomersWrite)?;
    if !(1..=MOST_ITEMS).contains(&input.items.len()) {
        let asked = input.items.len();
        return Err(Error::Limit(format!(
            "input.items: {asked} given; 1 to {MOST_ITEMS} are allowed"
        ))
        .into());
    }
    let mut mistakes = Mistakes::default();
    mistakes.check_name("input.source", &input.source, 60);
    if !mistakes.is_empty() {
        return Ok(UpsertCustomersPayload {
            errors: mistakes.into_errors(),
            ..Default::default()
        });
    }
    let writer = session.store.begin().await?;
    let key = RefKey {
        entity: RefEntity::Customer,
        system: &input.source,
    };
    let names: Vec<&str> = input.items.iter().map(|item| item.id.as_str()).collect();
    let mut ids = writer.resolve(key, &names).await?;
    let known: Vec<i64> = ids.values().copied().collect();
    let mut customers = writer.customers_by_id(&known).await?;
    let stages = writer.stages_of(&known).await?;
    let now = session.store.clock().now();
    let last: HashMap<&str, usize> = names
        .iter()
        .enumerate()
        .map(|(place, name)| (*name, place))
        .collect();
    let (mut rows, mut links, mut entries, mut results) = (vec![], vec![], vec![], vec![]);
    for (index, item) in input.items.iter().enumerate() {
        let mut mistakes = Mistakes::default();
        item.check(index, &mut mistakes);
        let outcome = if !mistakes.is_empty() {
            UpsertOutcome::Failed
        } else if last.get(item.id.as_str()) != Some(&index) {
            UpsertOutcome::SkippedStale
        } else {
            let before = ids
                .get(item.id.as_str())
                .and_then(|id| customers.get(id))
                .cloned();
            let id = before.as_ref().map_or_else(|| writer.id(), |row| row.id);
            let after = item.applied(before.clone(), id, session.store.team().id, now);
            let entry = item.entry(
                &after,
                stages.get(&id),
                &input.source,
                now,
                writer.id(),
                &session.store,
            )?;
            let outcome = outcome(before.as_ref(), &after, item, entry.is_some());
            if matches!(outcome, UpsertOutcome::Created | UpsertOutcome::Updated) {
                if outcome == UpsertOutcome::Created {
                    links.push((item.id.to_string(), id));
                }
                ids.insert(item.id.to_string(), id);
                customers.insert(id, after.clone());
                rows.push(after);
                entries.extend(entry);
            }
            outcome
        };
        let external_ref = ExternalRef {
            system: input.source.clone(),
            id: item.id.clone(),
        };
        results.push(CustomerUpsertResult {
            index,
            external_ref,
            outcome,
            customer: None,
            errors: mistakes.into_errors(),
        });
    }
    let any_failed = results
        .iter()
        .any(|result| result.outcome == UpsertOutcome::Failed);
    if any_failed && input.mode == Some(BulkMode::AllOrNone) {
        results
            .iter_mut()
            .for_each(|result| result.outcome = UpsertOutcome::Failed);
        return Ok(UpsertCustomersPayload {
            counts: counts(&results),
            results,
            errors: vec![],
        });
    }
    if input.dry_run != Some(true) {
        let touched: Vec<i64> = entries
            .iter()
            .map(|entry: &stage_event::Model| entry.customer_id)
            .collect();
        let days = entries.iter().map(|entry| entry.day);
        let days = days
            .clone()
            .min()
            .zip(days.max())
            .and_then(|(from, to)| DateRange::new(from, to));
        writer.upsert::<customer::Entity>(rows).await?;
        writer.link(key, links).await?;
        writer.insert::<stage_event::Entity>(entries).await?;
        writer.refresh_stages(&touched).await?;
        if days.is_some() {
            writer
                .note_load(&input.source, FactTable::StageEvent, days)
                .await?;
        }
        writer.commit().await?;
        let all: Vec<i64> = ids.values().copied().collect();
        let fresh = session.store.customers_by_id(&all).await?;
        for result in results
            .iter_mut()
            .filter(|result| result.outcome != UpsertOutcome::Failed)
        {
            let id = ids.get(result.external_ref.id.as_str());
            result.customer = id.and_then(|id| fresh.get(id)).cloned().map(Customer);
        }
    }
    Ok(UpsertCustomersPayload {
        counts: counts(&results),
        results,
        errors: vec![],
    })
}

fn outcome(
    before: Option<&customer::Model>,
    after: &customer::Model,
    item: &CustomerUpsert,
    enters: bool,
) -> UpsertOutcome {
    let Some(before) = before else {
        return UpsertOutcome::Created;
    };
    let stale = item
        .source_updated_at
        .zip(before.source_updated_at)
        .is_some_and(|(new, stored)| new < stored);
    let same = customer::Model {
        updated_at: before.updated_at,
        version: before.version,
        ..after.clone()
    } == *before;
    match (stale, same && !enters) {
        (true, _) => UpsertOutcome::SkippedStale,
        (_, true) => UpsertOutcome::Unchanged,
        _ => UpsertOutcome::Updated,
    }
}

fn counts(results: &[CustomerUpsertResult]) -> BulkCounts {
    let count = |outcome| {
        results
            .iter()
            .filter(|result| result.outcome == outcome)
            .count()
    };
    BulkCounts {
        created: count(UpsertOutcome::Created),
        updated: count(UpsertOutcome::Updated),
        unchanged: count(UpsertOutcome::Unchanged),
        skipped: count(UpsertOutcome::SkippedStale),
        failed: count(UpsertOutcome::Failed),
    }
}

impl CustomerUpsert {
    fn check(&self, index: usize, mistakes: &mut Mistakes) {
        let path = |field: &str| format!("input.items[{index}].{field}");
        mistakes.check_name(&path("id"), &self.id, 200);
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
        if let Some(name) = &self.name {
            mistakes.check_name(&path("name"), name, 300);
        }
        if let Some(country) = &self.country {
            mistakes.check_name(&path("country"), country, 64);
        }
    }

    fn applied(
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
        row.source_updated_at = self.source_updated_at.or(row.source_updated_at);
        row.updated_at = now;
        row.version += 1;
        row
    }

    /// The entry into the stage given, unless the customer is in it already.
    fn entry(
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
        let entered_at = self.lifecycle_at.unwrap_or(now);
        let told = match self.lifecycle_at {
            Some(at) => known
                .iter()
                .any(|event| event.stage == stage && event.entered_at == at),
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

impl ExternalRefInput {
    /// Checks that names are well formed and not taken; gives them as pairs of system and name.
    pub async fn free(
        store: &TeamStore,
        entity: RefEntity,
        refs: &[Self],
        mistakes: &mut Mistakes,
    ) -> ApiResult<Vec<(String, String)>> {
        let mut free: Vec<(String, String)> = Vec::new();
        for (place, name) in refs.iter().enumerate() {
            let path = format!("input.externalRefs[{place}]");
            mistakes.check_name(&format!("{path}.system"), &name.system, 60);
            mistakes.check_name(&format!("{path}.id"), &name.id, 200);
            let pair = (name.system.clone(), name.id.clone());
            let taken = !store
                .resolve(
                    RefKey {
                        entity,
                        system: &name.system,
                    },
                    &[&name.id],
                )
                .await?
                .is_empty();
            if taken || free.contains(&pair) {
                mistakes.taken(
                    &path,
                    format!(
                        "{path}: '{}' of '{}' names something already",
                        name.id, name.system
                    ),
                );
            }
            free.push(pair);
        }
        Ok(free)
    }
}
