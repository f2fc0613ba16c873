//! Why a value is missing.

use super::{graphql_name, lifetime::Degenerate};
use crate::{
    auth::Scope,
    store::measures::{Dimension, Measure},
    time::DateRange,
};

/// Why a KPI has no value, as clients can tell cases apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum UndefinedCode {
    /// No source has delivered anything for the period.
    NoData,
    /// There is nothing to divide by.
    ZeroDenominator,
    /// The number, or one on the way to it, has more than 28 digits.
    OutOfRange,
    /// No exchange rate of the last seven days is known for an amount.
    MissingFxRate,
    /// A fact table of the KPI lacks a dimension that is grouped or filtered by.
    IncompatibleDimension,
    /// Distinct people were not counted over exactly these days and this breakdown, and counts of parts do not add up.
    NotAdditiveAtThisGrain,
    /// A cost of goods is unknown.
    MissingCost,
    /// What it is made of is not kept by version, so that it cannot be told as of an earlier instant.
    NoHistory,
    /// What customers brought has not paid back yet what it cost to win them.
    NotPaidBack,
    /// The token lacks the scope for amounts of money or for what is known of persons.
    NotPermitted,
    /// There are too few cases for a model.
    SampleTooSmall,
    /// A model fits no parameters to these data: there is no answer, not a poor one.
    NoFit,
    /// No goal of the team sets a target for these facts and days.
    NoTarget,
    /// The team has no benchmark of the metric.
    NoBenchmark,
    /// A warning beside values, never a reason why there is none: the days asked, or the buckets of time, cut a span of
    /// days whose facts are booked whole on its last day, because the source does not tell them apart.
    CutsSpan,
}

/// Why a KPI has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undefined {
    /// Nothing of this measure was delivered for the period.
    NoData(Measure),
    /// The denominator is zero.
    ZeroDenominator,
    /// Numbers too large.
    OutOfRange,
    /// No rate for this currency.
    MissingFxRate {
        /// The currency's code.
        currency: [u8; 3],
    },
    /// People were not counted at the grain asked.
    NotAdditive(Measure),
    /// The measure's facts lack the dimension.
    IncompatibleDimension(Measure, Dimension),
    /// Orders without a cost of goods.
    MissingCost {
        /// How many.
        orders: u64,
    },
    /// The measure, or what tells its facts apart, is not kept by version.
    NoHistory(Measure, Option<Dimension>),
    /// The margin of a cohort has not paid back its cost after so many months.
    NotPaidBack {
        /// How many months are over.
        months: u32,
    },
    /// The caller lacks a scope.
    NotPermitted(Scope),
    /// Too few cases for a model.
    SampleTooSmall {
        /// How many there are.
        found: u64,
        /// How many are needed.
        needed: u64,
    },
    /// A model without parameters.
    NoFit(Degenerate),
    /// No goal sets a target.
    NoTarget,
    /// No benchmark is known.
    NoBenchmark,
    /// Facts that cover these days are booked on the last of them, and the question tells them apart.
    CutsSpan(DateRange),
}

impl Undefined {
    /// The case.
    pub fn code(self) -> UndefinedCode {
        match self {
            Self::NoData(_) => UndefinedCode::NoData,
            Self::ZeroDenominator => UndefinedCode::ZeroDenominator,
            Self::OutOfRange => UndefinedCode::OutOfRange,
            Self::MissingFxRate { .. } => UndefinedCode::MissingFxRate,
            Self::IncompatibleDimension(..) => UndefinedCode::IncompatibleDimension,
            Self::NotAdditive(_) => UndefinedCode::NotAdditiveAtThisGrain,
            Self::MissingCost { .. } => UndefinedCode::MissingCost,
            Self::NoHistory(..) => UndefinedCode::NoHistory,
            Self::NotPaidBack { .. } => UndefinedCode::NotPaidBack,
            Self::NotPermitted(_) => UndefinedCode::NotPermitted,
            Self::SampleTooSmall { .. } => UndefinedCode::SampleTooSmall,
            Self::NoFit(_) => UndefinedCode::NoFit,
            Self::NoTarget => UndefinedCode::NoTarget,
            Self::NoBenchmark => UndefinedCode::NoBenchmark,
            Self::CutsSpan(_) => UndefinedCode::CutsSpan,
        }
    }

    /// The case in English words.
    pub fn message(self) -> String {
        match self {
            Self::NoData(measure) => {
                format!("no source has delivered {} for this period", measure.name())
            }
            Self::ZeroDenominator => "the denominator is zero".into(),
            Self::OutOfRange => "a number has more than 28 digits".into(),
            Self::MissingFxRate { currency } => format!(
                "no exchange rate for {} on or up to seven days before the day of an amount",
                String::from_utf8_lossy(&currency)
            ),
            Self::IncompatibleDimension(measure, dimension) => format!(
                "{} cannot be told apart by {} on this basis",
                measure.name(),
                graphql_name(dimension)
            ),
            Self::NotAdditive(measure) => format!(
                "{} was not counted over exactly these days and this breakdown; counts of parts do not add up",
                measure.name()
            ),
            Self::MissingCost { orders } => {
                format!("the cost of goods is unknown for {orders} orders")
            }
            Self::NoHistory(measure, None) => {
                format!("{} is not kept by version", measure.name())
            }
            Self::NoHistory(measure, Some(dimension)) => format!(
                "{} of {} is not kept by version",
                graphql_name(dimension),
                measure.name()
            ),
            Self::NotPaidBack { months } => {
                format!("the cost is not paid back yet: it takes more than {months} months")
            }
            Self::NotPermitted(scope) => format!("the token lacks the scope {}", scope.as_str()),
            Self::SampleTooSmall { found, needed } => {
                format!("there are {found} customers to learn from; {needed} are needed")
            }
            Self::NoFit(why) => format!("the model does not fit these customers: {why}"),
            Self::NoTarget => {
                "no goal of this metric has exactly this scope and a window that holds these days"
                    .into()
            }
            Self::NoBenchmark => "the team has set no benchmark of this metric".into(),
            Self::CutsSpan(DateRange { from, to }) => format!(
                "a report gives the days from {from} to {to} in one sum, which counts on the last of them, and the \
                 question cuts these days"
            ),
        }
    }
}
