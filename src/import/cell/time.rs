//! Dates and instants. What has no zone is in the team's.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SubsecRound, Utc};

use super::Cell;
use crate::time::Calendar;

/// PostgreSQL keeps microseconds; instants must compare equal after they were stored.
const SECOND_DIGITS: u16 = 6;
const LOCAL_FORMS: [&str; 4] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
];

/// A date as `YYYY-MM-DD`, in the years 1970 to 2200.
pub(in crate::import) fn date(text: &str) -> Cell<NaiveDate> {
    in_range(day(text).ok_or("is not a date of the form YYYY-MM-DD")?)
}

/// An instant: RFC 3339, or `YYYY-MM-DD[ T]HH:MM[:SS]` on the team's clocks, or a date for its first moment there.
pub(in crate::import) fn instant(calendar: &Calendar) -> impl Fn(&str) -> Cell<DateTime<Utc>> {
    move |text| day_or_instant(calendar)(text).map(|(_, at)| at)
}

/// Like [`instant`], with the team's day of it.
pub(in crate::import) fn day_or_instant(
    calendar: &Calendar,
) -> impl Fn(&str) -> Cell<(NaiveDate, DateTime<Utc>)> {
    let calendar = *calendar;
    move |text| {
        if let Some(day) = day(text) {
            return Ok((in_range(day)?, calendar.start_of_day(day)));
        }
        let at = zoned(text)
            .or_else(|| local(text).map(|local| calendar.local_to_utc(local)))
            .ok_or("is not a date or time of the form YYYY-MM-DD[ HH:MM[:SS]][zone]")?
            .trunc_subsecs(SECOND_DIGITS);
        Ok((in_range(calendar.day_of(at))?, at))
    }
}

/// chrono also takes years of other lengths and single digits.
fn begins_with_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes
            .iter()
            .take(10)
            .enumerate()
            .all(|(place, byte)| match place {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
}

fn day(text: &str) -> Option<NaiveDate> {
    (text.len() == 10 && begins_with_date(text)).then(|| text.parse().ok())?
}

fn zoned(text: &str) -> Option<DateTime<Utc>> {
    let at = begins_with_date(text).then(|| DateTime::parse_from_rfc3339(text).ok())?;
    at.map(|at| at.to_utc())
}

fn local(text: &str) -> Option<NaiveDateTime> {
    if !begins_with_date(text) {
        return None;
    }
    LOCAL_FORMS
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}

fn in_range(day: NaiveDate) -> Cell<NaiveDate> {
    if (1970..=2200).contains(&day.year()) {
        Ok(day)
    } else {
        Err("is outside the years 1970 to 2200".into())
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::time::WeekStart;

    fn at(zone: Tz, text: &str) -> Cell<String> {
        let calendar = Calendar {
            time_zone: zone,
            week_start: WeekStart::Monday,
            fiscal_year_start_month: 1,
        };
        instant(&calendar)(text).map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }

    #[test]
    fn dates_have_one_form() {
        assert_eq!(date("2024-02-29").unwrap().to_string(), "2024-02-29");
        for text in [
            "2023-02-29",
            "2024-2-9",
            "01/02/2024",
            "20240229",
            "2024-02-29T00:00",
            "+2024-02-2",
            "é024-02-29",
        ] {
            assert!(date(text).unwrap_err().contains("YYYY-MM-DD"), "{text}");
        }
        assert!(date("1969-12-31").unwrap_err().contains("1970"));
        assert!(date("2201-01-01").unwrap_err().contains("2200"));
    }

    #[test]
    fn instants_with_a_zone_are_taken_as_they_are() {
        let rome = Tz::Europe__Rome;
        assert_eq!(
            at(rome, "2018-07-22T20:40:41Z").unwrap(),
            "2018-07-22T20:40:41Z"
        );
        assert_eq!(
            at(rome, "2018-07-22 20:40:41+02:00").unwrap(),
            "2018-07-22T18:40:41Z"
        );
        assert_eq!(
            at(rome, "2018-07-22T20:40:41.123456789Z").unwrap(),
            "2018-07-22T20:40:41.123456Z"
        );
    }

    #[test]
    fn instants_without_a_zone_are_on_the_teams_clocks() {
        let rome = Tz::Europe__Rome;
        assert_eq!(
            at(rome, "2026-07-01 12:00").unwrap(),
            "2026-07-01T10:00:00Z"
        );
        assert_eq!(
            at(rome, "2026-01-01T12:00:30").unwrap(),
            "2026-01-01T11:00:30Z"
        );
        assert_eq!(
            at(rome, "2026-03-29 02:30:00").unwrap(),
            "2026-03-29T01:30:00Z"
        );
        assert_eq!(
            at(rome, "2026-10-25 02:30:00").unwrap(),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(at(rome, "2026-07-01").unwrap(), "2026-06-30T22:00:00Z");
        assert_eq!(
            at(Tz::America__Sao_Paulo, "2018-11-04").unwrap(),
            "2018-11-04T03:00:00Z"
        );
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "yesterday",
            "2018-07-22T25:00:00Z",
            "2018-02-30 10:00",
            "1/2/2018 10:00",
            "1690000000",
        ] {
            assert!(
                at(Tz::UTC, text).unwrap_err().contains("YYYY-MM-DD"),
                "{text}"
            );
        }
        assert!(
            at(Tz::UTC, "1950-01-01 10:00")
                .unwrap_err()
                .contains("1970")
        );
    }
}
