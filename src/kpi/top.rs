//! The first groups by a metric, and the rest of them in one row.
//!
//! The row of the rest is made from facts: sums are added up, people are counted again, and ratios are divided after.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Metric, Row, Undefined,
    attribution::Sides,
    plan::{Plan, Readings},
    sums::{GroupKey, Sums, SumsAsk, time_cut},
};
use crate::{
    error::Result,
    store::measures::{Additivity, Cut, Fact, Filter, Key, Measure},
    time::DateRange,
};

/// Which groups to keep.
#[derive(Clone, Debug)]
pub struct Top {
    /// How many; of each part, where there are parts.
    pub count: usize,
    /// By which metric, the greatest first; groups without a value come last, ties go by key.
    pub by: Metric,
    /// Whether the rest becomes a row.
    pub others: bool,
    /// The place of the cut whose values are the parts.
    pub per: Option<usize>,
}

/// The most groups that one statement singles out.
const MOST_SINGLED_OUT: usize = 5_000;

impl Top {
    /// The group that a group of the rest goes into.
    fn others(&self, key: &GroupKey) -> GroupKey {
        let parts = key.iter().enumerate();
        parts
            .map(|(place, part)| match self.per {
                Some(per) if per == place => part.clone(),
                _ => Key::Others,
            })
            .collect()
    }
}

/// What goes into the rows of the rest over one range of days.
struct Rest<'a> {
    sums: &'a Sides,
    /// Each group, and the group of the rest that it goes into.
    members: Vec<(GroupKey, GroupKey)>,
    /// The groups with facts that do not; `None` where there may be some that nobody knows.
    excluded: Option<Vec<GroupKey>>,
    days: DateRange,
}

