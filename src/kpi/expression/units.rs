//! Units of expressions: what may be added to, multiplied with and divided by what, and what comes out.

use super::{Node, Operator};
use crate::kpi::{Kpi, format::Unit};

/// Units that do not go together, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnitError(String);

/// What a part of an expression is: a plain number, or something with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Of(Unit),
}

impl Node<Kpi> {
    /// The unit of the whole.
    pub(super) fn unit(&self) -> Result<Unit, UnitError> {
        match self.kind()? {
            Kind::Of(unit) => Ok(unit),
            Kind::Number => Err(UnitError("it names no metric key; it needs one".into())),
        }
    }

    fn kind(&self) -> Result<Kind, UnitError> {
        Ok(match self {
            Self::Number(_) => Kind::Number,
            Self::Key(kpi) => Kind::Of(kpi.definition().unit),
            Self::Calculation(operator, left, right) => {
                let (left, right) = (left.kind()?, right.kind()?);
                let result = match operator {
                    Operator::Plus | Operator::Minus => added(left, right),
                    Operator::Times => multiplied(left, right),
                    Operator::Over => divided(left, right),
                };
                result.ok_or_else(|| refused(*operator, left, right))?
            }
        })
    }
}

fn added(left: Kind, right: Kind) -> Option<Kind> {
    use Kind::{Number, Of};
    match (left, right) {
        (left, right) if left == right => Some(left),
        (Of(Unit::Rate | Unit::Ratio), Of(Unit::Rate | Unit::Ratio)) => Some(Of(Unit::Ratio)),
        // An amount of money needs a currency and a duration a unit, which a plain number has not.
        (Of(unit), Number) | (Number, Of(unit)) => {
            matches!(unit, Unit::Rate | Unit::Ratio | Unit::Count | Unit::Score).then_some(Of(unit))
        }
        _ => None,
    }
}

fn multiplied(left: Kind, right: Kind) -> Option<Kind> {
    use Kind::{Number, Of};
    match (left, right) {
        (Number, other) | (other, Number) => Some(other),
        (Of(Unit::Rate), Of(Unit::Rate)) => Some(Of(Unit::Rate)),
        (Of(Unit::Rate | Unit::Ratio), Of(other)) | (Of(other), Of(Unit::Rate | Unit::Ratio)) => {
            scalable(other).then_some(Of(if other == Unit::Rate {
                Unit::Ratio
            } else {
                other
            }))
        }
        (Of(Unit::Count), Of(other)) | (Of(other), Of(Unit::Count)) => {
            matches!(other, Unit::Currency | Unit::CurrencyPerDay | Unit::Seconds)
                .then_some(Of(other))
        }
        _ => None,
    }
}

fn divided(left: Kind, right: Kind) -> Option<Kind> {
    use Kind::{Number, Of};
    match (left, right) {
        (left, Number) => Some(left),
        (Number, Of(Unit::Rate | Unit::Ratio)) => Some(Of(Unit::Ratio)),
        (Of(left), Of(right)) if left == right => (left != Unit::Score).then_some(Of(Unit::Ratio)),
        (Of(left), Of(Unit::Rate | Unit::Ratio)) => {
            scalable(left).then_some(Of(if left == Unit::Rate {
                Unit::Ratio
            } else {
                left
            }))
        }
        (Of(Unit::Currency | Unit::CurrencyPerDay | Unit::Seconds), Of(Unit::Count)) => Some(left),
        _ => None,
    }
}

/// Whether a share or a multiple of it is the same kind of thing.
fn scalable(unit: Unit) -> bool {
    unit != Unit::Score
}

fn refused(operator: Operator, left: Kind, right: Kind) -> UnitError {
    let (left, right) = (words(left), words(right));
    UnitError(match operator {
        Operator::Plus => format!("{left} and {right} cannot be added"),
        Operator::Minus => format!("{right} cannot be taken from {left}"),
        Operator::Times => format!("{left} times {right} is nothing that has a unit here"),
        Operator::Over => format!("{left} divided by {right} is nothing that has a unit here"),
    })
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "a plain number",
        Kind::Of(Unit::Count) => "a count",
        Kind::Of(Unit::Currency) => "an amount of money",
        Kind::Of(Unit::Rate) => "a rate",
        Kind::Of(Unit::Ratio) => "a ratio",
        Kind::Of(Unit::Seconds) => "a duration",
        Kind::Of(Unit::Score) => "a score",
        Kind::Of(Unit::CurrencyPerDay) => "an amount of money per day",
    }
}
