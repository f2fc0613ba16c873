//! One statement per fact: which measures are read together, how they are converted, and how counts up to a day are made.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::{
    Undefined, activity, allocation, counted, payback, previous,
    sums::{GroupKey, Sum, SumsAsk, check_rows, time_cut, with, without},
};
use crate::{
    error::Result,
    store::{
        Rates, TeamStore,
        measures::{Fact, Key, Measure, Scale, Scan, ScanRow, Span},
    },
    time::{Bucket, DateRange},
};

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

/// Reads measures in the way of their fact.
pub(super) async fn read(
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
        let mut rows = buckets.into_iter().peekable();
        let mut total: Option<Sum> = None;
        for Bucket { index, .. } in ask.calendar.buckets(grain, ask.days) {
            while let Some((_, sum)) = rows.next_if(|(of, _)| *of <= index) {
                total.get_or_insert_default().include(sum);
            }
            // Before the first there is nothing, or nothing is known: that is told as for any group without rows.
            if let Some(total) = total {
                groups.insert(with(&rest, place, index), total);
            }
        }
    }
    Ok(())
}
