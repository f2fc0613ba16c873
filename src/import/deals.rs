//! `deals`: opportunities of the sales pipeline, upserted by the source's deal ids.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{opportunity, values::Outcome};

use super::{
    cell,
    header::{Shape, column},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::Session,
    upsert::Known,
};
use crate::{error::Result, store::FactTable};

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
            column("opened_at", &["opened_on", "create_date", "created_at"]),
            column("closed_at", &["closed_on", "close_date"]),
            column("outcome", &["result"]),
            column("stage", &["deal_stage"]),
            column("amount", &["value"]),
            column("currency", &["currency_code"]),
        ],
        required: &[&["deal_id"], &["outcome"]],
        dated_by: "opened_at",
    };

    fn parse(&mut self, row: &Row<'_>, session: &mut Session<'_>) -> Result<DealRow, Refusal> {
        let outcome = row.get("outcome", cell::choice)?.unwrap_or(Outcome::Open);
        let opened_on = row.get("opened_at", session.days())?;
        let mut closed_at = row.get("closed_at", session.ends())?;
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
            currency: session.row_currency(row, "currency")?,
            properties: row.properties(expected.as_slice())?,
        };
        for day in [opened_on, closed_at.map(|at| session.day_of(at))] {
            day.into_iter().for_each(|day| session.tally.cover(day));
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
        for Parsed { row, .. } in &batch {
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
            let changed = known.put(&row.id, id, deal);
            session.tally.count(changed);
        }
        known.store(session).await
    }
}
