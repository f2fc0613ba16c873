//! Who ordered before a period and again at its end: distinct customers over two spans of days, for any number of
//! periods with one statement.

use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement};

use super::{
    Cut, Dimension, Fact, Filter, Key, MOST_GROUPS, Measure,
    joins::Dimensions,
    scan::{decode_key, group},
};
use crate::{
    error::{Error, Result},
    store::TeamStore,
    time::{Calendar, DateRange},
};

/// Two spans of days of one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The period's time bucket; any number where time is not grouped by.
    pub bucket: i32,
    /// Who ordered here was active when the period began.
    pub before: DateRange,
    /// Who ordered here was active when the period ended.
    pub last: DateRange,
}

/// What to read.
pub struct ActivityScan<'a> {
    /// Which measures of [`Fact::Activity`].
    pub measures: &'a [Measure],
    /// Grouped by what; time stands for the windows.
    pub cuts: &'a [Cut],
    /// Which customers.
    pub filter: &'a Filter,
    /// The windows of each period.
    pub windows: &'a [Window],
    /// By whose calendar.
    pub calendar: &'a Calendar,
}

/// One group.
pub struct ActivityRow {
    /// The group's values, in the order of the cuts.
    pub key: Vec<Key>,
    /// The measures' values in the order asked.
    pub values: Vec<i64>,
}

impl TeamStore {
    /// Counts customers by whether they ordered in the windows.
    pub async fn activity(&self, scan: &ActivityScan<'_>) -> Result<Vec<ActivityRow>> {
        if scan.windows.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows_of_f(self.activity_statement(scan)).await?;
        if rows.len() > MOST_GROUPS {
            return Err(Error::Limit(format!(
                "the query makes over {MOST_GROUPS} groups; ask a shorter period, a coarser grain or fewer dimensions"
            )));
        }
        let decode = |row| {
            let key = scan.cuts.iter().enumerate();
            let key = key.map(|(place, cut)| decode_key(row, cut, &format!("k{place}")));
            let values =
                (0..scan.measures.len()).map(|place| Ok(row.try_get("", &format!("m{place}"))?));
            Ok(ActivityRow {
                key: key.collect::<Result<_>>()?,
                values: values.collect::<Result<_>>()?,
            })
        };
        rows.iter().map(decode).collect()
    }

    fn activity_statement(&self, scan: &ActivityScan<'_>) -> SelectStatement {
        let mut dimensions = Dimensions::new(Fact::Activity, self.backend(), scan.calendar);
        let mut select = Fact::Activity.select();
        let seen = self.seen_in(scan.windows);
        select.join_subquery(
            JoinType::InnerJoin,
            seen,
            "t",
            Expr::cust("t.customer_id = f.id"),
        );
        // Customers have no conversion types, so they are not narrowed by one.
        let filter = scan.filter.without(Dimension::ConversionType);
        let condition = filter.condition(&mut dimensions, &mut select);
        select.cond_where(condition);
        for (place, cut) in scan.cuts.iter().enumerate() {
            let key = match cut {
                Cut::Time(_) => Some(Expr::cust("t.n")),
                cut => dimensions.key(cut, &mut select),
            };
            let key = key.unwrap_or_else(|| Expr::cust("NULL"));
            group(&mut select, key, format!("k{place}"));
        }
        for (place, measure) in scan.measures.iter().enumerate() {
            let value = Expr::cust(format!("CAST({} AS BIGINT)", measure.sql()));
            select.expr_as(value, format!("m{place}"));
        }
        select.and_having(Expr::cust("COUNT(*) > 0"));
        select.limit(MOST_GROUPS as u64 + 1);
        select
    }

    /// Each customer of each window, with 1 in `a` who ordered before and 1 in `b` who ordered last.
    fn seen_in(&self, windows: &[Window]) -> SelectStatement {
        let rows = windows.iter().map(|window| {
            let Window {
                bucket,
                before,
                last,
            } = *window;
            (
                bucket,
                std::cmp::min(before.from, last.from),
                std::cmp::max(before.to, last.to),
                before.from,
                before.to,
                last.from,
                last.to,
            )
        });
        let within = |from: &str, to: &str| {
            Expr::cust(format!(
                "MAX(CASE WHEN o.day BETWEEN w.{from} AND w.{to} THEN 1 ELSE 0 END)"
            ))
        };
        let mut seen = Query::select();
        seen.expr_as(Expr::cust("o.customer_id"), "customer_id")
            .expr_as(Expr::cust("w.column1"), "n")
            .expr_as(within("column4", "column5"), "a")
            .expr_as(within("column6", "column7"), "b")
            .from_values(rows, "w")
            .join_as(
                JoinType::InnerJoin,
                "orders",
                "o",
                Expr::cust("o.day BETWEEN w.column2 AND w.column3"),
            )
            .and_where(Expr::cust("o.team_id").eq(self.team().id))
            .and_where(Expr::cust("o.counted"))
            .and_where(Expr::cust("o.customer_id").is_not_null())
            .add_group_by([Expr::cust("o.customer_id"), Expr::cust("w.column1")]);
        seen
    }
}
