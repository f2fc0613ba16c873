//! The catalogue of KPIs, and the metrics that the team made of them.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};

use super::{GlobalId, Session, global_id::NodeType, list::most, loaders::VersionsOf};
use crate::{
    auth::Scope,
    error::ApiResult,
    kpi::{
        Kpi, Metric, TeamMetric,
        definition::{Cadence, Definition, Direction, JourneyStage, MetricKind},
        format::Unit,
        graphql_name,
    },
    locale::Language,
    store::measures::{Additivity, Dimension},
};

/// An entry of the catalogue or a metric of the team, and the language asked of the catalogue.
#[derive(Clone)]
pub struct MetricDefinition(pub Metric, Option<Language>);

impl From<&'static Definition> for MetricDefinition {
    fn from(definition: &'static Definition) -> Self {
        Self(definition.kpi.into(), None)
    }
}

impl From<Metric> for MetricDefinition {
    fn from(metric: Metric) -> Self {
        Self(metric, None)
    }
}

impl MetricDefinition {
    /// The entry in a language, unless a field asks for another.
    pub fn in_language(metric: Metric, language: Language) -> Self {
        Self(metric, Some(language))
    }

    /// The language of a text: that of the field's argument, else the catalogue's, else the request's.
    fn language(&self, ctx: &Context<'_>, argument: Option<&str>) -> ApiResult<Language> {
        match (argument, self.1) {
            (None, Some(language)) => Ok(language),
            _ => Ok(Session::of(ctx)?.locale.language(argument)?),
        }
    }
}

/// What a metric means and how it is computed: a KPI of the catalogue, or a metric that the team made of KPIs.
#[Object]
impl MetricDefinition {
    /// The id: of a KPI its key, of a metric of the team what `customMetrics` takes.
    pub(crate) async fn id(&self) -> ID {
        match &self.0 {
            Metric::Kpi(kpi) => ID(graphql_name(*kpi)),
            Metric::Team(metric) => GlobalId::new(NodeType::MetricDefinition, metric.id).into(),
        }
    }

    /// The key by which a KPI of the catalogue is asked. Null for a metric of the team.
    async fn key(&self) -> Option<Kpi> {
        self.0.kpi()
    }

