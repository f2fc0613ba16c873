//! Writing beside the team's writers: how the service's own work stands, which must not wait for a load of minutes. (SQLite
//! has one writer, so there it waits.)

use std::ops::Deref;

use entity::TeamOwned;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter,
    sea_query::{IntoCondition, SimpleExpr},
};

use super::{TeamStore, audit::Trace};
use crate::error::{Error, Result};

/// A transaction that takes no turn among the team's writers and tells the audit log nothing. It only writes tables of
/// which the log keeps nothing. Dropped without [`Aside::commit`], nothing of it remains.
pub struct Aside(TeamStore);

impl Deref for Aside {
    type Target = TeamStore;

    fn deref(&self) -> &TeamStore {
        &self.0
    }
}

impl TeamStore {
    /// Begins a transaction beside those of [`TeamStore::begin`].
    pub(in crate::store) async fn begin_aside(&self) -> Result<Aside> {
        let connection = self.connection.begin_beside().await?;
        Ok(Aside(Self {
            connection,
            ..self.clone()
        }))
    }
}

impl Aside {
    /// Inserts a row as this team's.
    pub(in crate::store) async fn insert<E: TeamOwned>(&self, row: E::Model) -> Result<()> {
        check::<E>()?;
        let mut row = row.into_active_model();
        row.set(E::TEAM, self.team.id.into());
        E::insert(row)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }

    /// Sets columns of the rows that meet a condition; says of how many.
    pub(in crate::store) async fn update<E: TeamOwned>(
        &self,
        set: Vec<(E::Column, SimpleExpr)>,
        condition: impl IntoCondition,
    ) -> Result<u64> {
        check::<E>()?;
        let mut update = E::update_many();
        for (column, value) in set {
            update = update.col_expr(column, value);
        }
        let done = update
            .filter(E::TEAM.eq(self.team.id))
            .filter(condition.into_condition())
            .exec(&self.connection)
            .await?;
        Ok(done.rows_affected)
    }

    /// Deletes the rows that meet a condition; says how many.
    pub(in crate::store) async fn delete<E: TeamOwned>(
        &self,
        condition: impl IntoCondition,
    ) -> Result<u64> {
        check::<E>()?;
        let done = E::delete_many()
            .filter(E::TEAM.eq(self.team.id))
            .filter(condition.into_condition())
            .exec(&self.connection)
            .await?;
        Ok(done.rows_affected)
    }

    /// Makes what was written last.
    pub(in crate::store) async fn commit(self) -> Result<()> {
        self.0.connection.commit().await
    }
}

/// That the audit log keeps nothing of a table.
fn check<E: TeamOwned>() -> Result<()> {
    let entity = E::default();
    let table = entity.table_name();
    match Trace::of(table) {
        Trace::Nothing => Ok(()),
        _ => Err(Error::Internal(format!(
            "{table} is for writers that the audit log knows"
        ))),
    }
}
