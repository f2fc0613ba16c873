//! Conditions on values: which groups of an answer to keep.

use rust_decimal::Decimal;

use super::{Metric, Row};

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum NumberOp {
    /// Greater than the value.
    Gt,
    /// Greater than the value or equal to it.
    Gte,
    /// Less than the value.
    Lt,
    /// Less than the value or equal to it.
    Lte,
    /// Equal to the value.
    Eq,
    /// Not equal to the value.
    Neq,
}

impl NumberOp {
    fn holds(self, left: Decimal, right: Decimal) -> bool {
        match self {
            Self::Gt => left > right,
            Self::Gte => left >= right,
            Self::Lt => left < right,
            Self::Lte => left <= right,
            Self::Eq => left == right,
            Self::Neq => left != right,
        }
    }
}

/// A tree of conditions on a group's values.
#[derive(Clone, Debug)]
pub enum Having {
    /// All of these hold.
    And(Vec<Having>),
    /// One of these holds.
    Or(Vec<Having>),
    /// This does not hold.
    Not(Box<Having>),
    /// A metric's value compares so with a number.
    Is(Metric, NumberOp, Decimal),
}

impl Having {
    /// The metrics that it names.
    pub fn metrics(&self) -> Vec<&Metric> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::metrics).collect(),
            Self::Not(part) => part.metrics(),
            Self::Is(metric, ..) => vec![metric],
        }
    }

    /// Whether a group passes.
    pub(super) fn passes(&self, row: &Row) -> bool {
        self.holds(row) == Some(true)
    }

    /// Whether it holds; unknown where a value is. What is unknown is not known either when it is turned round.
    fn holds(&self, row: &Row) -> Option<bool> {
        match self {
            Self::And(parts) => decided(parts, row, false),
            Self::Or(parts) => decided(parts, row, true),
            Self::Not(part) => part.holds(row).map(|holds| !holds),
            Self::Is(metric, op, number) => {
                let value = row.values.iter().find(|value| value.metric == *metric)?;
                Some(op.holds(value.value.ok()?, *number))
            }
        }
    }
}

/// The outcome of a list in which one part that comes out as `by` decides.
fn decided(parts: &[Having], row: &Row, by: bool) -> Option<bool> {
    let outcomes: Vec<_> = parts.iter().map(|part| part.holds(row)).collect();
    if outcomes.contains(&Some(by)) {
        return Some(by);
    }
    (!outcomes.contains(&None)).then_some(!by)
}
