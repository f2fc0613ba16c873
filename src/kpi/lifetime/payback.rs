//! Payback: the month after the first order in which a cohort's margin per customer has covered what one cost.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::{Amount, Buyer};
use crate::{
    error::Result,
    kpi::Undefined,
    store::{
        TeamStore, Whose,
        measures::{Dimension, Key},
    },
    time::{Calendar, DateRange, Grain},
};

/// The margins of customers by the month of their first order.
#[derive(Clone, Debug, Default)]
pub struct Paid {
    /// Customers and their margin in each month, by the month of the first order.
    cohorts: BTreeMap<i32, (u64, BTreeMap<i32, Amount>)>,
    /// The last month that is over.
    last: i32,
}

impl Paid {
    /// The first month, 0 being that of the first order, by whose end customers had brought `cost` each. Every month's
    /// margin is the mean over the customers for whom that month is over.
    ///
    /// # Errors
    /// Not paid back in the months observed; an amount that is unknown.
    pub fn months(&self, cost: Decimal) -> Result<u32, Undefined> {
        let first = self.cohorts.keys().next().copied().unwrap_or(self.last);
        let mut brought = Decimal::ZERO;
        let mut observed = None;
        for offset in 0..=(self.last - first) {
            let old_enough = || self.cohorts.range(..=self.last - offset);
            let customers: u64 = old_enough().map(|(_, (customers, _))| customers).sum();
            let margin: Amount = old_enough()
                .filter_map(|(month, (_, margins))| margins.get(&(month + offset)))
                .copied()
                .sum();
            let Some(each) = margin.value()?.checked_div(customers.into()) else {
                break;
            };
            brought = brought.saturating_add(each);
            let month = u32::try_from(offset).unwrap_or(0);
            observed = Some(month);
            if brought >= cost {
                return Ok(month);
            }
        }
        match observed {
            Some(months) => Err(Undefined::NotPaidBack { months }),
            None => Err(Undefined::SampleTooSmall {
                found: 0,
                needed: 1,
            }),
        }
    }
}

/// Reads the margins of the buyers' segments up to the last day of `days`, whose months over are counted; and, under
/// no key, those of all.
pub async fn paid(
    store: &TeamStore,
    calendar: &Calendar,
    days: DateRange,
    by: Option<Dimension>,
    buyers: &[Buyer],
) -> Result<(BTreeMap<Key, Paid>, Paid)> {
    let month = |day: NaiveDate| calendar.bucket(Grain::Month, day).index;
    let after = days.to.checked_add_days(Days::new(1)).unwrap_or(days.to);
    let empty = || Paid {
        cohorts: BTreeMap::new(),
        last: month(after) - 1,
    };
    let mut by_key: BTreeMap<Key, Paid> = BTreeMap::new();
    let mut all = empty();
    for buyer in buyers {
        for paid in [
            by_key.entry(buyer.segment.clone()).or_insert_with(empty),
            &mut all,
        ] {
            paid.cohorts.entry(month(buyer.first_day)).or_default().0 += 1;
        }
    }
    let whose = Whose::FirstOrderedIn(days);
    let currency = &store.team().currency;
    let (own, foreign, rates) = futures_util::try_join!(
        store.cohort_margins(&whose, by, currency, false),
        store.cohort_margins(&whose, by, currency, true),
        store.rates_into(currency, days)
    )?;
    for row in own.into_iter().chain(foreign) {
        let amount = match row.day {
            None => Amount::of_micros(row.margin),
            Some(day) => Amount::converted(row.margin, &row.currency, rates.on(&row.currency, day)),
        };
        let amount = amount.without_cost(u64::try_from(row.orders_without_cost).unwrap_or(0));
        for paid in [
            by_key.entry(row.segment.clone()).or_insert_with(empty),
            &mut all,
        ] {
            let (_, margins) = paid.cohorts.entry(row.first_month).or_default();
            let sum = margins.entry(row.month).or_default();
            *sum = sum.plus(amount);
        }
    }
    Ok((by_key, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two customers of month 10 who bring 30 and then 10 a month; one of month 12 who brings 60 at once. Month 12 is
    /// the last one over.
    fn paid() -> Paid {
        let units = |units: i64| Amount::of_micros(units * 1_000_000);
        let early = [
            (10, units(30)),
            (11, units(10)),
            (12, units(10)),
            (13, units(900)),
        ];
        let late = [(12, units(60)), (13, units(900))];
        Paid {
            cohorts: BTreeMap::from([
                (10, (2, BTreeMap::from(early))),
                (12, (1, BTreeMap::from(late))),
            ]),
            last: 12,
        }
    }

    #[test]
    fn each_month_counts_the_customers_for_whom_it_is_over() {
        // 90 / 3 = 30 in the first month, then 10 / 2 = 5 and 5 of the two who are old enough.
        for (cost, month) in [(0, 0), (30, 0), (31, 1), (35, 1), (40, 2)] {
            assert_eq!(paid().months(cost.into()), Ok(month), "{cost}");
        }
    }

    #[test]
    fn what_has_not_come_back_says_how_long_it_was_waited_for() {
        let refused = paid().months(41.into()).unwrap_err();
        assert_eq!(refused, Undefined::NotPaidBack { months: 2 });
        assert!(refused.message().ends_with("more than 2 months"));
    }

    #[test]
    fn an_unknown_cost_of_goods_makes_the_payback_unknown() {
        let mut paid = paid();
        let (_, margins) = paid.cohorts.get_mut(&10).unwrap();
        let first = margins.get_mut(&10).unwrap();
        *first = first.without_cost(2);
        assert_eq!(
            paid.months(1.into()),
            Err(Undefined::MissingCost { orders: 2 })
        );
    }
}
