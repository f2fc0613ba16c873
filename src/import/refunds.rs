//! `refunds`: money given back for orders of the same source, upserted by the source's refund ids.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{orders, refund};

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

/// A row of a refund.
pub(super) struct RefundRow {
    id: String,
    order: String,
    refunded_at: DateTime<Utc>,
    amount: i64,
    currency: String,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `refunds`.
#[derive(Default)]
pub(super) struct Refunds;

impl Loader for Refunds {
    type Row = RefundRow;

    const FACTS: &'static [FactTable] = &[FactTable::Refund];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("refund_id", &["id"]),
            column("order_id", &[]),
            time("refunded_at", &["date", "created_at"]),
            amount("amount", &["refund_amount"]),
            column("currency", &["currency_code"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["refund_id"], &["order_id"], &["refunded_at"], &["amount"]],
        dated_by: "refunded_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<RefundRow, Refusal> {
        let refunded_at = reading.row_instant(row, "refunded_at")?;
        let parsed = RefundRow {
            id: row.need("refund_id", cell::external_id)?,
            order: row.need("order_id", cell::external_id)?,
            refunded_at,
            amount: row.need("amount", cell::amount)?,
            currency: reading.row_currency(row, "currency")?,
            told_at: row.get(TOLD_AT, reading.instants())?,
        };
        reading.tally.cover(reading.day_of(refunded_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<RefundRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let orders =
            Known::<orders::Entity>::find(session, rows().map(|row| row.order.as_str())).await?;
        let mut known =
            Known::<refund::Entity>::find(session, rows().map(|row| row.id.as_str())).await?;
        let mut touched = BTreeSet::new();
        for Parsed { line, row } in &batch {
            if !known.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let order = match row.order(orders.get(&row.order)) {
                Ok(order) => order,
                Err((column, reason)) => {
                    session.tally.refuse(Refusal {
                        line: *line,
                        column: Some(column.into()),
                        reason,
                    });
                    continue;
                }
            };
            let former = known.get(&row.id).map(|refund| refund.order_id);
            let id = known.id(&row.id, session);
            let refund = refund::Model {
                team_id: session.team_id(),
                id,
                order_id: order.id,
                refunded_at: row.refunded_at,
                day: session.day_of(row.refunded_at),
                currency: row.currency.clone(),
                amount: row.amount,
            };
            let change = known.put(&row.id, id, refund);
            session.tally.count(*line, change);
            if change.is_written() {
                touched.extend([former, Some(order.id)].into_iter().flatten());
            }
        }
        known.store(session).await?;
        let touched: Vec<i64> = touched.into_iter().collect();
        session.writer.refresh_refunded(&touched).await
    }
}

impl RefundRow {
    /// The order, if the refund can belong to it; else the column at fault and the reason.
    fn order<'o>(
        &self,
        order: Option<&'o orders::Model>,
    ) -> Result<&'o orders::Model, (&'static str, String)> {
        match order {
            None => Err((
                "order_id",
                format!(
                    "'{}' is no order that this source has delivered",
                    self.order
                ),
            )),
            Some(order) if order.currency != self.currency => Err((
                "currency",
                format!(
                    "'{}' is not the order's, which is {}",
                    self.currency, order.currency
                ),
            )),
            Some(order) => Ok(order),
        }
    }
}

impl Keyed for Refunds {
    fn key(row: &RefundRow) -> String {
        row.id.clone()
    }
}
