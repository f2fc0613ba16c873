//! `anomalies`: what is out of the ordinary, computed when asked.

use async_graphql::{Context, ID, InputObject, Object};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::drivers::Driver;
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    graphql::{
        Session,
        catalog::MetricDefinition,
        connection::{connection, count},
        list::most,
        metrics_rows::DimensionValue,
        period::Period,
        scalars::Date,
    },
    insight::{
        self,
        anomaly::verdict,
        anomaly_id::AnomalyId,
        recommendation::{self, Subject, sentence},
        search::{Search, usual_kpis},
    },
    kpi::{Kpi, KpiValue, Verdict, graphql_name},
    store::{
        Page, PageAsk,
        measures::{Cut, Dimension},
    },
    time::{Bucket, Grain},
};

/// The most KPIs of one question.
const MOST_METRICS: usize = 40;
const MOST_DIMENSIONS: usize = 3;
const MOST_BUCKETS: i32 = 100;

/// Which values to judge. Each is measured by eight earlier buckets.
#[derive(InputObject, Default)]
pub struct AnomaliesInput {
    /// Which KPIs, 1 to 40. Default: the operational ones of the catalogue.
    metrics: Option<Vec<Kpi>>,
    /// Judge each segment of these dimensions, up to 3, and the whole team; drivers of the whole team are told by the
    /// first. Not TIME, COHORT, CUSTOMER or PROPERTY. Default: CHANNEL; an empty list judges the whole team alone.
    split_by: Option<Vec<Dimension>>,
    /// The size of the buckets. Default: DAY.
    grain: Option<Grain>,
    /// Judge as on the day after this one: the last bucket that was complete at its end. Default: yesterday.
    day: Option<Date>,
    /// How many buckets to judge, counted back from the last complete one, 1 to 100. Default: 1.
    buckets: Option<i32>,
    /// How much a value must rest on: a ratio's denominator, a count itself. Default: 30 impressions, clicks or visits,
    /// 5 conversions, orders, customers, leads or deals. Of KPIs made of amounts of money it is an amount, 0 by default.
    min_volume: Option<Decimal>,
}

impl AnomaliesInput {
    fn search(self, session: &Session) -> Result<Search> {
        let mut kpis = self.metrics.unwrap_or_else(usual_kpis);
        if !(1..=MOST_METRICS).contains(&kpis.len()) {
            return Err(Error::Limit(format!(
                "input.metrics: {} asked; 1 to {MOST_METRICS} are allowed",
                kpis.len()
            )));
        }
        kpis.sort_unstable();
        kpis.dedup();
        let buckets = self.buckets.unwrap_or(1);
        if !(1..=MOST_BUCKETS).contains(&buckets) {
            return Err(Error::Limit(format!(
                "input.buckets: {buckets} asked; 1 to {MOST_BUCKETS} are allowed"
            )));
        }
        if let Some(least) = self.min_volume.filter(Decimal::is_sign_negative) {
            return Err(Error::invalid(
                "input.minVolume",
                least,
                "it must not be negative",
            ));
        }
        Ok(Search {
            kpis,
            split_by: segments(
                "input.splitBy",
                self.split_by.unwrap_or(vec![Dimension::Channel]),
            )?,
            grain: self.grain.unwrap_or(Grain::Day),
            day: self.day.map(|day| day.0),
            buckets,
            least_volume: self.min_volume.map(|least| least.normalize()),
            rights: session.rights(),
        })
    }
}

/// Dimensions that a team has few values of.
pub fn segments(field: &str, dimensions: Vec<Dimension>) -> Result<Vec<Dimension>> {
    if dimensions.len() > MOST_DIMENSIONS {
        return Err(Error::Limit(format!(
            "{field}: {} dimensions asked; at most {MOST_DIMENSIONS}",
            dimensions.len()
        )));
    }
    for (place, dimension) in dimensions.iter().enumerate() {
        if matches!(
            dimension,
            Dimension::Time | Dimension::Cohort | Dimension::Customer | Dimension::Property
        ) {
            let allowed = "all dimensions but TIME, COHORT, CUSTOMER and PROPERTY are";
            return Err(Error::invalid(
                &format!("{field}[{place}]"),
                graphql_name(*dimension),
                allowed,
            ));
        }
        if dimensions[..place].contains(dimension) {
            return Err(Error::BadInput(format!(
                "{field}[{place}]: it is asked already"
            )));
        }
    }
    Ok(dimensions)
}

/// Answers `anomalies`.
pub async fn anomalies(
    ctx: &Context<'_>,
    input: AnomaliesInput,
    ask: PageAsk,
) -> ApiResult<AnomalyConnection> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let found = input.search(session)?.find(&session.store).await?;
    let total = found.len() as u64;
    let team = session.store.team().id;
    let id = |anomaly: &insight::search::Anomaly| {
        let place = &anomaly.place;
        AnomalyId { place, team }.to_string()
    };
    let page = Page::of_list(found, &ask, id)?.map(|anomaly| Anomaly::new(anomaly, team));
    Ok(AnomalyConnection::new(
        page,
        count(move |_| async move { Ok(total) }),
    ))
}

