//! Buckets of time: which day, week, month, quarter or (fiscal) year a date falls into, by a team's settings.
//! Bucket numbers follow fixed rules because SQL computes the same numbers when it groups rows.

use async_graphql::Enum;
use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

pub use super::date_range::DateRange;

/// The team settings that decide what a day, a week and a fiscal year are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Calendar {
    /// Zone in which instants become dates.
    pub time_zone: Tz,
    /// First day of the week.
    pub week_start: WeekStart,
    /// First month of the fiscal year, 1 (January) to 12; values outside are taken as the nearest of these.
    pub fiscal_year_start_month: u32,
}

/// First day of the week.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WeekStart {
    /// Weeks run from Monday to Sunday, numbered as in ISO 8601.
    Monday,
    /// Weeks run from Sunday to Saturday.
    Sunday,
    /// Weeks run from Saturday to Friday.
    Saturday,
}

/// Length of a time bucket.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// A date in the team's time zone.
    Day,
    /// Seven days from the team's first day of the week.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
    /// Three months counted from the team's fiscal year start.
    FiscalQuarter,
    /// Twelve months from the team's fiscal year start, named by the calendar year in which they end.
    FiscalYear,
}

/// One bucket of a grain. Buckets of one grain follow each other without a gap as `index` grows by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// Length of the bucket.
    pub grain: Grain,
    /// Its number. With `days` since 1970-01-01, `months` = year × 12 + month − 1, and every division floored:
    /// day = days; week = (days − [`Calendar::week_offset`]) / 7; month = months; quarter = months / 3;
    /// year = year; fiscal quarter = (months − [`Calendar::fiscal_offset`]) / 3;
    /// fiscal year = (months − [`Calendar::fiscal_offset`]) / 12.
    pub index: i32,
}

impl Calendar {
    /// Days from 1970-01-01 (a Thursday) to the first day of its week: −3 for Monday, −4 for Sunday, −5 for
    /// Saturday. Never positive, so `(days - offset) / 7` floors in SQL too for every date since 1970.
    pub fn week_offset(&self) -> i32 {
        match self.week_start {
            WeekStart::Monday => -3,
            WeekStart::Sunday => -4,
            WeekStart::Saturday => -5,
        }
    }

    /// Months from January to the fiscal year's start, 0 to 11.
    pub fn fiscal_offset(&self) -> i32 {
        self.fiscal_year_start_month.clamp(1, 12) as i32 - 1
    }

    /// The bucket that holds `day`.
    pub fn bucket(&self, grain: Grain, day: NaiveDate) -> Bucket {
        let days = day.to_epoch_days();
        let months = day.year() * 12 + day.month0() as i32;
        let index = match grain {
            Grain::Day => days,
            Grain::Week => (days - self.week_offset()).div_euclid(7),
            Grain::Month => months,
            Grain::Quarter => months.div_euclid(3),
            Grain::Year => day.year(),
            Grain::FiscalQuarter => (months - self.fiscal_offset()).div_euclid(3),
            Grain::FiscalYear => (months - self.fiscal_offset()).div_euclid(12),
        };
        Bucket { grain, index }
    }

    /// The days of `bucket`. Saturates at the ends of chrono's calendar.
    pub fn range(&self, bucket: Bucket) -> DateRange {
        let from = self.first_day(bucket);
        let next = self.first_day(Bucket {
            index: bucket.index.saturating_add(1),
            ..bucket
        });
        let to = next.pred_opt().unwrap_or(next).max(from);
        DateRange { from, to }
    }

    fn first_day(&self, Bucket { grain, index }: Bucket) -> NaiveDate {
        let days = |days: i32| NaiveDate::from_epoch_days(days);
        let months = |months: i32| {
            let month = months.rem_euclid(12) as u32 + 1;
            NaiveDate::from_ymd_opt(months.div_euclid(12), month, 1)
        };
        let day = match grain {
            Grain::Day => days(index),
            Grain::Week => days(index.saturating_mul(7).saturating_add(self.week_offset())),
            Grain::Month => months(index),
            Grain::Quarter => months(index.saturating_mul(3)),
            Grain::Year => months(index.saturating_mul(12)),
            Grain::FiscalQuarter => {
                months(index.saturating_mul(3).saturating_add(self.fiscal_offset()))
            }
            Grain::FiscalYear => months(
                index
                    .saturating_mul(12)
                    .saturating_add(self.fiscal_offset()),
            ),
        };
        day.unwrap_or(if index < 0 {
            NaiveDate::MIN
        } else {
            NaiveDate::MAX
        })
    }

    /// The name of `bucket`: `2026-03-02`, `2026-W10` (or `week of 2026-03-01` when weeks do not begin on
    /// Monday), `2026-03`, `2026-Q1`, `2026`, `FY2026-Q1`, `FY2026`.
    pub fn label(&self, bucket: Bucket) -> String {
        let from = self.range(bucket).from;
        let index = bucket.index;
        match bucket.grain {
            Grain::Day => from.to_string(),
            Grain::Week if self.week_start == WeekStart::Monday => {
                from.format("%G-W%V").to_string()
            }
            Grain::Week => format!("week of {from}"),
            Grain::Month => from.format("%Y-%m").to_string(),
            Grain::Quarter => format!("{}-Q{}", index.div_euclid(4), index.rem_euclid(4) + 1),
            Grain::Year => index.to_string(),
            Grain::FiscalQuarter => format!(
                "FY{}-Q{}",
                self.fiscal_year_name(index.div_euclid(4)),
                index.rem_euclid(4) + 1
            ),
            Grain::FiscalYear => format!("FY{}", self.fiscal_year_name(index)),
        }
    }

    fn fiscal_year_name(&self, index: i32) -> i64 {
        i64::from(index) + i64::from(self.fiscal_offset() > 0)
    }

    /// The buckets that `range` touches, in order. The first and the last may reach beyond it.
    pub fn buckets(&self, grain: Grain, range: DateRange) -> impl Iterator<Item = Bucket> + use<> {
        let first = self.bucket(grain, range.from).index;
        let last = self.bucket(grain, range.to).index;
        (first..=last).map(move |index| Bucket { grain, index })
    }
}

#[cfg(test)]
mod tests;
