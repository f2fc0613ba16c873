//! How far a goal is, how far it should be, and where it is heading. Only buckets that are over count.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use entity::goal::GoalKind;
use rust_decimal::Decimal;

use super::{
    measured::{Aim, Measured, whole_buckets},
    series::SeriesAsk,
    trend::least_squares,
};
use crate::{
    kpi::{KpiValue, Undefined},
    time::{Bucket, Calendar, DateRange, Grain},
};

/// On track from this share of what is expected, in hundredths.
const ON_TRACK: i64 = 95;
/// At risk, and no worse, from this share of what is expected, in hundredths.
const AT_RISK: i64 = 80;
/// The most days that the trailing daily mean goes back: four weeks, so that every weekday counts alike.
const TRAILING_DAYS: usize = 28;
/// Decimal places of shares.
const SHARE_PLACES: u32 = 15;
/// Decimal places to which shares are held against thresholds.
const THRESHOLD_PLACES: u32 = 12;
/// Decimal places of projections.
const PROJECTED_PLACES: u32 = 12;

/// Where a goal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum GoalStatus {
    /// Its first day is still to come.
    NotStarted,
    /// At 95 % or more of what is expected by now.
    OnTrack,
    /// At 80 % to 95 % of what is expected by now.
    AtRisk,
    /// At less than 80 % of what is expected by now.
    OffTrack,
    /// The deadline is over and the target was reached.
    Achieved,
    /// The deadline is over and the target was not reached.
    Missed,
    /// It cannot be said: no bucket is over yet, the KPI has no value, or the caller may not read it.
    Unknown,
}

/// What the expectation rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum ExpectedFrom {
    /// The share of the days that are over.
    ElapsedDays,
    /// The share that the same days of the year before had in that year's sum: the season.
    LastYear,
}

/// How far a goal is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The level of the last bucket, or the sum so far; `None` before a bucket is over.
    pub current: Option<KpiValue>,
    /// The last day that counts.
    pub through: Option<NaiveDate>,
    /// The share of the way that is done.
    pub attained: Option<Decimal>,
    /// The share of the way that should be done by then.
    pub expected: Option<Decimal>,
    /// What the expectation rests on.
    pub expected_from: Option<ExpectedFrom>,
    /// What it comes to at the deadline if it goes on like this; after the deadline, what it came to.
    pub projected: Option<Decimal>,
    /// Where it stands.
    pub status: GoalStatus,
}

/// The values of a goal's KPI by bucket.
pub type Series = BTreeMap<i32, KpiValue>;

impl Measured {
    /// The values that its progress needs: of its own days and, for sums, of the same days a year before.
    pub fn needs(
        &self,
        calendar: &Calendar,
        today: NaiveDate,
    ) -> (Option<SeriesAsk>, Option<SeriesAsk>) {
        let over = today
            .pred_opt()
            .and_then(|yesterday| DateRange::new(self.window.from, self.window.to.min(yesterday)));
        let Some(buckets) = over.and_then(|days| whole_buckets(calendar, self.grain, days)) else {
            return (None, None);
        };
        let before = (self.kind == GoalKind::Accumulate)
            .then(|| self.window.earlier_by_months(12))
            .filter(|days| days.to < today)
            .and_then(|days| whole_buckets(calendar, Grain::Day, days));
        (
            Some(SeriesAsk::of(self, buckets)),
            before.map(|days| SeriesAsk::of(self, days)),
        )
    }

    /// Its progress, from the values that it [needs](Self::needs).
    pub fn progress(
        &self,
        calendar: &Calendar,
        today: NaiveDate,
        now: &Series,
        last_year: &Series,
    ) -> Progress {
        let over = today > self.window.to;
        let mut progress = Progress {
            current: None,
            through: None,
            attained: None,
            expected: None,
            expected_from: None,
            projected: None,
            status: if today < self.window.from {
                GoalStatus::NotStarted
            } else {
                GoalStatus::Unknown
            },
        };
        let delivered = |value: &KpiValue| !matches!(value.value, Err(Undefined::NoData(_)));
        // What was not delivered yet is not nothing: the last buckets without data do not count.
        let Some((last, latest)) = now.iter().rev().find(|(_, value)| delivered(value)) else {
            progress.current = now.values().next_back().cloned();
            return progress;
        };
        let through = calendar
            .range(Bucket {
                grain: self.grain,
                index: *last,
            })
            .to;
        progress.through = Some(through);
        let elapsed = DateRange {
            from: self.window.from,
            to: through,
        };
        let expected = share(elapsed.days().into(), self.window.days().into());
        match self.kind {
            GoalKind::ReachLevel => {
                progress.expected = expected;
                progress.expected_from = Some(ExpectedFrom::ElapsedDays);
                progress.current = Some(latest.clone());
                let level = latest.value.ok();
                progress.attained = level.and_then(|level| self.way(level));
                progress.projected = if over {
                    level
                } else {
                    let points: Vec<_> = now
                        .iter()
                        .filter_map(|(place, value)| Some((*place, value.value.ok()?)))
                        .collect();
                    least_squares(&points, place_of(calendar, self.grain, self.window.to))
                };
            }
            GoalKind::Accumulate => {
                let season = self.season(calendar, through, last_year);
                progress.expected_from = Some(if season.is_some() {
                    ExpectedFrom::LastYear
                } else {
                    ExpectedFrom::ElapsedDays
                });
                progress.expected = season.or(expected);
                let days: Vec<&KpiValue> = now.range(..=*last).map(|(_, value)| value).collect();
                let sum = sum(days.iter().copied());
                progress.attained = sum.ok().and_then(|sum| share(sum, self.target));
                progress.projected = sum.ok().and_then(|sum| {
                    let left = (self.window.to - through).num_days();
                    continued(sum, &days, if over { 0 } else { left })
                });
                progress.current = Some(KpiValue {
                    value: sum,
                    estimated: days.iter().any(|day| day.estimated),
                    provisional: days.iter().any(|day| day.provisional),
                    coverage: None,
                    days: elapsed,
                    ..latest.clone()
                });
            }
        }
        if let (Some(attained), Some(expected)) = (progress.attained, progress.expected) {
            let cap = self.kind == GoalKind::Accumulate && self.aim() == Aim::AtMost;
            progress.status = status(cap, attained, expected, over);
        }
        progress
    }

