//! Cohorts: customers by the bucket of their first order, and what they did in the buckets after it.

mod summary;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

pub use summary::{Summary, SummaryCell};

use super::{
    Kpi, KpiValue, Rights,
    formula::{Term, share_known},
    frame::{Frame, FrameAsk, compare},
    sums::{GroupKey, Sums, SumsAsk},
};
use crate::{
    error::{Error, Result},
    store::{
        TeamStore,
        measures::{Cut, Filter, Key, Measure},
    },
    time::{Bucket, CompareAsk, DateRange, Grain, PeriodAsk, ResolvedPeriod},
};

/// The most buckets that a cohort can be followed for.
pub const MOST_PERIODS: u32 = 400;
/// The most cells of one table.
const MOST_CELLS: usize = 20_000;

/// A question for cohorts.
#[derive(Clone, Debug)]
pub struct CohortAsk {
    /// On which days the customers ordered first.
    pub period: PeriodAsk,
    /// The size of the cohorts' buckets and of the offsets.
    pub grain: Grain,
    /// How many buckets each cohort is followed for, its own included.
    pub periods: u32,
    /// What tells the customers of one bucket apart, if anything.
    pub split: Option<Cut>,
    /// Compared with which earlier cohorts.
    pub compare: Option<CompareAsk>,
    /// The currency of amounts; the team's when `None`.
    pub currency: Option<iso_currency::Currency>,
    /// Whether only cohorts whose own bucket is over count.
    pub only_complete: bool,
    /// What the caller may read.
    pub rights: Rights,
}

/// The answer: a triangle.
pub struct CohortTable {
    /// The period.
    pub period: ResolvedPeriod,
    /// The days of the baseline, where a comparison was asked.
    pub baseline: Option<DateRange>,
    /// The cohorts that have customers, by time and then by the split.
    pub cohorts: Vec<Cohort>,
    /// What the cohorts of each value of the split have in common.
    pub summary: Vec<Summary>,
}

/// Customers whose first order lies in one bucket.
pub struct Cohort {
    /// The bucket.
    pub bucket: Bucket,
    /// Its days.
    pub days: DateRange,
    /// The value of the split.
    pub split: Option<Key>,
    /// How many customers.
    pub size: Decimal,
    /// What they did in each bucket that has begun, from their own on.
    pub cells: Vec<Cell>,
}

/// What a cohort did in one bucket.
pub struct Cell {
    /// How many buckets after the cohort's own.
    pub offset: u32,
    /// The bucket's days.
    pub days: DateRange,
    /// Whether these are over.
    pub complete: bool,
    /// The share of the cohort who ordered.
    pub retained: KpiValue,
    /// What the cohort brought: net sales less the refunds paid.
    pub revenue: KpiValue,
    /// The margin up to the end of the bucket per customer of the cohort.
    pub cumulative_ltv: KpiValue,
    parts: Parts,
}

/// What the values of a cell are made of.
#[derive(Clone, Copy)]
struct Parts {
    size: Term,
    active: Term,
    net: Term,
    refunds: Term,
    /// The parts of the margin up to the end of the bucket: net value, refunded, cost of goods, orders without one.
    margin: [Term; 4],
    /// All orders up to the end of the bucket, and those without a cost of goods.
    orders: [Decimal; 2],
    estimated: bool,
}

const MONEY: [Measure; 6] = [
    Measure::cohort_net,
    Measure::cohort_refunds,
    Measure::cohort_refunded,
    Measure::cohort_goods_cost,
    Measure::cohort_orders_without_cost,
    Measure::cohort_orders,
];

