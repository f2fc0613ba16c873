//! Expressions of team-defined metrics: `(REVENUE - MARKETING_COST) / ORDERS`.
//!
//! A small language over the keys of the catalogue: `+ - * /` (or `− × ÷`), parentheses, numbers. It is parsed once,
//! its unit is inferred when it is saved, and it is evaluated over sums at the grain asked, never over averages.

mod evaluate;
mod parse;
mod units;

use rust_decimal::Decimal;

use super::{Kpi, format::Unit};
use crate::store::measures::{Additivity, Measure};

pub use units::UnitError;

/// The most characters of an expression.
pub const MOST_CHARACTERS: usize = 500;
/// How deep parentheses may stand within each other.
pub const MOST_DEPTH: usize = 20;

/// An expression over the catalogue's KPIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    root: Node<Kpi>,
}

/// A part of an expression; `K` is what a key is known as.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node<K> {
    Number(Decimal),
    Key(K),
    Calculation(Operator, Box<Node<K>>, Box<Node<K>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Why a text is no expression. The texts say where, what was found and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Too long.
    #[error("it has {0} characters; at most {MOST_CHARACTERS} are allowed")]
    Long(usize),
    /// Too many parentheses within each other.
    #[error("over {MOST_DEPTH} parentheses stand within each other; at most {MOST_DEPTH} may")]
    Deep,
    /// Not in the language.
    #[error(
        "'{rest}' at character {at} is not understood; allowed are metric keys, numbers, + - * / and parentheses"
    )]
    Syntax {
        /// The place, counted from 1.
        at: usize,
        /// What stands there.
        rest: String,
    },
    /// A name that no KPI has.
    #[error("{name} is no metric key{}", .near.as_ref().map_or_else(String::new, |near| format!("; did you mean {near}?")))]
    UnknownKey {
        /// The name.
        name: String,
        /// The key that looks most like it.
        near: Option<String>,
    },
    /// Units that do not go together.
    #[error(transparent)]
    Unit(#[from] UnitError),
}

impl Expression {
    /// Reads an expression and checks that its units go together.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let expression = Self {
            root: parse::parse(text)?,
        };
        expression.unit()?;
        Ok(expression)
    }

    /// What its value is.
    pub fn unit(&self) -> Result<Unit, UnitError> {
        self.root.unit()
    }

    /// The KPIs that it names, each once, in the order of the catalogue.
    pub fn keys(&self) -> Vec<Kpi> {
        let mut keys = Vec::new();
        self.root.visit(&mut |kpi| keys.push(*kpi));
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The measures of the KPIs that it names, each once.
    pub fn measures(&self) -> Vec<Measure> {
        let mut measures: Vec<Measure> = self
            .keys()
            .into_iter()
            .flat_map(|kpi| kpi.definition().measures)
            .copied()
            .collect();
        measures.sort_unstable();
        measures.dedup();
        measures
    }

    /// Whether it is one sum over another, so that its parts can be put together again.
    pub fn is_ratio(&self) -> bool {
        match &self.root {
            Node::Key(kpi) => kpi.definition().is_ratio(),
            Node::Calculation(Operator::Over, above, below) => {
                above.is_sum() && below.is_sum() && !below.is_number()
            }
            _ => false,
        }
    }

    /// What may be done with its parts.
    pub fn additivity(&self) -> Additivity {
        if !self.root.is_sum() {
            return Additivity::NonAdditive;
        }
        let kinds = self
            .keys()
            .into_iter()
            .map(|kpi| kpi.definition().additivity());
        kinds
            .into_iter()
            .find(|kind| *kind != Additivity::Additive)
            .unwrap_or(Additivity::Additive)
    }
}

impl<K> Node<K> {
    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a K)) {
        match self {
            Self::Number(_) => {}
            Self::Key(key) => see(key),
            Self::Calculation(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
        }
    }

    fn is_number(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Key(_) => false,
            Self::Calculation(_, left, right) => left.is_number() && right.is_number(),
        }
    }
}

impl Node<Kpi> {
    /// Whether it only adds and scales sums, so that the value of a whole is the sum of the values of its parts.
    fn is_sum(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Key(kpi) => !kpi.definition().is_ratio(),
            // A number added to each part would be added once for every part.
            Self::Calculation(Operator::Plus | Operator::Minus, left, right) => {
                left.is_sum() && right.is_sum() && left.is_number() == right.is_number()
            }
            Self::Calculation(Operator::Times, left, right) => {
                left.is_sum() && right.is_sum() && (left.is_number() || right.is_number())
            }
            Self::Calculation(Operator::Over, left, right) => left.is_sum() && right.is_number(),
        }
    }
}

#[cfg(test)]
mod tests;
