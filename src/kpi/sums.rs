//! The sums that a plan needs, read with one statement per fact, whatever the number of groups.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use futures_util::future::try_join_all;
use rust_decimal::Decimal;

use super::{
    Undefined,
    attribution::Chosen,
    formula::Term,
    together::{Together, read},
};
use crate::{
    error::{Error, Result},
    store::{
        TeamStore,
        measures::{Cut, Dimension, Fact, Filter, Key, MOST_GROUPS, Measure, Scale},
    },
    time::{Calendar, DateRange, Grain},
};

/// A group's key.
pub type GroupKey = Vec<Key>;

/// One measure of one group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    pub value: Decimal,
    /// Why there is no number, where there is none.
    pub undefined: Option<Undefined>,
    /// Whether a rate of an earlier day was used.
    pub estimated: bool,
}

/// What to read: measures that fit the cuts and the filter, over some days.
#[derive(Clone, Copy)]
pub struct SumsAsk<'a> {
    pub measures: &'a [Measure],
    pub cuts: &'a [Cut],
    pub filter: &'a Filter,
    pub days: DateRange,
    pub calendar: &'a Calendar,
    pub today: NaiveDate,
    pub currency: &'a str,
    /// Credits the facts to touches: how, and whether on the days of the touches.
    pub credit: Option<(&'a Chosen, bool)>,
}

impl SumsAsk<'_> {
    /// Whether a dimension is grouped or filtered by.
    fn names(&self, dimension: Dimension) -> bool {
        self.cuts.iter().any(|cut| cut.dimension() == dimension) || self.filter.names(dimension)
    }

    /// Whether campaigns or channels are told apart, so that costs of the whole team are to be shared out. A currency
    /// is the cost's own and not that of the ads by which it would be shared.
    pub fn shares_costs(&self) -> bool {
        let credits = |dimension: &Dimension| dimension.credits() && self.names(*dimension);
        Dimension::ALL.iter().any(credits) && !self.names(Dimension::Currency)
    }
}

/// Sums by measure and group.
#[derive(Default)]
pub struct Sums {
    by_measure: HashMap<Measure, BTreeMap<GroupKey, Sum>>,
    /// Measures without a sum in any group, and why.
    refused: HashMap<Measure, Undefined>,
}

impl Sums {
    /// Reads everything asked, each fact once.
    pub async fn read(store: &TeamStore, ask: &SumsAsk<'_>) -> Result<Self> {
        let groups = Together::groups(ask.measures);
        let reads = groups
            .iter()
            .map(|(together, measures)| read(store, ask, *together, measures));
        let mut sums = Self::default();
        for part in try_join_all(reads).await? {
            sums.by_measure.extend(part);
        }
        Ok(sums)
    }

    /// The measures that were read.
    pub fn measures(&self) -> impl Iterator<Item = Measure> {
        self.by_measure.keys().copied()
    }

    /// A measure's groups.
    pub fn groups(&self, measure: Measure) -> impl Iterator<Item = (&GroupKey, &Sum)> {
        self.by_measure.get(&measure).into_iter().flatten()
    }

    /// The sums of groups of groups: each member is a group and the group that it goes into.
    pub fn folded(&self, members: &[(GroupKey, GroupKey)]) -> Self {
        let fold = |groups: &BTreeMap<GroupKey, Sum>| {
            let mut folded: BTreeMap<GroupKey, Sum> = BTreeMap::new();
            for (from, into) in members {
                if let Some(sum) = groups.get(from) {
                    folded.entry(into.clone()).or_default().include(*sum);
                }
            }
            folded
        };
        let groups = self.by_measure.iter();
        Self {
            by_measure: groups
                .map(|(measure, groups)| (*measure, fold(groups)))
                .collect(),
            refused: HashMap::new(),
        }
    }

    /// Puts other groups in place of a measure's.
    pub fn replace(&mut self, measure: Measure, groups: BTreeMap<GroupKey, Sum>) {
        self.by_measure.insert(measure, groups);
    }

    /// Leaves a measure without a sum.
    pub fn refuse(&mut self, measure: Measure, reason: Undefined) {
        self.refused.insert(measure, reason);
    }

    /// Every group that any measure has.
    pub fn keys(&self) -> impl Iterator<Item = &GroupKey> {
        self.by_measure.values().flat_map(BTreeMap::keys)
    }

    /// The measure's sum in a group, where there is one.
    pub fn sum(&self, measure: Measure, key: &GroupKey) -> Option<Sum> {
        self.by_measure.get(&measure)?.get(key).copied()
    }

    /// The measure's count in a group; zero where there is none.
    pub fn count(&self, measure: Measure, key: &GroupKey) -> Decimal {
        self.sum(measure, key)
            .map_or(Decimal::ZERO, |sum| sum.value)
    }

    /// The measure's value in a group as a formula needs it. A group without rows counts zero where the source has
    /// delivered these days, and is undefined where it has not.
    pub fn term(&self, measure: Measure, key: &GroupKey, delivered: bool) -> (Term, bool) {
        if let Some(reason) = self.refused.get(&measure) {
            return (Term::undefined(*reason), false);
        }
        let spec = measure.spec();
        let Some(sum) = self
            .by_measure
            .get(&measure)
            .and_then(|groups| groups.get(key))
        else {
            let nothing = match spec.scale {
                Scale::Money => Term::money(Decimal::ZERO),
                _ => Term::count(Decimal::ZERO),
            };
            let missing = match spec.fact {
                Fact::People if delivered => Term::undefined(Undefined::NotAdditive(measure)),
                _ => Term::undefined(Undefined::NoData(measure)),
            };
            let known = delivered && !spec.sparse;
            return (if known { nothing } else { missing }, false);
        };
        let term = match (sum.undefined, spec.scale) {
            (Some(reason), _) => Term::undefined(reason),
            (None, Scale::Money) => Term::money(sum.value),
            (None, _) => Term::count(sum.value),
        };
        (term, sum.estimated)
    }
}

impl Sum {
    /// Adds another sum.
    pub fn include(&mut self, other: Self) {
        self.value += other.value;
        self.estimated |= other.estimated;
        self.undefined = self.undefined.or(other.undefined);
    }
}

/// Refuses to make a row for each of so many groups and buckets when there would be too many.
pub fn check_rows(groups: usize, calendar: &Calendar, grain: Grain, days: DateRange) -> Result<()> {
    let buckets = calendar.buckets(grain, days).count();
    match groups.checked_mul(buckets) {
        Some(rows) if rows <= MOST_GROUPS => Ok(()),
        _ => Err(Error::Limit(format!(
            "the query makes {groups} groups times {buckets} time buckets; at most {MOST_GROUPS} rows are allowed: ask \
             a shorter period, a coarser grain or fewer dimensions"
        ))),
    }
}

/// Where time stands among the cuts, and its grain.
pub fn time_cut(cuts: &[Cut]) -> Option<(usize, Grain)> {
    cuts.iter().enumerate().find_map(|(place, cut)| match cut {
        Cut::Time(grain) => Some((place, *grain)),
        _ => None,
    })
}

/// The key without its part at a place.
pub fn without(key: &GroupKey, place: usize) -> GroupKey {
    key.iter()
        .enumerate()
        .filter(|(at, _)| *at != place)
        .map(|(_, part)| part.clone())
        .collect()
}

/// The key with a bucket put in at a place.
pub fn with(rest: &GroupKey, place: usize, index: i32) -> GroupKey {
    let mut key = rest.clone();
    key.insert(place, Key::Bucket(index));
    key
}
