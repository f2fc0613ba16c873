//! Which groups the rows stand for, and which group of the baseline each is compared with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    attribution::Sides,
    plan::{Plan, Readings},
    sums::{GroupKey, check_rows, time_cut, with, without},
};
use crate::{
    error::Result,
    store::measures::{Cut, Key},
    time::{Bucket, Calendar, DateRange},
};

impl Plan<'_> {
    /// The groups to show: those with facts now or in the baseline, and with `fill` all buckets of the period.
    pub(super) fn keys(&self, cuts: &[Cut], read: &Readings) -> Result<BTreeSet<GroupKey>> {
        let (sums, before, pairs) = (&read.sums, read.before.as_ref(), &read.pairs);
        if cuts.is_empty() {
            return Ok(BTreeSet::from([GroupKey::new()]));
        }
        if let Some(groups) = &self.ask.groups {
            return Ok(groups.iter().cloned().collect());
        }
        let mut keys: BTreeSet<GroupKey> = sums.keys().cloned().collect();
        let Some((place, grain)) = time_cut(cuts) else {
            keys.extend(before.into_iter().flat_map(|before| before.keys().cloned()));
            return Ok(keys);
        };
        // A group that the baseline has and the period lacks has fallen to nothing: that is news.
        let by_baseline: BTreeMap<i32, i32> = pairs
            .iter()
            .filter_map(|(now, then)| Some((then.as_ref()?.index, *now)))
            .collect();
        for key in before.into_iter().flat_map(Sides::keys) {
            if let Some(Key::Bucket(index)) = key.get(place)
                && let Some(now) = by_baseline.get(index)
            {
                keys.insert(with(&without(key, place), place, *now));
            }
        }
        if self.ask.fill {
            let mut groups: BTreeSet<GroupKey> =
                keys.iter().map(|key| without(key, place)).collect();
            if cuts.len() == 1 {
                groups.insert(GroupKey::new());
            }
            check_rows(groups.len(), &self.calendar, grain, self.period.range)?;
            for rest in &groups {
                for bucket in self.calendar.buckets(grain, self.period.range) {
                    keys.insert(with(rest, place, bucket.index));
                }
            }
        }
        Ok(keys)
    }

    pub(super) fn bucket_pairs(&self, cuts: &[Cut]) -> HashMap<i32, Option<Bucket>> {
        match (time_cut(cuts), self.baseline) {
            (Some((_, grain)), Some(baseline)) => self
                .calendar
                .pair_buckets(grain, self.period.range, baseline)
                .into_iter()
                .map(|(now, then)| (now.index, then))
                .collect(),
            _ => HashMap::new(),
        }
    }

    /// The days that a row stands for: its bucket's, as far as the period reaches.
    pub(super) fn days_of(&self, cuts: &[Cut], key: &GroupKey, days: DateRange) -> DateRange {
        bucket_of(cuts, key)
            .and_then(|bucket| self.calendar.range(bucket).intersect(&days))
            .unwrap_or(days)
    }

    /// The group that a group is compared with, and its days; `None` where it has no counterpart.
    pub(super) fn baseline_of(
        &self,
        cuts: &[Cut],
        key: &GroupKey,
        read: &Readings,
    ) -> Option<(GroupKey, DateRange)> {
        baseline_key(cuts, key, &read.pairs, &self.calendar, self.baseline?)
    }
}

fn bucket_of(cuts: &[Cut], key: &GroupKey) -> Option<Bucket> {
    let (place, grain) = time_cut(cuts)?;
    match key.get(place)? {
        Key::Bucket(index) => Some(Bucket {
            grain,
            index: *index,
        }),
        _ => None,
    }
}

/// The group that a group is compared with, and its days.
fn baseline_key(
    cuts: &[Cut],
    key: &GroupKey,
    pairs: &HashMap<i32, Option<Bucket>>,
    calendar: &Calendar,
    baseline: DateRange,
) -> Option<(GroupKey, DateRange)> {
    let Some((place, _)) = time_cut(cuts) else {
        return Some((key.clone(), baseline));
    };
    if key.get(place) == Some(&Key::Others) {
        return Some((key.clone(), baseline));
    }
    let bucket = bucket_of(cuts, key)?;
    let then = (*pairs.get(&bucket.index)?)?;
    let days = calendar.range(then).intersect(&baseline)?;
    Some((with(&without(key, place), place, then.index), days))
}
