//! The team's own metrics where questions name them by id.

use std::{collections::HashMap, sync::Arc};

use async_graphql::ID;

use super::{
    GlobalId,
    global_id::NodeType,
    metric_order::OrderTarget,
    metrics_input::{MetricsInput, TopInput},
};
use crate::{
    error::{Error, Result},
    kpi::{Metric, TeamMetric},
    store::TeamStore,
};

/// The metrics of the team that a question names.
pub struct TeamMetrics(HashMap<i64, Metric>);

impl TeamMetrics {
    /// Reads those with these ids, with one statement, or none when there are no ids.
    pub async fn read(store: &TeamStore, ids: &[i64]) -> Result<Self> {
        if ids.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let rows = store.metrics_by_id(ids).await?;
        let metrics = rows.into_iter().map(|(id, row)| {
            let metric = TeamMetric::of(&row)?;
            Ok((id, Metric::Team(Arc::new(metric))))
        });
        Ok(Self(metrics.collect::<Result<_>>()?))
    }

    /// The one with this id, which `field` names. Ids of other teams are refused like unknown ones.
    pub fn get(&self, field: &str, id: &ID) -> Result<Metric> {
        let known = GlobalId::expect(field, id, NodeType::MetricDefinition)?;
        self.0.get(&known).cloned().ok_or_else(|| {
            Error::invalid(field, id.as_str(), "the team has no metric with this id")
        })
    }

    /// All of them, by id.
    pub fn into_metrics(self) -> Vec<Metric> {
        let mut metrics: Vec<_> = self.0.into_iter().collect();
        metrics.sort_by_key(|(id, _)| *id);
        metrics.into_iter().map(|(_, metric)| metric).collect()
    }

    /// What `top` goes by.
    pub fn by(&self, top: &TopInput) -> Result<Metric> {
        match (&top.by, &top.by_custom) {
            (Some(kpi), None) => Ok((*kpi).into()),
            (None, Some(id)) => self.get("input.top.byCustom", id),
            _ => Err(Error::BadInput(
                "input.top: exactly one of by and byCustom is needed".into(),
            )),
        }
    }
}

impl MetricsInput {
    /// The team's metrics that the question names anywhere.
    pub fn team_metrics(&self) -> Result<Vec<i64>> {
        let listed = self.custom_metrics.iter().flatten().enumerate();
        let mut named: Vec<(String, &ID)> = listed
            .map(|(place, id)| (format!("input.customMetrics[{place}]"), id))
            .collect();
        for id in self
            .having
            .iter()
            .flat_map(|having| having.custom_metrics())
        {
            named.push(("input.having".into(), id));
        }
        for (place, order) in self.order_by.iter().flatten().enumerate() {
            if let OrderTarget::CustomMetric(id) | OrderTarget::CustomDelta(id) = &order.by {
                named.push((format!("input.orderBy[{place}].by"), id));
            }
        }
        if let Some(id) = self.top.as_ref().and_then(|top| top.by_custom.as_ref()) {
            named.push(("input.top.byCustom".into(), id));
        }
        // Lists have their own bounds; this one keeps the statement small whatever they are.
        if named.len() > 200 {
            return Err(Error::Limit(format!(
                "input: {} metrics of the team are named; at most 200",
                named.len()
            )));
        }
        let ids = named
            .iter()
            .map(|(field, id)| GlobalId::expect(field, id, NodeType::MetricDefinition));
        ids.collect()
    }
}
