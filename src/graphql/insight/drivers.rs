//! `drivers`: why a KPI changed.

use async_graphql::{Context, InputObject, Object};
use entity::values::Basis;
use rust_decimal::Decimal;

use super::anomaly::segments;
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    graphql::{
        Session,
        kpi_input::{CompareInput, PeriodInput},
        kpi_value::UndefinedReason,
        list::most,
        metric_filter::MetricFilter,
        metrics_rows::DimensionValue,
    },
    insight::{
        recommendation::{self, Subject, sentence},
        report::{self, Breakdown, DriverAsk, Report},
    },
    kpi::{Kpi, KpiValue, graphql_name},
    store::measures::{Cut, Dimension, Filter},
    time::{CompareAsk, CompareTo},
};

/// The most segments that can be named.
const MOST_SEGMENTS: i32 = 20;

/// Which change to explain.
#[derive(InputObject)]
pub struct DriversInput {
    /// Of which KPI.
    metric: Kpi,
    /// In which days.
    period: PeriodInput,
    /// Compared with which days; not TARGET and BENCHMARK. Default: the period before.
    compare_to: Option<CompareInput>,
    /// By the segments of these dimensions, up to 3; not TIME, COHORT, CUSTOMER or PROPERTY. Default: CHANNEL.
    by: Option<Vec<Dimension>>,
    /// How many segments of each dimension to name, 1 to 20. Default: 3.
    top: Option<i32>,
    /// Of which facts.
    filter: Option<MetricFilter>,
    /// On whose word conversions rest. Default: the team's setting.
    basis: Option<Basis>,
}

/// Answers `drivers`.
pub async fn drivers(ctx: &Context<'_>, input: DriversInput) -> ApiResult<DriverReport> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let most = input.top.unwrap_or(3);
    if !(1..=MOST_SEGMENTS).contains(&most) {
        return Err(Error::Limit(format!(
            "input.top: {most} asked; 1 to {MOST_SEGMENTS} are allowed"
        ))
        .into());
    }
    let by = segments("input.by", input.by.unwrap_or(vec![Dimension::Channel]))?;
    let compare = match &input.compare_to {
        Some(compare) => compare.ask()?,
        None => CompareAsk::new(CompareTo::PreviousPeriod),
    };
    // Targets and benchmarks have no segments.
    if !compare.to.is_period() {
        let allowed = "PREVIOUS_PERIOD, PREVIOUS_YEAR and CUSTOM are";
        let to = graphql_name(compare.to);
        return Err(Error::invalid("input.compareTo.to", to, allowed).into());
    }
    let filter = input.filter.as_ref();
    let ask = DriverAsk {
        kpi: input.metric,
        period: input.period.ask(),
        compare,
        by: by.into_iter().map(Cut::By).collect(),
        most: usize::try_from(most).unwrap_or(1),
        filter: filter.map_or(Ok(Filter::Everything), |filter| {
            filter.checked("input.filter")
        })?,
        basis: input.basis,
        rights: session.rights(),
    };
    Ok(DriverReport {
        kpi: ask.kpi,
        report: ask.answer(&session.store).await?,
    })
}

/// Why a KPI changed.
pub struct DriverReport {
    kpi: Kpi,
    report: Report,
}

/// A KPI's change, what its components did, and which segments drove it.
#[Object]
impl DriverReport {
    /// The KPI with its comparison.
    async fn value(&self) -> &KpiValue {
        &self.report.value
    }

    /// The KPIs that this one is made of, with their comparisons, such as the conversion rate and the cost per click for
    /// the cost of a customer. Empty where it has none.
    async fn components(&self) -> &[KpiValue] {
        &self.report.components
    }

