//! A team's local days as instants and back. Days last 23 or 25 hours around a clock change, and in some
//! zones do not begin at midnight: nothing outside this file may add hours to a date.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::GapInfo;

use super::calendar::Calendar;

impl Calendar {
    /// The team's date at the instant `now`.
    pub fn today(&self, now: DateTime<Utc>) -> NaiveDate {
        self.day_of(now)
    }

    /// The date that the team's clocks show at `instant`: the value of a fact's `day` column.
    pub fn day_of(&self, instant: DateTime<Utc>) -> NaiveDate {
        let utc = instant.naive_utc();
        let offset = self.time_zone.offset_from_utc_datetime(&utc).fix();
        utc.checked_add_offset(offset).unwrap_or(utc).date()
    }

    /// The first instant of the team's `day`. Where clocks skip midnight it is the moment after the gap,
    /// where midnight comes twice it is the earlier one.
    pub fn start_of_day(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = day.and_time(NaiveTime::MIN);
        match GapInfo::new(&midnight, &self.time_zone).and_then(|gap| gap.end) {
            Some(after_gap) => after_gap.to_utc(),
            None => self.local_to_utc(midnight),
        }
    }

    /// The instant at which the team's clocks show `local`. A time that comes twice means the earlier one;
    /// a time that clocks skip is moved forward by the length of the gap (02:30 becomes 03:30).
    pub fn local_to_utc(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.time_zone.from_local_datetime(&local) {
            LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => instant.to_utc(),
            LocalResult::None => GapInfo::new(&local, &self.time_zone)
                .and_then(|gap| gap.begin)
                .and_then(|(_, offset)| local.checked_sub_offset(offset.fix()))
                .unwrap_or(local)
                .and_utc(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;
    use crate::time::calendar::WeekStart;

    fn calendar(time_zone: Tz) -> Calendar {
        Calendar {
            time_zone,
            week_start: WeekStart::Monday,
            fiscal_year_start_month: 1,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hours(time_zone: Tz, text: &str) -> i64 {
        let calendar = calendar(time_zone);
        let next = day(text).succ_opt().unwrap();
        (calendar.start_of_day(next) - calendar.start_of_day(day(text))).num_hours()
    }

    #[test]
    fn days_in_rome_last_23_or_25_hours_when_the_clocks_change() {
        assert_eq!(hours(Tz::Europe__Rome, "2026-03-28"), 24);
        assert_eq!(hours(Tz::Europe__Rome, "2026-03-29"), 23);
        assert_eq!(hours(Tz::Europe__Rome, "2026-10-25"), 25);
    }

    #[test]
    fn a_skipped_time_moves_forward_and_a_repeated_one_is_the_earlier() {
        let rome = calendar(Tz::Europe__Rome);
        let at = |text: &str| rome.local_to_utc(text.parse().unwrap());
        assert_eq!(at("2026-03-29T02:30:00"), instant("2026-03-29T01:30:00Z"));
        assert_eq!(at("2026-10-25T02:30:00"), instant("2026-10-25T00:30:00Z"));
        assert_eq!(at("2026-07-01T12:00:00"), instant("2026-07-01T10:00:00Z"));
    }

    #[test]
    fn a_day_without_midnight_begins_after_the_gap() {
        let sao_paulo = calendar(Tz::America__Sao_Paulo);
        assert_eq!(
            sao_paulo.start_of_day(day("2018-11-04")),
            instant("2018-11-04T03:00:00Z")
        );
        assert_eq!(hours(Tz::America__Sao_Paulo, "2018-11-04"), 23);
        assert_eq!(hours(Tz::America__Sao_Paulo, "2018-02-17"), 25);
    }

    #[test]
    fn a_gap_that_begins_before_midnight_ends_at_the_first_instant_of_the_day() {
        let toronto = calendar(Tz::America__Toronto);
        assert_eq!(
            toronto.start_of_day(day("1919-03-31")),
            instant("1919-03-31T04:30:00Z")
        );
    }

    #[test]
    fn a_day_that_never_was_has_no_length() {
        assert_eq!(hours(Tz::Pacific__Apia, "2011-12-30"), 0);
        assert_eq!(hours(Tz::Pacific__Apia, "2011-12-31"), 24);
    }

    #[test]
    fn half_hour_zones_change_date_at_their_own_midnight() {
        let kolkata = calendar(Tz::Asia__Kolkata);
        assert_eq!(
            kolkata.start_of_day(day("2026-03-02")),
            instant("2026-03-01T18:30:00Z")
        );
        assert_eq!(
            kolkata.today(instant("2026-03-01T18:29:59Z")),
            day("2026-03-01")
        );
        assert_eq!(
            kolkata.today(instant("2026-03-01T18:30:00Z")),
            day("2026-03-02")
        );
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        for time_zone in [Tz::Asia__Kolkata, Tz::America__Sao_Paulo] {
            let calendar = calendar(time_zone);
            calendar.day_of(DateTime::<Utc>::MAX_UTC);
            calendar.day_of(DateTime::<Utc>::MIN_UTC);
            calendar.start_of_day(NaiveDate::MAX);
            calendar.start_of_day(NaiveDate::MIN);
        }
    }

    proptest! {
        #[test]
        fn a_day_begins_exactly_where_the_date_changes(
            time_zone in prop::sample::select(vec![
                Tz::UTC, Tz::Europe__Rome, Tz::America__Sao_Paulo, Tz::Asia__Kolkata,
                Tz::America__New_York, Tz::Australia__Lord_Howe,
            ]),
            days in 0..84_000i32,
        ) {
            let calendar = calendar(time_zone);
            let day = NaiveDate::from_epoch_days(days).unwrap();
            let start = calendar.start_of_day(day);
            prop_assert_eq!(calendar.day_of(start), day);
            prop_assert_eq!(Some(calendar.day_of(start - TimeDelta::seconds(1))), day.pred_opt());
        }
    }
}
