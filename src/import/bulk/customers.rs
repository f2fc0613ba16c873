//! Customers as a CRM knows them: contact data, and the stage that they are in. What is left out stays as it was.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{customer, values::LifecycleStage};

use super::rows::refuse_duplicate;
use crate::{
    error::Result,
    import::{
        cell,
        header::{Shape, column},
        identity::address,
        pipeline::{Loader, Parsed},
        report::Refusal,
        row::Row,
        session::{Reading, Session},
        stage_events::Entries,
        upsert::TOLD_AT,
    },
    store::{Change, FactTable},
};

/// A row of a customer.
pub(super) struct CustomerRow {
    name_of: String,
    email: Option<String>,
    name: Option<String>,
    country: Option<String>,
    stage: Option<LifecycleStage>,
    entered_at: Option<DateTime<Utc>>,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of customers.
#[derive(Default)]
pub(super) struct Customers;

impl Loader for Customers {
    type Row = CustomerRow;

    // Noted only for stages entered.
    const FACTS: &'static [FactTable] = &[];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("customer_id", &[]),
            column("email", &[]),
            column("name", &[]),
            column("country", &[]),
            column("stage", &[]),
            column("entered_at", &[]),
            column(TOLD_AT, &[]),
        ],
        required: &[&["customer_id"]],
        dated_by: "entered_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<CustomerRow, Refusal> {
        Ok(CustomerRow {
            name_of: row.need("customer_id", cell::external_id)?,
            email: row.get("email", email)?,
            name: row.get("name", cell::label(300))?,
            country: row
                .get("country", cell::country)?
                .filter(|country| !country.is_empty()),
            stage: row.get("stage", cell::choice)?,
            entered_at: row.get("entered_at", reading.instants())?,
            told_at: row.get(TOLD_AT, reading.instants())?,
        })
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<CustomerRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let names = batch.iter().map(|Parsed { row, .. }| {
            let email = row.email.as_deref();
            (row.name_of.as_str(), email)
        });
        let ids = session.resolve_people(names.collect()).await?;
        let id_of = |row: &CustomerRow| ids.get(&row.name_of).copied().unwrap_or_default();
        // Two names may mean the same customer.
        let last: HashMap<i64, u64> = batch
            .iter()
            .map(|parsed| (id_of(&parsed.row), parsed.line))
            .collect();
        let all: Vec<i64> = last.keys().copied().collect();
        let stored = session.writer.customers_by_id(&all).await?;
        let mut entries = Entries::of(session, all.into_iter().collect()).await?;
        let now = session.writer.clock().now();
        let mut changed = Vec::new();
        for Parsed { line, row } in &batch {
            let id = id_of(row);
            let later = last.get(&id).copied().unwrap_or(*line);
            if later != *line {
                refuse_duplicate(*line, later, session);
                continue;
            }
            let is_new = session.made.contains(&id);
            let before = stored
                .get(&id)
                .cloned()
                .unwrap_or_else(|| session.new_customer(id));
            let stale = row.told_at.zip(before.source_updated_at);
            if stale.is_some_and(|(told, known)| told < known) {
                session.tally.count_stored(*line, Change::Stale, Some(id));
                continue;
            }
            let mut after = row.customer(&before);
            let change = Change::of(!is_new, after != before);
            let change = change.and(row.enter(&before, now, &mut entries, session));
            if change.is_written() {
                after.updated_at = now;
                if !is_new {
                    after.version = before.version.saturating_add(1);
                }
                changed.push(after);
            }
            session.tally.count_stored(*line, change, Some(id));
        }
        session.writer.upsert::<customer::Entity>(changed).await?;
        entries.store(session).await?;
        if let Some(days) = session.tally.days() {
            let (source, table) = (session.source, FactTable::StageEvent);
            session.writer.note_load(source, table, Some(days)).await?;
        }
        Ok(())
    }
}

impl CustomerRow {
    fn customer(&self, before: &customer::Model) -> customer::Model {
        customer::Model {
            email: self.email.clone().or_else(|| before.email.clone()),
            name: self.name.clone().or_else(|| before.name.clone()),
            country: self.country.clone().or_else(|| before.country.clone()),
            source_updated_at: self.told_at.or(before.source_updated_at),
            ..before.clone()
        }
    }

    /// Enters the customer into the stage told, without a time only when it is in another one; says whether that was
    /// news.
    fn enter(
        &self,
        before: &customer::Model,
        now: DateTime<Utc>,
        entries: &mut Entries,
        session: &mut Session<'_>,
    ) -> bool {
        let Some(stage) = self.stage else {
            return false;
        };
        let news = match self.entered_at {
            Some(at) => entries.enter(before.id, stage, at, session),
            None => {
                before.lifecycle != Some(stage) && entries.enter(before.id, stage, now, session)
            }
        };
        if news {
            let at = self.entered_at.unwrap_or(now);
            let day = session.day_of(at);
            session.tally.cover(day);
        }
        news
    }
}

/// An address in the form that it is found by.
fn email(text: &str) -> cell::Cell<String> {
    let looks_right = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if !looks_right || text.len() > 320 || text.chars().any(char::is_whitespace) {
        return Err("is no e-mail address".into());
    }
    Ok(address(text))
}