    /// The share of the way from the baseline to the target that a level has come.
    fn way(&self, level: Decimal) -> Option<Decimal> {
        share(
            level.checked_sub(self.baseline)?,
            self.target.checked_sub(self.baseline)?,
        )
    }

    /// The share that the days up to `through` had a year before. `None` unless that whole year's window was delivered
    /// and came to something.
    fn season(
        &self,
        calendar: &Calendar,
        through: NaiveDate,
        last_year: &Series,
    ) -> Option<Decimal> {
        let window = self.window.earlier_by_months(12);
        let days = usize::try_from(window.days()).ok()?;
        if last_year.len() != days || last_year.values().any(|day| day.value.is_err()) {
            return None;
        }
        let total = sum(last_year.values())
            .ok()
            .filter(|sum| sum.is_sign_positive())?;
        let then = if through == self.window.to {
            window.to
        } else {
            through.checked_sub_months(Months::new(12))?
        };
        let by_then = calendar.bucket(Grain::Day, then).index;
        let part = sum(last_year.range(..=by_then).map(|(_, day)| day)).ok()?;
        share(part, total).map(|share| share.clamp(Decimal::ZERO, Decimal::ONE))
    }
}

/// By the thresholds. A cap is kept as long as no more was used than expected.
pub fn status(cap: bool, attained: Decimal, expected: Decimal, over: bool) -> GoalStatus {
    if over {
        let reached = if cap {
            attained <= Decimal::ONE
        } else {
            attained >= Decimal::ONE
        };
        return if reached {
            GoalStatus::Achieved
        } else {
            GoalStatus::Missed
        };
    }
    // Shares were rounded themselves: what is exactly on a threshold must not fall below it.
    let rounded = |share: Decimal| share.round_dp(THRESHOLD_PLACES);
    let within = |hundredths: i64| {
        let factor = Decimal::new(hundredths, 2);
        if cap {
            rounded(attained.saturating_mul(factor)) <= rounded(expected)
        } else {
            rounded(attained) >= rounded(expected.saturating_mul(factor))
        }
    };
    if within(ON_TRACK) {
        GoalStatus::OnTrack
    } else if within(AT_RISK) {
        GoalStatus::AtRisk
    } else {
        GoalStatus::OffTrack
    }
}

/// A part over a whole; `None` when the whole is zero.
pub fn share(part: Decimal, whole: Decimal) -> Option<Decimal> {
    Some(part.checked_div(whole)?.round_dp(SHARE_PLACES).normalize())
}

/// The sum of what days came to. Days that were not delivered add nothing; any other reason leaves the sum unknown.
pub fn sum<'a>(days: impl IntoIterator<Item = &'a KpiValue>) -> Result<Decimal, Undefined> {
    let mut total = None;
    let mut missing = None;
    for day in days {
        match day.value {
            Ok(value) => {
                total = Some(total.unwrap_or(Decimal::ZERO).saturating_add(value));
            }
            Err(reason @ Undefined::NoData(_)) => missing = Some(reason),
            Err(reason) => return Err(reason),
        }
    }
    match (total, missing) {
        (None, Some(reason)) => Err(reason),
        (total, _) => Ok(total.unwrap_or_default().normalize()),
    }
}

/// The sum so far and the mean of the last days for each of those left.
fn continued(so_far: Decimal, days: &[&KpiValue], left: i64) -> Option<Decimal> {
    let trailing = &days[days.len().saturating_sub(TRAILING_DAYS)..];
    let recent = sum(trailing.iter().copied()).ok()?;
    let more = recent
        .checked_mul(Decimal::from(left.max(0)))?
        .checked_div(Decimal::from(trailing.len()))?;
    Some(
        so_far
            .checked_add(more)?
            .round_dp(PROJECTED_PLACES)
            .normalize(),
    )
}

/// Where the end of a day lies on the axis on which each bucket ends at its own number.
fn place_of(calendar: &Calendar, grain: Grain, day: NaiveDate) -> Decimal {
    let bucket = calendar.bucket(grain, day);
    let range = calendar.range(bucket);
    let passed = Decimal::from((day - range.from).num_days() + 1);
    Decimal::from(bucket.index) - Decimal::ONE + passed / Decimal::from(range.days())
}
