//! The value of an expression: exact fractions of sums, divided once at the end.

use rust_decimal::Decimal;

use super::{Expression, Node, Operator};
use crate::kpi::{
    Kpi, Undefined,
    formula::{Evaluated, QUOTIENT_PLACES},
};

/// One number over another, so that what is divided and then multiplied loses nothing.
#[derive(Clone, Copy, Debug)]
struct Fraction {
    above: Decimal,
    below: Decimal,
}

impl Expression {
    /// The value, given those of the KPIs. A reason from any part is the reason of the whole.
    pub fn evaluate(&self, value: &mut dyn FnMut(Kpi) -> Evaluated) -> Evaluated {
        if let Node::Key(kpi) = &self.root {
            return value(*kpi);
        }
        let result = self.root.fraction(value);
        // The parts are shown where they can be put together with those of other groups.
        let (numerator, denominator) = match &self.root {
            Node::Calculation(_, above, below) if self.is_ratio() => {
                let mut part = |node: &Node<Kpi>| node.fraction(value)?.value();
                (part(above).ok(), part(below).ok())
            }
            _ => (None, None),
        };
        Evaluated {
            value: result
                .and_then(Fraction::value)
                .map(|value| value.round_dp(QUOTIENT_PLACES).normalize()),
            numerator,
            denominator,
        }
    }
}

impl Node<Kpi> {
    fn fraction(&self, value: &mut dyn FnMut(Kpi) -> Evaluated) -> Result<Fraction, Undefined> {
        match self {
            Self::Number(number) => Ok(Fraction::whole(*number)),
            Self::Key(kpi) => Fraction::of(value(*kpi)),
            Self::Calculation(operator, left, right) => {
                let (left, right) = (left.fraction(value)?, right.fraction(value)?);
                match operator {
                    Operator::Plus => left.plus(right),
                    Operator::Minus => left.plus(Fraction {
                        above: -right.above,
                        ..right
                    }),
                    Operator::Times => left.times(right),
                    Operator::Over if right.above.is_zero() => Err(Undefined::ZeroDenominator),
                    Operator::Over => left.times(Fraction {
                        above: right.below,
                        below: right.above,
                    }),
                }
            }
        }
    }
}

impl Fraction {
    fn whole(number: Decimal) -> Self {
        Self {
            above: number,
            below: Decimal::ONE,
        }
    }

    /// A KPI's value, as the sums that it is made of where it is one over the other.
    fn of(kpi: Evaluated) -> Result<Self, Undefined> {
        let value = kpi.value?;
        let parts = kpi.numerator.zip(kpi.denominator);
        let exact = parts.filter(|(above, below)| {
            let quotient = above.checked_div(*below);
            quotient.map(|quotient| quotient.round_dp(QUOTIENT_PLACES).normalize()) == Some(value)
        });
        Ok(exact.map_or(Self::whole(value), |(above, below)| Self { above, below }))
    }

    fn value(self) -> Result<Decimal, Undefined> {
        let quotient = self.above.checked_div(self.below);
        quotient
            .map(|quotient| quotient.normalize())
            .ok_or(match self.below.is_zero() {
                true => Undefined::ZeroDenominator,
                false => Undefined::OutOfRange,
            })
    }

    fn plus(self, other: Self) -> Result<Self, Undefined> {
        if self.below == other.below
            && let Some(above) = self.above.checked_add(other.above)
        {
            return Ok(Self { above, ..self });
        }
        let crossed = || {
            let left = self.above.checked_mul(other.below)?;
            let right = other.above.checked_mul(self.below)?;
            Some(Self {
                above: left.checked_add(right)?,
                below: self.below.checked_mul(other.below)?,
            })
        };
        match crossed() {
            Some(sum) => Ok(sum),
            // Beyond 28 digits the quotients, of as many digits, have to do.
            None => (self.value()?.checked_add(other.value()?))
                .map(Self::whole)
                .ok_or(Undefined::OutOfRange),
        }
    }

    fn times(self, other: Self) -> Result<Self, Undefined> {
        let crossed = || {
            Some(Self {
                above: self.above.checked_mul(other.above)?,
                below: self.below.checked_mul(other.below)?,
            })
        };
        match crossed() {
            Some(product) => Ok(product),
            None => (self.value()?.checked_mul(other.value()?))
                .map(Self::whole)
                .ok_or(Undefined::OutOfRange),
        }
    }
}
