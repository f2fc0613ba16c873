//! The arguments of `metrics`: which metrics, groups, and how many of them.

use async_graphql::{Enum, ID, InputObject};

use super::{
    kpi_input::{KpiOptions, PeriodInput},
    metric_filter::MetricFilter,
    metric_order::MetricOrder,
};
use crate::{
    error::{Error, Result},
    kpi::{Kpi, Metric, Top, graphql_name},
    store::measures::{Cut, Dimension},
    time::Grain,
};

/// Which metrics, of which facts, grouped by what, over which days.
#[derive(InputObject)]
pub struct MetricsInput {
    /// Which KPIs of the catalogue, with those of `customMetrics` 1 to 40; the values of a row come in this order.
    pub metrics: Vec<Kpi>,
    /// Which metrics that the team defined, by id; their values follow those of `metrics`.
    pub custom_metrics: Option<Vec<ID>>,
    /// Grouped by what, up to 4 dimensions; one row for all when left out.
    pub group_by: Option<Vec<GroupByInput>>,
    /// Over which days.
    pub period: PeriodInput,
    /// Comparison, basis, currency.
    pub options: Option<KpiOptions>,
    /// Which facts: conditions on dimensions.
    pub filter: Option<MetricFilter>,
    /// Which groups to keep, by their values: conditions on metrics, which need not be asked. Totals stay those of all
    /// groups.
    pub having: Option<MetricFilter>,
    /// In which order; rows that tie, and all without it, are ordered by their keys.
    pub order_by: Option<Vec<MetricOrder>>,
    /// Only the first groups by a metric, out of those that `having` keeps, and the rest of these in one row.
    pub top: Option<TopInput>,
    /// Whether time buckets without facts are rows too. Default: ZERO.
    pub fill: Option<Fill>,
}

/// The first groups by a metric. Their order in the answer is still that of `orderBy`.
#[derive(InputObject)]
pub struct TopInput {
    /// How many, 1 to 1000; with `per`, of each of its values.
    pub n: i32,
    /// By the value of this KPI, the greatest first. Groups without a value come last; ties go by key.
    pub by: Option<Kpi>,
    /// By the value of this metric that the team defined, in place of `by`.
    pub by_custom: Option<ID>,
    /// Whether the rest becomes a row with `isOthers`, made from its facts: people are counted again, ratios divided
    /// after adding up. Default: true.
    pub others: Option<bool>,
    /// One of `groupBy`: the first groups of each of its values, and a row of the rest for each.
    pub per: Option<Dimension>,
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

/// Checks that a property is named exactly where the dimension is PROPERTY.
pub fn property(
    field: &str,
    dimension: Dimension,
    name: Option<&String>,
) -> Result<Option<String>> {
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

impl TopInput {
    /// What is kept, given the cuts and what it goes by.
    pub fn top(&self, cuts: &[Cut], by: Metric) -> Result<Top> {
        if cuts.is_empty() {
            return Err(Error::BadInput("input.top: it needs input.groupBy".into()));
        }
        let count = usize::try_from(self.n)
            .ok()
            .filter(|count| (1..=1000).contains(count));
        let count = count.ok_or_else(|| {
            Error::Limit(format!(
                "input.top.n: {} asked; 1 to 1000 are allowed",
                self.n
            ))
        })?;
        let place = |dimension: Dimension| {
            cuts.iter()
                .position(|cut| cut.dimension() == dimension)
                .ok_or_else(|| {
                    Error::invalid(
                        "input.top.per",
                        graphql_name(dimension),
                        "it must be in input.groupBy",
                    )
                })
        };
        let per = self.per.map(place).transpose()?;
        if per.is_some() && cuts.len() == 1 {
            return Err(Error::BadInput(
                "input.top.per: it needs another dimension in input.groupBy to tell groups apart"
                    .into(),
            ));
        }
        Ok(Top {
            count,
            by,
            others: self.others.unwrap_or(true),
            per,
        })
    }
}
