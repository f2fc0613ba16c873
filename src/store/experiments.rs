//! Experiments and their variants: lists and writes.

use std::collections::HashMap;

use entity::{experiment, experiment_variant};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, Order},
};

use super::{
    Page, PageAsk, PageCursor, TeamStore, TeamWriter,
    page::{Sort, SortValue},
};
use crate::error::Result;

impl TeamStore {
    /// One page of experiments, those that began last first.
    pub async fn experiments(&self, ask: &PageAsk) -> Result<Page<experiment::Model>> {
        let sort = Sort {
            expr: Some(Expr::col(experiment::Column::StartsOn)),
            id: Expr::col(experiment::Column::Id),
            descending: true,
            kind: SortValue::Day(chrono::NaiveDate::MIN),
            cursor: |row: &experiment::Model| {
                PageCursor::new(SortValue::Day(row.starts_on), row.id)
            },
        };
        self.select::<experiment::Entity>().page(ask, sort).await
    }

    /// How many experiments there are.
    pub async fn experiment_count(&self) -> Result<u64> {
        self.select::<experiment::Entity>().count().await
    }

    /// These experiments.
    pub async fn experiments_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, experiment::Model>> {
        self.by_ids::<experiment::Entity>(experiment::Column::Id, ids, |row| row.id)
            .await
    }

    /// The experiment of this very name.
    pub async fn experiment_named(&self, name: &str) -> Result<Option<experiment::Model>> {
        self.select::<experiment::Entity>()
            .filter(experiment::Column::Name.eq(name))
            .one()
            .await
    }

    /// The variants of these experiments, the control first.
    pub async fn variants_of(
        &self,
        experiments: &[i64],
    ) -> Result<HashMap<i64, Vec<experiment_variant::Model>>> {
        let ids = experiments.iter().copied();
        let rows = self
            .select::<experiment_variant::Entity>()
            .filter(experiment_variant::Column::ExperimentId.is_in(ids))
            .order_by(Expr::col(experiment_variant::Column::Place), Order::Asc)
            .all()
            .await?;
        let mut found: HashMap<i64, Vec<experiment_variant::Model>> = HashMap::new();
        for row in rows {
            found.entry(row.experiment_id).or_default().push(row);
        }
        Ok(found)
    }
}

impl TeamWriter {
    /// Stores an experiment's new state if it still has the version that the caller knows; false when it moved on.
    pub async fn update_experiment(
        &self,
        row: experiment::Model,
        known_version: i32,
    ) -> Result<bool> {
        let id = (experiment::Column::Id, row.id);
        let version = (experiment::Column::Version, known_version);
        self.update_versioned::<experiment::Entity>(row, id, version)
            .await
    }

    /// Puts these variants in the place of those that an experiment has.
    pub async fn set_variants(
        &self,
        experiment: i64,
        variants: Vec<experiment_variant::Model>,
    ) -> Result<()> {
        let of_experiment = experiment_variant::Column::ExperimentId.eq(experiment);
        self.delete::<experiment_variant::Entity>(of_experiment)
            .await?;
        self.insert::<experiment_variant::Entity>(variants).await
    }

    /// Deletes an experiment with its variants.
    pub async fn delete_experiment(&self, id: i64) -> Result<()> {
        self.set_variants(id, vec![]).await?;
        self.delete::<experiment::Entity>(experiment::Column::Id.eq(id))
            .await?;
        Ok(())
    }
}
