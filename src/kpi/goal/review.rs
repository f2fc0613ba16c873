//! When a goal is looked at again.

use chrono::NaiveDate;

use crate::time::{Calendar, DateRange, Grain};

/// The next day of review: the last day of the bucket that `today` lies in, the deadline at the latest; `None` when
/// the deadline is over. Before the start, the first review after it.
pub fn next_review(
    calendar: &Calendar,
    every: Grain,
    window: DateRange,
    today: NaiveDate,
) -> Option<NaiveDate> {
    let day = today.max(window.from);
    let end = calendar.range(calendar.bucket(every, day)).to;
    (today <= window.to).then(|| end.min(window.to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::WeekStart;

    #[test]
    fn months_are_reviewed_on_their_last_day_and_the_deadline_is_the_last_review() {
        let calendar = Calendar {
            time_zone: chrono_tz::UTC,
            week_start: WeekStart::Monday,
            fiscal_year_start_month: 1,
        };
        let day = |text: &str| text.parse().unwrap();
        let window = DateRange::new(day("2026-01-10"), day("2026-06-20")).unwrap();
        let next = |every, today| {
            next_review(&calendar, every, window, day(today)).map(|day| day.to_string())
        };
        assert_eq!(next(Grain::Month, "2025-11-01").unwrap(), "2026-01-31");
        assert_eq!(next(Grain::Month, "2026-01-31").unwrap(), "2026-01-31");
        assert_eq!(next(Grain::Month, "2026-02-01").unwrap(), "2026-02-28");
        assert_eq!(next(Grain::Week, "2026-02-03").unwrap(), "2026-02-08");
        assert_eq!(next(Grain::Month, "2026-06-01").unwrap(), "2026-06-20");
        assert_eq!(next(Grain::Month, "2026-06-21"), None);
    }
}
