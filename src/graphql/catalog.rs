//! The catalogue of KPIs.

use async_graphql::{Context, Object};

use super::Session;
use crate::{
    error::ApiResult,
    kpi::{
        Kpi,
        definition::{Cadence, Definition, Direction, JourneyStage, MetricKind},
        format::Unit,
    },
    locale::Language,
    store::measures::{Additivity, Dimension},
};

/// A KPI's entry in the catalogue, and the language asked of the catalogue.
pub struct MetricDefinition(pub &'static Definition, Option<Language>);

impl From<&'static Definition> for MetricDefinition {
    fn from(definition: &'static Definition) -> Self {
        Self(definition, None)
    }
}

impl MetricDefinition {
    /// The entry in a language, unless a field asks for another.
    pub fn in_language(definition: &'static Definition, language: Language) -> Self {
        Self(definition, Some(language))
    }

    /// The language of a text: that of the field's argument, else the catalogue's, else the request's.
    fn language(&self, ctx: &Context<'_>, argument: Option<&str>) -> ApiResult<Language> {
        match (argument, self.1) {
            (None, Some(language)) => Ok(language),
            _ => Ok(Session::of(ctx)?.locale.language(argument)?),
        }
    }
}

/// What a KPI means and how it is computed.
#[Object]
impl MetricDefinition {
    /// The key by which it is asked.
    async fn key(&self) -> Kpi {
        self.0.kpi
    }

    /// Its name.
    async fn name(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language: en, zh-CN, zh-TW or ru. Default: the catalogue's, else the one of these that \
                    Accept-Language prefers."
        )]
        locale: Option<String>,
    ) -> ApiResult<String> {
        Ok(self.0.name_in(self.language(ctx, locale.as_deref())?))
    }

    /// What it means and when it is null.
    async fn description(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language: en, zh-CN, zh-TW or ru. Default: the catalogue's, else the one of these that \
                    Accept-Language prefers."
        )]
        locale: Option<String>,
    ) -> ApiResult<String> {
        Ok(self.0.text_in(self.language(ctx, locale.as_deref())?))
    }

    /// The formula in terms of `measures`; where these count orders without a cost, any such order makes the value
    /// null.
    async fn formula(&self) -> String {
        self.0.formula_text()
    }

    /// The sums and counts that the formula is made of.
    async fn measures(&self) -> Vec<&str> {
        self.0
            .measures
            .iter()
            .map(|measure| measure.name())
            .collect()
    }

    /// How the number comes about.
    async fn kind(&self) -> MetricKind {
        self.0.kind()
    }

    /// What the number is.
    async fn unit(&self) -> Unit {
        self.0.unit
    }

    /// Which way is better.
    async fn direction(&self) -> Direction {
        self.0.direction
    }

    /// Where in the customer's journey it belongs. Null when it belongs to none.
    async fn stage(&self) -> Option<JourneyStage> {
        self.0.stage
    }

    /// How often it makes sense to look.
    async fn cadence(&self) -> Cadence {
        self.0.cadence
    }

    /// Whether values of parts may be added up.
    async fn additivity(&self) -> Additivity {
        self.0.additivity()
    }

    /// Whether it looks good without meaning much.
    async fn vanity(&self) -> bool {
        self.0.vanity
    }

    /// By what it can be cut.
    async fn dimensions(&self) -> Vec<Dimension> {
        self.0.dimensions()
    }

    /// The version of the definition.
    async fn version(&self) -> i32 {
        Definition::VERSION
    }
}
