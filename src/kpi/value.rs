//! A KPI's value: a number or the reason why there is none, and what it is compared with.

use std::sync::Arc;

use entity::values::Basis;
use rust_decimal::Decimal;

use super::{
    Loads, Metric,
    as_of::ReadAt,
    attribution::Rules,
    definition::Direction,
    format::{Unit, format_value},
    formula::Evaluated,
    lifetime::Degenerate,
};
use crate::{
    auth::Scope,
    error::Result,
    locale::NumberFormats,
    store::measures::{Dimension, Measure},
    time::{DateRange, ResolvedPeriod},
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
        }
    }
}

/// The name that an enum value has in the API.
pub fn graphql_name<T: async_graphql::resolver_utils::EnumType>(value: T) -> String {
    async_graphql::resolver_utils::enum_value(value).to_string()
}

/// By which day a result counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum DateBasis {
    /// The day on which it happened: closed months stay as they were.
    EventDate,
    /// Refunds count on the day of their order: past months tell what their orders were really worth.
    OrderDate,
    /// Results count on the days of the touches that are credited with them, beside what was spent on those days. Only
    /// on the basis ATTRIBUTED.
    TouchDate,
}

impl DateBasis {
    /// The date basis of a metric, which may be credited on the days of touches, or whose refunds may be asked for by
    /// another day than it takes by itself.
    pub fn of(metric: &Metric, by_touch: bool, asked: Option<Self>) -> Self {
        if by_touch {
            return Self::TouchDate;
        }
        let of_orders = [
            Measure::refunded_of_orders,
            Measure::customers_refunded,
            Measure::cohort_refunded,
        ];
        let measures = metric.measures();
        let mut taken = measures.iter().map(|measure| Self::taken(asked, *measure));
        match taken.any(|measure| of_orders.contains(&measure)) {
            true => Self::OrderDate,
            false => Self::EventDate,
        }
    }

    /// The measure that takes this one's place where refunds are asked for by another day.
    pub fn taken(asked: Option<Self>, measure: Measure) -> Measure {
        match (asked, measure) {
            (Some(Self::EventDate), Measure::refunded_of_orders) => Measure::refunds,
            (Some(Self::OrderDate), Measure::refunds) => Measure::refunded_of_orders,
            (Some(Self::OrderDate), Measure::refunds_before) => Measure::refunded_of_orders_before,
            (_, measure) => measure,
        }
    }
}

/// Where a value went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum Trend {
    /// Above the baseline.
    Up,
    /// Below the baseline.
    Down,
    /// Equal to it.
    Flat,
    /// One of the two has no value.
    Unknown,
}

/// What the trend means for this KPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum Verdict {
    /// It moved the better way.
    Better,
    /// It moved the worse way.
    Worse,
    /// It did not move.
    Same,
    /// The KPI has no better way.
    Neutral,
    /// One of the two has no value.
    Unknown,
}

/// A value beside its baseline.
#[derive(Clone, Debug)]
pub struct KpiComparison {
    /// The value that it is compared with.
    pub baseline: KpiValue,
    /// The days of the baseline.
    pub days: DateRange,
}

/// One KPI of one group in one period.
#[derive(Clone, Debug)]
pub struct KpiValue {
    /// Which metric.
    pub metric: Metric,
    /// The number, or the reason.
    pub value: Result<Decimal, Undefined>,
    /// The upper part of a ratio.
    pub numerator: Option<Decimal>,
    /// The lower part of a ratio.
    pub denominator: Option<Decimal>,
    /// The currency of amounts.
    pub currency: iso_currency::Currency,
    /// On whose word it rests.
    pub basis: Basis,
    /// How facts were credited, and whether on the days of touches; on the basis ATTRIBUTED.
    pub credited: Option<(Arc<Rules>, bool)>,
    /// By which day refunds were asked to count, if they were.
    pub refunds_by: Option<DateBasis>,
    /// Whether an amount was converted at a rate of an earlier day.
    pub estimated: bool,
    /// Whether the period is over.
    pub complete: bool,
    /// Whether the value can still change: sources restate days that it is made of, or customers have time left to act.
    pub provisional: bool,
    /// The share of the orders whose cost of goods is known, where that matters.
    pub coverage: Option<Decimal>,
    /// The days that it is about.
    pub days: DateRange,
    /// What the sources have delivered.
    pub loads: Arc<Loads>,
    /// When its facts were read, or as of when.
    pub read: Option<ReadAt>,
    /// What it is compared with, where that was asked.
    pub comparison: Option<Box<KpiComparison>>,
}

