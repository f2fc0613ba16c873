//! Benchmarks of a trade, keyed by metric, industry, day and where they come from.

use async_graphql::InputObject;
use rust_decimal::Decimal;

use super::{Item, PerItem};
use crate::{
    auth::Scope,
    graphql::scalars::Date,
    import::bulk::{Given, Kind},
    kpi::{Kpi, graphql_name},
};

/// What others in a trade come to in a metric. What is left out is empty.
#[derive(InputObject)]
pub struct BenchmarkUpsert {
    /// The metric.
    metric: Kpi,
    /// The industry, 1 to 120 bytes.
    industry: String,
    /// A quarter of them lies below, in the metric's unit (rates are fractions of 1).
    p25: Option<PerItem<Decimal>>,
    /// Half of them lies below.
    p50: PerItem<Decimal>,
    /// Three quarters of them lie below.
    p75: Option<PerItem<Decimal>>,
    /// Where the figures come from, such as a report and its page, 1 to 500 characters. Default: the source of the call.
    source: Option<String>,
    /// The day that the figures are of.
    as_of: PerItem<Date>,
}

impl Item for BenchmarkUpsert {
    const KIND: Kind = Kind::Benchmarks;
    const MUTATION: &'static str = "upsertBenchmarks";
    const SCOPE: Scope = Scope::GoalsWrite;

    fn given(self) -> Given {
        Given::default()
            .with("metric", "metric", graphql_name(self.metric))
            .with("industry", "industry", self.industry)
            .with("p25", "p25", self.p25)
            .with("p50", "p50", self.p50)
            .with("p75", "p75", self.p75)
            .with("told_by", "source", self.source)
            .with("as_of", "asOf", self.as_of)
    }
}
