//! A span of whole days, both ends included: the only form in which periods travel.
//! Half-open instants exist only at the edge of the database, see `Calendar::start_of_day`.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate};

/// Days from `from` to `to`, both included. `from` is never after `to` in a range made by [`DateRange::new`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateRange {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
}

impl DateRange {
    /// The range, or `None` when `from` is after `to`.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// The range of one day.
    pub fn single(day: NaiveDate) -> Self {
        Self { from: day, to: day }
    }

    /// Number of days, at least 1.
    pub fn days(&self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// Whether `day` lies in the range.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// The days that both ranges have, or `None` when they share no day.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }

    /// Every day, in order.
    pub fn iter(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let to = self.to;
        self.from.iter_days().take_while(move |day| *day <= to)
    }

    /// How many of the days are over on `today`, which itself does not count: 0 to [`DateRange::days`].
    pub fn elapsed_days(&self, today: NaiveDate) -> i64 {
        (today - self.from).num_days().min(self.days()).max(0)
    }

    /// The first `days` days; the whole range when it is not longer, its first day when `days` is below 2.
    pub fn first_days(&self, days: i64) -> Self {
        let extra = u64::try_from(days - 1).unwrap_or(0);
        let to = self.from.checked_add_days(Days::new(extra));
        Self {
            from: self.from,
            to: to.map_or(self.to, |to| to.min(self.to)),
        }
    }

    /// The same days `days` days earlier. Saturates at chrono's first date.
    pub fn earlier_by_days(&self, days: i64) -> Self {
        let days = Days::new(u64::try_from(days).unwrap_or(0));
        let back = |day: NaiveDate| day.checked_sub_days(days).unwrap_or(NaiveDate::MIN);
        Self {
            from: back(self.from),
            to: back(self.to),
        }
    }

    /// The range `months` calendar months earlier. Whole months stay whole (March becomes 1 to 28 February);
    /// otherwise each end keeps its day of the month, or takes the month's last one (29 Feb becomes 28 Feb).
    pub fn earlier_by_months(&self, months: u32) -> Self {
        let back = |day: NaiveDate| {
            day.checked_sub_months(Months::new(months))
                .unwrap_or(NaiveDate::MIN)
        };
        let to = match (self.whole_months(), self.to.succ_opt()) {
            (Some(_), Some(after)) => back(after).pred_opt().unwrap_or(NaiveDate::MIN),
            _ => back(self.to),
        };
        Self {
            from: back(self.from),
            to,
        }
    }

    /// The range's last day `months` calendar months earlier: the last of a month stays the last.
    pub fn ending_earlier_by(&self, months: u32) -> NaiveDate {
        let month = Self {
            from: self.to.with_day(1).unwrap_or(self.to),
            to: self.to,
        };
        month.earlier_by_months(months).to
    }

    /// How many calendar months the range is made of, or `None` when it does not begin on the first
    /// and end on the last day of a month.
    pub fn whole_months(&self) -> Option<u32> {
        let after = self.to.succ_opt()?;
        if self.from.day() != 1 || after.day() != 1 {
            return None;
        }
        let month = |day: NaiveDate| day.year() * 12 + day.month0() as i32;
        u32::try_from(month(after) - month(self.from)).ok()
    }
}

impl fmt::Display for DateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{} to {}", self.from, self.to)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> DateRange {
        DateRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_range_cannot_end_before_it_begins() {
        let march = range("2026-03-01", "2026-03-31");
        assert_eq!(DateRange::new(march.to, march.from), None);
    }

    #[test]
    fn both_ends_belong_to_the_range() {
        let march = range("2026-03-01", "2026-03-31");
        assert_eq!(march.days(), 31);
        assert_eq!(march.iter().count(), 31);
        assert!(march.contains(march.from) && march.contains(march.to));
        assert_eq!(DateRange::single(march.to).days(), 1);
    }

    #[test]
    fn ranges_intersect_in_their_common_days() {
        let march = range("2026-03-01", "2026-03-31");
        assert_eq!(
            march.intersect(&range("2026-03-31", "2026-04-30")),
            Some(range("2026-03-31", "2026-03-31"))
        );
        assert_eq!(march.intersect(&range("2026-04-01", "2026-04-30")), None);
    }

    #[test]
    fn today_does_not_count_as_elapsed() {
        let january = range("2026-01-01", "2026-01-31");
        let elapsed = |today: &str| january.elapsed_days(today.parse().unwrap());
        assert_eq!(elapsed("2025-12-31"), 0);
        assert_eq!(elapsed("2026-01-01"), 0);
        assert_eq!(elapsed("2026-01-04"), 3);
        assert_eq!(elapsed("2026-02-01"), 31);
        assert_eq!(elapsed("2027-01-01"), 31);
    }

    #[test]
    fn the_first_days_stay_inside_the_range() {
        let february = range("2026-02-01", "2026-02-28");
        assert_eq!(february.first_days(0), range("2026-02-01", "2026-02-01"));
        assert_eq!(february.first_days(3), range("2026-02-01", "2026-02-03"));
        assert_eq!(february.first_days(30), february);
    }

    #[test]
    fn whole_months_stay_whole_when_moved() {
        let march = range("2026-03-01", "2026-03-31");
        assert_eq!(march.whole_months(), Some(1));
        assert_eq!(
            march.earlier_by_months(1),
            range("2026-02-01", "2026-02-28")
        );
        assert_eq!(
            range("2025-02-01", "2025-02-28").earlier_by_months(12),
            range("2024-02-01", "2024-02-29")
        );
    }

    #[test]
    fn part_of_a_month_keeps_its_days() {
        let part = range("2024-02-29", "2024-03-15");
        assert_eq!(part.whole_months(), None);
        assert_eq!(
            part.earlier_by_months(12),
            range("2023-02-28", "2023-03-15")
        );
    }
}
