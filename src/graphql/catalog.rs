//! The catalogue of KPIs.

use async_graphql::Object;

use crate::{
    kpi::{
        Kpi,
        definition::{Cadence, Definition, Direction, JourneyStage, MetricKind},
        format::Unit,
    },
    store::measures::{Additivity, Dimension},
};

/// A KPI's entry in the catalogue.
pub struct MetricDefinition(pub &'static Definition);

/// What a KPI means and how it is computed.
#[Object]
impl MetricDefinition {
    /// The key by which it is asked.
    async fn key(&self) -> Kpi {
        self.0.kpi
    }

    /// Its name.
    async fn name(&self) -> &str {
        self.0.name
    }

    /// What it means and when it is null.
    async fn description(&self) -> String {
        self.0.text()
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
