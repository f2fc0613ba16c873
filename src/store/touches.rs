//! Touchpoints as attribution reads them: many, small, in the order of time.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::TouchKind;
use sea_orm::{
    QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement},
};

use super::{TeamStore, measures::EventScan};
use crate::{
    error::{Error, Result},
    time::DateRange,
};

/// The most touchpoints of one question: more are an error.
pub const MOST_TOUCHES: usize = 1_000_000;
/// Touchpoints per statement, so that no answer of the database fills the memory.
const PAGE: usize = 100_000;

/// Where a touchpoint came from: few kinds of origin stand for many touchpoints.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The kind of contact.
    pub kind: TouchKind,
    /// The campaign, if it names one.
    pub campaign: Option<i64>,
    /// The channel, if it names one.
    pub channel: Option<i64>,
    /// Tag of the link: who sent the visitor.
    pub source: Option<String>,
    /// Tag of the link: by which means.
    pub medium: Option<String>,
    /// Tag of the link: for which campaign.
    pub utm_campaign: Option<String>,
    /// The page that the visitor came from.
    pub referrer: Option<String>,
}

/// A touchpoint.
#[derive(Clone, Copy, Debug)]
pub struct Touch {
    /// Whose.
    pub customer: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// On which day of the team.
    pub day: NaiveDate,
    /// The place of its origin among [`Touches::origins`].
    pub origin: u32,
}

/// Touchpoints of some days.
#[derive(Default)]
pub struct Touches {
    /// By customer, then in the order of time; ties by id.
    pub touches: Vec<Touch>,
    /// The origins that occur.
    pub origins: Vec<Origin>,
}

impl TeamStore {
    /// The touchpoints of these days: of everybody, or of the customers of some facts alone.
    pub async fn touches(
        &self,
        days: DateRange,
        only_of: Option<&EventScan<'_>>,
    ) -> Result<Touches> {
        let mut found = Touches::default();
        let mut known: HashMap<Origin, u32> = HashMap::new();
        let mut from_customer = None;
        loop {
            let select = self.touch_statement(days, only_of, from_customer);
            let rows = self.rows_of_f(select).await?;
            let full = rows.len() == PAGE;
            let mut page: Vec<Touch> = Vec::with_capacity(rows.len());
            for row in &rows {
                page.push(decode(row, &mut known, &mut found.origins)?);
            }
            let last = page.last().map(|touch| touch.customer);
            // The last customer of a full page may have more: the next page begins with it.
            if full {
                page.retain(|touch| Some(touch.customer) != last);
            }
            if found.touches.len() + page.len() > MOST_TOUCHES || (full && page.is_empty()) {
                return Err(Error::Limit(format!(
                    "over {MOST_TOUCHES} touchpoints, or over {PAGE} of one customer, would have to be read; ask a \
                     shorter period, a shorter lookback or a narrower filter"
                )));
            }
            found.touches.extend(page);
            match full {
                true => from_customer = last,
                false => return Ok(found),
            }
        }
    }

    fn touch_statement(
        &self,
        days: DateRange,
        only_of: Option<&EventScan<'_>>,
        from_customer: Option<i64>,
    ) -> SelectStatement {
        let mut select = Query::select();
        select.from_as("touchpoint", "f");
        for column in COLUMNS {
            select.expr_as(Expr::cust(format!("f.{column}")), Alias::new(column));
        }
        select.and_where(Expr::cust("f.day").between(days.from, days.to));
        if let Some(scan) = only_of {
            let customers = self.customers_of_events(scan);
            select.and_where(Expr::cust("f.customer_id").in_subquery(customers));
        }
        if let Some(customer) = from_customer {
            select.and_where(Expr::cust("f.customer_id").gte(customer));
        }
        for column in ["f.customer_id", "f.occurred_at", "f.id"] {
            select.order_by_expr(Expr::cust(column), Order::Asc);
        }
        select.limit(PAGE as u64);
        select
    }
}

const COLUMNS: [&str; 11] = [
    "id",
    "customer_id",
    "occurred_at",
    "day",
    "kind",
    "campaign_id",
    "channel_id",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "referrer",
];

fn decode(
    row: &QueryResult,
    known: &mut HashMap<Origin, u32>,
    origins: &mut Vec<Origin>,
) -> Result<Touch> {
    let some = |id: Option<i64>| id.filter(|id| *id != 0);
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let origin = Origin {
        kind: row.try_get("", "kind")?,
        campaign: some(row.try_get("", "campaign_id")?),
        channel: some(row.try_get("", "channel_id")?),
        source: text(row.try_get("", "utm_source")?),
        medium: text(row.try_get("", "utm_medium")?),
        utm_campaign: text(row.try_get("", "utm_campaign")?),
        referrer: text(row.try_get("", "referrer")?),
    };
    let place = match known.get(&origin) {
        Some(place) => *place,
        None => {
            let place = u32::try_from(origins.len())
                .map_err(|_| Error::Limit("the touchpoints have too many origins".into()))?;
            origins.push(origin.clone());
            known.insert(origin, place);
            place
        }
    };
    Ok(Touch {
        customer: row.try_get("", "customer_id")?,
        at: row.try_get("", "occurred_at")?,
        day: row.try_get("", "day")?,
        origin: place,
    })
}