impl KpiValue {
    pub(in crate::kpi) fn new(
        metric: impl Into<Metric>,
        result: Evaluated,
        period: &ResolvedPeriod,
        currency: iso_currency::Currency,
        basis: Basis,
        loads: Arc<Loads>,
    ) -> Self {
        Self {
            metric: metric.into(),
            value: result.value,
            numerator: result.numerator,
            denominator: result.denominator,
            currency,
            basis,
            credited: None,
            refunds_by: None,
            estimated: false,
            complete: period.complete,
            provisional: false,
            coverage: None,
            days: period.range,
            loads,
            read: None,
            comparison: None,
        }
    }

    /// The same value without its numbers, for callers who may not read amounts.
    pub(in crate::kpi) fn withheld(mut self) -> Self {
        self.value = Err(Undefined::NotPermitted(Scope::MoneyRead));
        self.numerator = None;
        self.denominator = None;
        self.coverage = None;
        self
    }

    /// The sources that deliver what the value rests on.
    pub fn sources(&self) -> Vec<&str> {
        self.loads.sources(self.facts())
    }

    /// Those of them that have delivered something, but not up to the value's last day.
    pub fn missing_sources(&self) -> Vec<&str> {
        self.loads.behind(self.facts(), self.days.to)
    }

    fn facts(&self) -> Vec<&'static str> {
        let measures = self.metric.measures();
        let loaded = |measure: &Measure| {
            DateBasis::taken(self.refunds_by, measure.under(self.basis))
                .spec()
                .fact
                .loaded_as()
        };
        measures.iter().filter_map(loaded).collect()
    }

    /// The number as people write it.
    pub fn text(&self, formats: &NumberFormats) -> Result<Option<String>> {
        let unit = self.metric.unit();
        self.value
            .ok()
            .map(|value| format_value(value, unit, Some(self.currency), formats))
            .transpose()
    }

    /// Whether the number is an amount of money.
    pub fn is_money(&self) -> bool {
        matches!(self.metric.unit(), Unit::Currency | Unit::CurrencyPerDay)
    }

    /// By which day results and refunds count.
    pub fn date_basis(&self) -> DateBasis {
        let by_touch = self.credited.as_ref().map(|(_, by_touch)| *by_touch);
        DateBasis::of(&self.metric, by_touch.unwrap_or(false), self.refunds_by)
    }

    /// How far it moved from the baseline.
    pub fn absolute_change(&self) -> Option<Decimal> {
        let baseline = self.comparison.as_ref()?.baseline.value.ok()?;
        self.value.ok().map(|value| (value - baseline).normalize())
    }

    /// How far it moved as a fraction of the baseline; none when the baseline is zero.
    pub fn relative_change(&self) -> Option<Decimal> {
        let baseline = self.comparison.as_ref()?.baseline.value.ok()?;
        Some(
            self.absolute_change()?
                .checked_div(baseline.abs())?
                .round_dp(15)
                .normalize(),
        )
    }

    /// Where it went.
    pub fn trend(&self) -> Trend {
        match self.absolute_change() {
            None => Trend::Unknown,
            Some(change) if change.is_zero() => Trend::Flat,
            Some(change) if change.is_sign_positive() => Trend::Up,
            Some(_) => Trend::Down,
        }
    }

    /// What that means.
    pub fn verdict(&self) -> Verdict {
        match (self.trend(), self.metric.direction()) {
            (Trend::Unknown, _) => Verdict::Unknown,
            (_, Direction::Neutral) => Verdict::Neutral,
            (Trend::Flat, _) => Verdict::Same,
            (Trend::Up, Direction::Higher) | (Trend::Down, Direction::Lower) => Verdict::Better,
            _ => Verdict::Worse,
        }
    }
}
