//! What a team's own history says of a goal: its baseline, and whether its target was ever near.

use chrono::{Months, NaiveDate};
use entity::goal::GoalKind;
use rust_decimal::Decimal;

use super::{
    measured::{Measured, whole_buckets},
    progress::{Series, sum},
    series::SeriesAsk,
};
use crate::{
    kpi::Undefined,
    time::{Bucket, Calendar, DateRange, Grain},
};

/// How far back the history goes that a target is held against, in months.
const LONGEST: u32 = 24;
/// How far back it must go to say anything, in months.
const SHORTEST: u32 = 12;

/// What is remarkable about a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum GoalWarningCode {
    /// The target lies below or above everything that the metric came to in the 24 months before, of which 12 at least
    /// must be known.
    TargetOutsideHistory,
    /// The target lies on the side of the baseline that is worse for the metric.
    TargetInWorseDirection,
    /// The metric looks good without meaning much.
    VanityMetric,
}

impl Measured {
    /// The values that its baseline is made of: for a level, those of the last bucket over before the start; for a
    /// sum, those of the days of the window of equal length just before, or of the last such window that is over.
    pub fn baseline_needs(&self, calendar: &Calendar, today: NaiveDate) -> SeriesAsk {
        match self.kind {
            GoalKind::ReachLevel => {
                let start = self.window.from.min(today);
                let last = calendar.bucket(self.grain, start).index - 1;
                SeriesAsk::of(self, (last, last))
            }
            GoalKind::Accumulate => {
                let mut window = before(self.window);
                while window.to >= today {
                    window = before(window);
                }
                let index = |day| calendar.bucket(Grain::Day, day).index;
                SeriesAsk::of(self, (index(window.from), index(window.to)))
            }
        }
    }

    /// The baseline, from the values that it [needs](Self::baseline_needs).
    ///
    /// # Errors
    /// Why history gives none: for a sum also that it does not reach back to the window's first day.
    pub fn baseline_of(&self, series: &Series) -> Result<Decimal, Undefined> {
        match (self.kind, series.values().next()) {
            (GoalKind::ReachLevel, Some(level)) => level.value,
            (GoalKind::Accumulate, Some(first)) => {
                first.value?;
                sum(series.values())
            }
            (_, None) => Err(match self.kpi.definition().measures.first() {
                Some(measure) => Undefined::NoData(*measure),
                None => Undefined::ZeroDenominator,
            }),
        }
    }

    /// The values that its target is held against.
    pub fn history_needs(&self, calendar: &Calendar, today: NaiveDate) -> Option<SeriesAsk> {
        let end = self.window.from.min(today);
        let days = DateRange::new(
            end.checked_sub_months(Months::new(LONGEST))?,
            end.pred_opt()?,
        )?;
        Some(SeriesAsk::of(
            self,
            whole_buckets(calendar, self.grain, days)?,
        ))
    }

    /// The least and the most that a bucket, or a run of days as long as the window, came to in that history. `None`
    /// when too little is known.
    pub fn historical_range(
        &self,
        calendar: &Calendar,
        today: NaiveDate,
        series: &Series,
    ) -> Option<(Decimal, Decimal)> {
        let end = self.window.from.min(today);
        let year_ago = end.checked_sub_months(Months::new(SHORTEST))?;
        let known: Vec<(i32, Decimal)> = series
            .iter()
            .filter_map(|(index, value)| Some((*index, value.value.ok()?)))
            .collect();
        let (first, _) = *known.first()?;
        let first_day = calendar
            .range(Bucket {
                grain: self.grain,
                index: first,
            })
            .from;
        if first_day > year_ago || known.len() < 2 {
            return None;
        }
        let values: Vec<Decimal> = match self.kind {
            GoalKind::ReachLevel => known.into_iter().map(|(_, value)| value).collect(),
            GoalKind::Accumulate => runs(&known, usize::try_from(self.window.days()).ok()?)?,
        };
        Some((*values.iter().min()?, *values.iter().max()?))
    }
}

/// The window of equal length before: as many calendar months for whole months, otherwise as many days.
fn before(window: DateRange) -> DateRange {
    match window.whole_months() {
        Some(months) => window.earlier_by_months(months),
        None => window.earlier_by_days(window.days()),
    }
}

/// The sums of every run of so many days; `None` for fewer than two runs, and where a day between is not known.
fn runs(days: &[(i32, Decimal)], length: usize) -> Option<Vec<Decimal>> {
    let without_gap = days.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
    if !without_gap || length == 0 || days.len() <= length {
        return None;
    }
    let (start, rest) = days.split_at(length);
    let mut run: Decimal = start.iter().map(|(_, value)| *value).sum();
    let mut runs = vec![run];
    for ((_, entering), (_, leaving)) in rest.iter().zip(days) {
        run = run.checked_add(*entering)?.checked_sub(*leaving)?;
        runs.push(run);
    }
    Some(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_slide_day_by_day() {
        let days: Vec<(i32, Decimal)> = [(1, 1), (2, 2), (3, 4), (4, 8)]
            .map(|(day, value)| (day, Decimal::from(value)))
            .into();
        let sums = |length| {
            runs(&days, length).map(|sums| sums.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(sums(2).unwrap(), ["3", "6", "12"]);
        assert_eq!(sums(3).unwrap(), ["7", "14"]);
        assert_eq!(sums(4), None, "one run is no range");
        assert_eq!(
            runs(&[(1, Decimal::ONE), (3, Decimal::ONE)], 1),
            None,
            "a gap"
        );
    }

    #[test]
    fn whole_months_follow_whole_months() {
        let days = |from: &str, to: &str| {
            DateRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
        };
        assert_eq!(
            before(days("2026-07-01", "2026-09-30")),
            days("2026-04-01", "2026-06-30")
        );
        assert_eq!(
            before(days("2026-07-02", "2026-07-11")),
            days("2026-06-22", "2026-07-01")
        );
    }
}
