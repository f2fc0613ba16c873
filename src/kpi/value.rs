//! A KPI's value: a number or the reason why there is none, and what it is compared with.

use std::sync::Arc;

use entity::values::Basis;
use rust_decimal::Decimal;

use super::{
    Loads, Metric, Undefined,
    as_of::ReadAt,
    attribution::Rules,
    format::{Unit, format_value},
    formula::Evaluated,
};
use crate::{
    auth::Scope,
    error::Result,
    locale::NumberFormats,
    store::{FactTable, measures::Measure},
    time::{DateRange, ResolvedPeriod},
};

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
                .map(FactTable::name)
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
        Some(self.value.ok()?.checked_sub(baseline)?.normalize())
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
        match self.absolute_change() {
            None => Verdict::Unknown,
            Some(change) => self.metric.direction().verdict(change),
        }
    }
}
