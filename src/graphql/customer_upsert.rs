//! `upsertCustomers`: a CRM's customers, keyed by the CRM's own ids.

use std::collections::HashMap;

use async_graphql::{Context, ID};
use chrono::{DateTime, Utc};
use entity::{customer, stage_event, values::RefEntity};

use super::{
    GlobalId, Session,
    bulk::{BulkCounts, BulkMode, UpsertOutcome},
    customer::Customer,
    customer_upsert_input::{
        CustomerUpsert, CustomerUpsertResult, UpsertCustomersInput, UpsertCustomersPayload,
    },
    external_ref::{ExternalRef, ExternalRefInput, RefInput},
    global_id::NodeType,
    payload::Mistakes,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    store::{FactTable, RefKey, TeamStore, TeamWriter},
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
    let writer = session.begin(ctx).await?;
    let targets = targets(&writer, &input.items).await?;
    let mistakes = mistakes_of(&input.items, &targets);
    let mut batch = Batch::new(session, writer, &input.source, &targets, &mistakes).await?;
    let mut results: Vec<_> = input
        .items
        .iter()
        .zip(&targets)
        .zip(mistakes)
        .enumerate()
        .map(|(index, ((item, target), mistakes))| batch.take(index, item, target, mistakes))
        .collect::<ApiResult<_>>()?;
    let any_failed = results
        .iter()
        .any(|result| result.outcome == UpsertOutcome::Failed);
    if any_failed && input.mode == Some(BulkMode::AllOrNone) {
        results
            .iter_mut()
            .for_each(|result| result.outcome = UpsertOutcome::Failed);
    } else if input.dry_run != Some(true) {
        let fresh = batch.write().await?;
        session.forget_loaded();
        let may_read = session.caller.scopes().contains(Scope::CustomersRead);
        let done = results
            .iter_mut()
            .zip(&targets)
            .filter(|(result, _)| result.outcome != UpsertOutcome::Failed);
        for (result, target) in done {
            let shown = may_read.then(|| fresh.get(target)).flatten();
            result.customer = shown.cloned().map(Customer);
        }
    }
    let counts = BulkCounts::of(results.iter().map(|result| result.outcome));
    Ok(UpsertCustomersPayload {
        results,
        counts,
        errors: vec![],
    })
}

/// Whom an item means.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Target {
    /// A customer of the team.
    Known(i64),
    /// A customer to be made under this name.
    New(ExternalRefInput),
    /// An id that names nobody.
    Nobody,
}

/// Finds the customers that items mean, with one look-up for each system that they name.
async fn targets(store: &TeamStore, items: &[CustomerUpsert]) -> ApiResult<Vec<Target>> {
    let mut names: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut ids = Vec::new();
    for item in items {
        match &item.r#ref {
            RefInput::External(name) => names.entry(&name.system).or_default().push(&name.id),
            RefInput::Id(id) => ids.extend(GlobalId::expect("ref", id, NodeType::Customer).ok()),
        }
    }
    let known = store.customers_by_id(&ids).await?;
    let mut by_name = HashMap::new();
    for (system, names) in names {
        let found = store
            .resolve(
                RefKey {
                    entity: RefEntity::Customer,
                    system,
                },
                &names,
            )
            .await?;
        by_name.extend(found.into_iter().map(|(name, id)| ((system, name), id)));
    }
    let target = |item: &CustomerUpsert| match &item.r#ref {
        RefInput::Id(id) => match GlobalId::expect("ref", id, NodeType::Customer) {
            Ok(id) if known.contains_key(&id) => Target::Known(id),
            _ => Target::Nobody,
        },
        RefInput::External(name) => match by_name.get(&(name.system.as_str(), name.id.clone())) {
            Some(id) => Target::Known(*id),
            None => Target::New(name.clone()),
        },
    };
    Ok(items.iter().map(target).collect())
}

/// What is wrong with each item.
fn mistakes_of(items: &[CustomerUpsert], targets: &[Target]) -> Vec<Mistakes> {
    let each = items.iter().zip(targets).enumerate();
    each.map(|(index, (item, target))| {
        let mut mistakes = Mistakes::default();
        item.check(index, &mut mistakes);
        if *target == Target::Nobody {
            let path = format!("input.items[{index}].ref.id");
            mistakes.not_found(&path, format!("{path}: there is no customer with this id"));
        }
        mistakes
    })
    .collect()
}

/// What a call is going to write.
struct Batch<'a> {
    writer: TeamWriter,
    source: &'a str,
    now: DateTime<Utc>,
    customers: HashMap<i64, customer::Model>,
    stages: HashMap<i64, Vec<stage_event::Model>>,
    /// The last good item that means a target: earlier ones do not count.
    last: HashMap<&'a Target, usize>,
    made: HashMap<&'a Target, i64>,
    rows: Vec<customer::Model>,
    entries: Vec<stage_event::Model>,
}

