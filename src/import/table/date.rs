//! Days and times as vendors write them.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::import::header::Content;

/// Which of two numbers before a year is the day.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, async_graphql::Enum, Serialize, Deserialize,
)]
pub enum DayOrder {
    /// 31/12/2026
    DayFirst,
    /// 12/31/2026
    MonthFirst,
}

const TIMES: [&str; 4] = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p"];
const NAMED: [&str; 4] = ["%B %d, %Y", "%d %B %Y", "%d. %B %Y", "%B %d %Y"];
/// The same with a time.
const NAMED_TIMES: [&str; 4] = [
    "%B %d, %Y %I:%M %p",
    "%B %d, %Y, %I:%M %p",
    "%B %d, %Y %H:%M",
    "%d %B %Y %H:%M",
];

/// Which order a day must have been written in; `None` when it tells nothing.
pub(in crate::import) fn evidence(text: &str) -> Option<DayOrder> {
    let (date, _) = apart(text);
    match numbers(date)? {
        (separator, [day, _, _]) if separator != '.' && (13..=31).contains(&day) => {
            Some(DayOrder::DayFirst)
        }
        (separator, [_, day, _]) if separator != '.' && (13..=31).contains(&day) => {
            Some(DayOrder::MonthFirst)
        }
        _ => None,
    }
}

/// The day or time as `YYYY-MM-DD[ HH:MM:SS]`, or what is wrong; `None` for a text that is none of the known forms.
pub(in crate::import) fn plain(
    content: Content,
    text: &str,
    order: Option<DayOrder>,
) -> Option<Result<String, String>> {
    if text.len() == 10 && text.as_bytes().get(4) == Some(&b'-') {
        return None;
    }
    let (date, time) = apart(text);
    let date = match day(date, order).or_else(|| named(text).map(Ok))? {
        Ok(date) => date,
        Err(reason) => return Some(Err(reason)),
    };
    let time = match (time, named(text)) {
        ("", _) => None,
        (_, Some(_)) => named_time(text).map(|at| at.time()),
        // A time with a zone, or with fractions of a second, stays as it is.
        (time, None) => {
            let mut forms = TIMES.iter();
            Some(forms.find_map(|form| NaiveTime::parse_from_str(time, form).ok())?)
        }
    };
    Some(Ok(match time {
        Some(time) if content == Content::Time => NaiveDateTime::new(date, time)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string(),
        _ => date.to_string(),
    }))
}

/// A day that can be read in one way only.
pub(in crate::import) fn certain(text: &str, order: Option<DayOrder>) -> Option<NaiveDate> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| day(apart(text).0, order)?.ok())
        .or_else(|| named(text))
}

/// The date and the time of a text.
fn apart(text: &str) -> (&str, &str) {
    let end = text.find([' ', 'T']).unwrap_or(text.len());
    let (date, time) = text.split_at(end);
    let time = time.strip_prefix('T').unwrap_or(time);
    (date.trim_end_matches(','), time.trim())
}

fn named(text: &str) -> Option<NaiveDate> {
    let mut forms = NAMED.iter();
    let day = forms.find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    day.or_else(|| Some(named_time(text)?.date()))
}

fn named_time(text: &str) -> Option<NaiveDateTime> {
    let mut forms = NAMED_TIMES.iter();
    forms.find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}

fn numbers(date: &str) -> Option<(char, [u32; 3])> {
    let separator = date.chars().find(|c| matches!(c, '/' | '.' | '-'))?;
    let parts: Vec<&str> = date.split(separator).collect();
    let [a, b, c] = parts[..] else {
        return None;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok())?
    };
    let year_first = a.len() == 4;
    if !year_first && c.len() != 4 {
        return None;
    }
    Some((separator, [number(a)?, number(b)?, number(c)?]))
}

/// A day in numbers.
fn day(date: &str, order: Option<DayOrder>) -> Option<Result<NaiveDate, String>> {
    if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(date, "%Y%m%d").ok().map(Ok);
    }
    let (separator, [a, b, c]) = numbers(date)?;
    let of = |year: u32, month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    if a > 31 {
        return of(a, b, c).map(Ok);
    }
    let order = match separator {
        '.' => Some(DayOrder::DayFirst),
        _ => order,
    };
    match order {
        Some(DayOrder::DayFirst) => of(c, b, a).map(Ok),
        Some(DayOrder::MonthFirst) => of(c, a, b).map(Ok),
        None => match (of(c, b, a), of(c, a, b)) {
            (Some(one), Some(other)) if one != other => Some(Err(format!(
                "can be read as {one} and as {other}: say which by --dates"
            ))),
            (one, other) => one.or(other).map(Ok),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_in_the_forms_of_vendors() {
        let order = Some(DayOrder::MonthFirst);
        for (text, expected) in [
            ("20180701", "2018-07-01"),
            ("3/1/2017", "2017-03-01"),
            ("31.12.2026", "2026-12-31"),
            ("2026/12/31", "2026-12-31"),
            ("October 1, 2023", "2023-10-01"),
            ("Oct 1, 2023", "2023-10-01"),
            ("1 Oct 2023", "2023-10-01"),
            ("Mar 14, 2026 09:30 am", "2026-03-14 09:30:00"),
            ("3/1/2017 9:30 PM", "2017-03-01 21:30:00"),
            ("2021-09-15 5:00:00", "2021-09-15 05:00:00"),
        ] {
            let read = plain(Content::Time, text, order);
            assert_eq!(read, Some(Ok(expected.to_owned())), "{text}");
        }
        let day = plain(Content::Day, "2020-04-06 00:00:00", None);
        assert_eq!(day, Some(Ok("2020-04-06".to_owned())));
        for text in [
            "2026-03-01",
            "yesterday",
            "2026-03-01T09:30:00+01:00",
            "20261399",
            "1/2/26",
        ] {
            assert_eq!(plain(Content::Time, text, order), None, "{text}");
        }
    }

    #[test]
    fn the_order_is_told_by_days_that_are_no_months() {
        assert_eq!(evidence("10/20/2016"), Some(DayOrder::MonthFirst));
        assert_eq!(evidence("20/10/2016 09:00"), Some(DayOrder::DayFirst));
        assert_eq!(evidence("10/11/2016"), None);
        let unsure = plain(Content::Day, "10/11/2016", None)
            .unwrap()
            .unwrap_err();
        assert!(unsure.contains("2016-10-11") && unsure.contains("2016-11-10"));
        assert!(plain(Content::Day, "10/10/2016", None).unwrap().is_ok());
        assert!(plain(Content::Day, "10/20/2016", None).unwrap().is_ok());
    }
}
