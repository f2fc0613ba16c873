//! Exchange rates: each amount is converted at the rate of its own day.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, NaiveDate};
use entity::fx_rate;
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, sea_query::Condition};

use super::TeamStore;
use crate::{error::Result, time::DateRange};

/// How many days old a rate may be.
const OLDEST_RATE_DAYS: u64 = 7;
/// Decimal places of a rate that was given the other way round.
const INVERSE_PLACES: u32 = 12;

/// Rates into one currency.
#[derive(Default)]
pub struct Rates {
    by_currency: HashMap<String, BTreeMap<NaiveDate, Decimal>>,
}

impl Rates {
    /// The rate from `currency` on `day`: the day's own, or the nearest earlier one of the last seven days. The flag
    /// says whether it is an earlier one.
    pub fn on(&self, currency: &str, day: NaiveDate) -> Option<(Decimal, bool)> {
        let (found, rate) = self.by_currency.get(currency)?.range(..=day).next_back()?;
        let oldest = day.checked_sub_days(Days::new(OLDEST_RATE_DAYS))?;
        (*found >= oldest).then_some((*rate, *found != day))
    }
}

impl TeamStore {
    /// The rates into `target` that amounts in these days can need, given as such or the other way round.
    pub async fn rates_into(&self, target: &str, days: DateRange) -> Result<Rates> {
        let from = days
            .from
            .checked_sub_days(Days::new(OLDEST_RATE_DAYS))
            .unwrap_or(days.from);
        let rows = self
            .select::<fx_rate::Entity>()
            .filter(
                Condition::any()
                    .add(fx_rate::Column::ToCurrency.eq(target))
                    .add(fx_rate::Column::FromCurrency.eq(target)),
            )
            .filter(fx_rate::Column::Day.between(from, days.to))
            .all()
            .await?;
        let mut rates = Rates::default();
        // Direct rates come last, so that they win over inverted ones.
        for direct in [false, true] {
            for row in rows
                .iter()
                .filter(|row| (row.to_currency == target) == direct)
            {
                let rate = Decimal::new(row.rate_nanos, 9);
                let (currency, rate) = if direct {
                    (&row.from_currency, Some(rate))
                } else {
                    // All 28 digits would leave products no room to be exact, and parts would not add up.
                    let inverse = Decimal::ONE.checked_div(rate);
                    (
                        &row.to_currency,
                        inverse.map(|rate| rate.round_dp(INVERSE_PLACES)),
                    )
                };
                if let Some(rate) = rate {
                    rates
                        .by_currency
                        .entry(currency.clone())
                        .or_default()
                        .insert(row.day, rate);
                }
            }
        }
        Ok(rates)
    }
}

/// Splits an amount over days so that the parts differ by one micro at most and add up exactly; the first days get
/// the larger parts.
pub fn split_evenly(amount: i64, days: DateRange) -> impl Iterator<Item = (NaiveDate, i64)> {
    let count = days.days();
    let (part, rest) = (amount.div_euclid(count), amount.rem_euclid(count));
    days.iter()
        .zip(0_i64..)
        .map(move |(day, place)| (day, part + i64::from(place < rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_amount_add_up_and_differ_by_one_at_most() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        for amount in [0, 1, 100, -7, 1_000_000_007] {
            let days = DateRange::new(day(1), day(31)).unwrap();
            let parts: Vec<i64> = split_evenly(amount, days).map(|(_, part)| part).collect();
            assert_eq!(parts.len(), 31);
            assert_eq!(parts.iter().sum::<i64>(), amount);
            assert!(parts.iter().max().unwrap() - parts.iter().min().unwrap() <= 1);
        }
    }
}