    /// What the segments contributed, one entry for each dimension asked.
    async fn breakdowns(&self) -> Vec<DriverBreakdown<'_>> {
        let breakdowns = self.report.breakdowns.iter();
        breakdowns
            .map(|breakdown| DriverBreakdown {
                breakdown,
                ratio: self.kpi.definition().is_ratio(),
            })
            .collect()
    }

    /// What happened, why, and what to look at first, in a sentence made by rules. Null when nothing changed or the
    /// change has no value.
    async fn recommendation(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        let Some(change) = self.report.value.relative_change() else {
            return Ok(None);
        };
        let first = self.report.breakdowns.first();
        let first = first.and_then(|breakdown| {
            let driver = breakdown.drivers.as_ref().ok()?.top.first()?;
            Some((&breakdown.cut, driver))
        });
        let driver = match first {
            Some((cut, driver)) => {
                let by_mix = driver.effect.mix.abs() > driver.effect.rate.abs();
                let name = DimensionValue::new(cut, &driver.key)
                    .text(Session::of(ctx)?)
                    .await?;
                Some((name, by_mix && self.kpi.definition().is_ratio()))
            }
            None => None,
        };
        Ok(sentence(&Subject {
            kpi: self.kpi,
            segment: None,
            change,
            components: &self.report.changes(self.kpi),
            driver: driver
                .as_ref()
                .map(|(name, by_mix)| recommendation::Driver {
                    name,
                    by_mix: *by_mix,
                }),
        }))
    }
}

/// The segments of one dimension.
pub struct DriverBreakdown<'a> {
    breakdown: &'a Breakdown,
    ratio: bool,
}

/// How far the segments of one dimension explain the change. For a ratio, rate effect, mix effect and residual add up to
/// the change exactly; for a sum, mix effect and residual do.
#[Object]
impl DriverBreakdown<'_> {
    /// Which dimension.
    async fn dimension(&self) -> Dimension {
        self.breakdown.cut.dimension()
    }

    /// What came from the segments' own rates: the sum of each one's share of now times the change of its rate. Null for
    /// sums and where the change cannot be taken apart.
    async fn rate_effect(&self) -> Option<Decimal> {
        let whole = self.breakdown.drivers.as_ref().ok()?.whole;
        self.ratio.then_some(whole.rate)
    }

    /// What came from the segments' weights: the sum of the change of each one's share times its rate of before, less the
    /// whole's rate of before. For sums: the sum of the segments' changes. Null where the change cannot be taken apart.
    async fn mix_effect(&self) -> Option<Decimal> {
        Some(self.breakdown.drivers.as_ref().ok()?.whole.mix)
    }

    /// The rest of the change: numerators without a denominator, such as spend that won nobody, and what segments do not
    /// explain, as when people belong to several of them. Null where the change cannot be taken apart.
    async fn residual(&self) -> Option<Decimal> {
        Some(self.breakdown.drivers.as_ref().ok()?.whole.residual)
    }

    /// Why the change cannot be taken apart; null when it can.
    async fn undefined_reason(&self) -> Option<UndefinedReason> {
        self.breakdown
            .drivers
            .as_ref()
            .err()
            .map(|reason| UndefinedReason::from(*reason))
    }

    /// The segments that contributed most, the largest first, without those that contributed nothing.
    async fn drivers(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<Driver<'_>> {
        let drivers = self.breakdown.drivers.iter();
        drivers
            .flat_map(|drivers| &drivers.top)
            .take(most(limit))
            .map(|driver| Driver {
                cut: &self.breakdown.cut,
                driver,
                ratio: self.ratio,
            })
            .collect()
    }
}

/// A segment that contributed to a change.
pub struct Driver<'a> {
    /// The dimension.
    pub cut: &'a Cut,
    /// The segment.
    pub driver: &'a report::Driver,
    /// Whether the KPI is a ratio.
    pub ratio: bool,
}

/// What one segment contributed to a change of the whole.
#[Object]
impl Driver<'_> {
    /// Which segment.
    async fn dimension(&self) -> DimensionValue<'_> {
        DimensionValue::new(self.cut, &self.driver.key)
    }

    /// All that it contributed, in the unit of the KPI: rate effect, mix effect and residual. Rounded to 12 places.
    async fn contribution(&self) -> Decimal {
        self.driver.effect.total().normalize()
    }

    /// By its own rate, at its share of now. Null for sums.
    async fn rate_effect(&self) -> Option<Decimal> {
        self.ratio.then_some(self.driver.effect.rate)
    }

    /// By its weight, at its rate of before. A segment that is new or gone is all mix. Null for sums.
    async fn mix_effect(&self) -> Option<Decimal> {
        self.ratio.then_some(self.driver.effect.mix)
    }

    /// By a numerator without a denominator. Null for sums.
    async fn residual(&self) -> Option<Decimal> {
        self.ratio.then_some(self.driver.effect.residual)
    }

    /// The segment's own value with its comparison.
    async fn value(&self) -> &KpiValue {
        &self.driver.value
    }
}
