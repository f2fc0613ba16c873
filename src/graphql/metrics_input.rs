//! The arguments of `metrics`: groups, filters, orders.

use std::cmp::Ordering;

use async_graphql::{Enum, ID, InputObject, OneofObject};

use super::{
    GlobalId,
    global_id::NodeType,
    kpi_input::{KpiOptions, PeriodInput},
};
use crate::{
    error::{Error, Result},
    kpi::{Kpi, graphql_name},
    store::measures::{Cut, Dimension, Filter, Predicate, PredicateOp},
    time::Grain,
};

/// Which KPIs, of which facts, grouped by what, over which days.
#[derive(InputObject)]
pub struct MetricsInput {
    /// Which KPIs, 1 to 40; the values of a row come in this order.
    pub metrics: Vec<Kpi>,
    /// Grouped by what, up to 4 dimensions; one row for all when left out.
    pub group_by: Option<Vec<GroupByInput>>,
    /// Over which days.
    pub period: PeriodInput,
    /// Comparison and basis.
    pub options: Option<KpiOptions>,
    /// Which facts.
    pub filter: Option<MetricFilter>,
    /// In which order; rows that tie, and all without it, are ordered by their keys.
    pub order_by: Option<Vec<MetricOrder>>,
    /// Whether time buckets without facts are rows too. Default: ZERO.
    pub fill: Option<Fill>,
}

/// One level of grouping.
#[derive(InputObject)]
pub struct GroupByInput {
    /// By which dimension.
    pub dimension: Dimension,
    /// The size of the buckets; for TIME and COHORT, and only there.
    pub grain: Option<Grain>,
    /// The property's name; for PROPERTY, and only there.
    pub property: Option<String>,
}

/// What becomes of time buckets without facts.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// They are left out.
    None,
    /// They are rows: zero where the sources have delivered these days, null with NO_DATA where not.
    Zero,
}

/// Which facts count: a tree of conditions.
#[derive(OneofObject)]
pub enum MetricFilter {
    /// All of these hold.
    And(Vec<MetricFilter>),
    /// One of these holds.
    Or(Vec<MetricFilter>),
    /// This does not hold.
    Not(Box<MetricFilter>),
    /// A dimension's value matches.
    Dimension(DimensionPredicate),
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

/// An order of rows.
#[derive(InputObject, Clone)]
pub struct MetricOrder {
    /// By what.
    pub by: OrderTarget,
    /// Which way. Default: DESC.
    pub direction: Option<SortDirection>,
    /// Where rows without a value go. Default: LAST.
    pub nulls: Option<NullsOrder>,
}

/// What rows are ordered by.
#[derive(OneofObject, Clone, Copy)]
pub enum OrderTarget {
    /// A KPI's value.
    Metric(Kpi),
    /// A dimension's key.
    Dimension(Dimension),
    /// A KPI's absolute change from the period compared with.
    Delta(Kpi),
}

/// Which way.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection {
    /// The smallest first.
    Asc,
    /// The greatest first.
    Desc,
}

/// Where rows without a value go.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum NullsOrder {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

impl SortDirection {
    /// Which of two values comes first.
    pub fn compare<T: Ord>(self, nulls: NullsOrder, a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self == Self::Asc => a.cmp(&b),
            (Some(a), Some(b)) => b.cmp(&a),
            (a, b) if nulls == NullsOrder::First => a.is_some().cmp(&b.is_some()),
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    }
}

/// Checks that a property is named exactly where the dimension is PROPERTY.
fn property(field: &str, dimension: Dimension, name: Option<&String>) -> Result<Option<String>> {
    match (dimension, name) {
        (Dimension::Property, Some(name))
            if (1..=200).contains(&name.len()) && !name.contains(['"', '\\']) =>
        {
            Ok(Some(name.clone()))
        }
        (Dimension::Property, name) => Err(Error::invalid(
            &format!("{field}.property"),
            name.map_or("", String::as_str),
            "the dimension PROPERTY needs a name of 1 to 200 bytes without quotes and backslashes",
        )),
        (_, Some(name)) => Err(Error::invalid(
            &format!("{field}.property"),
            name,
            "only PROPERTY takes one",
        )),
        (_, None) => Ok(None),
    }
}

impl GroupByInput {
    /// The cut.
    pub fn cut(&self, place: usize) -> Result<Cut> {
        let field = format!("input.groupBy[{place}]");
        let name = property(&field, self.dimension, self.property.as_ref())?;
        match (self.dimension, self.grain, name) {
            (Dimension::Time, Some(grain), _) => Ok(Cut::Time(grain)),
            (Dimension::Cohort, Some(grain), _) => Ok(Cut::Cohort(grain)),
            (Dimension::Time | Dimension::Cohort, None, _) => Err(Error::BadInput(format!(
                "{field}.grain: {} needs one",
                graphql_name(self.dimension)
            ))),
            (_, Some(_), _) => Err(Error::BadInput(format!(
                "{field}.grain: only TIME and COHORT take one"
            ))),
            (_, None, Some(name)) => Ok(Cut::Property(name)),
            (dimension, None, None) => Ok(Cut::By(dimension)),
        }
    }
}

/// The most values of a filter in all its conditions.
const MOST_VALUES: usize = 5_000;
/// The most conditions of a filter, and how deep they may stand within each other.
const MOST_CONDITIONS: usize = 100;

impl MetricFilter {
    /// The filter as scans take it.
    pub fn checked(&self, field: &str) -> Result<Filter> {
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
        self.filter(field)
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