/// Answers a question. The number of statements does not depend on how many cohorts there are.
pub async fn answer(store: &TeamStore, ask: &CohortAsk) -> Result<CohortTable> {
    if !(1..=MOST_PERIODS).contains(&ask.periods) {
        return Err(Error::invalid(
            "input.periods",
            ask.periods,
            &format!("1 to {MOST_PERIODS} are allowed"),
        ));
    }
    let frame = FrameAsk {
        period: &ask.period,
        compare: ask.compare.as_ref(),
        currency: ask.currency,
        only_complete: ask.only_complete.then_some(Some(ask.grain)),
        rights: ask.rights,
    };
    let frame = frame.resolve(store).await?;
    let days = frame.period.range;
    let (mut cohorts, before) =
        futures_util::try_join!(triangle(store, ask, &frame, days), async {
            match frame.baseline {
                Some(days) => triangle(store, ask, &frame, days).await.map(Some),
                None => Ok(None),
            }
        })?;
    if let Some((before, baseline)) = before.zip(frame.baseline) {
        put_beside(&mut cohorts, before, ask.grain, days, baseline, &frame);
    }
    let summary = summary::of(&cohorts, ask, &frame);
    Ok(CohortTable {
        period: frame.period,
        baseline: frame.baseline,
        cohorts,
        summary,
    })
}

/// The cohorts of customers whose first order lies in these days.
async fn triangle(
    store: &TeamStore,
    ask: &CohortAsk,
    frame: &Frame,
    days: DateRange,
) -> Result<Vec<Cohort>> {
    let split = || ask.split.iter().cloned();
    let by_bucket: Vec<Cut> = [Cut::Time(ask.grain)].into_iter().chain(split()).collect();
    let by_age: Vec<Cut> = by_bucket
        .iter()
        .cloned()
        .chain([Cut::Age(ask.grain)])
        .collect();
    let money = MONEY.iter().filter(|_| ask.rights.money);
    let of_cells: Vec<Measure> = [Measure::cohort_buyers]
        .iter()
        .chain(money)
        .copied()
        .collect();
    let all = SumsAsk {
        measures: &[Measure::new_customers],
        cuts: &by_bucket,
        filter: &Filter::Everything,
        days,
        calendar: &frame.calendar,
        today: frame.today,
        currency: frame.currency.code(),
        credit: None,
    };
    let aged = SumsAsk {
        measures: &of_cells,
        cuts: &by_age,
        ..all
    };
    let (sizes, cells) =
        futures_util::try_join!(Sums::read(store, &all), Sums::read(store, &aged))?;
    let keys: BTreeSet<&GroupKey> = sizes.keys().collect();
    let followed = usize::try_from(ask.periods).unwrap_or(usize::MAX);
    if keys.len().saturating_mul(followed) > MOST_CELLS {
        return Err(Error::Limit(format!(
            "{} cohorts followed for {followed} periods are over {MOST_CELLS} cells: ask a shorter period, a coarser \
             grain, fewer periods or no split",
            keys.len()
        )));
    }
    let cohort = |key: &GroupKey| {
        let Some(Key::Bucket(index)) = key.first() else {
            return None;
        };
        let bucket = Bucket {
            grain: ask.grain,
            index: *index,
        };
        let size = sizes.sum(Measure::new_customers, key)?.value;
        Some(Cohort {
            bucket,
            days: frame.calendar.range(bucket),
            split: key.get(1).cloned(),
            size,
            cells: follow(key, bucket, size, &cells, ask, frame),
        })
    };
    Ok(keys.into_iter().filter_map(cohort).collect())
}

