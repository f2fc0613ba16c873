//! Conditions: on the dimensions of facts, and on the values of groups.

use async_graphql::{ID, InputObject, OneofObject};
use rust_decimal::Decimal;

use super::{GlobalId, global_id::NodeType, metrics_input::property, team_metric::TeamMetrics};
use crate::{
    error::{Error, Result},
    kpi::{Having, Kpi, NumberOp, graphql_name},
    store::measures::{Dimension, Filter, Predicate, PredicateOp},
};

/// A tree of conditions. In `filter` they are on dimensions, in `having` on metrics.
#[derive(OneofObject)]
pub enum MetricFilter {
    /// All of these hold.
    And(Vec<MetricFilter>),
    /// One of these holds.
    Or(Vec<MetricFilter>),
    /// This does not hold.
    Not(Box<MetricFilter>),
    /// A dimension's value matches; in `filter` only.
    Dimension(DimensionPredicate),
    /// A KPI's value compares so; in `having` only.
    Metric(MetricPredicate),
    /// The value of a metric that the team defined compares so; in `having` only.
    CustomMetric(CustomMetricPredicate),
}

/// A condition on a KPI's value. A value that is null meets neither the condition nor its opposite.
#[derive(InputObject)]
pub struct MetricPredicate {
    /// Which KPI; it need not be one of `metrics`.
    pub metric: Kpi,
    /// How to compare.
    pub op: NumberOp,
    /// With what; rates are fractions of 1, amounts are in the currency asked.
    pub value: Decimal,
}

/// A condition on the value of a metric that the team defined. A value that is null meets neither the condition nor
/// its opposite.
#[derive(InputObject)]
pub struct CustomMetricPredicate {
    /// Which metric; it need not be one of `customMetrics`.
    pub id: ID,
    /// How to compare.
    pub op: NumberOp,
    /// With what.
    pub value: Decimal,
}

/// A condition on a dimension.
#[derive(InputObject)]
pub struct DimensionPredicate {
    /// Which dimension; not TIME, which the period limits, nor COHORT.
    pub dimension: Dimension,
    /// The property's name; for PROPERTY, and only there.
    pub property: Option<String>,
    /// How to compare.
    pub op: PredicateOp,
    /// With what: ids for CAMPAIGN, CHANNEL and CUSTOMER (texts for CONTAINS and STARTS_WITH), texts otherwise; one
    /// value, several for IN and NOT_IN, none for IS_NULL.
    pub values: Vec<String>,
}

/// The most values of a filter in all its conditions.
const MOST_VALUES: usize = 5_000;
/// The most conditions of a filter, and how deep they may stand within each other.
const MOST_CONDITIONS: usize = 100;

impl MetricFilter {
    /// The filter as scans take it.
    pub fn checked(&self, field: &str) -> Result<Filter> {
        self.check_size(field)?;
        self.filter(field)
    }

    /// The conditions on groups.
    pub fn having(&self, field: &str, metrics: &TeamMetrics) -> Result<Having> {
        self.check_size(field)?;
        self.conditions(field, metrics)
    }

