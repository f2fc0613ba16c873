//! Customers as the models see them: when they bought, and for how much in the team's currency.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{amount::Amount, bgnbd::History};
use crate::{
    error::Result,
    store::{
        PurchaseSums, Purchases, TeamStore, Whose,
        measures::{Dimension, Key},
    },
    time::DateRange,
};

/// What a customer's purchases are measured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum ValueBasis {
    /// Net order value less refunds and the cost of the goods: comparable with what a customer cost.
    #[default]
    Margin,
    /// Net order value less refunds. It overstates what a customer is worth, because the goods cost money too.
    Revenue,
}

/// A customer who bought.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// The customer.
    pub customer: i64,
    /// The segment, where customers are told apart.
    pub segment: Key,
    /// The day of the first order.
    pub first_day: NaiveDate,
    /// The day of the last order.
    pub last_day: NaiveDate,
    /// When the customer bought.
    pub history: History,
    /// Orders that count.
    pub orders: u64,
    /// Those of them whose cost of goods is unknown.
    pub orders_without_cost: u64,
    revenue: Amount,
    margin: Amount,
    repeat_revenue: Amount,
    repeat_margin: Amount,
}

impl Buyer {
    /// What all purchases brought.
    pub fn value(&self, basis: ValueBasis) -> Amount {
        match basis {
            ValueBasis::Margin => self.margin,
            ValueBasis::Revenue => self.revenue,
        }
    }

    /// What the purchases after the first day brought.
    pub fn repeat_value(&self, basis: ValueBasis) -> Amount {
        match basis {
            ValueBasis::Margin => self.repeat_margin,
            ValueBasis::Revenue => self.repeat_revenue,
        }
    }

    fn new(row: Purchases, through: NaiveDate) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let days = |number: i64| u32::try_from(number).unwrap_or(0);
        let mut buyer = Self {
            customer: row.customer,
            segment: row.segment,
            first_day: row.first_day,
            last_day: row.last_day,
            history: History {
                repeats: days(row.days - 1),
                recency_days: days((row.last_day - row.first_day).num_days()),
                age_days: days((through - row.first_day).num_days()),
            },
            orders: count(row.orders),
            orders_without_cost: count(row.orders_without_cost),
            revenue: Amount::default(),
            margin: Amount::default(),
            repeat_revenue: Amount::default(),
            repeat_margin: Amount::default(),
        };
        buyer.add(row.own, Amount::of_micros);
        buyer.margin = buyer.margin.without_cost(buyer.orders_without_cost);
        buyer.repeat_margin = buyer.repeat_margin.without_cost(buyer.orders_without_cost);
        buyer
    }

    fn add(&mut self, sums: PurchaseSums, amount: impl Fn(i64) -> Amount) {
        let (revenue, repeat) = (amount(sums.revenue), amount(sums.repeat_revenue));
        self.revenue = self.revenue.plus(revenue);
        self.repeat_revenue = self.repeat_revenue.plus(repeat);
        self.margin = self.margin.plus(revenue).less(amount(sums.cost));
        self.repeat_margin = self
            .repeat_margin
            .plus(repeat)
            .less(amount(sums.repeat_cost));
    }
}

/// Reads customers with what they bought up to the last day of `whose`, in the order of their ids: one statement, and
/// two more where some orders are in other currencies than the team's.
pub async fn buyers(store: &TeamStore, whose: &Whose, by: Option<Dimension>) -> Result<Vec<Buyer>> {
    let currency = &store.team().currency;
    let through = match whose {
        Whose::FirstOrderedIn(days) => days.to,
        Whose::These(_, through) => *through,
    };
    let rows = store.purchases(whose, by, currency).await?;
    let foreign = rows.iter().any(|row| row.foreign_orders > 0);
    let first_day = rows.iter().map(|row| row.first_day).min();
    let mut buyers: Vec<Buyer> = rows
        .into_iter()
        .map(|row| Buyer::new(row, through))
        .collect();
    if let (true, Some(from)) = (foreign, first_day) {
        let days = DateRange { from, to: through };
        let (rates, rows) = futures_util::try_join!(
            store.rates_into(currency, days),
            store.foreign_purchases(whose, currency)
        )?;
        let places: HashMap<i64, usize> = buyers
            .iter()
            .enumerate()
            .map(|(place, buyer)| (buyer.customer, place))
            .collect();
        for row in rows {
            if let Some(place) = places.get(&row.customer) {
                let rate = rates.on(&row.currency, row.day);
                buyers[*place].add(row.sums, |micros| {
                    Amount::converted(micros, &row.currency, rate)
                });
            }
        }
    }
    Ok(buyers)
}
