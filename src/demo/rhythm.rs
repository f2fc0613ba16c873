//! How business swings: by weekday, by season, and by the years.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

/// The first day of the demo's history.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2025, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// Who buys: people buy at weekends, companies on working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// People who buy for themselves.
    Consumers,
    /// Companies.
    Companies,
}

/// From January to December.
const SEASON: [f64; 12] = [
    0.92, 0.93, 0.98, 1.0, 1.0, 0.96, 0.9, 0.92, 1.04, 1.08, 1.32, 1.25,
];
/// From Monday to Sunday.
const CONSUMER_WEEK: [f64; 7] = [1.02, 0.97, 0.95, 0.96, 0.98, 1.04, 1.12];
const COMPANY_WEEK: [f64; 7] = [1.25, 1.3, 1.28, 1.22, 1.05, 0.42, 0.4];
const GROWTH_PER_YEAR: f64 = 0.15;

/// How busy a day is; 1 is an average day of the first year.
pub fn level(day: NaiveDate, audience: Audience) -> f64 {
    let week = match audience {
        Audience::Consumers => CONSUMER_WEEK,
        Audience::Companies => COMPANY_WEEK,
    };
    let years = (day - FIRST_DAY).num_days() as f64 / 365.0;
    week[day.weekday().num_days_from_monday() as usize]
        * SEASON[day.month0() as usize]
        * (1.0 + GROWTH_PER_YEAR * years).max(0.5)
}

/// An instant of a day of the demo team, whose zone is UTC.
pub fn at(day: NaiveDate, hour: u64, second: u64) -> DateTime<Utc> {
    let seconds = (hour * 3_600 + second).min(86_399) as u32;
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or_default();
    day.and_time(time).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_rest_at_weekends_and_everybody_buys_before_christmas() {
        let level = |day: &str, audience| level(day.parse().unwrap(), audience);
        let [friday, sunday] = ["2025-05-02", "2025-05-04"];
        assert!(level(sunday, Audience::Companies) < level(friday, Audience::Companies) / 2.0);
        assert!(level(sunday, Audience::Consumers) > level(friday, Audience::Consumers));
        assert!(
            level("2025-11-28", Audience::Consumers)
                > 1.2 * level("2025-07-25", Audience::Consumers)
        );
    }
}
