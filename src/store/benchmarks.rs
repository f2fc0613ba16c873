//! Benchmarks and dashboards: what a team compares itself with, and what it looks at.

use std::collections::HashMap;

use entity::{
    benchmark,
    dashboard::{self, Audience},
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Condition, Expr, Order},
};

use super::{TeamStore, TeamWriter};
use crate::error::Result;

impl TeamStore {
    /// The benchmarks of these metrics, in this industry where one is named, the newest first.
    pub async fn benchmarks(
        &self,
        metrics: &[String],
        industry: Option<&str>,
    ) -> Result<Vec<benchmark::Model>> {
        let mut select = self
            .select::<benchmark::Entity>()
            .filter(benchmark::Column::Metric.is_in(metrics.iter().map(String::as_str)));
        if let Some(industry) = industry {
            select = select.filter(benchmark::Column::Industry.eq(industry));
        }
        select
            .order_by(Expr::col(benchmark::Column::AsOf), Order::Desc)
            .order_by(Expr::col(benchmark::Column::Id), Order::Desc)
            .all()
            .await
    }

    /// These benchmarks.
    pub async fn benchmarks_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, benchmark::Model>> {
        self.by_ids::<benchmark::Entity>(benchmark::Column::Id, ids, |row| row.id)
            .await
    }

    /// What the team chose for an audience, if it did.
    pub async fn dashboard(&self, audience: Audience) -> Result<Option<dashboard::Model>> {
        self.select::<dashboard::Entity>()
            .filter(dashboard::Column::Audience.eq(audience))
            .one()
            .await
    }
}

impl TeamWriter {
    /// Stores a benchmark's new state if it still has the version that the caller knows; false when it moved on.
    pub async fn update_benchmark(
        &self,
        row: benchmark::Model,
        known_version: i32,
    ) -> Result<bool> {
        let id = (benchmark::Column::Id, row.id);
        let version = (benchmark::Column::Version, known_version);
        self.update_versioned::<benchmark::Entity>(row, id, version)
            .await
    }

    /// Removes a benchmark that is at this version; says whether it did.
    pub async fn delete_benchmark(&self, id: i64, version: i32) -> Result<bool> {
        let this = Condition::all()
            .add(benchmark::Column::Id.eq(id))
            .add(benchmark::Column::Version.eq(version));
        Ok(self.delete::<benchmark::Entity>(this).await? == 1)
    }

    /// Stores what the team chose for an audience, in place of what it had chosen.
    pub async fn set_dashboard(&self, row: dashboard::Model) -> Result<()> {
        self.upsert::<dashboard::Entity>(vec![row]).await
    }
}
