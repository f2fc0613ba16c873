//! What stands behind a `metrics` answer: periods, cost, warnings, freshness.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::source_load;

use super::{Session, catalog::MetricDefinition, list::start, period::Period, scalars::Date};
use crate::{
    error::ApiResult,
    kpi::{UndefinedCode, Warning},
};

/// What stands behind the values.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct MetricsMeta {
    /// The days asked.
    pub period: Period,
    /// The days compared with. Null when no comparison was asked.
    pub compared_to: Option<Period>,
    /// What the answer cost: base scans × rows × 2 with a comparison, as `explainMetrics` counts them.
    pub cost: u64,
    #[graphql(skip)]
    pub warnings: Vec<MetricWarning>,
    #[graphql(skip)]
    pub freshness: Vec<SourceFreshness>,
}

#[ComplexObject]
impl MetricsMeta {
    /// Why values are missing in any row, on this page or another: each reason once for each metric. Nothing to divide
    /// by is no reason to warn. And which values to take with care: CUTS_SPAN.
    async fn warnings(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[MetricWarning] {
        start(&self.warnings, limit)
    }

    /// What each source has delivered, and when last.
    async fn freshness(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[SourceFreshness] {
        start(&self.freshness, limit)
    }
}

/// Why a metric has no value in some row, or why to take its values with care.
pub struct MetricWarning(Warning);

/// Why a metric has no value in some row, or why to take its values with care.
#[Object]
impl MetricWarning {
    /// Which metric.
    async fn metric(&self) -> MetricDefinition {
        self.0.metric.clone().into()
    }

    /// The case, for programs.
    async fn code(&self) -> UndefinedCode {
        self.0.reason.code()
    }

    /// The case in words, as the first such row has it.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language: en, zh-CN, zh-TW or ru. Default: the one of these that Accept-Language prefers."
        )]
        locale: Option<String>,
    ) -> ApiResult<String> {
        let language = Session::of(ctx)?.locale.language(locale.as_deref())?;
        Ok(self.0.reason.message_in(language))
    }
}

impl From<Warning> for MetricWarning {
    fn from(warning: Warning) -> Self {
        Self(warning)
    }
}

/// What one source has delivered of one kind of fact.
#[derive(SimpleObject)]
pub struct SourceFreshness {
    /// The source.
    source: String,
    /// The kind of fact, such as `ad_day` or `orders`.
    fact: String,
    /// When it delivered last.
    last_loaded_at: DateTime<Utc>,
    /// The first day delivered. Null when nothing dated was.
    data_from: Option<Date>,
    /// The last day delivered. Null when nothing dated was.
    data_through: Option<Date>,
    /// The first day that its last load changed or took back after delivering it before: figures since then are likely
    /// to change again. Null when that load restated nothing, and for facts that do not come by the day.
    provisional_from: Option<Date>,
}

impl From<source_load::Model> for SourceFreshness {
    fn from(load: source_load::Model) -> Self {
        Self {
            source: load.source,
            fact: load.fact,
            last_loaded_at: load.loaded_at,
            data_from: load.data_from.map(Date),
            data_through: load.data_through.map(Date),
            provisional_from: load.restated_from.map(Date),
        }
    }
}
