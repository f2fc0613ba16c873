//! One KPI value in an answer.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::values::Basis;
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    Session,
    catalog::MetricDefinition,
    period::Period,
    scalars::{CurrencyCode, TimeZone},
};
use crate::{
    error::ApiResult,
    kpi::{
        DateBasis, KpiComparison, KpiValue, Trend, Undefined, UndefinedCode, Verdict,
        attribution::AttributionModel, format::Unit,
    },
};

/// An amount of money.
pub struct Money {
    /// The amount in units of the currency.
    pub amount: Decimal,
    /// The currency's code.
    pub currency: String,
}

impl Money {
    /// An amount given in micros.
    pub fn of_micros(micros: i64, currency: &str) -> Self {
        Self {
            amount: Decimal::new(micros, 6).normalize(),
            currency: currency.to_owned(),
        }
    }
}

/// An exact amount of money.
#[Object]
impl Money {
    /// The amount in units of the currency, exact.
    async fn amount(&self) -> Decimal {
        self.amount
    }

    /// The currency.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.currency.clone())
    }

    /// The amount in millionths of the currency's unit, rounded half to even; a text, because it can exceed the
    /// range of Int.
    async fn amount_micros(&self) -> String {
        self.amount
            .saturating_mul(Decimal::from(1_000_000))
            .round()
            .normalize()
            .to_string()
    }
}

/// The reason of a value that is null.
pub struct UndefinedReason(pub Undefined);

impl From<Undefined> for UndefinedReason {
    fn from(reason: Undefined) -> Self {
        Self(reason)
    }
}

/// Why a value is null.
#[Object]
impl UndefinedReason {
    /// The case, for programs.
    async fn code(&self) -> UndefinedCode {
        self.0.code()
    }

    /// The case in words, for people.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language: en, zh-CN, zh-TW or ru. Default: the one of these that Accept-Language prefers."
        )]
        locale: Option<String>,
    ) -> ApiResult<String> {
        let language = Session::of(ctx)?.locale.language(locale.as_deref())?;
        Ok(self.0.message_in(language))
    }
}

/// What a value rests on.
#[derive(SimpleObject)]
pub struct Provenance {
    /// On whose word the results rest.
    basis: Basis,
    /// By which day results and refunds count.
    date_basis: DateBasis,
    /// By which model results were credited. Null on any basis but ATTRIBUTED.
    attribution: Option<AttributionModel>,
    /// How many days before a result a touch still counted. Null on any basis but ATTRIBUTED.
    lookback_days: Option<u32>,
    /// After how many days TIME_DECAY halved a touch's weight. Null for other models.
    half_life_days: Option<f64>,
    /// The zone that cuts the days.
    time_zone: TimeZone,
    /// The currency of amounts.
    currency: CurrencyCode,
    /// The version of the metric's definition.
    definition_version: i32,
    /// The sources that deliver what the value rests on.
    sources: Vec<String>,
    /// The instant asked by `asOf`. Null when none was.
    as_of: Option<DateTime<Utc>>,
}

/// How far a value can be relied on.
#[derive(SimpleObject)]
pub struct DataQuality {
    /// Whether the days are over.
    complete: bool,
    /// Whether the value can still change although its days may be over: a source still restates one of these days or an
    /// earlier one, as advertising platforms do while conversions come in late; or customers have time left to act, to
    /// order again within 30 days or to be active at the end of the period.
    provisional: bool,
    /// Whether the number is an estimate: an amount was converted at the rate of an earlier day, at most seven days old,
    /// or the KPI counts what machines do too, as the open rate does.
    estimated: bool,
    /// The share of the orders whose cost of goods is known, 0 to 1. Null for KPIs that need no cost of goods, without
    /// the right to read amounts, and where there are no orders.
    coverage: Option<f64>,
    /// Sources that deliver what the value rests on, but have not delivered up to its last day, or yesterday.
    missing_sources: Vec<String>,
    /// The instant whose facts the value tells: that of `asOf`, or of the answer.
    as_of: DateTime<Utc>,
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// One KPI: its exact number or the reason why there is none, and where it comes from.
#[Object]
impl KpiValue {
    /// Which metric this is.
    async fn metric(&self) -> MetricDefinition {
        self.metric.clone().into()
    }

    /// The exact number as a text; rates are fractions of 1. Null exactly when `undefinedReason` is not.
    async fn value(&self) -> Option<Decimal> {
        self.value.ok()
    }

