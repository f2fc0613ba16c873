//! Measures over the period before the one asked: bucket by bucket, like for like.

use std::collections::BTreeMap;

use super::{
    sums::{GroupKey, Sum, SumsAsk, time_cut, with, without},
    together::{Read, Together, read_together},
};
use crate::{
    error::Result,
    store::{
        TeamStore,
        measures::{Key, Measure},
    },
    time::{Bucket, DateRange},
};

/// Reads measures over the days before those asked. With buckets each has what the bucket before it had: whole buckets
/// from one reading, those that the period cuts off or that are not over (two at most) by one reading each.
pub(super) async fn read(
    store: &TeamStore,
    ask: &SumsAsk<'_>,
    together: Together,
    measures: &[Measure],
) -> Result<Read> {
    let read = async |days: DateRange| {
        read_together(store, &SumsAsk { days, ..*ask }, together, measures).await
    };
    let before = |days: DateRange| ask.calendar.previous(days, ask.today);
    let Some((place, grain)) = time_cut(ask.cuts) else {
        return read(before(ask.days)).await;
    };
    let (mut whole, mut parts): (Vec<Bucket>, Vec<(Bucket, DateRange)>) = Default::default();
    for bucket in ask.calendar.buckets(grain, ask.days) {
        let all = ask.calendar.range(bucket);
        let asked = all.intersect(&ask.days).unwrap_or(all);
        if asked == all && all.to < ask.today {
            whole.push(bucket);
        } else {
            parts.push((bucket, asked));
        }
    }
    let mut sums = Read::new();
    if let (Some(first), Some(last)) = (whole.first(), whole.last()) {
        let days = DateRange {
            from: ask.calendar.range(earlier(*first)).from,
            to: ask.calendar.range(earlier(*last)).to,
        };
        for (measure, groups) in read(days).await? {
            let moved = groups
                .into_iter()
                .filter_map(|(key, sum)| match key.get(place) {
                    Some(Key::Bucket(index)) => {
                        Some((with(&without(&key, place), place, index + 1), sum))
                    }
                    _ => None,
                });
            sums.entry(measure).or_default().extend(moved);
        }
    }
    // Buckets that are still to come have nothing before them to compare with.
    for (bucket, asked) in parts
        .into_iter()
        .filter(|(_, asked)| asked.from <= ask.today)
    {
        for (measure, groups) in read(before(asked)).await? {
            let mut together: BTreeMap<GroupKey, Sum> = BTreeMap::new();
            for (key, sum) in groups {
                let key = with(&without(&key, place), place, bucket.index);
                together.entry(key).or_default().include(sum);
            }
            sums.entry(measure).or_default().extend(together);
        }
    }
    Ok(sums)
}

fn earlier(bucket: Bucket) -> Bucket {
    Bucket {
        index: bucket.index - 1,
        ..bucket
    }
}
