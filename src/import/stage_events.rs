//! `stage-events`: entries of customers into lifecycle stages. An entry is known by customer, stage and instant.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{stage_event, values::LifecycleStage};

use super::{
    bulk::Keyed,
    cell,
    header::{Shape, column, time},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
};
use crate::{
    error::Result,
    store::{Change, FactTable},
};

/// The entries of a batch's customers into stages, with those that are new.
pub(super) struct Entries {
    known: HashSet<(i64, LifecycleStage, DateTime<Utc>)>,
    new: Vec<stage_event::Model>,
}

impl Entries {
    /// The entries that these customers have already.
    pub async fn of(session: &Session<'_>, customers: BTreeSet<i64>) -> Result<Self> {
        let ids: Vec<i64> = customers.into_iter().collect();
        let stored: HashMap<i64, Vec<stage_event::Model>> = session.writer.stages_of(&ids).await?;
        let known = stored
            .into_values()
            .flatten()
            .map(|row| (row.customer_id, row.stage, row.entered_at))
            .collect();
        Ok(Self {
            known,
            new: Vec::new(),
        })
    }

    /// Enters a customer into a stage; says whether that was news.
    pub fn enter(
        &mut self,
        customer_id: i64,
        stage: LifecycleStage,
        entered_at: DateTime<Utc>,
        session: &Session<'_>,
    ) -> bool {
        let new = self.known.insert((customer_id, stage, entered_at));
        if new {
            self.new.push(stage_event::Model {
                team_id: session.team_id(),
                id: session.writer.id(),
                customer_id,
                stage,
                entered_at,
                day: session.day_of(entered_at),
                // Found when all entries of the customer are stored.
                first_entry: false,
                source: session.source.to_owned(),
            });
        }
        new
    }

    /// Writes the new entries and what follows from them for their customers.
    pub async fn store(self, session: &Session<'_>) -> Result<()> {
        let customers: BTreeSet<i64> = self.new.iter().map(|row| row.customer_id).collect();
        let customers: Vec<i64> = customers.into_iter().collect();
        session
            .writer
            .insert::<stage_event::Entity>(self.new)
            .await?;
        session.writer.refresh_stages(&customers).await
    }
}

/// A row of an entry.
pub(super) struct EntryRow {
    customer: String,
    stage: LifecycleStage,
    entered_at: DateTime<Utc>,
}

/// The loader of `stage-events`.
#[derive(Default)]
pub(super) struct StageEvents;

impl Loader for StageEvents {
    type Row = EntryRow;

    const FACTS: &'static [FactTable] = &[FactTable::StageEvent];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("customer_id", &["lead_id", "contact_id"]),
            column("stage", &["lifecycle_stage"]),
            time("entered_at", &["date", "occurred_at"]),
        ],
        required: &[&["customer_id"], &["stage"], &["entered_at"]],
        dated_by: "entered_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<EntryRow, Refusal> {
        let entered_at = reading.row_instant(row, "entered_at")?;
        let parsed = EntryRow {
            customer: row.need("customer_id", cell::external_id)?,
            stage: row.need("stage", cell::choice)?,
            entered_at,
        };
        reading.tally.cover(reading.day_of(entered_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<EntryRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let names = batch.iter().map(|parsed| parsed.row.customer.as_str());
        let customers = session.resolve_customers(names).await?;
        let mut entries = Entries::of(session, customers.values().copied().collect()).await?;
        for Parsed { line, row } in &batch {
            if let Some(customer) = customers.get(&row.customer) {
                let new = entries.enter(*customer, row.stage, row.entered_at, session);
                session.tally.count(*line, Change::of(!new, false));
            }
        }
        entries.store(session).await
    }
}

impl Keyed for StageEvents {
    fn key(row: &EntryRow) -> String {
        format!("{:?} {} {}", row.stage, row.entered_at, row.customer)
    }
}
