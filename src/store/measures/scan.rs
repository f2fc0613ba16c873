//! One grouped statement over one fact.

use chrono::NaiveDate;
use sea_orm::{
    QueryResult,
    sea_query::{Alias, Expr, ExprTrait, SelectStatement},
};

use super::{Cut, Dimension, Fact, Filter, Measure, joins::Dimensions, template};
use crate::{
    error::{Error, Result},
    store::TeamStore,
    time::{Calendar, DateRange},
};

/// The most groups that one scan may give: more are an error, never cut off silently.
pub const MOST_GROUPS: usize = 100_000;

/// The value of one cut. `None` stands for facts that name no campaign, no country, and so on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Key {
    /// Nothing named.
    None,
    /// A row's id.
    Id(i64),
    /// A text.
    Text(String),
    /// The index of a calendar bucket.
    Bucket(i32),
    /// All values that were not singled out; never read, made of groups that were.
    Others,
}

/// Which days a scan covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// The days of a range.
    Within(DateRange),
    /// All days up to this one, this one included.
    Through(NaiveDate),
}

/// What to read.
pub struct Scan<'a> {
    /// From where.
    pub fact: Fact,
    /// Which measures, all of this fact.
    pub measures: &'a [Measure],
    /// Grouped by what; the fact must have all of it.
    pub cuts: &'a [Cut],
    /// Which facts; the fact must have all that it names.
    pub filter: &'a Filter,
    /// Which days.
    pub span: Span,
    /// By whose calendar days become buckets.
    pub calendar: &'a Calendar,
    /// Whether amounts are asked, so that currencies must be kept apart.
    pub by_currency: bool,
    /// Read only amounts in other currencies than this one, apart for each day, to convert each at its own rate.
    pub foreign_to: Option<&'a str>,
}

/// One group of a scan.
pub struct ScanRow {
    /// The group's values, in the order of the cuts.
    pub key: Vec<Key>,
    /// The currency of the row's amounts, where they were asked.
    pub currency: Option<String>,
    /// The day, where days were kept apart.
    pub day: Option<NaiveDate>,
    /// The measures' values in the order asked; `None` where no row had one.
    pub values: Vec<Option<i64>>,
}

impl TeamStore {
    /// Runs one grouped statement.
    pub async fn scan(&self, scan: &Scan<'_>) -> Result<Vec<ScanRow>> {
        let select = self.scan_statement(scan);
        let rows = self.rows_of_f(select).await?;
        if rows.len() > MOST_GROUPS {
            return Err(Error::Limit(format!(
                "the query makes over {MOST_GROUPS} groups; ask a shorter period, a coarser grain or fewer dimensions"
            )));
        }
        rows.iter().map(|row| decode(row, scan)).collect()
    }

    fn scan_statement(&self, scan: &Scan<'_>) -> SelectStatement {
        let mut dimensions = Dimensions::new(scan.fact, self.backend(), scan.calendar);
        let mut select = scan.fact.select();
        let day = Expr::cust(scan.fact.day());
        match scan.span {
            Span::Within(range) => select.and_where(day.clone().between(range.from, range.to)),
            Span::Through(last) => select.and_where(day.clone().lte(last)),
        };
        // What has no conversion types is not narrowed by one.
        let condition = match Dimension::ConversionType.fits(scan.fact) {
            true => scan.filter.condition(&mut dimensions, &mut select),
            false => scan
                .filter
                .without(Dimension::ConversionType)
                .condition(&mut dimensions, &mut select),
        };
        select.cond_where(condition);
        for (place, cut) in scan.cuts.iter().enumerate() {
            let key = dimensions
                .key(cut, &mut select)
                .unwrap_or_else(|| Expr::cust("NULL"));
            group(&mut select, key, format!("k{place}"));
        }
        if scan.by_currency || scan.foreign_to.is_some() {
            group(
                &mut select,
                Expr::cust(scan.fact.currency()),
                "scan_currency".into(),
            );
        }
        if let Some(target) = scan.foreign_to {
            select.and_where(Expr::cust(scan.fact.currency()).ne(target));
            let day = Expr::cust(scan.fact.event_day());
            group(&mut select, day, "scan_day".into());
        }
        for (place, measure) in scan.measures.iter().enumerate() {
            // A sum of BIGINT is NUMERIC on PostgreSQL.
            let sql = template::expand(self.backend(), measure.sql());
            let value = Expr::cust(format!("CAST({sql} AS BIGINT)"));
            select.expr_as(value, Alias::new(format!("m{place}")));
        }
        // Without groups there would be a row, and zeros, even where there are no facts.
        select.and_having(Expr::cust("COUNT(*) > 0"));
        select.limit(MOST_GROUPS as u64 + 1);
        select
    }
}

/// Selects an expression under a name and groups by its place, so that expressions with parameters group too.
pub(super) fn group(
    select: &mut SelectStatement,
    expr: sea_orm::sea_query::SimpleExpr,
    name: String,
) {
    select.expr_as(expr, Alias::new(&name));
    select.add_group_by([Expr::col(Alias::new(name))]);
}

fn decode(row: &QueryResult, scan: &Scan<'_>) -> Result<ScanRow> {
    let key = scan
        .cuts
        .iter()
        .enumerate()
        .map(|(place, cut)| decode_key(row, cut, &format!("k{place}")))
        .collect::<Result<_>>()?;
    let currency = if scan.by_currency || scan.foreign_to.is_some() {
        row.try_get("", "scan_currency")?
    } else {
        None
    };
    Ok(ScanRow {
        key,
        currency,
        day: if scan.foreign_to.is_some() {
            row.try_get("", "scan_day")?
        } else {
            None
        },
        values: (0..scan.measures.len())
            .map(|place| Ok(row.try_get("", &format!("m{place}"))?))
            .collect::<Result<_>>()?,
    })
}

pub(super) fn decode_key(row: &QueryResult, cut: &Cut, name: &str) -> Result<Key> {
    Ok(match cut {
        Cut::Time(_) | Cut::Age(_) => Key::Bucket(row.try_get::<i32>("", name)?),
        // Who never ordered is of no cohort.
        Cut::Cohort(_) => row
            .try_get::<Option<i32>>("", name)?
            .map_or(Key::None, Key::Bucket),
        Cut::By(dimension) if dimension.is_id() => match row.try_get::<Option<i64>>("", name)? {
            // The campaign and the channel 0 stand for "none".
            None | Some(0) => Key::None,
            Some(id) => Key::Id(id),
        },
        _ => match row.try_get::<Option<String>>("", name)? {
            None => Key::None,
            Some(text) if text.is_empty() => Key::None,
            Some(text) => Key::Text(text),
        },
    })
}
