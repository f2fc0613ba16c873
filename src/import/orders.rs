//! `orders`: orders of known and anonymous customers, upserted by the source's order ids.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{orders, values::Device};

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

/// States of orders that no KPI counts.
const NOT_COUNTED: [&str; 8] = [
    "cancelled",
    "canceled",
    "unavailable",
    "test",
    "void",
    "voided",
    "failed",
    "draft",
];

/// The parts of an order's amount, in micros.
#[derive(Clone, Copy)]
struct Money {
    gross: i64,
    discount: i64,
    tax: i64,
    shipping: i64,
    net: i64,
}

/// A row of an order.
pub(super) struct OrderRow {
    id: String,
    customer: String,
    ordered_at: DateTime<Utc>,
    money: Money,
    cost_of_goods: Option<i64>,
    currency: String,
    status: String,
    country: Option<String>,
    device: Option<Device>,
    properties: String,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `orders`.
#[derive(Default)]
pub(super) struct Orders;

impl Loader for Orders {
    type Row = OrderRow;

    const FACTS: &'static [FactTable] = &[FactTable::Orders];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("order_id", &["id"]),
            column("customer_id", &[]),
            time("ordered_at", &["order_date", "date", "created_at"]),
            amount("amount", &["net", "net_amount"]),
            amount("gross", &["gross_amount", "total"]),
            amount("discount", &["discount_amount", "discounts"]),
            amount("tax", &["tax_amount", "taxes", "vat"]),
            amount("shipping", &["shipping_amount", "freight"]),
            amount("cost_of_goods", &["cogs"]),
            column("currency", &["currency_code"]),
            column("status", &["order_status"]),
            column("country", &["country_code"]),
            column("device", &["device_type"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["order_id"], &["ordered_at"], &["amount", "gross"]],
        dated_by: "ordered_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<OrderRow, Refusal> {
        let ordered_at = reading.row_instant(row, "ordered_at")?;
        let status = row.get("status", cell::label(40))?;
        let parsed = OrderRow {
            id: row.need("order_id", cell::external_id)?,
            customer: row
                .get("customer_id", cell::external_id)?
                .unwrap_or_default(),
            ordered_at,
            money: money(row)?,
            cost_of_goods: row.get("cost_of_goods", cell::amount)?,
            currency: reading.row_currency(row, "currency")?,
            status: status.map_or_else(|| "completed".to_owned(), |status| status.to_lowercase()),
            country: row
                .get("country", cell::country)?
                .filter(|country| !country.is_empty()),
            device: row.get("device", cell::device)?.flatten(),
            properties: row.properties(&[])?,
            told_at: row.get(TOLD_AT, reading.instants())?,
        };
        reading.tally.cover(reading.day_of(ordered_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<OrderRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let customers = session
            .resolve_customers(rows().map(|row| row.customer.as_str()))
            .await?;
        let ids = rows().map(|row| row.id.as_str());
        let mut known = Known::<orders::Entity>::find(session, ids).await?;
        let mut touched = BTreeSet::new();
        for Parsed { line, row } in &batch {
            if !known.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let before = known
                .get(&row.id)
                .map(|order| (order.customer_id, order.refunded));
            let (former, refunded) = before.unwrap_or((None, 0));
            let id = known.id(&row.id, session);
            let customer_id = customers.get(&row.customer).copied();
            let change = known.put(&row.id, id, row.order(id, customer_id, refunded, session));
            session.tally.count(*line, change);
            if change.is_written() {
                touched.extend([former, customer_id].into_iter().flatten());
            }
        }
        known.store(session).await?;
        let touched: Vec<i64> = touched.into_iter().collect();
        session.writer.refresh_order_days(&touched).await
    }
}

impl OrderRow {
    fn order(
        &self,
        id: i64,
        customer_id: Option<i64>,
        refunded: i64,
        session: &Session<'_>,
    ) -> orders::Model {
        let Money {
            gross,
            discount,
            tax,
            shipping,
            net,
        } = self.money;
        orders::Model {
            team_id: session.team_id(),
            id,
            customer_id,
            ordered_at: self.ordered_at,
            day: session.day_of(self.ordered_at),
            counted: !NOT_COUNTED.contains(&self.status.as_str()),
            status: self.status.clone(),
            currency: self.currency.clone(),
            gross,
            discount,
            tax,
            shipping,
            net,
            cost_of_goods: self.cost_of_goods,
            refunded,
            country: self.country.clone(),
            device: self.device,
            properties: self.properties.clone(),
        }
    }
}

/// The amount as the file gives it: net as such, or gross with what is to be taken off.
fn money(row: &Row<'_>) -> Result<Money, Refusal> {
    let part = |name| Ok(row.get(name, cell::amount)?.unwrap_or(0));
    let (discount, tax, shipping) = (part("discount")?, part("tax")?, part("shipping")?);
    let off = i128::from(discount) + i128::from(tax) + i128::from(shipping);
    let fits = |amount: i128| {
        i64::try_from(amount).map_err(|_| row.refuse("the order's amounts are too large".into()))
    };
    let (gross, net) = match (
        row.get("gross", cell::amount)?,
        row.get("amount", cell::amount)?,
    ) {
        (Some(gross), Some(net)) if i128::from(gross) - off != i128::from(net) => {
            let reason = "is not gross less discount, tax and shipping; leave one of the two out";
            return Err(row.refuse_value("amount", reason));
        }
        (Some(gross), _) => (gross, fits(i128::from(gross) - off)?),
        (None, Some(net)) => (fits(i128::from(net) + off)?, net),
        (None, None) => return Err(row.refuse_blank("amount")),
    };
    if net < 0 {
        return Err(row.refuse("discount, tax and shipping are more than gross".into()));
    }
    Ok(Money {
        gross,
        discount,
        tax,
        shipping,
        net,
    })
}

impl Keyed for Orders {
    fn key(row: &OrderRow) -> String {
        row.id.clone()
    }
}
