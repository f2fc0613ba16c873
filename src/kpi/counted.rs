//! Measures that are no sums over rows: distinct people as they were counted, and the state of accounts on a day.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    Undefined,
    sums::{GroupKey, Sum, SumsAsk, time_cut, with},
    together::Read,
};
use crate::{
    error::Result,
    store::{
        TeamStore,
        measures::{Key, Measure},
    },
    time::DateRange,
};

/// The periods that an answer has rows for, each with the bucket's index where there are buckets.
fn periods(ask: &SumsAsk<'_>) -> Vec<(Option<i32>, DateRange)> {
    let Some((_, grain)) = time_cut(ask.cuts) else {
        return vec![(None, ask.days)];
    };
    let buckets = ask.calendar.buckets(grain, ask.days);
    buckets
        .filter_map(|bucket| {
            let days = ask.calendar.range(bucket).intersect(&ask.days)?;
            Some((Some(bucket.index), days))
        })
        .collect()
}

fn key(ask: &SumsAsk<'_>, bucket: Option<i32>, rest: &[Key]) -> GroupKey {
    match (time_cut(ask.cuts), bucket) {
        (Some((place, _)), Some(index)) => with(&rest.to_vec(), place, index),
        _ => rest.to_vec(),
    }
}

/// Distinct people: known where exactly the days were counted, otherwise the parts that were do not add up.
pub async fn people(store: &TeamStore, ask: &SumsAsk<'_>, measures: &[Measure]) -> Result<Read> {
    let periods = periods(ask);
    let mut sums = Read::new();
    for measure in measures {
        let groups = sums.entry(*measure).or_default();
        let mut counted: BTreeSet<GroupKey> = BTreeSet::new();
        let rows = store
            .people(*measure, ask.cuts, ask.filter, ask.days, ask.calendar)
            .await?;
        for row in rows {
            // Periods are in their order and do not overlap.
            let place = periods.partition_point(|(_, days)| days.to < row.days.from);
            let Some((bucket, days)) = periods
                .get(place)
                .filter(|(_, days)| row.days.to <= days.to)
            else {
                continue;
            };
            let key = key(ask, *bucket, &row.key);
            let sum: &mut Sum = groups.entry(key.clone()).or_default();
            match row.people {
                Some(people) if row.days == *days => {
                    counted.insert(key);
                    *sum = Sum {
                        value: Decimal::from(people),
                        ..Sum::default()
                    };
                }
                _ if !counted.contains(&key) => {
                    sum.undefined = Some(Undefined::NotAdditive(*measure));
                }
                _ => {}
            }
        }
    }
    Ok(sums)
}

/// Followers at the end of each period, or on the day before it.
pub async fn followers(store: &TeamStore, ask: &SumsAsk<'_>, measures: &[Measure]) -> Result<Read> {
    let periods = periods(ask);
    let day_of = |measure: Measure, days: DateRange| match measure {
        Measure::followers_before => days.from.pred_opt().unwrap_or(days.from),
        _ => days.to,
    };
    let mut asked: Vec<NaiveDate> = measures
        .iter()
        .flat_map(|measure| periods.iter().map(|(_, days)| day_of(*measure, *days)))
        .collect();
    asked.sort_unstable();
    asked.dedup();
    let rows = store
        .followers_on(&asked, ask.cuts, ask.filter, ask.calendar)
        .await?;
    let mut sums = Read::new();
    for measure in measures {
        let groups = sums.entry(*measure).or_default();
        for (bucket, days) in &periods {
            // What is still to come has no state yet.
            if days.from > ask.today {
                continue;
            }
            let day = day_of(*measure, *days);
            for (place, rest, followers) in &rows {
                if asked.get(*place) == Some(&day) {
                    let value = Decimal::from(*followers);
                    groups.insert(
                        key(ask, *bucket, rest),
                        Sum {
                            value,
                            ..Sum::default()
                        },
                    );
                }
            }
        }
    }
    Ok(sums)
}
