//! The baseline of a comparison: which earlier days stand against a period, like for like.

use async_graphql::Enum;
use chrono::NaiveDate;

use super::calendar::{Bucket, Calendar, DateRange, Grain};
use super::period::{PeriodError, ResolvedPeriod, checked_range};

const WEEK: i64 = 7;
const YEAR_OF_WEEKS: i64 = 52 * WEEK;

/// What a period is compared with.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareTo {
    /// The period just before: as many calendar months for whole months, otherwise as many days.
    PreviousPeriod,
    /// The same dates one year earlier.
    PreviousYear,
    /// The dates given in `range`.
    Custom,
    /// What the team's goals ask for these very days: of each value, the target of the newest goal of the metric whose
    /// scope is the value's.
    Target,
    /// The median of the newest benchmark of the metric that the team has set.
    Benchmark,
}

/// The name of an industry.
pub type Industry = arrayvec::ArrayString<120>;

impl CompareTo {
    /// Whether the baseline is the same metric in another period.
    pub fn is_period(self) -> bool {
        !matches!(self, Self::Target | Self::Benchmark)
    }
}

/// A comparison as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CompareAsk {
    /// What to compare with.
    pub to: CompareTo,
    /// The baseline's dates: required for [`CompareTo::Custom`], refused otherwise.
    pub range: Option<DateRange>,
    /// Whether the baseline is moved by whole weeks, so that weekdays meet: by 364 days for the previous year,
    /// by the smallest number of weeks that covers the period for the previous one. Refused for custom dates.
    pub match_weekday: bool,
    /// Whether an incomplete period is compared with only as much as is over; `true` by default.
    pub align_elapsed: bool,
    /// For [`CompareTo::Benchmark`] alone: benchmarks of this industry; of any when `None`.
    pub industry: Option<Industry>,
}

impl CompareAsk {
    /// The comparison with `to` and every option at its default.
    pub fn new(to: CompareTo) -> Self {
        Self {
            to,
            range: None,
            match_weekday: false,
            align_elapsed: true,
            industry: None,
        }
    }

    /// Checks a comparison with something else than a period.
    ///
    /// # Errors
    /// Dates, or a shift of dates.
    pub fn check_without_period(&self) -> Result<(), PeriodError> {
        match self.range {
            Some(range) => Err(PeriodError::RangeUnexpected { range }),
            None if self.match_weekday => Err(PeriodError::WeekdayMatchUnexpected),
            None => Ok(()),
        }
    }
}

/// The two ranges of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Comparison {
    /// The period's own days, never cut: its value is the one that a query without comparison gives.
    pub current: DateRange,
    /// The days it is compared with.
    pub baseline: DateRange,
}

impl Calendar {
    /// The days to compare `current` with. When `align_elapsed` is set and `current` is incomplete on `today`,
    /// the baseline ends where `current` stands (1 to 3 January against 1 to 3 December), and keeps at least its first
    /// day. It may begin before 1970, where there is no data.
    ///
    /// # Errors
    /// Custom dates that are missing, not allowed by the ask, or outside the limits of a period; an ask for something
    /// else than a period.
    pub fn comparison(
        &self,
        current: &ResolvedPeriod,
        ask: &CompareAsk,
        today: NaiveDate,
    ) -> Result<Comparison, PeriodError> {
        let range = current.range;
        let whole = match (ask.to, ask.range) {
            (CompareTo::Target | CompareTo::Benchmark, _) => {
                return Err(PeriodError::NotAPeriod);
            }
            (CompareTo::Custom, None) => return Err(PeriodError::RangeMissing),
            (CompareTo::Custom, Some(_)) if ask.match_weekday => {
                return Err(PeriodError::WeekdayMatchUnexpected);
            }
            (CompareTo::Custom, Some(custom)) => {
                checked_range("compareTo.range", custom.from, custom.to)?
            }
            (_, Some(range)) => return Err(PeriodError::RangeUnexpected { range }),
            (CompareTo::PreviousPeriod, None) => previous_period(range, ask.match_weekday),
            (CompareTo::PreviousYear, None) if ask.match_weekday => {
                range.earlier_by_days(YEAR_OF_WEEKS)
            }
            (CompareTo::PreviousYear, None) => range.earlier_by_months(12),
        };
        let months = match ask.to {
            _ if ask.match_weekday => None,
            CompareTo::PreviousYear => Some(12),
            CompareTo::PreviousPeriod => range.whole_months(),
            _ => None,
        };
        let baseline = if ask.align_elapsed && !current.complete {
            elapsed_of(whole, range, months, today)
        } else {
            whole
        };
        Ok(Comparison {
            current: range,
            baseline,
        })
    }

    /// The days just before `range`, like for like: of a range that is not over as many days as are.
    pub fn previous(&self, range: DateRange, today: NaiveDate) -> DateRange {
        let whole = previous_period(range, false);
        if range.to < today {
            whole
        } else {
            elapsed_of(whole, range, range.whole_months(), today)
        }
    }

    /// Pairs the i-th bucket of `current` with the i-th bucket of `baseline`, for rows grouped by time.
    /// The second of a pair is `None` beyond the baseline's end; further buckets of the baseline are left out.
    pub fn pair_buckets(
        &self,
        grain: Grain,
        current: DateRange,
        baseline: DateRange,
    ) -> Vec<(Bucket, Option<Bucket>)> {
        let mut baseline = self.buckets(grain, baseline);
        self.buckets(grain, current)
            .map(|bucket| (bucket, baseline.next()))
            .collect()
    }
}

/// As much of a baseline as is over of its period. One that lies a number of months earlier ends on the same day of
/// its month (1 April to 14 June against 1 January to 14 March), so that months meet too; any other has as many days.
fn elapsed_of(
    baseline: DateRange,
    range: DateRange,
    months: Option<u32>,
    today: NaiveDate,
) -> DateRange {
    let over = range.first_days(range.elapsed_days(today));
    match months {
        Some(months) if over.to < today => DateRange {
            from: baseline.from,
            to: over.ending_earlier_by(months).min(baseline.to),
        },
        _ => baseline.first_days(over.days()),
    }
}

/// The period just before: as many calendar months for whole months, otherwise as many days, or whole weeks.
pub fn previous_period(range: DateRange, match_weekday: bool) -> DateRange {
    if match_weekday {
        return range.earlier_by_days((range.days() + WEEK - 1) / WEEK * WEEK);
    }
    match range.whole_months() {
        Some(months) => range.earlier_by_months(months),
        None => range.earlier_by_days(range.days()),
    }
}

#[cfg(test)]
mod tests;
