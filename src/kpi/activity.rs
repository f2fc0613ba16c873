//! Retention and churn: which days decide whether a customer was active before a period and at its end.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::sums::{GroupKey, Sum, SumsAsk, time_cut};
use crate::{
    error::{Error, Result},
    store::{
        TeamStore,
        measures::{ActivityScan, Measure, Window},
    },
    time::{DateRange, comparison::previous_period},
};

/// The most periods of one question.
const MOST_WINDOWS: usize = 2_000;

/// Reads measures of [`Fact::Activity`](crate::store::measures::Fact::Activity) with one statement.
pub async fn read(
    store: &TeamStore,
    ask: &SumsAsk<'_>,
    measures: &[Measure],
) -> Result<HashMap<Measure, BTreeMap<GroupKey, Sum>>> {
    let churn_days = store
        .team()
        .churn_days
        .and_then(|days| u32::try_from(days).ok());
    let windows = windows(ask, churn_days)?;
    let scan = ActivityScan {
        measures,
        cuts: ask.cuts,
        filter: ask.filter,
        windows: &windows,
        calendar: ask.calendar,
    };
    let mut sums: HashMap<Measure, BTreeMap<GroupKey, Sum>> = measures
        .iter()
        .map(|measure| (*measure, BTreeMap::new()))
        .collect();
    if windows.is_empty() {
        return Ok(sums);
    }
    for row in store.activity(&scan).await? {
        for (measure, value) in measures.iter().zip(row.values) {
            let sum = Sum {
                value: Decimal::from(value),
                ..Sum::default()
            };
            sums.entry(*measure)
                .or_default()
                .insert(row.key.clone(), sum);
        }
    }
    Ok(sums)
}

/// The windows of each time bucket asked, as far as the period reaches; of the whole period where none is. Nobody has
/// come back or stayed away yet in days that are still to come: there is no window for them.
fn windows(ask: &SumsAsk<'_>, churn_days: Option<u32>) -> Result<Vec<Window>> {
    let Some((_, grain)) = time_cut(ask.cuts) else {
        let whole = window(0, ask.days, churn_days);
        return Ok(Vec::from_iter(
            (ask.days.from <= ask.today).then_some(whole),
        ));
    };
    let buckets = || ask.calendar.buckets(grain, ask.days);
    let count = buckets().count();
    if count > MOST_WINDOWS {
        return Err(Error::Limit(format!(
            "retention and churn are asked for {count} time buckets; at most {MOST_WINDOWS} are allowed: ask a \
             shorter period or a coarser grain"
        )));
    }
    let days = |bucket| ask.calendar.range(bucket).intersect(&ask.days);
    let window = |bucket: crate::time::Bucket| {
        days(bucket)
            .filter(|days| days.from <= ask.today)
            .map(|days| window(bucket.index, days, churn_days))
    };
    Ok(buckets().filter_map(window).collect())
}

/// Who is active at a moment ordered in the `churn_days` before it. Without such a number, active before the period is
/// who ordered in the previous one, and active at its end who ordered in it.
fn window(bucket: i32, days: DateRange, churn_days: Option<u32>) -> Window {
    let Some(churn_days) = churn_days else {
        return Window {
            bucket,
            before: previous_period(days, false),
            last: days,
        };
    };
    let back = |day: NaiveDate, days: u32| {
        day.checked_sub_days(Days::new(u64::from(days)))
            .unwrap_or(day)
    };
    Window {
        bucket,
        before: DateRange {
            from: back(days.from, churn_days),
            to: back(days.from, 1),
        },
        last: DateRange {
            from: back(days.to, churn_days.saturating_sub(1)),
            to: days.to,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str) -> DateRange {
        DateRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn without_a_setting_the_previous_period_stands_against_this_one() {
        let march = range("2026-03-01", "2026-03-31");
        let found = window(7, march, None);
        assert_eq!(found.before, range("2026-02-01", "2026-02-28"));
        assert_eq!((found.bucket, found.last), (7, march));
    }

    #[test]
    fn with_a_setting_as_many_days_before_and_at_the_end_count() {
        let found = window(0, range("2026-03-01", "2026-03-31"), Some(60));
        assert_eq!(found.before, range("2025-12-31", "2026-02-28"));
        assert_eq!(found.last, range("2026-01-31", "2026-03-31"));
        assert_eq!((found.before.days(), found.last.days()), (60, 60));
    }
}
