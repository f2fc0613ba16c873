//! Periods and comparisons as requests ask for them, in any calendar on any day. Six bytes are the calendar and the
//! day; then come a period and, on a line of its own, a comparison, in JSON.
#![no_main]

use async_graphql::{InputType, Value};
use chrono::NaiveDate;
use chrono_tz::TZ_VARIANTS;
use kpigraph::{
    graphql::{CompareInput, PeriodInput},
    time::{Calendar, DateRange, Grain, PeriodAsk, WeekStart},
};
use libfuzzer_sys::fuzz_target;

const GRAINS: [Grain; 7] = [
    Grain::Day,
    Grain::Week,
    Grain::Month,
    Grain::Quarter,
    Grain::Year,
    Grain::FiscalQuarter,
    Grain::FiscalYear,
];
/// The days from 1970 to 2200, on which a clock may stand.
const DAYS: i32 = 84_006;
/// Longer periods are not cut into buckets, which would take most of the time.
const MOST_DAYS_CUT: i64 = 1_500;

fuzz_target!(|input: &[u8]| {
    let Some(([zone, zone2, week, day, day2, day3], text)) = input.split_first_chunk() else {
        return;
    };
    let calendar = Calendar {
        time_zone: TZ_VARIANTS
            [usize::from(u16::from_le_bytes([*zone, *zone2])) % TZ_VARIANTS.len()],
        week_start: [WeekStart::Monday, WeekStart::Sunday, WeekStart::Saturday]
            [usize::from(week % 3)],
        fiscal_year_start_month: u32::from(week / 3),
    };
    let today = i32::from_le_bytes([*day, *day2, *day3, 0]) % DAYS;
    let today = NaiveDate::from_epoch_days(today).expect("the calendar goes on beyond 2200");
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let (period, comparison) = text.split_once('\n').unwrap_or((text, ""));
    let Some(period) = read::<PeriodInput>(period) else {
        return;
    };
    if let PeriodInput::Range(range) = &period {
        // A date has one form, and this is it.
        for end in [range.from.0, range.to.0] {
            assert!(
                text.contains(&end.to_string()) || text.contains('\\'),
                "{end}"
            );
        }
    }
    let ask = period.ask();
    let Ok(resolved) = calendar.resolve(&ask, today, None) else {
        return;
    };
    let range = resolved.range;
    check_range(&calendar, range);
    assert!(range.days() <= 36_526, "over 100 years: {range}");
    assert!((0.0..=1.0).contains(&resolved.elapsed_share));
    assert_eq!(resolved.complete, range.to < today);
    assert!(!resolved.label.is_empty());
    if let PeriodAsk::Range { from, to } = ask {
        assert_eq!((range.from, range.to), (from, to));
    }
    check_range(&calendar, calendar.previous(range, today));
    let Some(Ok(comparison)) = read::<CompareInput>(comparison).map(|comparison| comparison.ask())
    else {
        return;
    };
    if let Ok(compared) = calendar.comparison(&resolved, &comparison, today) {
        assert_eq!(compared.current, range);
        check_range(&calendar, compared.baseline);
        for grain in GRAINS {
            if range.days().max(compared.baseline.days()) <= MOST_DAYS_CUT {
                let pairs = calendar.pair_buckets(grain, range, compared.baseline);
                assert_eq!(pairs.len(), calendar.buckets(grain, range).count());
            }
        }
    }
});

fn read<T: InputType>(text: &str) -> Option<T> {
    let value = Value::from_json(serde_json::from_str(text).ok()?).ok()?;
    T::parse(Some(value)).ok()
}

/// A range is in order, its days begin one after the other, and its buckets cover it without gaps.
fn check_range(calendar: &Calendar, range: DateRange) {
    assert!(range.from <= range.to, "{range}");
    let next = range.to.succ_opt().expect("the calendar goes on");
    let (start, end) = (
        calendar.start_of_day(range.from),
        calendar.start_of_day(next),
    );
    assert!(start <= end, "{range} begins {start} and ends {end}");
    // A day that a zone has left out begins with the next.
    assert!(calendar.day_of(start) >= range.from);
    for grain in GRAINS {
        if range.days() > MOST_DAYS_CUT {
            continue;
        }
        let mut place = None;
        for bucket in calendar.buckets(grain, range) {
            let days = calendar.range(bucket);
            assert!(days.from <= days.to);
            assert_eq!(calendar.bucket(grain, days.from), bucket);
            assert_eq!(calendar.bucket(grain, days.to), bucket);
            assert!(!calendar.label(bucket).is_empty());
            match place {
                None => assert!(days.contains(range.from)),
                Some(end) => assert_eq!(days.from.pred_opt(), Some(end)),
            }
            place = Some(days.to);
        }
        assert!(place >= Some(range.to), "{grain:?} ends before {range}");
    }
}
