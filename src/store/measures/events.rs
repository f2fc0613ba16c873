//! Facts one by one, for what credits each of them apart: whose it is, when it happened, and its measures.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    QueryResult,
    sea_query::{Alias, Expr, ExprTrait, SelectStatement},
};

use super::{
    Cut, Dimension, Fact, Filter, Key, Measure,
    joins::Dimensions,
    scan::{decode_key, group},
    template,
};
use crate::{
    error::{Error, Result},
    store::TeamStore,
    time::{Calendar, DateRange},
};

/// The most facts that are read one by one: more are an error.
pub const MOST_EVENTS: usize = 500_000;

/// What to read.
pub struct EventScan<'a> {
    /// From where; one of those that customers make.
    pub fact: Fact,
    /// Which measures, all of this fact.
    pub measures: &'a [Measure],
    /// What to tell of each; the fact must have all of it.
    pub cuts: &'a [Cut],
    /// Which facts; the fact must have all that it names.
    pub filter: &'a Filter,
    /// Which days.
    pub days: DateRange,
    /// Whether days are those of the deed that led to the fact: a refund's order.
    pub by_deed: bool,
    /// By whose calendar days end.
    pub calendar: &'a Calendar,
    /// Whether amounts are asked.
    pub money: bool,
}

/// One fact.
pub struct Event {
    /// Whose; none for those of nobody known.
    pub customer: Option<i64>,
    /// When the deed happened.
    pub at: DateTime<Utc>,
    /// The day on which the fact counts.
    pub day: NaiveDate,
    /// The day of the deed: a refund's order may be long ago.
    pub deed_day: NaiveDate,
    /// The currency of its amounts, where they were asked.
    pub currency: Option<String>,
    /// What was to be told, in the order of the cuts.
    pub keys: Vec<Key>,
    /// The measures' values in the order asked.
    pub values: Vec<Option<i64>>,
    id: i64,
}

impl Fact {
    /// Whether its rows can be credited to the touches of the customer who made them.
    pub fn is_deed(self) -> bool {
        matches!(
            self,
            Self::Orders
                | Self::Refunds
                | Self::FirstOrders
                | Self::Stages
                | Self::ClosedDeals
                | Self::Conversions
        )
    }

    /// The customer, the instant and the day of the deed.
    fn deed(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Refunds => ("o.customer_id", "o.ordered_at", "o.day"),
            Self::FirstOrders => (
                "f.id",
                "(SELECT MIN(x.ordered_at) FROM orders x WHERE x.team_id = f.team_id AND x.customer_id = f.id \
                 AND x.counted AND x.day = f.first_order_day)",
                "f.first_order_day",
            ),
            Self::Orders => ("f.customer_id", "f.ordered_at", "f.day"),
            Self::Stages => ("f.customer_id", "f.entered_at", "f.day"),
            Self::ClosedDeals => ("f.customer_id", "f.closed_at", "f.closed_on"),
            _ => ("f.customer_id", "f.occurred_at", "f.day"),
        }
    }
}

impl TeamStore {
    /// Reads facts one by one with one statement, ordered by time.
    pub async fn events(&self, scan: &EventScan<'_>) -> Result<Vec<Event>> {
        let rows = self.rows_of_f(self.event_statement(scan)).await?;
        if rows.len() > MOST_EVENTS {
            return Err(Error::Limit(format!(
                "over {MOST_EVENTS} facts would have to be credited one by one; ask a shorter period or a narrower filter"
            )));
        }
        let mut events: Vec<Event> = rows
            .iter()
            .map(|row| decode(row, scan))
            .collect::<Result<_>>()?;
        events.sort_by_key(|event| (event.at, event.id));
        Ok(events)
    }

    /// The customers of the facts that [`TeamStore::events`] would read, for use within another statement.
    pub(in crate::store) fn customers_of_events(&self, scan: &EventScan<'_>) -> SelectStatement {
        let mut select = self.narrowed(scan);
        select.0.expr(Expr::cust(scan.fact.deed().0));
        select
            .0
            .and_where(Expr::cust("f.team_id").eq(self.team().id));
        select
            .0
            .and_where(Expr::cust(scan.fact.deed().0).is_not_null());
        select.0
    }

