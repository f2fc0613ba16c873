//! Alert rules: whether a KPI breaks a rule in its last complete bucket, and since when.

use std::{cmp::Ordering, collections::BTreeMap};

use chrono::Days;
use entity::alert_rule::AlertOp;
use rust_decimal::Decimal;

use super::{
    anomaly::history,
    scope::Scope,
    search::{Place, judge_at},
    series::{Series, SeriesAsk, last_bucket, last_day},
    volume,
};
use crate::{
    error::Result,
    kpi::{Kpi, KpiValue, Rights, Undefined},
    store::{
        TeamStore,
        measures::{Cut, Key},
    },
    time::{Bucket, Grain},
};

/// How many buckets back the beginning of an alert is looked for.
pub const LOOKBACK: i32 = 12;

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The value, against a threshold.
    Value(AlertOp, Decimal),
    /// The relative change from the bucket before, against a threshold.
    Change(AlertOp, Decimal),
    /// Whether the value is an anomaly.
    Anomaly,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Of which KPI.
    pub kpi: Kpi,
    /// Of which facts.
    pub scope: Scope,
    /// The size of the buckets.
    pub grain: Grain,
    /// When it fires.
    pub condition: Condition,
    /// How much a value must rest on. When `None`, anomalies need the KPI's usual number and other conditions nothing.
    pub least_volume: Option<Decimal>,
}

/// Where a rule stands.
#[derive(Clone, Debug)]
pub struct State {
    /// Whether it fires; `None` where the caller may not know the value.
    pub firing: Option<bool>,
    /// The value that it looks at.
    pub observed: KpiValue,
    /// The bucket of the value.
    pub bucket: Bucket,
    /// The first bucket of the unbroken run in which it fires, at most [`LOOKBACK`] buckets back.
    pub since: Option<Bucket>,
}

/// What rules that are read together have in common: the buckets' size and the dimensions of the scope.
type Kind = (Grain, Vec<Cut>);

/// Whether `value` stands to `threshold` as asked.
pub fn holds(op: AlertOp, value: Decimal, threshold: Decimal) -> bool {
    match (op, value.cmp(&threshold)) {
        (AlertOp::Gt, order) => order == Ordering::Greater,
        (AlertOp::Gte, order) => order != Ordering::Less,
        (AlertOp::Lt, order) => order == Ordering::Less,
        (AlertOp::Lte, order) => order != Ordering::Greater,
    }
}

/// Where each of the rules stands, in their order; `None` for a rule whose KPI has no value at all. Rules of one grain and of the same dimensions are read together, so
/// the number of statements depends on how many kinds of rules there are, not on how many rules.
pub async fn states(
    store: &TeamStore,
    rules: &[Rule],
    rights: Rights,
) -> Result<Vec<Option<State>>> {
    let calendar = store.calendar()?;
    let loads = store.source_loads().await?;
    let today = calendar.today(store.clock().now());
    let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let last = |rule: &Rule| {
        let complete = last_day(rule.kpi, store.team().ad_basis, &loads, today);
        // Of what was never delivered the last bucket says so: NO_DATA.
        let day = complete.unwrap_or(yesterday);
        last_bucket(rule.kpi, &calendar, rule.grain, day)
    };
    let mut alike: Vec<(Kind, Vec<usize>)> = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let kind = (rule.grain, rule.scope.cuts());
        match alike.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, places)) => places.push(place),
            None => alike.push((kind, vec![place])),
        }
    }
    let mut states = BTreeMap::new();
    for ((grain, cuts), places) in alike {
        let mut kpis: Vec<Kpi> = places.iter().map(|place| rules[*place].kpi).collect();
        kpis.sort_unstable();
        kpis.dedup();
        let mut groups: Vec<Vec<Key>> = places
            .iter()
            .map(|place| rules[*place].scope.keys())
            .collect();
        groups.sort_unstable();
        groups.dedup();
        let lasts = places.iter().map(|place| last(&rules[*place]));
        let newest = lasts.clone().max().unwrap_or_default();
        let oldest = lasts
            .zip(&places)
            .map(|(last, place)| rules[*place].oldest(last))
            .min();
        let series = SeriesAsk {
            kpis: &kpis,
            cuts,
            grain,
            indexes: oldest.unwrap_or(newest)..=newest,
            groups: Some(groups),
            rights,
        };
        let series = series.read(store).await?;
        for place in places {
            let rule = &rules[place];
            let at = kpis.iter().position(|kpi| *kpi == rule.kpi);
            let group = series.get(&rule.scope.keys());
            if let Some(state) = at
                .zip(group)
                .and_then(|(at, series)| rule.state(series, at, last(rule)))
            {
                states.insert(place, state);
            }
        }
    }
    Ok((0..rules.len())
        .map(|place| states.remove(&place))
        .collect())
}

impl Rule {
    /// The oldest bucket that is needed to look at the bucket `last` and the ones before.
    fn oldest(&self, last: i32) -> i32 {
        let first = last - LOOKBACK;
        match self.condition {
            Condition::Value(..) => first,
            Condition::Change(..) => first - 1,
            Condition::Anomaly => history(self.grain, first).last().unwrap_or(first),
        }
    }

    fn state(&self, series: &Series, at: usize, last: i32) -> Option<State> {
        let run = (0..=LOOKBACK).take_while(|back| self.fires(series, at, last - back));
        let since = run.last().map(|back| Bucket {
            grain: self.grain,
            index: last - back,
        });
        let observed = series.at(last, at)?.clone();
        let hidden = matches!(observed.value, Err(Undefined::NotPermitted(_)));
        Some(State {
            firing: (!hidden).then_some(since.is_some()),
            observed,
            bucket: Bucket {
                grain: self.grain,
                index: last,
            },
            since,
        })
    }

    /// Whether the rule fires in a bucket. What has no value fires nothing.
    fn fires(&self, series: &Series, at: usize, index: i32) -> bool {
        let Some(observed) = series.at(index, at) else {
            return false;
        };
        let Ok(value) = observed.value else {
            return false;
        };
        let suffices = || {
            let least = self.least_volume.unwrap_or_default();
            volume::suffices(self.kpi, observed, value, Some(least))
        };
        match self.condition {
            Condition::Value(op, threshold) => holds(op, value, threshold) && suffices(),
            Condition::Change(op, threshold) => {
                let before = series.at(index - 1, at).and_then(|value| value.value.ok());
                let change =
                    before.and_then(|before| value.checked_sub(before)?.checked_div(before.abs()));
                change.is_some_and(|change| holds(op, change, threshold)) && suffices()
            }
            Condition::Anomaly => {
                let place = Place {
                    grain: self.grain,
                    index,
                    kpi: self.kpi,
                    dimension: None,
                    segment: None,
                    least_volume: self.least_volume,
                };
                judge_at(series, at, &place).is_some_and(|(judgement, _)| judgement.fires)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_strict_or_not_as_named() {
        let at = |op| [-1, 0, 1].map(|value| holds(op, Decimal::from(value), Decimal::ZERO));
        assert_eq!(at(AlertOp::Gt), [false, false, true]);
        assert_eq!(at(AlertOp::Gte), [false, true, true]);
        assert_eq!(at(AlertOp::Lt), [true, false, false]);
        assert_eq!(at(AlertOp::Lte), [true, true, false]);
    }
}
