//! The queries of what can be asked, and of what to hold answers against.

use async_graphql::{Context, Object};
use entity::values::Objective;

use super::{
    benchmark::{Benchmark, benchmarks},
    catalog::{MetricDefinition, catalog},
    list::{most, start},
};
use crate::{
    error::ApiResult,
    kpi::{Kpi, dashboard::recommended, definition::JourneyStage},
};

/// The fields of the catalogue and of benchmarks among the queries.
#[derive(Default)]
pub struct CatalogQuery;

#[Object]
impl CatalogQuery {
    /// The KPIs that can be asked and, for those who may read metrics, the metrics that the team made of them and has
    /// not put away.
    async fn metric_catalog(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this stage of the customer's journey.")] stage: Option<
            JourneyStage,
        >,
        #[graphql(
            desc = "Only those that can be cut by all dimensions that these KPIs can be cut by."
        )]
        usable_with: Option<Vec<Kpi>>,
        #[graphql(
            desc = "The language of names and descriptions: en, zh-CN, zh-TW or ru. Default: the one of these that \
                    Accept-Language prefers, else English."
        )]
        locale: Option<String>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<MetricDefinition>> {
        let usable_with = usable_with.as_deref();
        let mut found = Box::pin(catalog(ctx, stage, usable_with, locale.as_deref())).await?;
        found.truncate(most(limit));
        Ok(found)
    }

    /// The benchmarks of a metric that the team has set, the newest first, 100 at most. Needs METRICS_READ.
    async fn benchmarks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which metric.")] metric: Kpi,
        #[graphql(desc = "Only those of this industry, written as it was when they were set.")]
        industry: Option<String>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<Benchmark>> {
        let mut found = Box::pin(benchmarks(ctx, metric, industry.as_deref())).await?;
        found.truncate(most(limit));
        Ok(found)
    }

    /// The metrics that tell whether an objective is reached, the most telling first.
    async fn recommended_metrics(
        &self,
        #[graphql(desc = "What a campaign is for.")] objective: Objective,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<MetricDefinition> {
        start(recommended(objective), limit)
            .iter()
            .map(|kpi| MetricDefinition::from(kpi.definition()))
            .collect()
    }
}
