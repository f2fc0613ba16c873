//! What the change feed is read from. Each transaction of a team writes as of an instant of the team's own clock, later
//! than that of every one before it: the instants are the order of the commits, because writers of a team follow one
//! another. Rows that the feed tells of are stamped with it, and deleted ones leave a tombstone, both by the writer's
//! doors.

use entity::{TeamOwned, tombstone::ChangeKind};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryResult, Statement,
    Value,
    sea_query::{Alias, Expr, OnConflict, Query},
};

use super::{TeamStore, TeamWriter, versions::Versioned};
use crate::{
    error::{Error, Result},
    store::connection::Connection,
};

/// How long it stays known that a row was deleted, in microseconds: 90 days.
pub(in crate::store) const TOMBSTONE_MICROS: i64 = 90 * 24 * 3_600 * 1_000_000;
/// A day more than that, so that no tombstone goes while a reader still counts on it.
const KEPT_MICROS: i64 = 91 * 24 * 3_600 * 1_000_000;

/// The tables that the feed tells of. Each has the column `recorded_at` and an index that begins with it.
pub(in crate::store) const FOLLOWED: [(ChangeKind, &str); 10] = [
    (ChangeKind::Channel, "channel"),
    (ChangeKind::Campaign, "campaign"),
    (ChangeKind::Customer, "customer"),
    (ChangeKind::StageEvent, "stage_event"),
    (ChangeKind::Opportunity, "opportunity"),
    (ChangeKind::Order, "orders"),
    (ChangeKind::Refund, "refund"),
    (ChangeKind::Touchpoint, "touchpoint"),
    (ChangeKind::Conversion, "conversion"),
    (ChangeKind::Goal, "goal"),
];

/// What the feed calls the rows of a table, if it tells of them.
pub(super) fn kind_of(table: &str) -> Option<ChangeKind> {
    let found = FOLLOWED.iter().find(|(_, name)| *name == table);
    found.map(|(kind, _)| *kind)
}

/// Whether the rows of a table know since when they are as they are.
pub(super) fn stamped<E: EntityTrait>() -> bool {
    let table = E::default();
    Versioned::of::<E>().is_some() || kind_of(table.table_name()).is_some()
}

/// The instant of a transaction that began at `now`, by the team's clock.
pub(super) async fn tick(connection: &Connection, team: i64, now: i64) -> Result<i64> {
    let sql = "INSERT INTO team_clock (team_id, last_at) VALUES ($1, $2) \
               ON CONFLICT (team_id) DO UPDATE SET last_at = CASE WHEN excluded.last_at > team_clock.last_at \
               THEN excluded.last_at ELSE team_clock.last_at + 1 END RETURNING last_at";
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [team.into(), now.into()]);
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Error::Internal("a team's clock did not answer".into()))?;
    Ok(row.try_get("", "last_at")?)
}

impl TeamStore {
    /// The rows of a selection in which `$1` is the team and the values follow from `$2` on.
    pub(in crate::store) async fn rows(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>> {
        let statement = self.statement(sql, values);
        Ok(self.connection.query_all_raw(statement).await?)
    }
}

impl TeamWriter {
    /// Leaves tombstones for the rows that meet a condition, which are about to be deleted.
    pub(super) async fn bury<E: TeamOwned>(&self, condition: &Condition) -> Result<()> {
        let Some(kind) = kind_of(E::default().table_name()) else {
            return Ok(());
        };
        let mut dying = Query::select();
        dying
            .expr(Expr::val(self.team().id))
            .expr(Expr::val(kind.to_value()))
            .column(Alias::new("id"))
            .expr(Expr::val(self.at()))
            .from(E::default())
            .and_where(E::TEAM.eq(self.team().id))
            .cond_where(condition.clone());
        let columns = ["team_id", "kind", "row_id", "deleted_at"].map(Alias::new);
        let mut again = OnConflict::columns(["team_id", "kind", "row_id"].map(Alias::new));
        again.update_column(Alias::new("deleted_at"));
        let mut bury = Query::insert();
        bury.into_table(Alias::new("tombstone"))
            .columns(columns)
            .select_from(dying)
            .map_err(|error| Error::Internal(error.to_string()))?
            .on_conflict(again);
        self.connection.execute(&bury).await?;
        self.forget_buried().await
    }

    /// The same by a condition in SQL, in which `$1` is the team.
    pub(super) async fn bury_where(
        &self,
        table: &str,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<()> {
        let Some(kind) = kind_of(table) else {
            return Ok(());
        };
        let (kind, at) = (kind.to_value(), self.at());
        let sql = format!(
            "INSERT INTO tombstone (team_id, kind, row_id, deleted_at) \
             SELECT team_id, {kind}, id, {at} FROM {table} WHERE team_id = $1 AND ({condition}) \
             ON CONFLICT (team_id, kind, row_id) DO UPDATE SET deleted_at = excluded.deleted_at"
        );
        self.run(&sql, values).await?;
        self.forget_buried().await
    }

    async fn forget_buried(&self) -> Result<()> {
        let oldest = self.at() - KEPT_MICROS;
        let sql = "DELETE FROM tombstone WHERE team_id = $1 AND deleted_at < $2";
        self.run(sql, vec![oldest.into()]).await?;
        Ok(())
    }
}
