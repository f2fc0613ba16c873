//! The sums that a plan needs, read with one statement per fact, whatever the number of groups.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use futures_util::future::try_join_all;
use rust_decimal::Decimal;

use super::{
    Undefined, activity, allocation, attribution::Chosen, counted, formula::Term, payback, previous,
};
use crate::{
    error::{Error, Result},
    store::{
        Rates, TeamStore,
        measures::{
            Cut, Dimension, Fact, Filter, Key, MOST_GROUPS, Measure, Scale, Scan, ScanRow, Span,
        },
    },
    time::{Bucket, Calendar, DateRange, Grain},
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
    fn shares_costs(&self) -> bool {
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

/// Measures that one statement can read together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Together {
    pub fact: Fact,
    /// Distinct people must not be split by currency.
    distinct: bool,
    to_date: bool,
    elapsed: bool,
    previous: bool,
}

/// Sums of the measures that are read together.
pub type Read = HashMap<Measure, BTreeMap<GroupKey, Sum>>;

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

async fn read(
    store: &TeamStore,
    ask: &SumsAsk<'_>,
    together: Together,
    measures: &[Measure],
) -> Result<Read> {
    match together.fact {
        Fact::People => counted::people(store, ask, measures).await,
        Fact::Followers => counted::followers(store, ask, measures).await,
        Fact::Costs if ask.shares_costs() => allocation::read(store, ask, together, measures).await,
        Fact::Activity => activity::read(store, ask, measures).await,
        Fact::Payback => payback::read(store, ask).await,
        _ if together.previous => previous::read(store, ask, together, measures).await,
        _ => read_together(store, ask, together, measures).await,
    }
}

pub(super) async fn read_together(
    store: &TeamStore,
    ask: &SumsAsk<'_>,
    together: Together,
    measures: &[Measure],
) -> Result<Read> {
    let empty = || {
        measures
            .iter()
            .map(|measure| (*measure, BTreeMap::new()))
            .collect()
    };
    let Some(span) = together.span(ask) else {
        return Ok(empty());
    };
    if let Some((crediting, by_touch)) = ask.credit {
        return crediting
            .read(store, ask, together.fact, measures, by_touch)
            .await;
    }
    let has_money = measures
        .iter()
        .any(|measure| measure.spec().scale == Scale::Money);
    let scan = |measures, foreign_to| Scan {
        fact: together.fact,
        measures,
        cuts: ask.cuts,
        filter: ask.filter,
        span,
        calendar: ask.calendar,
        by_currency: has_money,
        foreign_to,
    };
    let rows = store.scan(&scan(measures, None)).await?;
    let is_foreign = |row: &ScanRow| {
        row.currency
            .as_deref()
            .is_some_and(|currency| currency != ask.currency)
    };
    let foreign = rows.iter().any(is_foreign);
    let mut sums: Read = empty();
    for row in &rows {
        for (measure, value) in measures.iter().zip(&row.values) {
            let spec = measure.spec();
            let (Some(value), false) = (value, spec.scale == Scale::Money && is_foreign(row))
            else {
                continue;
            };
            let scale = if spec.scale == Scale::Count { 0 } else { 6 };
            add(&mut sums, *measure, &row.key, |sum| {
                sum.value += Decimal::new(*value, scale)
            });
        }
    }
    if foreign {
        let amounts: Vec<Measure> = measures
            .iter()
            .copied()
            .filter(|measure| measure.spec().scale == Scale::Money)
            .collect();
        let rates = async {
            let from = match span {
                // The orders of a cohort come later than its first ones.
                Span::Within(range) if together.fact.by_cohort() => DateRange {
                    from: range.from,
                    to: range.to.max(ask.today),
                },
                Span::Within(range) => range,
                Span::Through(to) => DateRange {
                    from: NaiveDate::default(),
                    to,
                },
            };
            store.rates_into(ask.currency, from).await
        };
        let by_day = scan(&amounts, Some(ask.currency));
        let (rates, rows) = futures_util::try_join!(rates, store.scan(&by_day))?;
        for row in &rows {
            convert(row, &amounts, &rates, &mut sums);
        }
    }
    if together.to_date {
        for groups in sums.values_mut() {
            accumulate(groups, ask)?;
        }
    }
    Ok(sums)
}

impl Sum {
    /// Adds another sum.
    pub fn include(&mut self, other: Self) {
        self.value += other.value;
        self.estimated |= other.estimated;
        self.undefined = self.undefined.or(other.undefined);
    }
}

impl Together {
    /// The same of another fact.
    pub fn of(self, fact: Fact) -> Self {
        Self { fact, ..self }
    }

    /// The measures of a fact that have no peculiarity.
    pub fn plain(fact: Fact) -> Self {
        Self {
            fact,
            distinct: false,
            to_date: false,
            elapsed: false,
            previous: false,
        }
    }

    /// Which measures are read by one statement.
    pub fn groups(measures: &[Measure]) -> BTreeMap<Self, Vec<Measure>> {
        let mut groups: BTreeMap<Self, Vec<Measure>> = BTreeMap::new();
        for measure in measures {
            let spec = measure.spec();
            let together = Self {
                fact: spec.fact,
                distinct: spec.distinct,
                to_date: spec.to_date,
                elapsed: spec.elapsed,
                previous: spec.previous,
            };
            let group = groups.entry(together).or_default();
            if !group.contains(measure) {
                group.push(*measure);
            }
        }
        groups
    }

    /// The days to read; none when none of them is over and only such count.
    pub(super) fn span(self, ask: &SumsAsk<'_>) -> Option<Span> {
        let days = if self.elapsed {
            let yesterday = ask.today.checked_sub_days(Days::new(1))?;
            DateRange::new(ask.days.from, ask.days.to.min(yesterday))?
        } else {
            ask.days
        };
        Some(if self.to_date {
            Span::Through(days.to)
        } else {
            Span::Within(days)
        })
    }
}

pub(super) fn add(
    sums: &mut HashMap<Measure, BTreeMap<GroupKey, Sum>>,
    measure: Measure,
    key: &GroupKey,
    change: impl FnOnce(&mut Sum),
) {
    let groups = sums.entry(measure).or_default();
    change(groups.entry(key.clone()).or_default());
}

/// Adds the amounts of one currency and day at that day's rate.
fn convert(
    row: &ScanRow,
    amounts: &[Measure],
    rates: &Rates,
    sums: &mut HashMap<Measure, BTreeMap<GroupKey, Sum>>,
) {
    let (Some(currency), Some(day)) = (row.currency.as_deref(), row.day) else {
        return;
    };
    let rate = rates.on(currency, day);
    for (measure, value) in amounts.iter().zip(&row.values) {
        // Nothing needs no rate.
        let Some(value) = value.filter(|value| *value != 0) else {
            continue;
        };
        add(sums, *measure, &row.key, |sum| match rate {
            Some((rate, earlier)) => {
                sum.value += Decimal::new(value, 6).saturating_mul(rate);
                sum.estimated |= earlier;
            }
            None => {
                let code = currency.as_bytes().try_into().ok();
                sum.undefined = code.map(|currency| Undefined::MissingFxRate { currency });
            }
        });
    }
}

/// Turns counts per bucket since the beginning into counts up to each bucket of the period.
fn accumulate(groups: &mut BTreeMap<GroupKey, Sum>, ask: &SumsAsk<'_>) -> Result<()> {
    let Some((place, grain)) = time_cut(ask.cuts) else {
        return Ok(());
    };
    let mut by_rest: BTreeMap<GroupKey, BTreeMap<i32, Sum>> = BTreeMap::new();
    for (key, sum) in std::mem::take(groups) {
        if let Some(Key::Bucket(index)) = key.get(place) {
            let index = *index;
            by_rest
                .entry(without(&key, place))
                .or_default()
                .insert(index, sum);
        }
    }
    check_rows(by_rest.len(), ask.calendar, grain, ask.days)?;
    for (rest, buckets) in by_rest {
        for Bucket { index, .. } in ask.calendar.buckets(grain, ask.days) {
            let total = buckets
                .range(..=index)
                .fold(Sum::default(), |total, (_, sum)| Sum {
                    value: total.value + sum.value,
                    undefined: total.undefined.or(sum.undefined),
                    estimated: total.estimated || sum.estimated,
                });
            groups.insert(with(&rest, place, index), total);
        }
    }
    Ok(())
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
