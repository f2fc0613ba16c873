//! The arithmetic of formulas: exact, and with units, so that money, counts and rates cannot be mixed by mistake.

use std::ops::{Add, Div, Mul, Sub};

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::Undefined;

/// Decimal places of a quotient: enough for every use, few enough to read.
pub(super) const QUOTIENT_PLACES: u32 = 15;

/// A measure's value inside a formula, or what was made of several by adding and scaling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    value: Decimal,
    /// The power of money: 1 for amounts, 0 for counts.
    money: i8,
    /// Why no number can be given, where none can.
    undefined: Option<Undefined>,
    /// Whether terms of different units were added.
    mixed: bool,
}

impl Term {
    /// A sum of money.
    pub fn money(value: Decimal) -> Self {
        Self {
            value,
            money: 1,
            undefined: None,
            mixed: false,
        }
    }

    /// A number of things.
    pub fn count(value: Decimal) -> Self {
        Self {
            value,
            money: 0,
            undefined: None,
            mixed: false,
        }
    }

    /// A term without a number.
    pub fn undefined(reason: Undefined) -> Self {
        Self {
            undefined: Some(reason),
            ..Self::count(Decimal::ZERO)
        }
    }

    /// This term if every order's cost of goods is known; undefined if any is not, because a sum with parts unknown
    /// is not the sum.
    pub fn if_none(self, orders_without_cost: Self) -> Self {
        if self.undefined.is_some() || orders_without_cost.value.is_zero() {
            return self;
        }
        let orders = orders_without_cost.value.to_u64().unwrap_or(u64::MAX);
        Self {
            undefined: Some(Undefined::MissingCost { orders }),
            ..self
        }
    }

    /// This term where there are any of these; without them there is nothing to tell of.
    pub fn if_any(self, count: Self) -> Self {
        let nothing = count.value.is_zero().then_some(Undefined::ZeroDenominator);
        Self {
            undefined: self.undefined.or(count.undefined).or(nothing),
            ..self
        }
    }

    /// This term where the other one, which was used to find it, is defined.
    pub fn given(self, other: Self) -> Self {
        Self {
            undefined: self.undefined.or(other.undefined),
            ..self
        }
    }

    /// The result of an operation on two terms; undefined where it has more digits than numbers can have here.
    fn join(self, other: Self, value: Option<Decimal>) -> Self {
        let too_large = value.is_none().then_some(Undefined::OutOfRange);
        Self {
            value: value.unwrap_or_default(),
            money: self.money,
            mixed: self.mixed || other.mixed || self.money != other.money,
            undefined: self.undefined.or(other.undefined).or(too_large),
        }
    }
}

impl Add for Term {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let value = self.value.checked_add(other.value);
        self.join(other, value)
    }
}

impl Sub for Term {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let value = self.value.checked_sub(other.value);
        self.join(other, value)
    }
}

impl Mul<i64> for Term {
    type Output = Self;

    fn mul(self, factor: i64) -> Self {
        let factor = Self {
            money: self.money,
            ..Self::count(factor.into())
        };
        self.join(factor, self.value.checked_mul(factor.value))
    }
}

impl Mul for Term {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self {
            money: self.money.saturating_add(other.money),
            mixed: self.mixed || other.mixed,
            ..self.join(other, self.value.checked_mul(other.value))
        }
    }
}

impl Div for Term {
    type Output = Formula;

    fn div(self, denominator: Self) -> Formula {
        Formula {
            numerator: self,
            denominator: Some(denominator),
        }
    }
}

impl From<Term> for Formula {
    fn from(numerator: Term) -> Self {
        Self {
            numerator,
            denominator: None,
        }
    }
}

/// The share of orders whose cost is known; none where there are no orders.
pub fn share_known(orders: Decimal, without_cost: Decimal) -> Option<Decimal> {
    let share = (orders - without_cost).checked_div(orders)?;
    Some(share.round_dp(QUOTIENT_PLACES).normalize())
}

/// What a formula comes to: a term, or one term over another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Formula {
    numerator: Term,
    denominator: Option<Term>,
}

/// A formula's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The value, or why there is none.
    pub value: Result<Decimal, Undefined>,
    /// The upper part of a ratio, where it is known.
    pub numerator: Option<Decimal>,
    /// The lower part of a ratio, where it is known.
    pub denominator: Option<Decimal>,
}

impl Formula {
    /// Whether the formula is one term over another.
    pub fn is_ratio(&self) -> bool {
        self.denominator.is_some()
    }

    /// The power of money of the result; `None` when units were mixed.
    pub fn money_power(&self) -> Option<i8> {
        let below = self.denominator.as_ref();
        let mixed = self.numerator.mixed || below.is_some_and(|term| term.mixed);
        (!mixed).then(|| self.numerator.money - below.map_or(0, |term| term.money))
    }

    /// The number. A denominator of zero gives none.
    pub fn evaluate(self) -> Evaluated {
        let known = |term: &Term| term.undefined.is_none().then(|| term.value.normalize());
        let Some(below) = self.denominator else {
            let value = match self.numerator.undefined {
                None => Ok(self.numerator.value.normalize()),
                Some(reason) => Err(reason),
            };
            return Evaluated {
                value,
                numerator: None,
                denominator: None,
            };
        };
        let (numerator, denominator) = (known(&self.numerator), known(&below));
        let value = match self.numerator.undefined.or(below.undefined) {
            Some(reason) => Err(reason),
            None => match self.numerator.value.checked_div(below.value) {
                Some(quotient) => Ok(quotient.round_dp(QUOTIENT_PLACES).normalize()),
                None if below.value.is_zero() => Err(Undefined::ZeroDenominator),
                None => Err(Undefined::OutOfRange),
            },
        };
        Evaluated {
            value,
            numerator,
            denominator,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(value: i64) -> Term {
        Term::money(value.into())
    }

    #[test]
    fn a_zero_denominator_is_undefined_but_keeps_its_parts_visible() {
        let result = (money(10) / money(0)).evaluate();
        assert_eq!(result.value, Err(Undefined::ZeroDenominator));
        assert_eq!(result.numerator, Some(10.into()));
        assert_eq!(result.denominator, Some(0.into()));
    }

    #[test]
    fn a_zero_numerator_is_a_real_zero() {
        assert_eq!((money(0) / money(5)).evaluate().value, Ok(Decimal::ZERO));
    }

    #[test]
    fn adding_money_to_a_count_is_noticed() {
        assert_eq!(
            Formula::from(money(1) + Term::count(1.into())).money_power(),
            None
        );
        assert_eq!((money(1) / Term::count(1.into())).money_power(), Some(1));
        assert_eq!((money(1) / money(1)).money_power(), Some(0));
    }
}
