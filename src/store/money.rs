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
/// Decimal places of a rate that was made of others: turned round, or by way of the team's currency.
const MADE_PLACES: u32 = 12;

/// Rates into one currency.
#[derive(Default)]
pub struct Rates {
    direct: Given,
    /// By the way of the team's currency: the rates into it, and its code.
    way: Option<(Given, String)>,
}

/// Rates into one currency, as they were given.
#[derive(Default)]
struct Given {
    by_currency: HashMap<String, BTreeMap<NaiveDate, Decimal>>,
}

impl Rates {
    /// The rate from `currency` on `day`. The day's own wins over the nearest earlier one of the last seven days, and
    /// one given for the two currencies over the way through the team's. The flag says whether an earlier day's was
    /// used.
    pub fn on(&self, currency: &str, day: NaiveDate) -> Option<(Decimal, bool)> {
        let direct = self.direct.on(currency, day);
        if direct.is_some_and(|(_, earlier)| !earlier) {
            return direct;
        }
        match self.by_way(currency, day) {
            Some((rate, earlier)) if direct.is_none() || !earlier => Some((rate, earlier)),
            _ => direct,
        }
    }

    fn by_way(&self, currency: &str, day: NaiveDate) -> Option<(Decimal, bool)> {
        let (into_way, way) = self.way.as_ref()?;
        let (first, earlier) = into_way.on(currency, day)?;
        let (second, also_earlier) = self.direct.on(way, day)?;
        let rate = first.checked_mul(second)?.round_dp(MADE_PLACES);
        Some((rate, earlier || also_earlier))
    }
}

impl Given {
    fn on(&self, currency: &str, day: NaiveDate) -> Option<(Decimal, bool)> {
        let (found, rate) = self.by_currency.get(currency)?.range(..=day).next_back()?;
        let oldest = day.checked_sub_days(Days::new(OLDEST_RATE_DAYS))?;
        (*found >= oldest).then_some((*rate, *found != day))
    }

    /// The rates into `target` among rows, given as such or the other way round. Those given as such win.
    fn of(target: &str, rows: &[fx_rate::Model]) -> Self {
        let mut rates = Self::default();
        for direct in [false, true] {
            for row in rows {
                let (from, to) = match direct {
                    true => (&row.from_currency, &row.to_currency),
                    false => (&row.to_currency, &row.from_currency),
                };
                if to != target {
                    continue;
                }
                let rate = Decimal::new(row.rate_nanos, 9);
                // All 28 digits would leave products no room to be exact, and parts would not add up.
                let rate = match direct {
                    true => Some(rate),
                    false => Decimal::ONE
                        .checked_div(rate)
                        .map(|rate| rate.round_dp(MADE_PLACES)),
                };
                if let Some(rate) = rate {
                    let days = rates.by_currency.entry(from.clone()).or_default();
                    days.insert(row.day, rate);
                }
            }
        }
        rates
    }
}

impl TeamStore {
    /// The rates into `target` that amounts in these days can need: given as such, the other way round, or by way of
    /// the team's currency.
    pub async fn rates_into(&self, target: &str, days: DateRange) -> Result<Rates> {
        let from = days
            .from
            .checked_sub_days(Days::new(OLDEST_RATE_DAYS))
            .unwrap_or(days.from);
        let team = self.team().currency.as_str();
        let needed = [target, team];
        let rows = self
            .select::<fx_rate::Entity>()
            .filter(
                Condition::any()
                    .add(fx_rate::Column::ToCurrency.is_in(needed))
                    .add(fx_rate::Column::FromCurrency.is_in(needed)),
            )
            .filter(fx_rate::Column::Day.between(from, days.to))
            .all()
            .await?;
        Ok(Rates {
            direct: Given::of(target, &rows),
            way: (team != target).then(|| (Given::of(team, &rows), team.to_owned())),
        })
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
