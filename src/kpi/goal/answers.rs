//! Reads what goals need and computes what is asked of them, for many goals at once.

use rust_decimal::Decimal;

use super::{
    measured::Measured,
    progress::{Progress, Series},
    series,
};
use crate::{
    error::Result,
    kpi::{Rights, Undefined},
    store::TeamStore,
};

/// The progress of each of these goals, in their order.
pub async fn progress(
    store: &TeamStore,
    rights: Rights,
    goals: &[Measured],
) -> Result<Vec<Progress>> {
    let calendar = store.calendar()?;
    let today = calendar.today(store.clock().now());
    let needs: Vec<_> = goals
        .iter()
        .map(|goal| goal.needs(&calendar, today))
        .collect();
    let asks: Vec<_> = needs
        .iter()
        .flat_map(|(now, last_year)| now.iter().chain(last_year))
        .cloned()
        .collect();
    let found = series::read(store, rights, &asks).await?;
    let nothing = Series::new();
    let values = |ask: &Option<series::SeriesAsk>| {
        ask.as_ref()
            .and_then(|ask| found.get(ask))
            .unwrap_or(&nothing)
    };
    let progress = goals.iter().zip(&needs).map(|(goal, (now, last_year))| {
        goal.progress(&calendar, today, values(now), values(last_year))
    });
    Ok(progress.collect())
}

/// The least and the most that each goal's metric came to in the history that its target is held against; `None` where
/// too little is known.
pub async fn historical_ranges(
    store: &TeamStore,
    rights: Rights,
    goals: &[Measured],
) -> Result<Vec<Option<(Decimal, Decimal)>>> {
    let calendar = store.calendar()?;
    let today = calendar.today(store.clock().now());
    let needs: Vec<_> = goals
        .iter()
        .map(|goal| goal.history_needs(&calendar, today))
        .collect();
    let asks: Vec<_> = needs.iter().flatten().cloned().collect();
    let found = series::read(store, rights, &asks).await?;
    let ranges = goals.iter().zip(&needs).map(|(goal, need)| {
        let values = found.get(need.as_ref()?)?;
        goal.historical_range(&calendar, today, values)
    });
    Ok(ranges.collect())
}

/// The baseline that a goal's history gives, or why it gives none.
pub async fn baseline(
    store: &TeamStore,
    rights: Rights,
    goal: &Measured,
) -> Result<Result<Decimal, Undefined>> {
    let calendar = store.calendar()?;
    let today = calendar.today(store.clock().now());
    let need = goal.baseline_needs(&calendar, today);
    let mut found = series::read(store, rights, std::slice::from_ref(&need)).await?;
    Ok(goal.baseline_of(&found.remove(&need).unwrap_or_default()))
}
