//! The days of a question: its period and its baseline, cut to what is over where only that is asked.

use chrono::NaiveDate;

use super::{
    calendar::{Calendar, DateRange, Grain},
    comparison::CompareAsk,
    period::{PeriodAsk, PeriodError, ResolvedPeriod},
};

impl Calendar {
    /// Resolves a period and what it is compared with. `complete` asks for what is over alone: whole buckets of the
    /// grain inside, or whole days without one. The period then ends with the last of them, and so does the baseline:
    /// January to May against January to May.
    ///
    /// # Errors
    /// Those of [`Calendar::resolve`] and [`Calendar::comparison`]; a period of which nothing is over.
    pub fn window(
        &self,
        ask: &PeriodAsk,
        compare: Option<&CompareAsk>,
        complete: Option<Option<Grain>>,
        today: NaiveDate,
        all_time: Option<DateRange>,
    ) -> Result<(ResolvedPeriod, Option<DateRange>), PeriodError> {
        let whole = self.resolve(ask, today, all_time)?;
        let baseline = |compare: Option<CompareAsk>| match compare {
            Some(ask) if ask.to.is_period() => {
                Ok(Some(self.comparison(&whole, &ask, today)?.baseline))
            }
            // Targets and benchmarks are of these very days.
            Some(ask) => ask.check_without_period().map(|()| None),
            None => Ok(None),
        };
        let Some(grain) = complete.filter(|_| !whole.complete) else {
            let baseline = baseline(compare.copied())?;
            return Ok((whole, baseline));
        };
        let range = self
            .over(whole.range, grain, today)
            .ok_or(PeriodError::NothingComplete { range: whole.range })?;
        let baseline = baseline(compare.map(|ask| CompareAsk {
            align_elapsed: false,
            ..*ask
        }))?;
        let baseline = baseline.map(|whole| self.alike(whole, range, grain));
        let period = ResolvedPeriod {
            range,
            complete: true,
            elapsed_share: 1.0,
            label: range.to_string(),
            ..whole
        };
        Ok((period, baseline))
    }

    /// The buckets or days of a range that are over.
    fn over(&self, range: DateRange, grain: Option<Grain>, today: NaiveDate) -> Option<DateRange> {
        let last = match grain {
            None => today.pred_opt()?.min(range.to),
            Some(grain) => {
                let ends = self
                    .buckets(grain, range)
                    .map(|bucket| self.range(bucket).to);
                ends.map(|end| end.min(range.to))
                    .filter(|end| *end < today)
                    .last()?
            }
        };
        DateRange::new(range.from, last)
    }

    /// As many buckets or days of the baseline as the range has.
    fn alike(&self, baseline: DateRange, range: DateRange, grain: Option<Grain>) -> DateRange {
        let Some(grain) = grain else {
            return baseline.first_days(range.days());
        };
        let pairs = self.pair_buckets(grain, range, baseline);
        let last = pairs.into_iter().rev().find_map(|(_, then)| then);
        let end = last.map_or(baseline.to, |then| self.range(then).to);
        DateRange {
            to: end.min(baseline.to),
            ..baseline
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{CompareTo, PeriodPreset, WeekStart};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn windowed(
        preset: PeriodPreset,
        grain: Option<Grain>,
        to: CompareTo,
    ) -> Result<(String, String), PeriodError> {
        let calendar = Calendar {
            time_zone: chrono_tz::Tz::UTC,
            week_start: WeekStart::Monday,
            fiscal_year_start_month: 1,
        };
        let (period, baseline) = calendar.window(
            &PeriodAsk::Preset(preset),
            Some(&CompareAsk::new(to)),
            Some(grain),
            day("2026-06-15"),
            None,
        )?;
        assert!(period.complete);
        Ok((period.range.to_string(), baseline.unwrap().to_string()))
    }

    #[test]
    fn whole_buckets_stand_against_as_many_of_the_baseline() {
        let year = windowed(
            PeriodPreset::ThisYear,
            Some(Grain::Month),
            CompareTo::PreviousYear,
        );
        assert_eq!(
            year.unwrap(),
            (
                "2026-01-01 to 2026-05-31".into(),
                "2025-01-01 to 2025-05-31".into()
            )
        );
        let month = windowed(
            PeriodPreset::ThisMonth,
            Some(Grain::Week),
            CompareTo::PreviousPeriod,
        );
        // Weeks from 1 June; in May the first days are the end of a week.
        assert_eq!(
            month.unwrap(),
            (
                "2026-06-01 to 2026-06-14".into(),
                "2026-05-01 to 2026-05-10".into()
            )
        );
    }

    #[test]
    fn without_buckets_the_days_that_are_over_stand_against_as_many() {
        let month = windowed(PeriodPreset::ThisMonth, None, CompareTo::PreviousPeriod);
        assert_eq!(
            month.unwrap(),
            (
                "2026-06-01 to 2026-06-14".into(),
                "2026-05-01 to 2026-05-14".into()
            )
        );
    }

    #[test]
    fn a_period_of_which_nothing_is_over_is_refused() {
        let refused = |preset, grain| windowed(preset, grain, CompareTo::PreviousYear).unwrap_err();
        for (preset, grain) in [
            (PeriodPreset::Today, None),
            (PeriodPreset::ThisMonth, Some(Grain::Month)),
        ] {
            let error = refused(preset, grain);
            assert!(
                matches!(error, PeriodError::NothingComplete { .. }),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_over_anyway_stays_as_it_is() {
        let (range, _) = windowed(
            PeriodPreset::LastMonth,
            Some(Grain::Week),
            CompareTo::PreviousYear,
        )
        .unwrap();
        assert_eq!(range, "2026-05-01 to 2026-05-31");
    }
}
