//! Cohorts put together by offset, larger ones counting for more.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Cohort, CohortAsk, Parts};
use crate::{
    kpi::{KpiValue, frame::Frame},
    store::measures::Key,
    time::DateRange,
};

/// The sums over all cohorts of one value of the split.
pub struct Summary {
    /// The value of the split.
    pub split: Option<Key>,
    /// How many customers.
    pub size: Decimal,
    /// What they did by offset, as far as the bucket is over for at least one cohort.
    pub cells: Vec<SummaryCell>,
}

/// What all cohorts for which a bucket is over did in it, larger ones counting for more.
pub struct SummaryCell {
    /// How many buckets after the cohort's own.
    pub offset: u32,
    /// How many cohorts there are for which the bucket is over.
    pub cohorts: u32,
    /// How many customers these have.
    pub size: Decimal,
    /// The share of these customers who ordered.
    pub retained: KpiValue,
    /// What these customers brought.
    pub revenue: KpiValue,
    /// The margin up to the end of the bucket per customer.
    pub cumulative_ltv: KpiValue,
}

/// One summary for each value of the split; one in all where there is no split.
pub(super) fn of(cohorts: &[Cohort], ask: &CohortAsk, frame: &Frame) -> Vec<Summary> {
    let mut by_split: BTreeMap<Option<Key>, Vec<&Cohort>> = BTreeMap::new();
    for cohort in cohorts {
        by_split
            .entry(cohort.split.clone())
            .or_default()
            .push(cohort);
    }
    let summary = |(split, cohorts): (Option<Key>, Vec<&Cohort>)| Summary {
        split,
        size: cohorts.iter().map(|cohort| cohort.size).sum(),
        cells: (0..ask.periods)
            .map_while(|offset| summary_cell(offset, &cohorts, ask, frame))
            .collect(),
    };
    by_split.into_iter().map(summary).collect()
}

/// The cells of an offset put together; none when it is over for no cohort.
fn summary_cell(
    offset: u32,
    cohorts: &[&Cohort],
    ask: &CohortAsk,
    frame: &Frame,
) -> Option<SummaryCell> {
    let cell = |cohort: &&Cohort| {
        let cell = cohort.cells.get(usize::try_from(offset).ok()?)?;
        cell.complete
            .then_some((cell.parts, cohort.size, cell.days))
    };
    let cells: Vec<(Parts, Decimal, DateRange)> = cohorts.iter().filter_map(cell).collect();
    let parts = cells.iter().map(|(parts, ..)| *parts).reduce(Parts::join)?;
    let (_, _, days) = cells.last()?;
    let [retained, revenue, cumulative_ltv] = parts.values(*days, ask, frame);
    Some(SummaryCell {
        offset,
        cohorts: u32::try_from(cells.len()).unwrap_or(u32::MAX),
        size: cells.iter().map(|(_, size, _)| *size).sum(),
        retained,
        revenue,
        cumulative_ltv,
    })
}
