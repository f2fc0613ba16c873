//! Sums of money with the reason why one is unknown.

use rust_decimal::Decimal;

use crate::kpi::Undefined;

/// A sum in the team's currency.
#[derive(Clone, Copy, Debug, Default)]
pub struct Amount {
    value: Decimal,
    missing_rate: Option<[u8; 3]>,
    orders_without_cost: u64,
    estimated: bool,
}

impl Amount {
    /// A known sum, in micros.
    pub fn of_micros(micros: i64) -> Self {
        Self {
            value: Decimal::new(micros, 6),
            ..Self::default()
        }
    }

    /// A sum of another currency's micros at a rate into the team's, and whether the rate is of an earlier day; unknown
    /// without a rate, unless there is nothing to convert.
    pub fn converted(micros: i64, currency: &str, rate: Option<(Decimal, bool)>) -> Self {
        match rate {
            _ if micros == 0 => Self::default(),
            Some((rate, estimated)) => Self {
                value: Decimal::new(micros, 6).saturating_mul(rate),
                estimated,
                ..Self::default()
            },
            None => Self {
                missing_rate: currency.as_bytes().try_into().ok(),
                ..Self::default()
            },
        }
    }

    /// The same sum, unknown if the cost of goods of any order is.
    pub fn without_cost(self, orders: u64) -> Self {
        Self {
            orders_without_cost: self.orders_without_cost + orders,
            ..self
        }
    }

    /// Both sums together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            value: self.value.saturating_add(other.value),
            missing_rate: self.missing_rate.or(other.missing_rate),
            orders_without_cost: self.orders_without_cost + other.orders_without_cost,
            estimated: self.estimated || other.estimated,
        }
    }

    /// This sum less the other.
    pub fn less(self, other: Self) -> Self {
        self.plus(Self {
            value: -other.value,
            ..other
        })
    }

    /// The sum, or why it is unknown.
    pub fn value(self) -> Result<Decimal, Undefined> {
        match (self.missing_rate, self.orders_without_cost) {
            (Some(currency), _) => Err(Undefined::MissingFxRate { currency }),
            (None, 0) => Ok(self.value.normalize()),
            (None, orders) => Err(Undefined::MissingCost { orders }),
        }
    }

    /// Whether a rate of an earlier day was used.
    pub fn is_estimated(self) -> bool {
        self.estimated
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Self::plus)
    }
}
