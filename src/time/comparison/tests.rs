//! Golden examples and laws of baselines.

use chrono::{Datelike, Days};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::time::calendar::WeekStart;
use crate::time::period::PeriodAsk;

/// After every period of these tests, unless one says otherwise.
const LATER: &str = "2200-12-31";

const CALENDAR: Calendar = Calendar {
    time_zone: Tz::UTC,
    week_start: WeekStart::Monday,
    fiscal_year_start_month: 1,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn range(from: &str, to: &str) -> DateRange {
    DateRange::new(day(from), day(to)).unwrap()
}

fn compare(current: DateRange, ask: CompareAsk, today: &str) -> Result<Comparison, PeriodError> {
    let DateRange { from, to } = current;
    let period = CALENDAR.resolve(&PeriodAsk::Range { from, to }, day(today), None)?;
    CALENDAR.comparison(&period, &ask, day(today))
}

fn baseline(current: DateRange, ask: CompareAsk, today: &str) -> DateRange {
    let comparison = compare(current, ask, today).unwrap();
    assert_eq!(comparison.current, current);
    comparison.baseline
}

fn previous_period() -> CompareAsk {
    CompareAsk::new(CompareTo::PreviousPeriod)
}

fn previous_year() -> CompareAsk {
    CompareAsk::new(CompareTo::PreviousYear)
}

fn by_weekday(ask: CompareAsk) -> CompareAsk {
    CompareAsk {
        match_weekday: true,
        ..ask
    }
}

#[test]
fn whole_months_step_by_the_calendar() {
    for (current, expected) in [
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-01-31")),
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
        (("2024-01-01", "2024-12-31"), ("2023-01-01", "2023-12-31")),
        (("2025-09-01", "2026-02-28"), ("2025-03-01", "2025-08-31")),
    ] {
        let (current, expected) = (range(current.0, current.1), range(expected.0, expected.1));
        assert_eq!(baseline(current, previous_period(), LATER), expected);
    }
}

#[test]
fn other_ranges_step_by_their_number_of_days() {
    assert_eq!(
        baseline(range("2026-03-02", "2026-03-08"), previous_period(), LATER),
        range("2026-02-23", "2026-03-01")
    );
    assert_eq!(
        baseline(range("2026-03-01", "2026-03-30"), previous_period(), LATER),
        range("2026-01-30", "2026-02-28")
    );
}

#[test]
fn the_previous_year_has_the_same_dates() {
    for (current, expected) in [
        (("2026-03-05", "2026-03-09"), ("2025-03-05", "2025-03-09")),
        (("2024-02-29", "2024-02-29"), ("2023-02-28", "2023-02-28")),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (("2025-02-10", "2025-02-28"), ("2024-02-10", "2024-02-28")),
    ] {
        let (current, expected) = (range(current.0, current.1), range(expected.0, expected.1));
        assert_eq!(baseline(current, previous_year(), LATER), expected);
    }
}

#[test]
fn matched_weekdays_move_by_whole_weeks() {
    let march = range("2026-03-01", "2026-03-31");
    assert_eq!(
        baseline(march, by_weekday(previous_year()), LATER),
        range("2025-03-02", "2025-04-01")
    );
    assert_eq!(
        baseline(march, by_weekday(previous_period()), LATER),
        range("2026-01-25", "2026-02-24")
    );
    assert_eq!(
        baseline(
            range("2026-03-04", "2026-03-04"),
            by_weekday(previous_period()),
            LATER
        ),
        range("2026-02-25", "2026-02-25")
    );
}

#[test]
fn an_incomplete_period_meets_only_the_days_that_are_over() {
    let january = range("2026-01-01", "2026-01-31");
    assert_eq!(
        baseline(january, previous_period(), "2026-01-04"),
        range("2025-12-01", "2025-12-03")
    );
    assert_eq!(
        baseline(january, previous_year(), "2026-01-04"),
        range("2025-01-01", "2025-01-03")
    );
    assert_eq!(
        baseline(january, previous_period(), "2026-01-01"),
        range("2025-12-01", "2025-12-01")
    );
    assert_eq!(
        baseline(january, previous_period(), "2026-02-01"),
        range("2025-12-01", "2025-12-31")
    );
}

#[test]
fn a_shorter_baseline_is_kept_whole_when_more_days_are_over() {
    assert_eq!(
        baseline(
            range("2026-03-01", "2026-03-31"),
            previous_period(),
            "2026-03-31"
        ),
        range("2026-02-01", "2026-02-28")
    );
}

#[test]
fn the_elapsed_days_are_not_aligned_when_asked_not_to() {
    let ask = CompareAsk {
        align_elapsed: false,
        ..previous_period()
    };
    assert_eq!(
        baseline(range("2026-01-01", "2026-01-31"), ask, "2026-01-04"),
        range("2025-12-01", "2025-12-31")
    );
}

#[test]
fn custom_dates_are_taken_as_given() {
    let spring = range("2025-03-20", "2025-06-20");
    let ask = CompareAsk {
        range: Some(spring),
        ..CompareAsk::new(CompareTo::Custom)
    };
    assert_eq!(
        baseline(range("2026-03-20", "2026-06-20"), ask, LATER),
        spring
    );
}

#[test]
fn contradictory_comparisons_are_refused() {
    let march = range("2026-03-01", "2026-03-31");
    let custom = CompareAsk::new(CompareTo::Custom);
    let refused = |ask| compare(march, ask, LATER).unwrap_err().to_string();
    assert_eq!(
        refused(custom),
        "compareTo.range is missing: it is required when compareTo.to is CUSTOM"
    );
    let dated = |ask| CompareAsk {
        range: Some(march),
        ..ask
    };
    assert_eq!(
        refused(dated(previous_year())),
        "compareTo.range is 2026-03-01 to 2026-03-31: it is allowed only when compareTo.to is CUSTOM"
    );
    assert_eq!(
        refused(by_weekday(dated(custom))),
        "compareTo.matchWeekday is true: allowed is only false when compareTo.to is CUSTOM, TARGET or BENCHMARK"
    );
    let inverted = CompareAsk {
        range: Some(DateRange {
            from: march.to,
            to: march.from,
        }),
        ..custom
    };
    assert!(refused(inverted).starts_with("compareTo.range.from is 2026-03-31, after"));
}

#[test]
fn buckets_pair_by_position() {
    let pairs = CALENDAR.pair_buckets(
        Grain::Day,
        range("2026-03-01", "2026-03-31"),
        range("2026-02-01", "2026-02-28"),
    );
    assert_eq!(pairs.len(), 31);
    let label = |bucket| CALENDAR.label(bucket);
    assert_eq!(label(pairs[27].0), "2026-03-28");
    assert_eq!(pairs[27].1.map(label).as_deref(), Some("2026-02-28"));
    assert_eq!(pairs[28].1, None);
    let shorter = CALENDAR.pair_buckets(
        Grain::Day,
        range("2026-02-01", "2026-02-28"),
        range("2026-01-01", "2026-01-31"),
    );
    assert_eq!(shorter.len(), 28);
}

fn any_range() -> impl Strategy<Value = DateRange> {
    (3_000..50_000i32, 0..1_500u64).prop_map(|(start, extra)| {
        let from = NaiveDate::from_epoch_days(start).unwrap();
        DateRange::new(from, from + Days::new(extra)).unwrap()
    })
}

fn any_whole_months() -> impl Strategy<Value = DateRange> {
    (1980 * 12..2100 * 12i32, 1..40i32).prop_map(|(first, months)| {
        let [first, last] = [first, first + months - 1].map(|index| Bucket {
            grain: Grain::Month,
            index,
        });
        DateRange::new(CALENDAR.range(first).from, CALENDAR.range(last).to).unwrap()
    })
}

proptest! {
    #[test]
    fn the_previous_period_ends_the_day_before(range in prop_oneof![any_range(), any_whole_months()]) {
        let before = baseline(range, previous_period(), LATER);
        prop_assert_eq!(before.to.succ_opt(), Some(range.from));
    }

    #[test]
    fn whole_months_stay_as_many_whole_months(range in any_whole_months()) {
        for ask in [previous_period(), previous_year()] {
            prop_assert_eq!(baseline(range, ask, LATER).whole_months(), range.whole_months());
        }
    }

    #[test]
    fn for_whole_months_previous_year_and_previous_period_commute(range in any_whole_months()) {
        let then = |first, second| baseline(baseline(range, first, LATER), second, LATER);
        prop_assert_eq!(
            then(previous_year(), previous_period()),
            then(previous_period(), previous_year())
        );
    }

    #[test]
    fn the_previous_year_moves_each_end_by_one_year(range in any_range()) {
        let before = baseline(range, previous_year(), LATER);
        prop_assert_eq!(before.from.year(), range.from.year() - 1);
        prop_assert_eq!(before.to.year(), range.to.year() - 1);
        prop_assert_eq!(before.from.month(), range.from.month());
        prop_assert_eq!(before.to.month(), range.to.month());
    }

    #[test]
    fn matched_weekdays_keep_length_and_weekday(range in any_range()) {
        for ask in [previous_period(), previous_year()] {
            let before = baseline(range, by_weekday(ask), LATER);
            prop_assert_eq!(before.days(), range.days());
            prop_assert_eq!(before.from.weekday(), range.from.weekday());
        }
        let before = baseline(range, by_weekday(previous_period()), LATER);
        prop_assert!(before.to < range.from);
        prop_assert!((range.from - before.to).num_days() <= WEEK);
    }

    #[test]
    fn an_aligned_baseline_has_as_many_days_as_are_over(range in any_range(), passed in 0..1_500u64) {
        let today = range.from + Days::new(passed % range.days() as u64);
        let before = baseline(range, by_weekday(previous_period()), &today.to_string());
        prop_assert_eq!(before.days(), range.elapsed_days(today).max(1));
    }

    #[test]
    fn every_current_bucket_is_paired_once(current in any_range(), before in any_range()) {
        let pairs = CALENDAR.pair_buckets(Grain::Week, current, before);
        let buckets: Vec<_> = CALENDAR.buckets(Grain::Week, current).collect();
        prop_assert_eq!(pairs.iter().map(|pair| pair.0).collect::<Vec<_>>(), buckets);
    }
}
