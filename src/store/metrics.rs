//! Metrics that a team defined: reads, writes, earlier versions.

use std::collections::HashMap;

use entity::{metric_definition, metric_version};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, Order},
};

use super::{TeamStore, TeamWriter};
use crate::error::Result;

impl TeamStore {
    /// The team's metrics, oldest first; archived ones only when asked.
    pub async fn metric_definitions(
        &self,
        archived: bool,
    ) -> Result<Vec<metric_definition::Model>> {
        let mut select = self
            .select::<metric_definition::Entity>()
            .order_by(Expr::col(metric_definition::Column::Id), Order::Asc);
        if !archived {
            select = select.filter(metric_definition::Column::Archived.eq(false));
        }
        select.all().await
    }

    /// These metrics, archived or not.
    pub async fn metrics_by_id(
        &self,
        ids: &[i64],
    ) -> Result<HashMap<i64, metric_definition::Model>> {
        self.by_ids::<metric_definition::Entity>(metric_definition::Column::Id, ids, |row| row.id)
            .await
    }

    /// What each of these metrics was before, the latest version first.
    pub async fn metric_versions_of(
        &self,
        ids: &[i64],
    ) -> Result<HashMap<i64, Vec<metric_version::Model>>> {
        let rows = self
            .select::<metric_version::Entity>()
            .filter(metric_version::Column::MetricId.is_in(ids.iter().copied()))
            .order_by(Expr::col(metric_version::Column::Version), Order::Desc)
            .all()
            .await?;
        let mut found: HashMap<i64, Vec<metric_version::Model>> = HashMap::new();
        for row in rows {
            found.entry(row.metric_id).or_default().push(row);
        }
        Ok(found)
    }
}

impl TeamWriter {
    /// Stores a metric's new state and keeps the old one, if that is still the one stored; false when it moved on.
    pub async fn update_metric(
        &self,
        row: metric_definition::Model,
        old: metric_definition::Model,
    ) -> Result<bool> {
        let id = (metric_definition::Column::Id, row.id);
        let version = (metric_definition::Column::Version, old.version);
        if !self
            .update_versioned::<metric_definition::Entity>(row, id, version)
            .await?
        {
            return Ok(false);
        }
        let old = metric_version::Model {
            team_id: old.team_id,
            metric_id: old.id,
            version: old.version,
            name: old.name,
            description: old.description,
            expression: old.expression,
            unit: old.unit,
            direction: old.direction,
            stage: old.stage,
            cadence: old.cadence,
            archived: old.archived,
            created_at: old.created_at,
            updated_at: old.updated_at,
        };
        self.insert::<metric_version::Entity>(vec![old]).await?;
        Ok(true)
    }
}
