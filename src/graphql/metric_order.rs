//! Orders of rows: by values, changes and keys.

use std::cmp::Ordering;

use async_graphql::{Enum, ID, InputObject, OneofObject};

use super::team_metric::TeamMetrics;
use crate::{
    error::{Error, Result},
    kpi::{Ask, Kpi, Metric, Row, graphql_name},
    store::measures::{Dimension, Key},
};

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
#[derive(OneofObject, Clone)]
pub enum OrderTarget {
    /// A KPI's value.
    Metric(Kpi),
    /// A dimension's key.
    Dimension(Dimension),
    /// A KPI's absolute change from the period compared with.
    Delta(Kpi),
    /// The value of a metric that the team defined, one of `customMetrics`.
    CustomMetric(ID),
    /// The absolute change of a metric that the team defined, one of `customMetrics`.
    CustomDelta(ID),
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

/// Puts rows in the orders asked. Rows of what was not singled out come last, unless only keys are asked for.
pub fn sort(rows: &mut [Row], ask: &Ask, orders: &[MetricOrder], team: &TeamMetrics) -> Result<()> {
    enum By {
        Value(usize),
        Delta(usize),
        Key(usize),
    }
    let place = |metric: Metric, field: &str, list: &str| {
        let found = ask.metrics.iter().position(|asked| *asked == metric);
        found.ok_or_else(|| {
            Error::invalid(
                field,
                metric.label(),
                &format!("it must be one of input.{list}"),
            )
        })
    };
    let compared = |field: &str| match ask.compare {
        Some(_) => Ok(()),
        None => Err(Error::BadInput(format!(
            "{field}: it needs options.compareTo"
        ))),
    };
    let mut keys = Vec::new();
    for (at, order) in orders.iter().enumerate() {
        let field = format!("input.orderBy[{at}].by");
        let by = match &order.by {
            OrderTarget::Metric(kpi) => By::Value(place((*kpi).into(), &field, "metrics")?),
            OrderTarget::Delta(kpi) => {
                compared(&format!("{field}.delta"))?;
                By::Delta(place((*kpi).into(), &field, "metrics")?)
            }
            OrderTarget::CustomMetric(id) => {
                By::Value(place(team.get(&field, id)?, &field, "customMetrics")?)
            }
            OrderTarget::CustomDelta(id) => {
                compared(&format!("{field}.customDelta"))?;
                By::Delta(place(team.get(&field, id)?, &field, "customMetrics")?)
            }
            OrderTarget::Dimension(dimension) => By::Key(
                ask.cuts
                    .iter()
                    .position(|cut| cut.dimension() == *dimension)
                    .ok_or_else(|| {
                        Error::invalid(
                            &field,
                            graphql_name(*dimension),
                            "it must be in input.groupBy",
                        )
                    })?,
            ),
        };
        let direction = order.direction.unwrap_or(SortDirection::Desc);
        keys.push((by, direction, order.nulls.unwrap_or(NullsOrder::Last)));
    }
    let by_value = keys.iter().any(|(by, ..)| !matches!(by, By::Key(_)));
    // Rows come ordered by key, and the sort is stable, so ties stay in that order.
    rows.sort_by(|a, b| {
        let others = by_value.then(|| a.is_others().cmp(&b.is_others()));
        keys.iter().fold(
            others.unwrap_or(Ordering::Equal),
            |order, (by, direction, nulls)| {
                order.then_with(|| match by {
                    By::Value(at) => direction.compare(
                        *nulls,
                        a.values[*at].value.ok(),
                        b.values[*at].value.ok(),
                    ),
                    By::Delta(at) => direction.compare(
                        *nulls,
                        a.values[*at].absolute_change(),
                        b.values[*at].absolute_change(),
                    ),
                    By::Key(at) => {
                        let key =
                            |row: &Row| Some(row.key[*at].clone()).filter(|key| *key != Key::None);
                        direction.compare(*nulls, key(a), key(b))
                    }
                })
            },
        )
    });
    Ok(())
}
