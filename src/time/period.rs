//! Periods as people ask for them (a preset, a range of dates, the last N buckets) resolved to dates.

use async_graphql::Enum;
use chrono::{Datelike, Months, NaiveDate};
use chrono_tz::Tz;
use thiserror::Error;

use super::calendar::{Bucket, Calendar, DateRange, Grain};
pub use super::comparison::{CompareAsk, CompareTo, Comparison};

const FIRST_YEAR: i32 = 1970;
const LAST_YEAR: i32 = 2200;
const MAX_YEARS: u32 = 100;
const MAX_TRAILING: i32 = 1000;

/// A period named relative to the team's present day.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeriodPreset {
    /// The present day, still incomplete.
    Today,
    /// The day before the present one.
    Yesterday,
    /// The week of the present day, up to its end.
    ThisWeek,
    /// The whole week before this one.
    LastWeek,
    /// The month of the present day, up to its end.
    ThisMonth,
    /// The whole month before this one.
    LastMonth,
    /// The calendar quarter of the present day, up to its end.
    ThisQuarter,
    /// The whole calendar quarter before this one.
    LastQuarter,
    /// The calendar year of the present day, up to its end.
    ThisYear,
    /// The whole calendar year before this one.
    LastYear,
    /// The fiscal year of the present day, up to its end.
    ThisFiscalYear,
    /// From the first to the last day that has data; the present day when there is none.
    AllTime,
}

/// A period as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeriodAsk {
    /// A period relative to the present day.
    Preset(PeriodPreset),
    /// Dates, both included, in the years 1970 to 2200 and 100 years at most.
    Range {
        /// First day.
        from: NaiveDate,
        /// Last day, not before `from`.
        to: NaiveDate,
    },
    /// The last whole buckets before the current one.
    Trailing {
        /// How many, 1 to 1000.
        count: u32,
        /// Length of each.
        grain: Grain,
        /// Whether the current bucket is added, up to its end, to the `count` whole ones.
        include_current: bool,
    },
}

/// A period in dates, with what an answer echoes about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPeriod {
    /// The days, in the team's zone.
    pub range: DateRange,
    /// Whether every day is over.
    pub complete: bool,
    /// Share of the days that are over, 0 to 1. The present day does not count.
    pub elapsed_share: f64,
    /// The period in words: a bucket's label, the first and the last label, or the dates.
    pub label: String,
    /// The zone in which the dates are meant.
    pub time_zone: Tz,
}

/// Why a period or a comparison cannot be used. Messages name the argument, its value and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// A range ends before it begins.
    #[error("{field}.from is {from}, after {field}.to, {to}: `from` must be `to` or earlier")]
    FromAfterTo {
        /// The range's argument.
        field: &'static str,
        /// Its first day.
        from: NaiveDate,
        /// Its last day.
        to: NaiveDate,
    },
    /// A date lies outside the supported years.
    #[error("{field}.{end} is {value}: allowed are dates in the years {FIRST_YEAR} to {LAST_YEAR}")]
    YearOutOfRange {
        /// The range's argument.
        field: &'static str,
        /// Which end of it, `from` or `to`.
        end: &'static str,
        /// The date.
        value: NaiveDate,
    },
    /// A range is longer than 100 years.
    #[error("{field} is {from} to {to}: allowed are ranges of {MAX_YEARS} years at most")]
    RangeTooLong {
        /// The range's argument.
        field: &'static str,
        /// Its first day.
        from: NaiveDate,
        /// Its last day.
        to: NaiveDate,
    },
    /// A trailing period has no bucket, or too many.
    #[error("period.trailing.count is {count}: allowed are 1 to {MAX_TRAILING}")]
    CountOutOfRange {
        /// The count.
        count: u32,
    },
    /// A trailing period begins too early or is too long.
    #[error(
        "period.trailing.count is {count}, which reaches back to {from}: allowed are periods that begin \
         in {FIRST_YEAR} or later and last {MAX_YEARS} years at most"
    )]
    TrailingTooLong {
        /// The count.
        count: u32,
        /// The day on which the period would begin.
        from: NaiveDate,
    },
    /// Only what is over was asked, and nothing of the period is.
    #[error(
        "options.onlyComplete is true, and nothing of the period {range} is over: ask an earlier period or a finer \
         grain"
    )]
    NothingComplete {
        /// The period.
        range: DateRange,
    },
    /// A comparison with custom dates has none.
    #[error("compareTo.range is missing: it is required when compareTo.to is CUSTOM")]
    RangeMissing,
    /// A comparison has dates that it would not use.
    #[error("compareTo.range is {range}: it is allowed only when compareTo.to is CUSTOM")]
    RangeUnexpected {
        /// The dates.
        range: DateRange,
    },
    /// Custom dates cannot also be moved to matching weekdays.
    #[error(
        "compareTo.matchWeekday is true: allowed is only false when compareTo.to is CUSTOM, TARGET or BENCHMARK"
    )]
    WeekdayMatchUnexpected,
    /// A target or a benchmark where only another period can stand.
    #[error("compareTo.to is TARGET or BENCHMARK: here only another period can be compared with")]
    NotAPeriod,
}

