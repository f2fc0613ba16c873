//! Golden examples of presets, ranges and trailing periods, and the messages of refused ones.

use super::*;
use crate::time::calendar::WeekStart;

const TODAY: &str = "2026-03-04";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn range(from: &str, to: &str) -> DateRange {
    DateRange::new(day(from), day(to)).unwrap()
}

fn resolve(ask: PeriodAsk) -> Result<ResolvedPeriod, PeriodError> {
    let calendar = Calendar {
        time_zone: Tz::Europe__Rome,
        week_start: WeekStart::Monday,
        fiscal_year_start_month: 4,
    };
    let data = range("2024-05-06", "2026-03-03");
    calendar.resolve(&ask, day(TODAY), Some(data))
}

fn preset(preset: PeriodPreset) -> (DateRange, bool, String) {
    let period = resolve(PeriodAsk::Preset(preset)).unwrap();
    (period.range, period.complete, period.label)
}

fn dates(from: &str, to: &str) -> Result<ResolvedPeriod, PeriodError> {
    let (from, to) = (day(from), day(to));
    resolve(PeriodAsk::Range { from, to })
}

fn trailing(
    count: u32,
    grain: Grain,
    include_current: bool,
) -> Result<ResolvedPeriod, PeriodError> {
    resolve(PeriodAsk::Trailing {
        count,
        grain,
        include_current,
    })
}

#[test]
fn presets_follow_the_calendar() {
    for (asked, from, to, complete, label) in [
        (PeriodPreset::Today, TODAY, TODAY, false, "2026-03-04"),
        (
            PeriodPreset::Yesterday,
            "2026-03-03",
            "2026-03-03",
            true,
            "2026-03-03",
        ),
        (
            PeriodPreset::ThisWeek,
            "2026-03-02",
            "2026-03-08",
            false,
            "2026-W10",
        ),
        (
            PeriodPreset::LastWeek,
            "2026-02-23",
            "2026-03-01",
            true,
            "2026-W09",
        ),
        (
            PeriodPreset::ThisMonth,
            "2026-03-01",
            "2026-03-31",
            false,
            "2026-03",
        ),
        (
            PeriodPreset::LastMonth,
            "2026-02-01",
            "2026-02-28",
            true,
            "2026-02",
        ),
        (
            PeriodPreset::ThisQuarter,
            "2026-01-01",
            "2026-03-31",
            false,
            "2026-Q1",
        ),
        (
            PeriodPreset::LastQuarter,
            "2025-10-01",
            "2025-12-31",
            true,
            "2025-Q4",
        ),
        (
            PeriodPreset::ThisYear,
            "2026-01-01",
            "2026-12-31",
            false,
            "2026",
        ),
        (
            PeriodPreset::LastYear,
            "2025-01-01",
            "2025-12-31",
            true,
            "2025",
        ),
        (
            PeriodPreset::ThisFiscalYear,
            "2025-04-01",
            "2026-03-31",
            false,
            "FY2026",
        ),
        (
            PeriodPreset::AllTime,
            "2024-05-06",
            "2026-03-03",
            true,
            "all time",
        ),
    ] {
        assert_eq!(preset(asked), (range(from, to), complete, label.to_owned()));
    }
}

#[test]
fn all_time_without_data_is_today() {
    let calendar = Calendar {
        time_zone: Tz::UTC,
        week_start: WeekStart::Sunday,
        fiscal_year_start_month: 1,
    };
    let ask = PeriodAsk::Preset(PeriodPreset::AllTime);
    let period = calendar.resolve(&ask, day(TODAY), None).unwrap();
    assert_eq!(period.range, range(TODAY, TODAY));
}

#[test]
fn the_elapsed_share_counts_only_days_that_are_over() {
    let share = |ask| resolve(ask).unwrap().elapsed_share;
    assert_eq!(share(PeriodAsk::Preset(PeriodPreset::Today)), 0.0);
    assert_eq!(
        share(PeriodAsk::Preset(PeriodPreset::ThisMonth)),
        3.0 / 31.0
    );
    assert_eq!(share(PeriodAsk::Preset(PeriodPreset::LastMonth)), 1.0);
    assert_eq!(
        dates("2027-01-01", "2027-01-31").unwrap().elapsed_share,
        0.0
    );
}

#[test]
fn a_range_is_kept_as_asked() {
    let period = dates("2026-01-15", "2026-02-03").unwrap();
    assert_eq!(period.range, range("2026-01-15", "2026-02-03"));
    assert_eq!(period.label, "2026-01-15 to 2026-02-03");
    assert_eq!(period.time_zone, Tz::Europe__Rome);
}

#[test]
fn trailing_periods_are_whole_buckets_before_the_current_one() {
    let months = trailing(6, Grain::Month, false).unwrap();
    assert_eq!(months.range, range("2025-09-01", "2026-02-28"));
    assert_eq!(months.label, "2025-09 to 2026-02");
    assert!(months.complete);
    let days = trailing(7, Grain::Day, false).unwrap();
    assert_eq!(days.range, range("2026-02-25", "2026-03-03"));
    assert_eq!(trailing(1, Grain::Week, false).unwrap().label, "2026-W09");
}

#[test]
fn the_current_bucket_is_added_up_to_its_end() {
    let months = trailing(1, Grain::Month, true).unwrap();
    assert_eq!(months.range, range("2026-02-01", "2026-03-31"));
    assert!(!months.complete);
}

#[test]
fn refusals_name_the_argument_its_value_and_what_is_allowed() {
    for (refused, message) in [
        (
            dates("2026-03-02", "2026-03-01"),
            "period.range.from is 2026-03-02, after period.range.to, 2026-03-01: `from` must be `to` or earlier",
        ),
        (
            dates("1969-12-31", "2026-03-01"),
            "period.range.from is 1969-12-31: allowed are dates in the years 1970 to 2200",
        ),
        (
            dates("2026-03-01", "2201-01-01"),
            "period.range.to is 2201-01-01: allowed are dates in the years 1970 to 2200",
        ),
        (
            dates("1970-01-01", "2070-01-01"),
            "period.range is 1970-01-01 to 2070-01-01: allowed are ranges of 100 years at most",
        ),
        (
            trailing(0, Grain::Day, true),
            "period.trailing.count is 0: allowed are 1 to 1000",
        ),
        (
            trailing(1001, Grain::Day, true),
            "period.trailing.count is 1001: allowed are 1 to 1000",
        ),
        (
            trailing(57, Grain::Year, false),
            "period.trailing.count is 57, which reaches back to 1969-01-01: allowed are periods that begin \
             in 1970 or later and last 100 years at most",
        ),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), message);
    }
}

#[test]
fn the_limits_themselves_are_allowed() {
    assert!(dates("1970-01-01", "2069-12-31").is_ok());
    assert!(dates("2200-12-31", "2200-12-31").is_ok());
    assert!(trailing(1000, Grain::Day, false).is_ok());
    assert!(trailing(56, Grain::Year, false).is_ok());
}
