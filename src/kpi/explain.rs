//! What a question will read and cost, told without reading a fact.

use entity::values::Basis;

use super::{
    Ask, DateBasis, Metric, Row, Undefined, Warning, plan::Plan, sums::time_cut, together::Together,
};
use crate::{
    error::Result,
    store::{TeamStore, measures::Measure},
    time::{DateRange, ResolvedPeriod},
};

/// The rows that a level of grouping other than time counts for: how many there are is known only when facts are read.
const ROWS_OF_A_LEVEL: u64 = 10;

/// The plan of a question.
pub struct Explained {
    /// What the question costs.
    pub cost: u64,
    /// The days.
    pub period: ResolvedPeriod,
    /// The days of the baseline, where a comparison is asked.
    pub baseline: Option<DateRange>,
    /// The currency of amounts.
    pub currency: iso_currency::Currency,
    /// The metrics asked, and those that decide which rows to keep.
    pub values: Vec<PlannedValue>,
    /// What is read.
    pub scans: Vec<PlannedScan>,
    /// How many statements over facts that makes.
    pub statements: usize,
}

/// How one metric comes about.
pub struct PlannedValue {
    /// Which.
    pub metric: Metric,
    /// On whose word it rests.
    pub basis: Basis,
    /// By which day refunds count.
    pub date_basis: DateBasis,
    /// Why it will have no value in any row, if that is known already.
    pub misfit: Option<Undefined>,
}

/// One grouped reading of a fact table.
pub struct PlannedScan {
    /// The table.
    pub table: &'static str,
    /// What is read of it.
    pub measures: Vec<Measure>,
}

impl Ask {
    /// The plan. Of the database it reads which days the sources have delivered, and nothing else.
    ///
    /// The cost is the number of base scans, times the rows, times 2 where there is a comparison. A base scan is one
    /// grouped statement over one fact table; counts of distinct people and counts up to a date are scans of their
    /// own. The rows are the time buckets of the period, 1 without any, times 10 for every other level of grouping.
    pub async fn explain(&self, store: &TeamStore) -> Result<Explained> {
        let store = &store.reading(self.as_of)?;
        let loads = store.source_loads().await?;
        let plan = Plan::new(self, store, loads)?;
        let scans = plan.scans();
        let values = plan.metrics.iter().map(|metric| PlannedValue {
            metric: metric.clone(),
            basis: plan.basis_of(metric, &self.cuts),
            date_basis: DateBasis::of(
                metric,
                plan.credited(metric).is_some_and(|(_, by_touch)| by_touch),
                plan.taking.refunds_by,
            ),
            misfit: plan.metric_misfit(metric),
        });
        Ok(Explained {
            cost: plan.cost(),
            values: values.collect(),
            statements: scans.len() * plan.periods(),
            scans,
            currency: plan.currency,
            period: plan.period,
            baseline: plan.baseline,
        })
    }
}

impl Plan<'_> {
    fn scans(&self) -> Vec<PlannedScan> {
        let sides = self.readable(&self.ask.cuts).into_values();
        let groups = sides.flat_map(|measures| Together::groups(&measures));
        let scans = groups.map(|(together, measures)| PlannedScan {
            table: together.fact.table(),
            measures,
        });
        scans.collect()
    }

    /// How many ranges of days are read.
    fn periods(&self) -> usize {
        1 + usize::from(self.baseline.is_some())
    }

    /// What the question costs, as [`Ask::explain`] counts it.
    pub(super) fn cost(&self) -> u64 {
        let cuts = &self.ask.cuts;
        let time = time_cut(cuts).map(|(_, grain)| {
            let buckets = self.calendar.buckets(grain, self.period.range);
            u64::try_from(buckets.count()).unwrap_or(u64::MAX)
        });
        let levels = cuts.len() - usize::from(time.is_some());
        let others = (0..levels).fold(1, |rows: u64, _| rows.saturating_mul(ROWS_OF_A_LEVEL));
        let reads = self.scans().len() * self.periods();
        time.unwrap_or(1)
            .saturating_mul(others)
            .saturating_mul(u64::try_from(reads).unwrap_or(u64::MAX))
    }

    /// Why a metric will have no value whatever the facts are.
    fn metric_misfit(&self, metric: &Metric) -> Option<Undefined> {
        if !self.ask.rights.money && metric.needs_money() {
            return Some(Undefined::NotPermitted(crate::auth::Scope::MoneyRead));
        }
        let mut measures = self.sided(metric).into_iter();
        measures.find_map(|(side, measure)| self.misfit(metric, measure, &self.ask.cuts, side))
    }

    /// The metrics whose facts cover several days that the question tells apart.
    fn cut_spans(&self) -> impl Iterator<Item = Warning> {
        let buckets = time_cut(&self.ask.cuts).map(|(_, grain)| (grain, &self.calendar));
        let ranges = || std::iter::once(self.period.range).chain(self.baseline);
        self.metrics.iter().filter_map(move |metric| {
            let sides = self.sided(metric);
            let mut facts = sides
                .iter()
                .filter_map(|(_, measure)| measure.spec().fact.loaded_as());
            let span = facts.find_map(|fact| {
                ranges().find_map(|days| self.loads.cut_span(fact, days, buckets))
            })?;
            let metric = metric.clone();
            let reason = Undefined::CutsSpan(span);
            Some(Warning { metric, reason })
        })
    }

    /// Why values of rows are missing, each reason once for each metric; and which values to take with care.
    pub(super) fn warnings<'r>(&self, rows: impl Iterator<Item = &'r Row>) -> Vec<Warning> {
        let mut found: Vec<Warning> = Vec::new();
        for value in rows.flat_map(|row| &row.values) {
            let Err(reason) = value.value else { continue };
            let known = found
                .iter()
                .any(|known| known.metric == value.metric && known.reason.code() == reason.code());
            if !known && reason != Undefined::ZeroDenominator {
                let metric = value.metric.clone();
                found.push(Warning { metric, reason });
            }
        }
        found.extend(self.cut_spans());
        let place = |metric: &Metric| self.metrics.iter().position(|asked| asked == metric);
        found.sort_by_key(|warning| (place(&warning.metric), warning.reason.code() as u8));
        found
    }
}
