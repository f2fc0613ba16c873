//! Golden examples and laws of the bucket arithmetic.

use proptest::prelude::*;

use super::*;

const GRAINS: [Grain; 7] = [
    Grain::Day,
    Grain::Week,
    Grain::Month,
    Grain::Quarter,
    Grain::Year,
    Grain::FiscalQuarter,
    Grain::FiscalYear,
];
const WEEK_STARTS: [WeekStart; 3] = [WeekStart::Monday, WeekStart::Sunday, WeekStart::Saturday];

fn calendar(week_start: WeekStart, fiscal_year_start_month: u32) -> Calendar {
    Calendar {
        time_zone: Tz::UTC,
        week_start,
        fiscal_year_start_month,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn range(from: &str, to: &str) -> DateRange {
    DateRange::new(day(from), day(to)).unwrap()
}

fn label(calendar: &Calendar, grain: Grain, text: &str) -> String {
    calendar.label(calendar.bucket(grain, day(text)))
}

#[test]
fn bucket_numbers_are_the_ones_that_sql_computes() {
    let calendar = calendar(WeekStart::Monday, 4);
    let index = |grain| calendar.bucket(grain, day("2026-03-02")).index;
    assert_eq!(index(Grain::Day), 20_514);
    assert_eq!(index(Grain::Week), (20_514 + 3) / 7);
    assert_eq!(index(Grain::Month), 2026 * 12 + 2);
    assert_eq!(index(Grain::Quarter), 2026 * 4);
    assert_eq!(index(Grain::Year), 2026);
    assert_eq!(index(Grain::FiscalQuarter), 2025 * 4 + 3);
    assert_eq!(index(Grain::FiscalYear), 2025);
}

#[test]
fn week_numbers_are_never_negative_since_1970() {
    for week_start in WEEK_STARTS {
        let calendar = calendar(week_start, 1);
        assert_eq!(calendar.bucket(Grain::Week, day("1970-01-01")).index, 0);
        assert!(calendar.week_offset() <= 0);
    }
}

#[test]
fn weeks_begin_on_the_chosen_day() {
    let week = |week_start| {
        let calendar = calendar(week_start, 1);
        calendar.range(calendar.bucket(Grain::Week, day("2026-03-04")))
    };
    assert_eq!(week(WeekStart::Monday), range("2026-03-02", "2026-03-08"));
    assert_eq!(week(WeekStart::Sunday), range("2026-03-01", "2026-03-07"));
    assert_eq!(week(WeekStart::Saturday), range("2026-02-28", "2026-03-06"));
}

#[test]
fn labels_name_buckets_as_people_do() {
    let monday = calendar(WeekStart::Monday, 1);
    assert_eq!(label(&monday, Grain::Day, "2026-03-02"), "2026-03-02");
    assert_eq!(label(&monday, Grain::Week, "2026-03-02"), "2026-W10");
    assert_eq!(label(&monday, Grain::Week, "2027-01-01"), "2026-W53");
    assert_eq!(label(&monday, Grain::Week, "2024-12-30"), "2025-W01");
    assert_eq!(label(&monday, Grain::Month, "2026-03-02"), "2026-03");
    assert_eq!(label(&monday, Grain::Quarter, "2026-03-02"), "2026-Q1");
    assert_eq!(label(&monday, Grain::Year, "2026-03-02"), "2026");
    let sunday = calendar(WeekStart::Sunday, 1);
    assert_eq!(
        label(&sunday, Grain::Week, "2026-03-02"),
        "week of 2026-03-01"
    );
}

#[test]
fn a_fiscal_year_is_named_by_the_year_in_which_it_ends() {
    let april = calendar(WeekStart::Monday, 4);
    assert_eq!(label(&april, Grain::FiscalYear, "2026-03-31"), "FY2026");
    assert_eq!(label(&april, Grain::FiscalYear, "2026-04-01"), "FY2027");
    assert_eq!(
        label(&april, Grain::FiscalQuarter, "2026-03-31"),
        "FY2026-Q4"
    );
    assert_eq!(
        label(&april, Grain::FiscalQuarter, "2026-04-01"),
        "FY2027-Q1"
    );
    assert_eq!(
        april.range(april.bucket(Grain::FiscalYear, day("2026-03-31"))),
        range("2025-04-01", "2026-03-31")
    );
}

#[test]
fn a_fiscal_year_from_january_is_the_calendar_year() {
    let january = calendar(WeekStart::Monday, 1);
    assert_eq!(label(&january, Grain::FiscalYear, "2026-12-31"), "FY2026");
    assert_eq!(
        label(&january, Grain::FiscalQuarter, "2026-01-01"),
        "FY2026-Q1"
    );
    assert_eq!(
        january.range(january.bucket(Grain::FiscalYear, day("2026-05-05"))),
        january.range(january.bucket(Grain::Year, day("2026-05-05")))
    );
}

#[test]
fn fiscal_quarters_follow_an_unusual_start_month() {
    let february = calendar(WeekStart::Monday, 2);
    assert_eq!(
        february.range(february.bucket(Grain::FiscalQuarter, day("2026-01-15"))),
        range("2025-11-01", "2026-01-31")
    );
    assert_eq!(
        label(&february, Grain::FiscalQuarter, "2026-01-15"),
        "FY2026-Q4"
    );
}

#[test]
fn absurd_bucket_numbers_do_not_panic() {
    let calendar = calendar(WeekStart::Monday, 12);
    for grain in GRAINS {
        for index in [i32::MIN, i32::MIN + 1, -1, 0, i32::MAX - 1, i32::MAX] {
            let bucket = Bucket { grain, index };
            let range = calendar.range(bucket);
            assert!(range.from <= range.to);
            calendar.label(bucket);
        }
    }
}

fn any_calendar() -> impl Strategy<Value = Calendar> {
    (prop::sample::select(WEEK_STARTS.to_vec()), 1..=12u32)
        .prop_map(|(week_start, month)| calendar(week_start, month))
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (-10_000..90_000i32).prop_map(|days| NaiveDate::from_epoch_days(days).unwrap())
}

proptest! {
    #[test]
    fn the_bucket_of_a_day_contains_it(calendar in any_calendar(), day in any_day()) {
        for grain in GRAINS {
            let bucket = calendar.bucket(grain, day);
            prop_assert!(calendar.range(bucket).contains(day));
        }
    }

    #[test]
    fn buckets_tile_a_range_without_gap_or_overlap(
        calendar in any_calendar(), from in any_day(), length in 0..2_000u64,
    ) {
        let range = DateRange::new(from, from + chrono::Days::new(length)).unwrap();
        for grain in GRAINS {
            let days: Vec<_> = calendar
                .buckets(grain, range)
                .filter_map(|bucket| calendar.range(bucket).intersect(&range))
                .flat_map(|part| part.iter())
                .collect();
            prop_assert_eq!(days, range.iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_day_of_a_bucket_falls_into_it(calendar in any_calendar(), day in any_day()) {
        for grain in GRAINS {
            let bucket = calendar.bucket(grain, day);
            let range = calendar.range(bucket);
            prop_assert_eq!(calendar.bucket(grain, range.from), bucket);
            prop_assert_eq!(calendar.bucket(grain, range.to), bucket);
        }
    }

    #[test]
    fn labels_tell_neighbouring_buckets_apart(calendar in any_calendar(), day in any_day()) {
        for grain in GRAINS {
            let bucket = calendar.bucket(grain, day);
            let next = Bucket { index: bucket.index + 1, ..bucket };
            prop_assert_ne!(calendar.label(bucket), calendar.label(next));
        }
    }
}