    fn narrowed<'a>(&self, scan: &EventScan<'a>) -> (SelectStatement, Dimensions<'a>) {
        let mut dimensions = Dimensions::new(scan.fact, self.backend(), scan.calendar);
        let mut select = scan.fact.select();
        let day = if scan.by_deed {
            scan.fact.deed().2
        } else {
            scan.fact.day()
        };
        select.and_where(Expr::cust(day).between(scan.days.from, scan.days.to));
        let condition = match Dimension::ConversionType.fits(scan.fact) {
            true => scan.filter.condition(&mut dimensions, &mut select),
            false => scan
                .filter
                .without(Dimension::ConversionType)
                .condition(&mut dimensions, &mut select),
        };
        select.cond_where(condition);
        (select, dimensions)
    }

    fn event_statement(&self, scan: &EventScan<'_>) -> SelectStatement {
        let (mut select, mut dimensions) = self.narrowed(scan);
        let (customer, at, deed_day) = scan.fact.deed();
        for (expr, name) in [
            ("f.id", "event_id"),
            (customer, "event_customer"),
            (at, "event_at"),
            (scan.fact.day(), "event_day"),
            (deed_day, "event_deed_day"),
        ] {
            group(&mut select, Expr::cust(expr), name.into());
        }
        for (place, cut) in scan.cuts.iter().enumerate() {
            let key = dimensions
                .key(cut, &mut select)
                .unwrap_or_else(|| Expr::cust("NULL"));
            group(&mut select, key, format!("k{place}"));
        }
        if scan.money {
            group(
                &mut select,
                Expr::cust(scan.fact.currency()),
                "scan_currency".into(),
            );
        }
        for (place, measure) in scan.measures.iter().enumerate() {
            let sql = template::expand(self.backend(), measure.sql());
            let value = Expr::cust(format!("CAST({sql} AS BIGINT)"));
            select.expr_as(value, Alias::new(format!("m{place}")));
        }
        select.limit(MOST_EVENTS as u64 + 1);
        select
    }

    /// When customers entered the stages LEAD and SQO first: `(customer, is an opportunity, when)`.
    pub async fn milestones(
        &self,
        scan: &EventScan<'_>,
    ) -> Result<HashMap<(i64, bool), DateTime<Utc>>> {
        let mut select = Fact::Stages.select();
        select.expr_as(Expr::cust("f.customer_id"), Alias::new("event_customer"));
        select.expr_as(Expr::cust("f.stage"), Alias::new("event_stage"));
        select.expr_as(Expr::cust("f.entered_at"), Alias::new("event_at"));
        select.and_where(Expr::cust("f.stage IN ('LEAD', 'SQO')"));
        select.and_where(Expr::cust("f.customer_id").in_subquery(self.customers_of_events(scan)));
        let mut found = HashMap::new();
        for row in self.rows_of_f(select).await? {
            let stage: String = row.try_get("", "event_stage")?;
            let key = (row.try_get("", "event_customer")?, stage == "SQO");
            found.insert(key, row.try_get("", "event_at")?);
        }
        Ok(found)
    }
}

fn decode(row: &QueryResult, scan: &EventScan<'_>) -> Result<Event> {
    let deed_day: NaiveDate = row.try_get("", "event_deed_day")?;
    // A deal may be known by its day alone: then it is decided when the day ends.
    let at = row
        .try_get::<Option<DateTime<Utc>>>("", "event_at")?
        .unwrap_or_else(|| {
            let next = deed_day.succ_opt().unwrap_or(deed_day);
            scan.calendar.start_of_day(next)
        });
    let keys = scan.cuts.iter().enumerate();
    Ok(Event {
        customer: row.try_get("", "event_customer")?,
        at,
        day: row.try_get("", "event_day")?,
        deed_day,
        currency: match scan.money {
            true => row.try_get("", "scan_currency")?,
            false => None,
        },
        keys: keys
            .map(|(place, cut)| decode_key(row, cut, &format!("k{place}")))
            .collect::<Result<_>>()?,
        values: (0..scan.measures.len())
            .map(|place| Ok(row.try_get("", &format!("m{place}"))?))
            .collect::<Result<_>>()?,
        id: row.try_get("", "event_id")?,
    })
}
