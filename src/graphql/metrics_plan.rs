//! `explainMetrics`: what a question would read and cost.

use async_graphql::{ComplexObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::values::Basis;

use super::{
    Session, catalog::MetricDefinition, list::start, metrics_meta::MetricWarning, period::Period,
    scalars::CurrencyCode,
};
use crate::{
    error::ApiResult,
    kpi::{DateBasis, Explained, PlannedScan, PlannedValue, Warning},
};

/// The plan of a `metrics` question. No fact is read for it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct MetricsPlan {
    /// What the question costs: base scans × rows × 2 with a comparison. A base scan is one grouped statement over one
    /// fact table; distinct people and counts up to a date are scans of their own. The rows are the time buckets of the
    /// period, 1 without TIME, times 10 for every other dimension grouped by.
    cost: u64,
    #[graphql(skip)]
    definitions: Vec<MetricDefinition>,
    #[graphql(skip)]
    values: Vec<PlannedMetric>,
    /// The days.
    period: Period,
    /// The days compared with. Null when no comparison is asked.
    compared_to: Option<Period>,
    /// The currency of amounts.
    currency: CurrencyCode,
    #[graphql(skip)]
    scans: Vec<FactScan>,
    /// How many statements over facts that makes. Amounts in other currencies, totals and people among `others` take
    /// further ones.
    statements: usize,
    #[graphql(skip)]
    warnings: Vec<MetricWarning>,
}

#[ComplexObject]
impl MetricsPlan {
    /// The metrics asked, and those that only `having` and `top` name.
    async fn definitions(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[MetricDefinition] {
        start(&self.definitions, limit)
    }

    /// How each of them comes about, in the same order.
    async fn values(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[PlannedMetric] {
        start(&self.values, limit)
    }

    /// The fact tables that are read, and what is read of each.
    async fn scans(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[FactScan] {
        start(&self.scans, limit)
    }

    /// Which metrics will have no value in any row, and why.
    async fn warnings(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[MetricWarning] {
        start(&self.warnings, limit)
    }
}

/// How a metric comes about.
#[derive(SimpleObject)]
pub struct PlannedMetric {
    /// Which metric.
    metric: MetricDefinition,
    /// On whose word it rests.
    basis: Basis,
    /// By which day refunds count.
    date_basis: DateBasis,
}

/// One grouped reading of a fact table.
#[derive(SimpleObject)]
pub struct FactScan {
    /// The table.
    table: String,
    /// The sums and counts that are read of it.
    measures: Vec<String>,
}

impl MetricsPlan {
    /// The plan as clients see it.
    pub fn new(
        session: &Session,
        as_of: Option<DateTime<Utc>>,
        plan: Explained,
    ) -> ApiResult<Self> {
        let definition = |value: &PlannedValue| MetricDefinition::from(value.metric.clone());
        let warning = |value: &PlannedValue| {
            let metric = value.metric.clone();
            let reason = value.misfit?;
            Some(MetricWarning::from(Warning { metric, reason }))
        };
        let compared_to = plan
            .baseline
            .map(|days| Period::of_days(session, as_of, days, None));
        Ok(Self {
            cost: plan.cost,
            definitions: plan.values.iter().map(definition).collect(),
            warnings: plan.values.iter().filter_map(warning).collect(),
            values: plan.values.iter().map(PlannedMetric::from).collect(),
            period: Period(plan.period),
            compared_to: compared_to.transpose()?,
            currency: CurrencyCode(plan.currency.code().to_owned()),
            statements: plan.statements,
            scans: plan.scans.iter().map(FactScan::from).collect(),
        })
    }
}

impl From<&PlannedValue> for PlannedMetric {
    fn from(value: &PlannedValue) -> Self {
        Self {
            metric: value.metric.clone().into(),
            basis: value.basis,
            date_basis: value.date_basis,
        }
    }
}

impl From<&PlannedScan> for FactScan {
    fn from(scan: &PlannedScan) -> Self {
        let measures = scan.measures.iter();
        Self {
            table: scan.table.to_owned(),
            measures: measures.map(|measure| measure.name().to_owned()).collect(),
        }
    }
}
