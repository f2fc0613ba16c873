//! What can be asked: a KPI of the catalogue, or a metric that a team made of them.

use std::{borrow::Cow, sync::Arc};

use async_graphql::resolver_utils::EnumType;
use chrono::{DateTime, Utc};
use entity::{metric_definition, metric_version};

use super::{
    Kpi, by_name,
    definition::{Cadence, Definition, Direction, JourneyStage, MetricKind},
    expression::Expression,
    format::Unit,
    formula::{Evaluated, Term},
    graphql_name, needs_money,
};
use crate::{
    error::{Error, Result},
    store::measures::{Additivity, Dimension, Measure},
};

/// A KPI of the catalogue, or a metric that a team made of them.
#[derive(Clone, Debug)]
pub enum Metric {
    /// One of the catalogue.
    Kpi(Kpi),
    /// One of the team's own.
    Team(Arc<TeamMetric>),
}

/// A metric that a team defined.
#[derive(Clone, Debug)]
pub struct TeamMetric {
    /// Its id within the team.
    pub id: i64,
    /// Counts up with every change.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// What it means, in the team's words.
    pub description: String,
    /// The expression as it was written.
    pub text: String,
    /// The expression.
    pub expression: Expression,
    /// What its value is.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Where in the journey it belongs, if anywhere.
    pub stage: Option<JourneyStage>,
    /// How often to look.
    pub cadence: Cadence,
    /// Whether it was put away.
    pub archived: bool,
    /// When this version was saved.
    pub since: DateTime<Utc>,
}

impl TeamMetric {
    /// The metric of a stored row.
    pub fn of(row: &metric_definition::Model) -> Result<Self> {
        let broken = |what: String| {
            Error::Internal(format!(
                "the metric {} of team {}: {what}",
                row.id, row.team_id
            ))
        };
        let stage = row
            .stage
            .as_deref()
            .map(|stage| value(stage).map_err(&broken));
        Ok(Self {
            id: row.id,
            version: row.version,
            name: row.name.clone(),
            description: row.description.clone(),
            text: row.expression.clone(),
            expression: Expression::parse(&row.expression)
                .map_err(|error| broken(error.to_string()))?,
            unit: value(&row.unit).map_err(&broken)?,
            direction: value(&row.direction).map_err(&broken)?,
            stage: stage.transpose()?,
            cadence: value(&row.cadence).map_err(&broken)?,
            archived: row.archived,
            since: row.updated_at,
        })
    }
}

impl TeamMetric {
    /// The metric as an earlier version had it.
    pub fn of_version(row: &metric_version::Model) -> Result<Self> {
        let row = row.clone();
        Self::of(&metric_definition::Model {
            team_id: row.team_id,
            id: row.metric_id,
            name: row.name,
            description: row.description,
            expression: row.expression,
            unit: row.unit,
            direction: row.direction,
            stage: row.stage,
            cadence: row.cadence,
            archived: row.archived,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

/// The enum value that a column names.
fn value<T: EnumType>(name: &str) -> Result<T, String> {
    by_name(name).ok_or_else(|| format!("'{name}' is not allowed"))
}

impl From<Kpi> for Metric {
    fn from(kpi: Kpi) -> Self {
        Self::Kpi(kpi)
    }
}

impl From<&Kpi> for Metric {
    fn from(kpi: &Kpi) -> Self {
        Self::Kpi(*kpi)
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Kpi(kpi), Self::Kpi(other)) => kpi == other,
            (Self::Team(metric), Self::Team(other)) => metric.id == other.id,
            _ => false,
        }
    }
}

impl Eq for Metric {}

impl Metric {
    /// The KPI, where it is one of the catalogue.
    pub fn kpi(&self) -> Option<Kpi> {
        match self {
            Self::Kpi(kpi) => Some(*kpi),
            Self::Team(_) => None,
        }
    }

    /// The KPIs that it is made of: itself, where it is one.
    pub fn kpis(&self) -> Vec<Kpi> {
        match self {
            Self::Kpi(kpi) => vec![*kpi],
            Self::Team(metric) => metric.expression.keys(),
        }
    }

    /// What messages call it: the key, or the team's name for it.
    pub fn label(&self) -> String {
        match self {
            Self::Kpi(kpi) => graphql_name(*kpi),
            Self::Team(metric) => metric.name.clone(),
        }
    }

    /// What its value is.
    pub fn unit(&self) -> Unit {
        match self {
            Self::Kpi(kpi) => kpi.definition().unit,
            Self::Team(metric) => metric.unit,
        }
    }

    /// Which way is better.
    pub fn direction(&self) -> Direction {
        match self {
            Self::Kpi(kpi) => kpi.definition().direction,
            Self::Team(metric) => metric.direction,
        }
    }

    /// Where in the journey it belongs, if anywhere.
    pub fn stage(&self) -> Option<JourneyStage> {
        match self {
            Self::Kpi(kpi) => kpi.definition().stage,
            Self::Team(metric) => metric.stage,
        }
    }

    /// The version of its definition.
    pub fn version(&self) -> i32 {
        match self {
            Self::Kpi(_) => Definition::VERSION,
            Self::Team(metric) => metric.version,
        }
    }

    /// How the number comes about.
    pub fn kind(&self) -> MetricKind {
        match self {
            Self::Kpi(kpi) => kpi.definition().kind(),
            Self::Team(metric) if metric.expression.is_ratio() => MetricKind::Ratio,
            Self::Team(_) => MetricKind::Derived,
        }
    }

    /// What may be done with its parts.
    pub fn additivity(&self) -> Additivity {
        match self {
            Self::Kpi(kpi) => kpi.definition().additivity(),
            Self::Team(metric) => metric.expression.additivity(),
        }
    }

    /// What has to be read.
    pub fn measures(&self) -> Cow<'static, [Measure]> {
        match self {
            Self::Kpi(kpi) => kpi.definition().measures.into(),
            Self::Team(metric) => metric.expression.measures().into(),
        }
    }

    /// By what it can be cut on its usual basis.
    pub fn dimensions(&self) -> Vec<Dimension> {
        let mut found = Dimension::ALL.to_vec();
        for kpi in self.kpis() {
            let its = kpi.definition().dimensions();
            found.retain(|dimension| its.contains(dimension));
        }
        found
    }

    /// Whether it is an estimate by its nature.
    pub(super) fn is_estimate(&self) -> bool {
        let kpis = self.kpis();
        kpis.iter().any(|kpi| kpi.definition().is_estimate())
    }

    /// Whether it tells of money, be it as an amount or as a ratio of amounts.
    pub(super) fn needs_money(&self) -> bool {
        self.unit() == Unit::Currency || self.kpis().into_iter().any(needs_money)
    }

    /// Its value from those of its KPIs' measures.
    pub(super) fn evaluate(&self, term: &mut dyn FnMut(Kpi, Measure) -> Term) -> Evaluated {
        let mut of = |kpi: Kpi| {
            let measures = kpi.definition().measures.iter();
            let terms = measures.map(|measure| term(kpi, *measure)).collect();
            kpi.compute(terms).evaluate()
        };
        match self {
            Self::Kpi(kpi) => of(*kpi),
            Self::Team(metric) => metric.expression.evaluate(&mut of),
        }
    }
}