    /// Its name.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language: en, zh-CN, zh-TW or ru. Default: the catalogue's, else the one of these that \
                    Accept-Language prefers. A metric of the team is told in the team's own words."
        )]
        locale: Option<String>,
    ) -> ApiResult<String> {
        let language = self.language(ctx, locale.as_deref())?;
        Ok(match &self.0 {
            Metric::Kpi(kpi) => kpi.definition().name_in(language),
            Metric::Team(metric) => metric.name.clone(),
        })
    }

    /// What it means, and when a KPI is null.
    async fn description(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language: en, zh-CN, zh-TW or ru. Default: the catalogue's, else the one of these that \
                    Accept-Language prefers. A metric of the team is told in the team's own words."
        )]
        locale: Option<String>,
    ) -> ApiResult<String> {
        let language = self.language(ctx, locale.as_deref())?;
        Ok(match &self.0 {
            Metric::Kpi(kpi) => kpi.definition().text_in(language),
            Metric::Team(metric) => metric.description.clone(),
        })
    }

    /// The formula. Of a KPI in terms of `measures`; where these count orders without a cost, any such order makes the
    /// value null. Of a metric of the team in terms of keys, as it was written.
    async fn formula(&self) -> String {
        match &self.0 {
            Metric::Kpi(kpi) => kpi.definition().formula_text(),
            Metric::Team(metric) => metric.text.clone(),
        }
    }

    /// The KPIs that a metric of the team is made of; empty for a KPI.
    async fn requires(&self) -> Vec<Kpi> {
        match &self.0 {
            Metric::Kpi(_) => vec![],
            Metric::Team(metric) => metric.expression.keys(),
        }
    }

    /// The sums and counts that it is made of in the end.
    async fn measures(&self) -> Vec<&str> {
        let measures = self.0.measures();
        measures.iter().map(|measure| measure.name()).collect()
    }

    /// How the number comes about.
    async fn kind(&self) -> MetricKind {
        self.0.kind()
    }

    /// What the number is.
    async fn unit(&self) -> Unit {
        self.0.unit()
    }

    /// Which way is better.
    async fn direction(&self) -> Direction {
        self.0.direction()
    }

    /// Where in the customer's journey it belongs. Null when it belongs to none.
    async fn stage(&self) -> Option<JourneyStage> {
        self.0.stage()
    }

    /// How often it makes sense to look.
    async fn cadence(&self) -> Cadence {
        match &self.0 {
            Metric::Kpi(kpi) => kpi.definition().cadence,
            Metric::Team(metric) => metric.cadence,
        }
    }

    /// Whether values of parts may be added up.
    async fn additivity(&self) -> Additivity {
        self.0.additivity()
    }

    /// Whether it looks good without meaning much.
    async fn vanity(&self) -> bool {
        self.0.kpi().is_some_and(|kpi| kpi.definition().vanity)
    }

    /// By what it can be cut.
    async fn dimensions(&self) -> Vec<Dimension> {
        self.0.dimensions()
    }

    /// The version of the definition.
    async fn version(&self) -> i32 {
        self.0.version()
    }

    /// When this version of a metric of the team was saved. Null for a KPI.
    async fn saved_at(&self) -> Option<DateTime<Utc>> {
        match &self.0 {
            Metric::Kpi(_) => None,
            Metric::Team(metric) => Some(metric.since),
        }
    }

    /// Whether a metric of the team was put away: `metricCatalog` leaves it out, questions by its id are answered.
    async fn archived(&self) -> bool {
        match &self.0 {
            Metric::Kpi(_) => false,
            Metric::Team(metric) => metric.archived,
        }
    }

    /// What a metric of the team was before it was changed, the latest version first; empty for a KPI.
    async fn earlier_versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<MetricDefinition>> {
        let Metric::Team(metric) = &self.0 else {
            return Ok(vec![]);
        };
        let found = Session::of(ctx)?
            .load
            .load_one(VersionsOf(metric.id))
            .await?;
        let earlier = found.into_iter().flatten();
        let earlier = earlier.filter(|version| version.version() < metric.version);
        let earlier = earlier.take(most(limit));
        Ok(earlier.map(MetricDefinition::from).collect())
    }
}

/// What can be asked, in the order of the catalogue, then what the team made of it.
pub(super) async fn catalog(
    ctx: &Context<'_>,
    stage: Option<JourneyStage>,
    usable_with: Option<&[Kpi]>,
    locale: Option<&str>,
) -> ApiResult<Vec<MetricDefinition>> {
    let session = Session::of(ctx)?;
    let language = session.locale.language(locale)?;
    let mut found: Vec<_> = Kpi::ALL.iter().map(|kpi| Metric::Kpi(*kpi)).collect();
    if session.caller.scopes().contains(Scope::MetricsRead) {
        for row in session.store.metric_definitions(false).await? {
            found.push(Metric::Team(TeamMetric::of(&row)?.into()));
        }
    }
    if let Some(stage) = stage {
        found.retain(|metric| metric.stage() == Some(stage));
    }
    if let Some(others) = usable_with {
        let common = |dimension: &Dimension| {
            others
                .iter()
                .all(|kpi| kpi.definition().dimensions().contains(dimension))
        };
        let needed: Vec<Dimension> = Dimension::ALL.into_iter().filter(common).collect();
        found.retain(|metric| {
            let dimensions = metric.dimensions();
            needed
                .iter()
                .all(|dimension| dimensions.contains(dimension))
        });
    }
    let found = found.into_iter();
    Ok(found
        .map(|metric| MetricDefinition::in_language(metric, language))
        .collect())
}
