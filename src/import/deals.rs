//! `deals`: opportunities of the sales pipeline, upserted by the source's deal ids.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{opportunity, values::Outcome};

use super::{
    bulk::Keyed,
    cell,
    header::{Shape, amount, column, time},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
    upsert::{Known, TOLD_AT},
};
use crate::{
    error::Result,
    store::{Change, FactTable},
};

/// A row of a deal.
pub(super) struct DealRow {
    id: String,
    customer: String,
    opened_on: Option<NaiveDate>,
    closed_at: Option<DateTime<Utc>>,
    outcome: Outcome,
    stage: Option<String>,
    amount: Option<i64>,
    currency: String,
    properties: String,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `deals`.
#[derive(Default)]
pub(super) struct Deals;

impl Loader for Deals {
    type Row = DealRow;

    const FACTS: &'static [FactTable] = &[FactTable::Opportunity];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("deal_id", &["opportunity_id", "id"]),
            column("lead_id", &["customer_id", "contact_id"]),
            time("opened_at", &["opened_on", "create_date", "created_at"]),
            time("closed_at", &["closed_on", "close_date"]),
            column("outcome", &["result"]),
            column("stage", &["deal_stage"]),
            amount("amount", &["value"]),
            column("currency", &["currency_code"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["deal_id"], &["outcome"]],
        dated_by: "opened_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<DealRow, Refusal> {
        let outcome = row.get("outcome", cell::choice)?.unwrap_or(Outcome::Open);
        let opened_on = row.get("opened_at", reading.days())?;
        let mut closed_at = row.get("closed_at", reading.ends())?;
        let mut expected = None;
        match (outcome, closed_at) {
            (Outcome::Open, Some(_)) => {
                closed_at = None;
                expected = Some(("expected_close", row.text("closed_at")));
            }
            (Outcome::Won | Outcome::Lost, None) => return Err(row.refuse_blank("closed_at")),
            _ => {}
        }
        let parsed = DealRow {
            id: row.need("deal_id", cell::external_id)?,
            customer: row.get("lead_id", cell::external_id)?.unwrap_or_default(),
            opened_on,
            closed_at,
            outcome,
            stage: row.get("stage", cell::label(100))?,
            amount: row.get("amount", cell::amount)?,
            currency: reading.row_currency(row, "currency")?,
            properties: row.properties(expected.as_slice())?,
            told_at: row.get(TOLD_AT, reading.instants())?,
        };
        for day in [opened_on, closed_at.map(|at| reading.day_of(at))] {
            day.into_iter().for_each(|day| reading.tally.cover(day));
        }
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<DealRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let customers = session
            .resolve_customers(rows().map(|row| row.customer.as_str()))
            .await?;
        let ids = rows().map(|row| row.id.as_str());
        let mut known = Known::<opportunity::Entity>::find(session, ids).await?;
        for Parsed { line, row } in &batch {
            if !known.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let id = known.id(&row.id, session);
            let deal = opportunity::Model {
                team_id: session.team_id(),
                id,
                customer_id: customers.get(&row.customer).copied(),
                opened_on: row.opened_on,
                closed_at: row.closed_at,
                closed_on: row.closed_at.map(|at| session.day_of(at)),
                outcome: row.outcome,
                stage: row.stage.clone(),
                amount: row.amount,
                currency: row.currency.clone(),
                properties: row.properties.clone(),
            };
            let change = known.put(&row.id, id, deal);
            session.tally.count(*line, change);
        }
        known.store(session).await
    }
}

impl Keyed for Deals {
    fn key(row: &DealRow) -> String {
        row.id.clone()
    }
}
