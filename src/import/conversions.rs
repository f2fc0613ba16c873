//! `conversions`: conversions that the team recorded itself, upserted by the source's ids.

use chrono::{DateTime, Utc};
use entity::conversion;

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

/// A row of a conversion.
pub(super) struct ConversionRow {
    id: String,
    customer: String,
    kind: String,
    occurred_at: DateTime<Utc>,
    value: Option<i64>,
    currency: String,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `conversions`.
#[derive(Default)]
pub(super) struct Conversions;

impl Loader for Conversions {
    type Row = ConversionRow;

    const FACTS: &'static [FactTable] = &[FactTable::Conversion];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("conversion_id", &["id", "event_id"]),
            column("customer_id", &["user_id", "lead_id", "contact_id"]),
            column("type", &["kind", "event_name", "conversion_type"]),
            time("occurred_at", &["timestamp", "time", "date"]),
            amount("value", &["conversion_value"]),
            column("currency", &["currency_code"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["conversion_id"], &["occurred_at"]],
        dated_by: "occurred_at",
    };

    fn parse(
        &mut self,
        row: &Row<'_>,
        reading: &mut Reading<'_>,
    ) -> Result<ConversionRow, Refusal> {
        let occurred_at = reading.row_instant(row, "occurred_at")?;
        let parsed = ConversionRow {
            id: row.need("conversion_id", cell::external_id)?,
            customer: row
                .get("customer_id", cell::external_id)?
                .unwrap_or_default(),
            kind: row
                .get("type", cell::label(100))?
                .unwrap_or_else(|| "conversion".to_owned()),
            occurred_at,
            value: row.get("value", cell::amount)?,
            currency: reading.row_currency(row, "currency")?,
            told_at: row.get(TOLD_AT, reading.instants())?,
        };
        reading.tally.cover(reading.day_of(occurred_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<ConversionRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let customers = session
            .resolve_customers(rows().map(|row| row.customer.as_str()))
            .await?;
        let mut known =
            Known::<conversion::Entity>::find(session, rows().map(|row| row.id.as_str())).await?;
        for Parsed { line, row } in &batch {
            if !known.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let id = known.id(&row.id, session);
            let model = conversion::Model {
                team_id: session.team_id(),
                id,
                customer_id: customers.get(&row.customer).copied(),
                kind: row.kind.clone(),
                occurred_at: row.occurred_at,
                day: session.day_of(row.occurred_at),
                value: row.value,
                currency: row.currency.clone(),
            };
            let change = known.put(&row.id, id, model);
            session.tally.count(*line, change);
        }
        known.store(session).await
    }
}

impl Keyed for Conversions {
    fn key(row: &ConversionRow) -> String {
        row.id.clone()
    }
}