impl Calendar {
    /// Resolves `ask` on the day `today`. `all_time` is the range that has data, `None` when there is none.
    ///
    /// # Errors
    /// Dates in the wrong order, outside the years 1970 to 2200 or more than 100 years apart; a count
    /// outside 1 to 1000 or one that reaches too far back.
    pub fn resolve(
        &self,
        ask: &PeriodAsk,
        today: NaiveDate,
        all_time: Option<DateRange>,
    ) -> Result<ResolvedPeriod, PeriodError> {
        let (range, label) = match *ask {
            PeriodAsk::Preset(preset) => self.preset(preset, today, all_time),
            PeriodAsk::Range { from, to } => {
                let range = checked_range("period.range", from, to)?;
                (range, range.to_string())
            }
            PeriodAsk::Trailing {
                count,
                grain,
                include_current,
            } => self.trailing(count, grain, include_current, today)?,
        };
        Ok(ResolvedPeriod {
            range,
            complete: range.to < today,
            elapsed_share: range.elapsed_days(today) as f64 / range.days() as f64,
            label,
            time_zone: self.time_zone,
        })
    }

    fn preset(
        &self,
        preset: PeriodPreset,
        today: NaiveDate,
        all_time: Option<DateRange>,
    ) -> (DateRange, String) {
        let (grain, back) = match preset {
            PeriodPreset::Today => (Grain::Day, 0),
            PeriodPreset::Yesterday => (Grain::Day, 1),
            PeriodPreset::ThisWeek => (Grain::Week, 0),
            PeriodPreset::LastWeek => (Grain::Week, 1),
            PeriodPreset::ThisMonth => (Grain::Month, 0),
            PeriodPreset::LastMonth => (Grain::Month, 1),
            PeriodPreset::ThisQuarter => (Grain::Quarter, 0),
            PeriodPreset::LastQuarter => (Grain::Quarter, 1),
            PeriodPreset::ThisYear => (Grain::Year, 0),
            PeriodPreset::LastYear => (Grain::Year, 1),
            PeriodPreset::ThisFiscalYear => (Grain::FiscalYear, 0),
            PeriodPreset::AllTime => {
                let range = all_time.unwrap_or(DateRange::single(today));
                return (range, "all time".to_owned());
            }
        };
        let index = self.bucket(grain, today).index - back;
        self.span(grain, index, index)
    }

    fn trailing(
        &self,
        count: u32,
        grain: Grain,
        include_current: bool,
        today: NaiveDate,
    ) -> Result<(DateRange, String), PeriodError> {
        let buckets = i32::try_from(count)
            .ok()
            .filter(|buckets| (1..=MAX_TRAILING).contains(buckets))
            .ok_or(PeriodError::CountOutOfRange { count })?;
        let current = self.bucket(grain, today).index;
        let last = if include_current {
            current
        } else {
            current - 1
        };
        let (range, label) = self.span(grain, current - buckets, last);
        if range.from.year() < FIRST_YEAR || is_too_long(range) {
            let from = range.from;
            return Err(PeriodError::TrailingTooLong { count, from });
        }
        Ok((range, label))
    }

    /// The days and the words of the buckets `first` to `last`.
    fn span(&self, grain: Grain, first: i32, last: i32) -> (DateRange, String) {
        let [first, last] = [first, last].map(|index| Bucket { grain, index });
        let range = DateRange {
            from: self.range(first).from,
            to: self.range(last).to,
        };
        let label = if first == last {
            self.label(first)
        } else {
            format!("{} to {}", self.label(first), self.label(last))
        };
        (range, label)
    }
}

/// The range of the argument `field`, when its dates are in order and within the limits.
pub(super) fn checked_range(
    field: &'static str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<DateRange, PeriodError> {
    for (end, value) in [("from", from), ("to", to)] {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&value.year()) {
            return Err(PeriodError::YearOutOfRange { field, end, value });
        }
    }
    let range = DateRange::new(from, to).ok_or(PeriodError::FromAfterTo { field, from, to })?;
    if is_too_long(range) {
        return Err(PeriodError::RangeTooLong { field, from, to });
    }
    Ok(range)
}

fn is_too_long(range: DateRange) -> bool {
    let limit = range.from.checked_add_months(Months::new(12 * MAX_YEARS));
    limit.is_some_and(|limit| range.to >= limit)
}

#[cfg(test)]
mod tests;