/// The cells of one cohort.
fn follow(
    key: &GroupKey,
    bucket: Bucket,
    size: Decimal,
    cells: &Sums,
    ask: &CohortAsk,
    frame: &Frame,
) -> Vec<Cell> {
    let mut margin = [
        Measure::cohort_net,
        Measure::cohort_refunded,
        Measure::cohort_goods_cost,
    ]
    .map(|_| Term::money(Decimal::ZERO));
    let mut without_cost = Term::count(Decimal::ZERO);
    let mut orders = [Decimal::ZERO; 2];
    let mut estimated = false;
    let mut found = Vec::new();
    for offset in 0..ask.periods {
        let index = bucket
            .index
            .saturating_add(i32::try_from(offset).unwrap_or(i32::MAX));
        let days = frame.calendar.range(Bucket { index, ..bucket });
        if days.from > frame.today {
            break;
        }
        let mut key = key.clone();
        key.push(Key::Bucket(i32::try_from(offset).unwrap_or(i32::MAX)));
        let mut earlier = false;
        let mut term = |measure| {
            let (term, by_earlier_rate) = cells.term(measure, &key, true);
            earlier |= by_earlier_rate;
            term
        };
        let active = term(Measure::cohort_buyers);
        let [net, refunds, refunded, goods, unknown, _] = MONEY.map(&mut term);
        orders[0] += cells.count(Measure::cohort_orders, &key);
        orders[1] += cells.count(Measure::cohort_orders_without_cost, &key);
        let [all_net, all_refunded, all_goods] = margin;
        margin = [all_net + net, all_refunded + refunded, all_goods + goods];
        without_cost = without_cost + unknown;
        estimated |= earlier;
        let [all_net, all_refunded, all_goods] = margin;
        let parts = Parts {
            size: Term::count(size),
            active,
            net,
            refunds,
            margin: [all_net, all_refunded, all_goods, without_cost],
            orders,
            estimated,
        };
        let [retained, revenue, cumulative_ltv] = parts.values(days, ask, frame);
        found.push(Cell {
            offset,
            days,
            complete: days.to < frame.today,
            retained,
            revenue,
            cumulative_ltv,
            parts,
        });
    }
    found
}

impl Parts {
    fn values(&self, days: DateRange, ask: &CohortAsk, frame: &Frame) -> [KpiValue; 3] {
        let [net, refunded, goods, without_cost] = self.margin;
        let retained = (Kpi::RetentionRate, vec![self.active, self.size]);
        let revenue = (Kpi::Revenue, vec![self.net, self.refunds]);
        let ltv = vec![net, refunded, goods, without_cost, self.size];
        [retained, revenue, (Kpi::ClvCohort, ltv)].map(|(kpi, terms)| {
            let mut value = frame.value(kpi, terms, days, ask.split.is_some());
            value.estimated = self.estimated && value.is_money();
            if kpi == Kpi::ClvCohort && frame.rights.money {
                let [orders, without_cost] = self.orders;
                value.coverage = share_known(orders, without_cost);
            }
            value
        })
    }

    fn join(self, other: Self) -> Self {
        let sum = |place: usize| self.margin[place] + other.margin[place];
        Self {
            size: self.size + other.size,
            active: self.active + other.active,
            net: self.net + other.net,
            refunds: self.refunds + other.refunds,
            margin: [sum(0), sum(1), sum(2), sum(3)],
            orders: [0, 1].map(|place| self.orders[place] + other.orders[place]),
            estimated: self.estimated || other.estimated,
        }
    }
}

/// Puts the cells of the baseline's cohorts beside those of the cohorts that they are paired with.
fn put_beside(
    cohorts: &mut [Cohort],
    before: Vec<Cohort>,
    grain: Grain,
    days: DateRange,
    baseline: DateRange,
    frame: &Frame,
) {
    let pairs = frame.calendar.pair_buckets(grain, days, baseline);
    let then: BTreeMap<i32, i32> = pairs
        .into_iter()
        .filter_map(|(now, then)| Some((now.index, then?.index)))
        .collect();
    let mut by_key: BTreeMap<(i32, Option<Key>), Cohort> = before
        .into_iter()
        .map(|cohort| ((cohort.bucket.index, cohort.split.clone()), cohort))
        .collect();
    for cohort in cohorts {
        let Some(index) = then.get(&cohort.bucket.index) else {
            continue;
        };
        let Some(earlier) = by_key.remove(&(*index, cohort.split.clone())) else {
            continue;
        };
        let cells = cohort.cells.iter_mut().zip(earlier.cells);
        // What is still growing would always look worse than what has grown.
        for (cell, earlier) in cells.filter(|(cell, _)| cell.complete) {
            let days = earlier.days;
            compare(&mut cell.retained, earlier.retained, days);
            compare(&mut cell.revenue, earlier.revenue, days);
            compare(&mut cell.cumulative_ltv, earlier.cumulative_ltv, days);
        }
    }
}
