//! How a team's own files are to be read.

use std::collections::HashMap;

use entity::import_mapping::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait,
    sea_query::{Condition, Expr, Order},
};

use super::{TeamStore, TeamWriter};
use crate::error::Result;

impl TeamStore {
    /// All of the team's mappings, by name.
    pub async fn import_mappings(&self) -> Result<Vec<Model>> {
        self.select::<Entity>()
            .order_by(Expr::col(Column::Name), Order::Asc)
            .all()
            .await
    }

    /// The mapping of this name.
    pub async fn import_mapping_named(&self, name: &str) -> Result<Option<Model>> {
        self.select::<Entity>()
            .filter(Column::Name.eq(name))
            .one()
            .await
    }

    /// These mappings.
    pub async fn import_mappings_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, Model>> {
        self.by_ids::<Entity>(Column::Id, ids, |row| row.id).await
    }
}

impl TeamWriter {
    /// Stores a mapping's new state if it still has the version that the caller knows; false when it moved on.
    pub async fn update_import_mapping(&self, row: Model, known_version: i32) -> Result<bool> {
        let id = (Column::Id, row.id);
        self.update_versioned::<Entity>(row, id, (Column::Version, known_version))
            .await
    }

    /// Removes a mapping that is at this version; says whether it did.
    pub async fn delete_import_mapping(&self, id: i64, version: i32) -> Result<bool> {
        let this = Condition::all()
            .add(Column::Id.eq(id))
            .add(Column::Version.eq(version));
        Ok(self.delete::<Entity>(this).await? == 1)
    }
}