impl Plan<'_> {
    /// Keeps the first rows and puts the rest together. `all` are the groups that there were before any was left out.
    pub(super) async fn top(
        &self,
        top: &Top,
        cuts: &[Cut],
        read: &Readings,
        all: &BTreeSet<GroupKey>,
        rows: Vec<Row>,
    ) -> Result<Vec<Row>> {
        let value = |row: &Row| {
            let found = row.values.iter().find(|value| value.metric == top.by);
            found.and_then(|value| value.value.ok())
        };
        let mut parts: BTreeMap<Option<Key>, Vec<Row>> = BTreeMap::new();
        for row in rows {
            let part = top.per.and_then(|place| row.key.get(place).cloned());
            parts.entry(part).or_default().push(row);
        }
        let (mut kept, mut rest) = (Vec::new(), Vec::new());
        for mut part in parts.into_values() {
            // Rows come in the order of their keys, and the sort is stable.
            part.sort_by_key(|row| Reverse(value(row)));
            let tail = part.split_off(top.count.min(part.len()));
            kept.extend(part);
            rest.extend(tail.into_iter().map(|row| row.key));
        }
        if top.others && !rest.is_empty() {
            kept.extend(self.others(top, cuts, read, all, &rest).await?);
        }
        kept.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(kept)
    }

    async fn others(
        &self,
        top: &Top,
        cuts: &[Cut],
        read: &Readings,
        all: &BTreeSet<GroupKey>,
        rest: &[GroupKey],
    ) -> Result<Vec<Row>> {
        let keys: BTreeSet<GroupKey> = rest.iter().map(|key| top.others(key)).collect();
        let left: BTreeSet<&GroupKey> = rest.iter().collect();
        let excluded = || all.iter().filter(|key| !left.contains(key));
        let now = Rest {
            sums: &read.sums,
            members: rest
                .iter()
                .map(|key| (key.clone(), top.others(key)))
                .collect(),
            excluded: Some(excluded().cloned().collect()),
            days: self.period.range,
        };
        let then = |key: &GroupKey| self.baseline_of(cuts, key, read).map(|(key, _)| key);
        let before = read.before.as_ref().zip(self.baseline);
        let before = before.map(|(sums, days)| Rest {
            sums,
            members: rest
                .iter()
                .filter_map(|key| then(key).map(|then| (then.clone(), top.others(&then))))
                .collect(),
            // Buckets of the baseline that have no counterpart belong to no group, and only where the rest is apart for
            // each bucket are they apart from it.
            excluded: (time_cut(cuts).is_none_or(|(place, _)| top.per == Some(place)))
                .then(|| excluded().filter_map(then).collect()),
            days,
        });
        let (sums, before) = futures_util::try_join!(self.fold(top, cuts, now), async {
            match before {
                Some(before) => self.fold(top, cuts, before).await.map(Some),
                None => Ok(None),
            }
        })?;
        let read = Readings {
            sums,
            before,
            pairs: read.pairs.clone(),
        };
        self.rows_of(cuts, &read, keys).await
    }

    /// The sums of the rest, each way that sums are read.
    async fn fold(&self, top: &Top, cuts: &[Cut], rest: Rest<'_>) -> Result<Sides> {
        let mut folded = Vec::new();
        for (side, sums) in rest.sums.iter() {
            folded.push((side, self.fold_side(top, cuts, &rest, sums).await?));
        }
        Ok(folded.into_iter().collect())
    }

    async fn fold_side(
        &self,
        top: &Top,
        cuts: &[Cut],
        rest: &Rest<'_>,
        sums: &Sums,
    ) -> Result<Sums> {
        let mut folded = sums.folded(&rest.members);
        // Counts up to the end of each bucket, and what was before it, are not parts of anything over several buckets.
        let over_buckets = time_cut(cuts).is_some_and(|(place, _)| top.per != Some(place));
        let mut people = Vec::new();
        for measure in sums.measures() {
            match measure.additivity() {
                // What somebody else counted cannot be counted again.
                Additivity::Distinct if measure.spec().fact == Fact::People => {
                    folded.refuse(measure, Undefined::NotAdditive(measure));
                }
                Additivity::Distinct
                    if measure.spec().fact != Fact::Activity || time_cut(cuts).is_none() =>
                {
                    people.push(measure)
                }
                Additivity::Distinct | Additivity::NonAdditive => {
                    folded.refuse(measure, Undefined::NotAdditive(measure));
                }
                kind if over_buckets
                    && (kind == Additivity::SemiAdditive || measure.spec().previous) =>
                {
                    folded.refuse(measure, Undefined::NotAdditive(measure));
                }
                _ => {}
            }
        }
        if people.is_empty() {
            return Ok(folded);
        }
        people.sort_unstable();
        let Some(groups) = singled_out(cuts, rest) else {
            for measure in people {
                folded.refuse(measure, Undefined::NotAdditive(measure));
            }
            return Ok(folded);
        };
        let per: Vec<Cut> = top
            .per
            .and_then(|place| cuts.get(place))
            .cloned()
            .into_iter()
            .collect();
        let counted = self.count_again(&people, &per, groups, rest.days).await?;
        for measure in people {
            let groups = counted.groups(measure);
            let keys = groups.map(|(key, sum)| {
                let mut whole = vec![Key::Others; cuts.len()];
                if let (Some(place), [part]) = (top.per, &key[..]) {
                    whole[place] = part.clone();
                }
                (whole, *sum)
            });
            folded.replace(measure, keys.collect());
        }
        Ok(folded)
    }

    async fn count_again(
        &self,
        measures: &[Measure],
        cuts: &[Cut],
        groups: Filter,
        days: DateRange,
    ) -> Result<Sums> {
        let filter = self.ask.filter.clone().and(groups);
        let ask = SumsAsk {
            measures,
            cuts,
            filter: &filter,
            days,
            calendar: &self.calendar,
            today: self.today,
            currency: self.currency.code(),
            // People are counted, never divided between touches.
            credit: None,
        };
        Sums::read(self.store, &ask).await
    }
}

/// The filter by which facts belong to the rest: by its groups or by those that are not of it, whichever are fewer.
/// `None` when both are too many for one statement.
fn singled_out(cuts: &[Cut], rest: &Rest<'_>) -> Option<Filter> {
    let groups = |keys: Vec<GroupKey>| Filter::Groups {
        cuts: cuts.to_vec(),
        keys,
    };
    let of_rest = rest.members.len();
    match &rest.excluded {
        Some(excluded) if excluded.len() < of_rest => (excluded.len() <= MOST_SINGLED_OUT)
            .then(|| Filter::Not(Box::new(groups(excluded.clone())))),
        _ => (of_rest <= MOST_SINGLED_OUT)
            .then(|| groups(rest.members.iter().map(|(key, _)| key.clone()).collect())),
    }
}