    /// The ids of the team's metrics that it names.
    pub fn custom_metrics(&self) -> Vec<&ID> {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().flat_map(Self::custom_metrics).collect()
            }
            Self::Not(part) => part.custom_metrics(),
            Self::CustomMetric(predicate) => vec![&predicate.id],
            Self::Dimension(_) | Self::Metric(_) => vec![],
        }
    }

    fn check_size(&self, field: &str) -> Result<()> {
        let (conditions, values) = self.size();
        for (what, asked, most) in [
            ("conditions", conditions, MOST_CONDITIONS),
            ("values", values, MOST_VALUES),
        ] {
            if asked > most {
                return Err(Error::Limit(format!(
                    "{field}: {asked} {what} asked; at most {most}"
                )));
            }
        }
        Ok(())
    }

    /// How many nodes and values the tree has.
    fn size(&self) -> (usize, usize) {
        let sum = |parts: &[Self]| {
            parts
                .iter()
                .map(Self::size)
                .fold((1, 0), |all, part| (all.0 + part.0, all.1 + part.1))
        };
        match self {
            Self::And(parts) | Self::Or(parts) => sum(parts),
            Self::Not(part) => {
                let (conditions, values) = part.size();
                (conditions + 1, values)
            }
            Self::Dimension(predicate) => (1, predicate.values.len()),
            Self::Metric(_) | Self::CustomMetric(_) => (1, 1),
        }
    }

    fn filter(&self, field: &str) -> Result<Filter> {
        let all = |parts: &[Self], name: &str| {
            let each = parts.iter().enumerate();
            each.map(|(place, part)| part.filter(&format!("{field}.{name}[{place}]")))
                .collect::<Result<Vec<_>>>()
        };
        Ok(match self {
            Self::And(parts) => Filter::And(all(parts, "and")?),
            Self::Or(parts) => Filter::Or(all(parts, "or")?),
            Self::Not(part) => Filter::Not(Box::new(part.filter(&format!("{field}.not"))?)),
            Self::Dimension(predicate) => {
                Filter::Is(predicate.predicate(&format!("{field}.dimension"))?)
            }
            Self::Metric(_) | Self::CustomMetric(_) => {
                return Err(Error::BadInput(format!(
                    "{field}: a condition on a metric's value belongs in input.having; facts have no metrics"
                )));
            }
        })
    }

    fn conditions(&self, field: &str, metrics: &TeamMetrics) -> Result<Having> {
        let all = |parts: &[Self], name: &str| {
            let each = parts.iter().enumerate();
            each.map(|(place, part)| part.conditions(&format!("{field}.{name}[{place}]"), metrics))
                .collect::<Result<Vec<_>>>()
        };
        Ok(match self {
            Self::And(parts) => Having::And(all(parts, "and")?),
            Self::Or(parts) => Having::Or(all(parts, "or")?),
            Self::Not(part) => {
                Having::Not(Box::new(part.conditions(&format!("{field}.not"), metrics)?))
            }
            Self::Metric(MetricPredicate { metric, op, value }) => {
                Having::Is((*metric).into(), *op, *value)
            }
            Self::CustomMetric(CustomMetricPredicate { id, op, value }) => {
                let metric = metrics.get(&format!("{field}.customMetric.id"), id)?;
                Having::Is(metric, *op, *value)
            }
            Self::Dimension(_) => {
                return Err(Error::BadInput(format!(
                    "{field}: a condition on a dimension belongs in input.filter; having takes conditions on metrics"
                )));
            }
        })
    }
}

impl DimensionPredicate {
    /// The condition as scans take it.
    pub fn predicate(&self, field: &str) -> Result<Predicate> {
        if matches!(self.dimension, Dimension::Time | Dimension::Cohort) {
            return Err(Error::BadInput(format!(
                "{field}.dimension: {} is for grouping; TIME is limited by the period",
                graphql_name(self.dimension)
            )));
        }
        let property = property(field, self.dimension, self.property.as_ref())?;
        let values = format!("{field}.values");
        let fits = match self.op {
            PredicateOp::IsNull => self.values.is_empty(),
            PredicateOp::In | PredicateOp::NotIn => (1..=1000).contains(&self.values.len()),
            _ => self.values.len() == 1,
        };
        if !fits {
            return Err(Error::invalid(
                &values,
                format!("{} values", self.values.len()),
                "IN and NOT_IN take 1 to 1000, IS_NULL none, the others one",
            ));
        }
        let by_id = self.dimension.is_id()
            && !matches!(self.op, PredicateOp::Contains | PredicateOp::StartsWith);
        if self.dimension == Dimension::Customer && !by_id {
            return Err(Error::BadInput(format!(
                "{field}.op: customers are compared by id or IS_NULL"
            )));
        }
        let node = match self.dimension {
            Dimension::Campaign => NodeType::Campaign,
            Dimension::Channel => NodeType::Channel,
            _ => NodeType::Customer,
        };
        let ids = match by_id {
            true => {
                let ids = self
                    .values
                    .iter()
                    .map(|id| GlobalId::expect(&values, &ID(id.clone()), node));
                ids.collect::<Result<_>>()?
            }
            false => vec![],
        };
        let texts = if by_id { vec![] } else { self.values.clone() };
        Ok(Predicate {
            dimension: self.dimension,
            property,
            op: self.op,
            texts,
            ids,
        })
    }
}
