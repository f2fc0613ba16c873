//! The rows above a header: which days they say that the report covers.

use csv::StringRecord;

use super::{date, date::DayOrder};
use crate::time::DateRange;

/// Words that stand before the first and the last day, in lower case.
const FIRST: [&str; 5] = [
    "start date",
    "from",
    "startdatum",
    "date de début",
    "fecha de inicio",
];
const LAST: [&str; 5] = [
    "end date",
    "to",
    "enddatum",
    "date de fin",
    "fecha de finalización",
];
/// What stands between the two.
const BETWEEN: [&str; 4] = [" - ", " – ", " — ", " to "];

/// The days that these rows name.
pub(super) fn span<'r>(
    rows: impl Iterator<Item = &'r StringRecord>,
    order: Option<DayOrder>,
) -> Option<DateRange> {
    let (mut first, mut last) = (None, None);
    for row in rows {
        let cells: Vec<&str> = row
            .iter()
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect();
        let text = cells.join(", ");
        let text = text.trim_start_matches('#').trim();
        let dated = text.rsplit_once(": ").map_or(text, |(_, days)| days);
        for between in BETWEEN {
            let days = dated.split_once(between).and_then(|(from, to)| {
                let day = |text| date::certain(text, order);
                DateRange::new(day(from)?, day(to)?)
            });
            if days.is_some() {
                return days;
            }
        }
        if let Some((name, day)) = text.split_once(':').or_else(|| text.split_once(", ")) {
            let name = name.trim().to_lowercase();
            let day = date::certain(day, order);
            if FIRST.contains(&&*name) {
                first = first.or(day);
            } else if LAST.contains(&&*name) {
                last = last.or(day);
            }
        }
    }
    DateRange::new(first?, last?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &[&[&str]]) -> Option<String> {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| StringRecord::from(row.to_vec()))
            .collect();
        span(rows.iter(), None).map(|days| format!("{} {}", days.from, days.to))
    }

    #[test]
    fn the_days_of_a_report_are_read_from_the_rows_above_it() {
        let days = Some("2023-10-01 2023-11-01".to_owned());
        assert_eq!(
            read(&[
                &["Campaign report"],
                &["October 1, 2023 - November 1, 2023"]
            ]),
            days
        );
        assert_eq!(read(&[&["October 1", "2023 - November 1", "2023"]]), days);
        assert_eq!(
            read(&[&["# Start date: 20231001"], &["# End date: 20231101"]]),
            days
        );
        assert_eq!(read(&[&["Date range: 2023-10-01 – 2023-11-01"]]), days);
        assert_eq!(read(&[&["1.10.2023 - 1.11.2023"]]), days);
        assert_eq!(
            read(&[&["Start date", "2023-10-01"], &["End date", "2023-11-01"]]),
            days
        );
        assert_eq!(
            read(&[&["Campaign report"], &["# Start date: 20231001"]]),
            None
        );
        assert_eq!(read(&[&["10/1/2023 - 11/1/2023"]]), None);
    }
}
