//! External references: the names that other systems have for our rows, which are the keys of imports and upserts.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{external_ref, values::RefEntity};
use sea_orm::ColumnTrait;

use super::{TeamStore, TeamWriter};
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
        let rows = self.refs_named(key, names).await?;
        let ids = rows.into_iter().map(|row| (row.external_id, row.entity_id));
        Ok(ids.collect())
    }

    /// The rows that systems know by these names, each given as the system and its name, in one statement for 5 000.
    pub async fn resolve_named(
        &self,
        entity: RefEntity,
        names: &[(&str, &str)],
    ) -> Result<HashMap<(String, String), i64>> {
        let mut found = HashMap::with_capacity(names.len());
        for chunk in names.chunks(5_000) {
            let systems: BTreeSet<&str> = chunk.iter().map(|(system, _)| *system).collect();
            let ids = chunk.iter().map(|(_, id)| *id);
            let rows = self
                .select::<external_ref::Entity>()
                .filter(external_ref::Column::Entity.eq(entity))
                .filter(external_ref::Column::System.is_in(systems))
                .filter(external_ref::Column::ExternalId.is_in(ids))
                .all()
                .await?;
            found.extend(
                rows.into_iter()
                    .map(|row| ((row.system, row.external_id), row.entity_id)),
            );
        }
        Ok(found)
    }

    /// The names of [`TeamStore::resolve`] as they are stored.
    pub async fn refs_named(
        &self,
        key: RefKey<'_>,
        names: &[&str],
    ) -> Result<Vec<external_ref::Model>> {
        let mut found = Vec::with_capacity(names.len());
        for chunk in names.chunks(5_000) {
            let rows = self
                .select::<external_ref::Entity>()
                .filter(external_ref::Column::Entity.eq(key.entity))
                .filter(external_ref::Column::System.eq(key.system))
                .filter(external_ref::Column::ExternalId.is_in(chunk.iter().copied()))
                .all()
                .await?;
            found.extend(rows);
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

impl TeamWriter {
    /// Notes when a system last changed the rows that it names, as it told.
    pub async fn note_told(
        &self,
        key: RefKey<'_>,
        names: impl Iterator<Item = (String, i64, DateTime<Utc>)>,
    ) -> Result<()> {
        let rows = names
            .map(|(external_id, entity_id, at)| external_ref::Model {
                team_id: self.team().id,
                entity: key.entity,
                system: key.system.to_owned(),
                external_id,
                entity_id,
                source_updated_at: Some(at),
            })
            .collect();
        self.upsert::<external_ref::Entity>(rows).await
    }
}
