//! `upsertCustomers`: a CRM's customers, keyed by the CRM's own ids.

use std::collections::HashMap;

use async_graphql::Context;
use entity::{customer, stage_event, values::RefEntity};

use super::{
    Session,
    bulk::{BulkCounts, BulkMode, UpsertOutcome},
    customer::Customer,
    customer_upsert_input::{
        CustomerUpsert, CustomerUpsertResult, UpsertCustomersInput, UpsertCustomersPayload,
    },
    external_ref::ExternalRef,
    payload::Mistakes,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    store::{FactTable, RefKey},
    time::DateRange,
};

/// The most customers of one call.
const MOST_ITEMS: usize = 5_000;

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
            counts: BulkCounts::of(results.iter().map(|result| result.outcome)),
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
        counts: BulkCounts::of(results.iter().map(|result| result.outcome)),
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
