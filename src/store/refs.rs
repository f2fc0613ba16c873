//! External references: the names that other systems have for our rows, which are the keys of imports and upserts.

use std::collections::HashMap;

use entity::{external_ref, values::RefEntity};
use sea_orm::ColumnTrait;

use super::TeamStore;
use crate::error::Result;

/// What kind of row is named, and by which system.
#[derive(Clone, Copy, Debug)]
pub struct RefKey<'a> {
    /// The kind of row.
    pub entity: RefEntity,
    /// The system that gives the names.
    pub system: &'a str,
}

impl TeamStore {
    /// The rows that a system knows by these names; names that it never used are not there.
    pub async fn resolve(&self, key: RefKey<'_>, names: &[&str]) -> Result<HashMap<String, i64>> {
        let mut found = HashMap::with_capacity(names.len());
        for chunk in names.chunks(5_000) {
            let rows = self
                .select::<external_ref::Entity>()
                .filter(external_ref::Column::Entity.eq(key.entity))
                .filter(external_ref::Column::System.eq(key.system))
                .filter(external_ref::Column::ExternalId.is_in(chunk.iter().copied()))
                .all()
                .await?;
            found.extend(rows.into_iter().map(|row| (row.external_id, row.entity_id)));
        }
        Ok(found)
    }

    /// The names that other systems have for each of these rows, in a stable order.
    pub async fn external_refs(
        &self,
        entity: RefEntity,
        ids: &[i64],
    ) -> Result<HashMap<i64, Vec<external_ref::Model>>> {
        let mut rows = self
            .select::<external_ref::Entity>()
            .filter(external_ref::Column::Entity.eq(entity))
            .filter(external_ref::Column::EntityId.is_in(ids.iter().copied()))
            .all()
            .await?;
        rows.sort_by(|a, b| (&a.system, &a.external_id).cmp(&(&b.system, &b.external_id)));
        let mut found: HashMap<i64, Vec<external_ref::Model>> = HashMap::new();
        for row in rows {
            found.entry(row.entity_id).or_default().push(row);
        }
        Ok(found)
    }
}