    /// The number in floating point, for charts. Null when `value` is.
    async fn float(&self) -> Option<f64> {
        self.value
            .ok()
            .and_then(|value| value.to_f64())
            .filter(|value| value.is_finite())
    }

    /// What the number is.
    async fn unit(&self) -> Unit {
        self.metric.unit()
    }

    /// The number as an amount of money. Null when it is none or when `value` is null.
    async fn money(&self) -> Option<Money> {
        let amount = self.value.ok().filter(|_| self.is_money())?;
        Some(Money {
            amount,
            currency: self.currency.code().to_owned(),
        })
    }

    /// The number as people write it, such as `$1,234.50` or `12.35%` in English, rounded half to even. Null when
    /// `value` is.
    async fn formatted(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A BCP 47 tag such as de-DE or zh-TW. Default: what Accept-Language prefers, else English."
        )]
        locale: Option<String>,
    ) -> ApiResult<Option<String>> {
        let formats = Session::of(ctx)?.locale.numbers(locale.as_deref())?;
        Ok(self.text(&formats)?)
    }

    /// The upper part of a ratio, so that clients can put parts together safely. Null when the KPI is no ratio or
    /// the part is unknown.
    async fn numerator(&self) -> Option<Decimal> {
        self.numerator
    }

    /// The lower part of a ratio. Null when the KPI is no ratio or the part is unknown.
    async fn denominator(&self) -> Option<Decimal> {
        self.denominator
    }

    /// Why `value` is null; null when it is not.
    async fn undefined_reason(&self) -> Option<UndefinedReason> {
        self.value.err().map(UndefinedReason::from)
    }

    /// The same value in the period compared with. Null when no comparison was asked, and for a time bucket that
    /// has no counterpart.
    async fn comparison(&self) -> Option<Comparison<'_>> {
        self.comparison.as_ref().map(|comparison| Comparison {
            value: self,
            comparison,
        })
    }

    /// How far the value can be relied on.
    async fn quality(&self, ctx: &Context<'_>) -> ApiResult<DataQuality> {
        let now = Session::of(ctx)?.store.clock().now();
        Ok(DataQuality {
            complete: self.complete,
            estimated: self.estimated,
            coverage: self.coverage.and_then(|share| share.to_f64()),
            missing_sources: owned(self.missing_sources()),
            provisional: self.provisional,
            as_of: self.read.map_or(now, |read| read.at),
        })
    }

    /// What the value rests on.
    async fn provenance(&self, ctx: &Context<'_>) -> ApiResult<Provenance> {
        let rules = self.credited.as_ref().map(|(rules, _)| rules);
        Ok(Provenance {
            basis: self.basis,
            date_basis: self.date_basis(),
            attribution: rules.map(|rules| rules.model),
            lookback_days: rules.map(|rules| rules.lookback_days),
            half_life_days: rules
                .filter(|rules| rules.model == AttributionModel::TimeDecay)
                .map(|rules| rules.half_life_days()),
            time_zone: TimeZone(Session::of(ctx)?.store.team().time_zone.clone()),
            currency: CurrencyCode(self.currency.code().to_owned()),
            definition_version: self.metric.version(),
            sources: owned(self.sources()),
            as_of: self.asked_as_of(),
        })
    }
}

/// A value and its baseline.
pub struct Comparison<'a> {
    value: &'a KpiValue,
    comparison: &'a KpiComparison,
}

/// A value beside its baseline.
#[Object(name = "KpiComparison")]
impl Comparison<'_> {
    /// The value in the period compared with.
    async fn baseline(&self) -> &KpiValue {
        &self.comparison.baseline
    }

    /// The days compared with.
    async fn period(&self, ctx: &Context<'_>) -> ApiResult<Period> {
        let as_of = self.value.asked_as_of();
        Period::of_days(Session::of(ctx)?, as_of, self.comparison.days, None)
    }

    /// The value less the baseline. Null when one of them is.
    async fn absolute(&self) -> Option<Decimal> {
        self.value.absolute_change()
    }

    /// The change as a fraction of the baseline's size. Null when one of them is null or the baseline is zero.
    async fn relative(&self) -> Option<Decimal> {
        self.value.relative_change()
    }

    /// Where the value went.
    async fn trend(&self) -> Trend {
        self.value.trend()
    }

    /// Whether that is better or worse for this KPI: a rising cost is worse.
    async fn verdict(&self) -> Verdict {
        self.value.verdict()
    }
}
