//! Benchmarks of a trade, keyed by metric, industry, day and where they come from.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::benchmark;
use rust_decimal::Decimal;

use super::Keyed;
use crate::{
    error::Result,
    import::{
        cell,
        header::{Shape, amount, column, day},
        pipeline::{Loader, Parsed},
        report::Refusal,
        row::Row,
        session::{Reading, Session},
    },
    kpi::{
        Kpi,
        benchmark::{MOST_BENCHMARKS, disorder, is_money, out_of_range},
        by_name, graphql_name,
    },
    store::{Change, FactTable},
    time::Industry,
};

/// A row of a benchmark.
pub(super) struct BenchmarkRow {
    metric: Kpi,
    industry: String,
    p25: Option<Decimal>,
    p50: Decimal,
    p75: Option<Decimal>,
    told_by: String,
    as_of: NaiveDate,
}

/// Which benchmark: its metric, industry and day, and where it comes from.
type Key = (String, String, NaiveDate, String);

fn key(row: &benchmark::Model) -> Key {
    let (metric, industry, from) = (&row.metric, &row.industry, &row.source);
    (metric.clone(), industry.clone(), row.as_of, from.clone())
}

/// The loader of benchmarks.
#[derive(Default)]
pub(super) struct Benchmarks;

impl Loader for Benchmarks {
    type Row = BenchmarkRow;

    const FACTS: &'static [FactTable] = &[];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("metric", &[]),
            column("industry", &[]),
            amount("p25", &[]),
            amount("p50", &[]),
            amount("p75", &[]),
            column("told_by", &[]),
            day("as_of", &[]),
        ],
        required: &[&["metric"], &["industry"], &["p50"], &["as_of"]],
        dated_by: "as_of",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<BenchmarkRow, Refusal> {
        let told_by = row.get("told_by", cell::label(500))?;
        let parsed = BenchmarkRow {
            metric: row.need("metric", metric)?,
            industry: row.need("industry", industry)?,
            p25: row.get("p25", number)?,
            p50: row.need("p50", number)?,
            p75: row.get("p75", number)?,
            told_by: told_by.unwrap_or_else(|| reading.source.to_owned()),
            as_of: reading.row_date(row, "as_of")?,
        };
        let quartiles = [
            ("p25", parsed.p25),
            ("p50", Some(parsed.p50)),
            ("p75", parsed.p75),
        ];
        match disorder(quartiles) {
            Some((name, reason)) => {
                Err(row.refuse_value(name, &format!("is out of order: {reason}")))
            }
            None => Ok(parsed),
        }
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<BenchmarkRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let metrics = batch.iter().map(|parsed| graphql_name(parsed.row.metric));
        let metrics: Vec<String> = metrics.collect::<BTreeSet<_>>().into_iter().collect();
        let stored = session.writer.benchmarks(&metrics, None).await?;
        let mut counts: HashMap<String, usize> = HashMap::new();
        for row in &stored {
            *counts.entry(row.metric.clone()).or_default() += 1;
        }
        let known: BTreeMap<Key, benchmark::Model> =
            stored.into_iter().map(|row| (key(&row), row)).collect();
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for Parsed { line, row } in batch {
            let before = row.before(&known);
            let count = counts.entry(graphql_name(row.metric)).or_default();
            if before.is_none() && *count >= MOST_BENCHMARKS {
                let reason =
                    format!("the team has {MOST_BENCHMARKS} benchmarks of it, which is the most");
                session.tally.refuse(Refusal {
                    line,
                    column: Some("metric".to_owned()),
                    reason,
                });
                continue;
            }
            let row = row.model(before, session);
            let change = Change::of(before.is_some(), before != Some(&row));
            session.tally.count(line, change);
            match change {
                Change::Created => {
                    *count += 1;
                    new.push(row);
                }
                Change::Updated => changed.push(benchmark::Model {
                    version: row.version + 1,
                    updated_at: session.writer.clock().now(),
                    ..row
                }),
                _ => {}
            }
        }
        session.writer.insert::<benchmark::Entity>(new).await?;
        session.writer.upsert::<benchmark::Entity>(changed).await
    }
}

impl BenchmarkRow {
    fn key(&self) -> Key {
        let (industry, told_by) = (self.industry.clone(), self.told_by.clone());
        (graphql_name(self.metric), industry, self.as_of, told_by)
    }

    fn before<'a>(
        &self,
        known: &'a BTreeMap<Key, benchmark::Model>,
    ) -> Option<&'a benchmark::Model> {
        known.get(&self.key())
    }

    /// The row as it is to be stored, but for its version.
    fn model(self, before: Option<&benchmark::Model>, session: &Session<'_>) -> benchmark::Model {
        let now = session.writer.clock().now();
        let text = |number: Decimal| number.normalize().to_string();
        let currency = is_money(self.metric).then(|| session.writer.team().currency.clone());
        benchmark::Model {
            team_id: session.team_id(),
            id: before.map_or_else(|| session.writer.id(), |row| row.id),
            metric: graphql_name(self.metric),
            industry: self.industry,
            p25: self.p25.map(text),
            p50: text(self.p50),
            p75: self.p75.map(text),
            currency,
            source: self.told_by,
            as_of: self.as_of,
            created_at: before.map_or(now, |row| row.created_at),
            updated_at: before.map_or(now, |row| row.updated_at),
            version: before.map_or(1, |row| row.version),
        }
    }
}

impl Keyed for Benchmarks {
    fn key(row: &BenchmarkRow) -> String {
        format!("{:?}", row.key())
    }
}

fn metric(text: &str) -> cell::Cell<Kpi> {
    by_name(text).ok_or_else(|| "is no metric of the catalogue".into())
}

fn industry(text: &str) -> cell::Cell<String> {
    Industry::from(text)
        .map(|_| text.to_owned())
        .map_err(|_| "is too long; 1 to 120 bytes are allowed".into())
}

fn number(text: &str) -> cell::Cell<Decimal> {
    let number: Decimal = text.parse().map_err(|_| "is not a number")?;
    match out_of_range(number) {
        Some(allowed) => Err(format!("is out of range; {allowed}")),
        None => Ok(number),
    }
}