/// A value that is out of the ordinary.
pub struct Anomaly {
    anomaly: insight::search::Anomaly,
    cut: Option<Cut>,
    team: i64,
}

impl Anomaly {
    /// An anomaly that was found in a team.
    pub fn new(anomaly: insight::search::Anomaly, team: i64) -> Self {
        let cut = anomaly.place.dimension.map(Cut::By);
        Self { anomaly, cut, team }
    }

    fn segment(&self) -> Option<DimensionValue<'_>> {
        let (cut, key) = (self.cut.as_ref()?, self.anomaly.place.segment.as_ref()?);
        Some(DimensionValue::new(cut, key))
    }
}

connection!(AnomalyConnection, AnomalyEdge, Anomaly, "anomalies");

/// A value of the last complete bucket that lies far from what the eight buckets before it let expect; for days, the
/// eight same weekdays before. It lies at least 3.5 robust standard deviations (1.4826 times the median absolute
/// deviation) and at least 20 % away from their median, and rests on enough.
#[Object]
impl Anomaly {
    /// The id: where the anomaly stands. Asked again by `node`, it is looked for again, and null when later facts have
    /// made it ordinary.
    pub(crate) async fn id(&self) -> ID {
        let (place, team) = (&self.anomaly.place, self.team);
        AnomalyId { place, team }.to_string().into()
    }

    /// Of which KPI.
    async fn metric(&self) -> MetricDefinition {
        MetricDefinition::from(self.anomaly.place.kpi.definition())
    }

    /// Of which segment; empty for the whole team.
    async fn dimensions(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DimensionValue<'_>> {
        self.segment().into_iter().take(most(limit)).collect()
    }

    /// In which bucket.
    async fn bucket(&self, ctx: &Context<'_>) -> ApiResult<Period> {
        let place = &self.anomaly.place;
        Period::of_bucket(
            Session::of(ctx)?,
            Bucket {
                grain: place.grain,
                index: place.index,
            },
        )
    }

    /// The value, compared with the typical bucket of its history: the one nearest to the median.
    async fn observed(&self) -> &KpiValue {
        &self.anomaly.observed
    }

    /// The median of the buckets that it was measured by.
    async fn expected(&self) -> Decimal {
        self.anomaly.judgement.median
    }

    /// At or below this a value is an anomaly.
    async fn expected_low(&self) -> Decimal {
        self.anomaly.judgement.low
    }

    /// At or above this a value is an anomaly.
    async fn expected_high(&self) -> Decimal {
        self.anomaly.judgement.high
    }

    /// The distance from the median as a fraction of its size.
    async fn relative(&self) -> Decimal {
        self.anomaly.judgement.relative
    }

    /// The distance from the median in robust standard deviations, 3.5 or more. Null where the history does not vary.
    async fn score(&self) -> Option<f64> {
        self.anomaly.judgement.score?.to_f64()
    }

    /// Whether that is better or worse for this KPI.
    async fn verdict(&self) -> Verdict {
        verdict(self.anomaly.place.kpi, &self.anomaly.judgement)
    }

    /// The segments that drove the whole team's value away from the typical bucket, the largest first, up to three.
    /// Empty for segments: ask `drivers` for theirs.
    async fn drivers(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<Driver<'_>> {
        let cut = self.cut.iter();
        cut.flat_map(|cut| {
            let ratio = self.anomaly.place.kpi.definition().is_ratio();
            let drivers = self.anomaly.drivers.iter();
            drivers.map(move |driver| Driver { cut, driver, ratio })
        })
        .take(most(limit))
        .collect()
    }

    /// What happened, why, and what to look at first, in a sentence made by rules.
    async fn recommendation(&self, ctx: &Context<'_>) -> ApiResult<Option<String>> {
        let session = Session::of(ctx)?;
        let segment = match self.segment() {
            Some(segment) => Some(segment.text(session).await?),
            None => None,
        };
        let driver = match (self.anomaly.drivers.first(), &self.cut) {
            (Some(driver), Some(cut)) => {
                let name = DimensionValue::new(cut, &driver.key).text(session).await?;
                Some((name, driver.effect.mix.abs() > driver.effect.rate.abs()))
            }
            _ => None,
        };
        let ratio = self.anomaly.place.kpi.definition().is_ratio();
        Ok(sentence(&Subject {
            kpi: self.anomaly.place.kpi,
            segment: segment.as_deref(),
            change: self.anomaly.judgement.relative,
            components: &self.anomaly.components,
            driver: driver
                .as_ref()
                .map(|(name, by_mix)| recommendation::Driver {
                    name,
                    by_mix: *by_mix && ratio,
                }),
        }))
    }
}
