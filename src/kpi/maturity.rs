//! Whether a value can still change after its period, because customers have time left to act.

use chrono::{Days, NaiveDate};

use crate::{
    store::measures::{Fact, Measure},
    time::DateRange,
};

/// The days that people are given to move on to a later stage before a cohort's rate is taken for settled.
const STAGE_DAYS: u64 = 90;

/// The days after the period for which a measure still grows.
fn open_days(measure: Measure) -> Option<u64> {
    use Measure as M;
    match measure {
        M::repeated_within_30 => Some(30),
        M::repeated_within_90 => Some(90),
        M::repeated_within_365 => Some(365),
        M::leads_passed
        | M::mqls_passed
        | M::sals_passed
        | M::sqls_passed
        | M::sqos_passed
        | M::stage_entries_passed => Some(STAGE_DAYS),
        _ if measure.spec().fact == Fact::Activity => Some(0),
        _ => None,
    }
}

/// Whether any of the measures still grows on `today`.
pub fn is_open(measures: impl Iterator<Item = Measure>, days: DateRange, today: NaiveDate) -> bool {
    let open = measures.filter_map(open_days).max();
    open.is_some_and(|open| is_within(days, open, today))
}

/// Whether the window of people who came on the last of these days is still open; without a window, the usual one.
pub fn is_window_open(days: DateRange, window_days: Option<u32>, today: NaiveDate) -> bool {
    is_within(days, window_days.map_or(STAGE_DAYS, u64::from), today)
}

fn is_within(days: DateRange, open: u64, today: NaiveDate) -> bool {
    let last = days.to.checked_add_days(Days::new(open));
    last.is_none_or(|last| last >= today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_days_to_order_again_are_over_on_the_day_after_them() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let march = DateRange::new(day("2026-03-01"), day("2026-03-31")).unwrap();
        let open = |today| is_open([Measure::repeated_within_30].into_iter(), march, day(today));
        assert!(open("2026-03-15") && open("2026-04-30"));
        assert!(!open("2026-05-01"));
        assert!(!is_open(
            [Measure::orders].into_iter(),
            march,
            day("2026-03-15")
        ));
    }
}