impl<'a> Batch<'a> {
    async fn new(
        session: &Session,
        writer: TeamWriter,
        source: &'a str,
        targets: &'a [Target],
        mistakes: &[Mistakes],
    ) -> ApiResult<Self> {
        let known: Vec<i64> = targets
            .iter()
            .filter_map(|target| match target {
                Target::Known(id) => Some(*id),
                _ => None,
            })
            .collect();
        Ok(Self {
            source,
            now: session.store.clock().now(),
            customers: writer.customers_by_id(&known).await?,
            stages: writer.stages_of(&known).await?,
            last: targets
                .iter()
                .enumerate()
                .filter(|(place, _)| mistakes[*place].is_empty())
                .map(|(place, target)| (target, place))
                .collect(),
            made: HashMap::new(),
            rows: vec![],
            entries: vec![],
            writer,
        })
    }

    /// Decides what becomes of an item.
    fn take(
        &mut self,
        index: usize,
        item: &CustomerUpsert,
        target: &'a Target,
        mistakes: Mistakes,
    ) -> ApiResult<CustomerUpsertResult> {
        let outcome = if !mistakes.is_empty() {
            UpsertOutcome::Failed
        } else if self.last.get(target) != Some(&index) {
            UpsertOutcome::SkippedStale
        } else {
            self.plan(item, target)?
        };
        let external_ref = match &item.r#ref {
            RefInput::External(name) => Some(ExternalRef {
                system: name.system.clone(),
                id: ID(name.id.clone()),
            }),
            RefInput::Id(_) => None,
        };
        let errors = mistakes.into_errors();
        Ok(CustomerUpsertResult {
            index,
            external_ref,
            outcome,
            customer: None,
            errors,
        })
    }

    fn plan(&mut self, item: &CustomerUpsert, target: &'a Target) -> ApiResult<UpsertOutcome> {
        let before = match target {
            Target::Known(id) => self.customers.get(id).cloned(),
            _ => None,
        };
        let id = before
            .as_ref()
            .map_or_else(|| self.writer.id(), |row| row.id);
        let after = item.applied(before.clone(), id, self.writer.team().id, self.now);
        let known = self.stages.get(&id);
        let entry = item.entry(
            &after,
            known,
            self.source,
            self.now,
            self.writer.id(),
            &self.writer,
        )?;
        let outcome = outcome(before.as_ref(), &after, item, entry.is_some());
        if outcome == UpsertOutcome::Created {
            self.made.insert(target, id);
        }
        if matches!(outcome, UpsertOutcome::Created | UpsertOutcome::Updated) {
            self.rows.push(after);
            self.entries.extend(entry);
        }
        Ok(outcome)
    }

    /// Writes everything and gives the customers as they are then.
    async fn write(self) -> ApiResult<HashMap<Target, customer::Model>> {
        let Self {
            writer,
            made,
            rows,
            entries,
            source,
            customers,
            ..
        } = self;
        let touched: Vec<i64> = entries.iter().map(|entry| entry.customer_id).collect();
        let days = entries.iter().map(|entry| entry.day);
        let days = days
            .clone()
            .min()
            .zip(days.max())
            .and_then(|(from, to)| DateRange::new(from, to));
        let mut links: HashMap<&str, Vec<(String, i64)>> = HashMap::new();
        for (target, id) in &made {
            if let Target::New(name) = target {
                links
                    .entry(&name.system)
                    .or_default()
                    .push((name.id.clone(), *id));
            }
        }
        writer.upsert::<customer::Entity>(rows).await?;
        for (system, names) in links {
            writer
                .link(
                    RefKey {
                        entity: RefEntity::Customer,
                        system,
                    },
                    names,
                )
                .await?;
        }
        writer.insert::<stage_event::Entity>(entries).await?;
        writer.refresh_stages(&touched).await?;
        if days.is_some() {
            writer
                .note_load(source, FactTable::StageEvent, days)
                .await?;
        }
        let ids: HashMap<i64, Target> = customers
            .keys()
            .map(|id| (*id, Target::Known(*id)))
            .chain(made.into_iter().map(|(target, id)| (id, target.clone())))
            .collect();
        let all: Vec<i64> = ids.keys().copied().collect();
        let fresh = writer.customers_by_id(&all).await?;
        writer.commit().await?;
        Ok(fresh
            .into_iter()
            .filter_map(|(id, row)| Some((ids.get(&id)?.clone(), row)))
            .collect())
    }
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
