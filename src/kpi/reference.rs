//! What values are compared with when it is not another period: the team's targets, or benchmarks of its trade.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::goal::GoalKind;
use rust_decimal::Decimal;

use super::{
    Ask, Kpi, KpiComparison, KpiValue, Metric, Undefined, by_name,
    goal::{Measured, Scope, progress::share},
    graphql_name,
};
use crate::{
    error::Result,
    store::{
        TeamStore,
        measures::{Additivity, Cut, Filter, Key},
    },
    time::{Calendar, CompareTo, DateRange},
};

/// Decimal places of a target's share.
const PLACES: u32 = 6;

/// What the values of one answer are held against.
pub struct References {
    known: Known,
    calendar: Calendar,
    today: NaiveDate,
    align_elapsed: bool,
}

enum Known {
    /// Goals, the newest first.
    Targets(Vec<(Measured, Option<String>)>),
    /// The median of the newest benchmark of each KPI, and its currency where it is an amount.
    Benchmarks(HashMap<Kpi, (Decimal, Option<String>)>),
}

impl References {
    /// Reads them, with one statement, if the comparison asked is with any.
    pub async fn load(ask: &Ask, metrics: &[Metric], store: &TeamStore) -> Result<Option<Self>> {
        let Some(compare) = ask.compare else {
            return Ok(None);
        };
        // Goals and benchmarks are of KPIs of the catalogue.
        let kpis: Vec<Kpi> = metrics.iter().filter_map(Metric::kpi).collect();
        let known = match compare.to {
            CompareTo::Target => {
                let mut goals = store.all_goals(false).await?;
                goals.sort_by_key(|goal| (goal.starts_on, goal.id));
                let mut targets = Vec::new();
                for goal in goals.iter().rev() {
                    let measured = Measured::of(goal)?;
                    let asked = |goal: &Measured| kpis.contains(&goal.kpi);
                    targets.extend(
                        measured
                            .filter(asked)
                            .map(|measured| (measured, goal.currency.clone())),
                    );
                }
                Known::Targets(targets)
            }
            CompareTo::Benchmark => {
                let keys: Vec<String> = kpis.iter().map(|kpi| graphql_name(*kpi)).collect();
                let industry = compare.industry.as_ref().map(|industry| industry.as_str());
                let mut newest = HashMap::new();
                for row in store.benchmarks(&keys, industry).await? {
                    if let (Some(kpi), Ok(median)) = (by_name(&row.metric), row.p50.parse()) {
                        newest.entry(kpi).or_insert((median, row.currency));
                    }
                }
                Known::Benchmarks(newest)
            }
            _ => return Ok(None),
        };
        let calendar = store.calendar()?;
        Ok(Some(Self {
            known,
            today: calendar.today(store.clock().now()),
            calendar,
            align_elapsed: compare.align_elapsed,
        }))
    }

    /// The comparison of a row's value over some days. Of days that are not over, only those before today count unless
    /// the comparison is not to be aligned.
    pub fn comparison(
        &self,
        value: &KpiValue,
        filter: &Filter,
        cuts: &[Cut],
        key: &[Key],
        days: DateRange,
    ) -> Box<KpiComparison> {
        let days = if self.align_elapsed && days.to >= self.today {
            days.first_days(days.elapsed_days(self.today))
        } else {
            days
        };
        let (number, currency) = match &self.known {
            Known::Benchmarks(newest) => {
                match value.metric.kpi().and_then(|kpi| newest.get(&kpi)) {
                    Some((median, currency)) => (Ok(*median), currency.as_deref()),
                    None => (Err(Undefined::NoBenchmark), None),
                }
            }
            Known::Targets(targets) => {
                let scope = Scope::of_row(filter, cuts, key);
                let fitting = targets
                    .iter()
                    .filter(|(goal, _)| {
                        value.metric.kpi() == Some(goal.kpi) && Some(&goal.scope) == scope.as_ref()
                    })
                    .find_map(|(goal, currency)| {
                        Some((goal.target_for(&self.calendar, days)?, currency))
                    });
                match fitting {
                    Some((target, currency)) => (Ok(target), currency.as_deref()),
                    None => (Err(Undefined::NoTarget), None),
                }
            }
        };
        let missing = match self.known {
            Known::Targets(_) => Undefined::NoTarget,
            Known::Benchmarks(_) => Undefined::NoBenchmark,
        };
        let number = match (value.value, number) {
            // Whoever may not read the value may not read what it is held against either.
            (Err(reason @ Undefined::NotPermitted(_)), _) => Err(reason),
            (_, Ok(_)) if currency.is_some_and(|code| code != value.currency.code()) => {
                Err(missing)
            }
            (_, number) => number,
        };
        let baseline = KpiValue {
            value: number.map(|number| number.normalize()),
            numerator: None,
            denominator: None,
            estimated: false,
            provisional: false,
            coverage: None,
            days,
            complete: days.to < self.today,
            comparison: None,
            ..value.clone()
        };
        Box::new(KpiComparison { baseline, days })
    }
}

impl Measured {
    /// What these days should come to if the goal is kept: of a sum, the part of the target that falls to the days,
    /// which must lie within the window; of a level, the level, if the last of the days lies within the window. A level
    /// of something that adds up is meant for one bucket, so days get their part of it.
    pub fn target_for(&self, calendar: &Calendar, days: DateRange) -> Option<Decimal> {
        match self.kind {
            GoalKind::Accumulate => {
                let within = self.window.contains(days.from) && self.window.contains(days.to);
                let part = within.then(|| part_of(self.target, days.days(), self.window.days()));
                part?
            }
            GoalKind::ReachLevel if !self.window.contains(days.to) => None,
            GoalKind::ReachLevel if self.kpi.definition().additivity() == Additivity::Additive => {
                let mut total = Decimal::ZERO;
                for bucket in calendar.buckets(self.grain, days) {
                    let whole = calendar.range(bucket);
                    let part = whole.intersect(&days)?;
                    total = total.checked_add(part_of(self.target, part.days(), whole.days())?)?;
                }
                Some(total)
            }
            GoalKind::ReachLevel => Some(self.target),
        }
    }
}

fn part_of(target: Decimal, days: i64, of: i64) -> Option<Decimal> {
    if days == of {
        return Some(target);
    }
    let whole = target.checked_mul(days.into())?;
    Some(share(whole, of.into())?.round_dp(PLACES))
}
