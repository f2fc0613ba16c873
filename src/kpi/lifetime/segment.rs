//! The value of customers together: those of one segment, or all.

use rust_decimal::Decimal;

use super::{Amount, Buyer, Prediction, ValueBasis};
use crate::kpi::Undefined;

/// Decimal places of quotients.
const PLACES: u32 = 15;

/// A sum or quotient, or why there is none.
pub type Number = Result<Decimal, Undefined>;

/// Customers together. Amounts are in the team's currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// How many there are.
    pub customers: u64,
    /// Those of them with purchases on more than one day.
    pub repeat_customers: u64,
    /// Their orders.
    pub orders: u64,
    /// Those of them whose cost of goods is known.
    pub orders_with_cost: u64,
    /// What they brought.
    pub historic: Number,
    /// What they are expected to bring.
    pub predicted: Number,
    /// How often they are expected to buy: a sum of purchase days.
    pub purchases: Number,
    /// How many of them are expected to buy ever again.
    pub alive: Number,
    /// Whether an amount was converted at a rate of an earlier day.
    pub estimated: bool,
}

impl Group {
    /// Puts customers and what is expected of each together.
    pub fn of<'a>(
        members: impl IntoIterator<Item = (&'a Buyer, &'a Prediction)>,
        basis: ValueBasis,
    ) -> Self {
        let none = Ok(Decimal::ZERO);
        let mut group = Self {
            customers: 0,
            repeat_customers: 0,
            orders: 0,
            orders_with_cost: 0,
            historic: none,
            predicted: none,
            purchases: none,
            alive: none,
            estimated: false,
        };
        let mut historic = Amount::default();
        for (buyer, prediction) in members {
            group.customers += 1;
            group.repeat_customers += u64::from(buyer.history.repeats > 0);
            group.orders += buyer.orders;
            group.orders_with_cost += buyer.orders - buyer.orders_without_cost;
            historic = historic.plus(buyer.value(basis));
            group.predicted = plus(group.predicted, prediction.value);
            group.purchases = plus(group.purchases, prediction.purchases);
            group.alive = plus(group.alive, prediction.alive);
        }
        group.historic = historic.value();
        group.estimated = historic.is_estimated();
        // A sum over customers names their number of orders without a cost, not one customer's.
        if let (Err(Undefined::MissingCost { .. }), Err(reason)) = (group.predicted, group.historic)
        {
            group.predicted = Err(reason);
        }
        group
    }

    /// A sum per customer.
    pub fn each(&self, sum: Number) -> Number {
        quotient(sum?, self.customers.into())
    }

    /// What a customer brought and is expected to bring.
    pub fn lifetime_value(&self) -> Number {
        self.each(plus(self.historic, self.predicted))
    }

    /// [`Group::lifetime_value`] per unit of what a customer cost.
    pub fn per_cost(&self, cac: Number) -> Number {
        quotient(self.lifetime_value()?, cac?)
    }

    /// The share of orders whose cost of goods is known.
    pub fn cost_coverage(&self) -> Number {
        quotient(self.orders_with_cost.into(), self.orders.into())
    }
}

/// A sum of two numbers, known when both are.
pub fn plus(one: Number, other: Number) -> Number {
    Ok(one?.saturating_add(other?))
}

/// A quotient in the precision of all quotients.
pub fn quotient(numerator: Decimal, denominator: Decimal) -> Number {
    numerator
        .checked_div(denominator)
        .map(|quotient| quotient.round_dp(PLACES).normalize())
        .ok_or(Undefined::ZeroDenominator)
}
