//! What the service may do beside any request: open one team after another.

use entity::team;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Store, TeamStore, team::Actor};
use crate::error::Result;

/// The door to teams for the service's own work. The audit log names the service for what is written through it.
pub struct BackgroundDoor<'a> {
    pub(super) store: &'a Store,
}

impl<'a> BackgroundDoor<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The stores of all teams, by id.
    pub async fn teams(&self) -> Result<Vec<TeamStore>> {
        let teams = team::Entity::find()
            .order_by_asc(team::Column::Id)
            .all(&self.store.connection)
            .await?;
        Ok(teams.into_iter().map(|team| self.open(team)).collect())
    }

    /// The store of a team with its settings as they are now; `None` when no team has the id.
    pub async fn team(&self, id: i64) -> Result<Option<TeamStore>> {
        let team = team::Entity::find()
            .filter(team::Column::Id.eq(id))
            .one(&self.store.connection)
            .await?;
        Ok(team.map(|team| self.open(team)))
    }

    fn open(&self, team: team::Model) -> TeamStore {
        let connection = self.store.connection.counted_apart();
        TeamStore::new(connection, team, self.store.clock, Actor::service())
    }
}
