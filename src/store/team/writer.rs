//! Writing: one transaction of one team.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicUsize},
};

use entity::{TeamOwned, team};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IdenStatic,
    IntoActiveModel, Iterable, PrimaryKeyToColumn, QueryFilter, Statement, Value,
    sea_query::{Alias, Expr, OnConflict},
};

use super::{
    TeamStore,
    audit::Journal,
    ids,
    keys::{MOST_IDS, conditions},
    stamps::{self, stamped},
    versions::{self, RECORDED_AT, Versioned},
};
use crate::{
    error::Result,
    store::{
        Event, FactTable, RefKey,
        connection::{Claim, Connection},
    },
};

/// Bound values per statement: under SQLite's 32 766 and PostgreSQL's 65 535.
const MOST_VALUES: usize = 30_000;

/// A team's store inside a transaction. Dropped without [`TeamWriter::commit`], nothing of it remains.
pub struct TeamWriter {
    store: TeamStore,
    /// The instant of all that it writes, in microseconds since 1970.
    at: i64,
    /// What the audit log will tell of it.
    pub(super) journal: Mutex<Journal>,
    /// What it tells of, in its order.
    events: Mutex<Vec<Event>>,
    /// How many customers' stages it has changed so far.
    pub(in crate::store) stages_changed: AtomicUsize,
    /// What only this transaction may do while it is open.
    _claim: Option<Claim>,
}

impl Deref for TeamWriter {
    type Target = TeamStore;

    fn deref(&self) -> &TeamStore {
        &self.store
    }
}

impl TeamStore {
    /// Begins a transaction. Writers of one team follow one another, as they do on SQLite anyway: what a writer has
    /// read is still so when it writes. The audit log tells each change under the name of the operation: a mutation's
    /// field, or a command.
    pub async fn begin(&self, operation: &str) -> Result<TeamWriter> {
        self.begin_journal(operation, false).await
    }

    /// Begins a transaction for rows by the thousand, such as a file's: the audit log counts them by table.
    pub async fn begin_bulk(&self, operation: &str) -> Result<TeamWriter> {
        self.begin_journal(operation, true).await
    }

    async fn begin_journal(&self, operation: &str, bulk: bool) -> Result<TeamWriter> {
        let connection = self.connection.begin(self.team.id, bulk).await?;
        let journal = Journal::new(operation, bulk);
        self.begin_on(connection, journal, None).await
    }

    /// Begins a transaction that alone may do what `name` says, on any instance; `None` when another one is doing it.
    /// It does not wait for that one, though it waits for other writers of the team.
    /// With `bulk` the audit log counts rows by table.
    pub async fn begin_claiming(
        &self,
        operation: &str,
        bulk: bool,
        name: &str,
    ) -> Result<Option<TeamWriter>> {
        let Some(claim) = self.connection.claim(self.team.id, name) else {
            return Ok(None);
        };
        let connection = self.connection.begin(self.team.id, bulk).await?;
        if self.backend() == DbBackend::Postgres {
            let (high, low) = claim.lock_key();
            let sql = format!("SELECT pg_try_advisory_xact_lock({high}, {low}) AS free");
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            let free = connection.query_one_raw(statement).await?;
            let free = free
                .map(|row| row.try_get::<bool>("", "free"))
                .transpose()?;
            if free != Some(true) {
                return Ok(None);
            }
        }
        let journal = Journal::new(operation, bulk);
        self.begin_on(connection, journal, Some(claim))
            .await
            .map(Some)
    }

    async fn begin_on(
        &self,
        connection: Connection,
        journal: Journal,
        claim: Option<Claim>,
    ) -> Result<TeamWriter> {
        if self.backend() == DbBackend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({})", self.team.id);
            connection.execute_unprepared(&lock).await?;
        }
        // After the wait for other writers of the team: who writes later also writes as of later.
        let now = versions::micros(self.clock.now());
        let at = stamps::tick(&connection, self.team.id, now).await?;
        let store = Self {
            connection,
            ..self.clone()
        };
        Ok(TeamWriter {
            store,
            at,
            journal: Mutex::new(journal),
            events: Mutex::default(),
            stages_changed: AtomicUsize::new(0),
            _claim: claim,
        })
    }

    /// The team's rows with these ids; ids of nobody and of other teams are simply not there.
    pub async fn by_ids<E>(
        &self,
        id: E::Column,
        ids: &[i64],
        key: fn(&E::Model) -> i64,
    ) -> Result<HashMap<i64, E::Model>>
    where
        E: TeamOwned,
    {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(MOST_IDS) {
            let rows = self
                .select::<E>()
                .filter(id.is_in(chunk.iter().copied()))
                .all()
                .await?;
            found.extend(rows.into_iter().map(|row| (key(&row), row)));
        }
        Ok(found)
    }
}

impl TeamWriter {
    /// Makes what was written last, with its events and what the audit log tells of it; then wakes who waits for events.
    pub async fn commit(self) -> Result<()> {
        let told = self.write_events().await?;
        self.write_audit().await?;
        let (team, wakeups) = (self.team().id, self.store.connection.wakeups().clone());
        self.store.connection.commit().await?;
        if told {
            wakeups.wake(team);
        }
        Ok(())
    }

    pub(in crate::store) fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instant of all that this transaction writes, in microseconds since 1970.
    pub(in crate::store) fn at(&self) -> i64 {
        self.at
    }

    /// A new id for a row.
    pub fn id(&self) -> i64 {
        ids::next(self.clock())
    }

    /// Tells PostgreSQL how large the tables of a load have become. It knows nothing of what an open transaction wrote,
    /// and would go through whole tables that it takes for empty. Transactions that do so for the same table follow one
    /// another; all name the tables in one order, so none waits for one that waits for it.
    pub async fn refresh_statistics(&self, facts: &[FactTable]) -> Result<()> {
        if self.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let mut tables = vec!["external_ref", "customer"];
        for fact in facts {
            tables.push(fact.name());
            match fact {
                FactTable::AdDay => tables.push("ad_day_staged"),
                FactTable::WebDay => tables.push("web_day_staged"),
                _ => {}
            }
        }
        self.connection
            .execute_unprepared(&format!("ANALYZE {}", tables.join(", ")))
            .await?;
        Ok(())
    }

    /// Inserts rows as this team's, whatever team they name.
    pub async fn insert<E>(&self, rows: Vec<E::Model>) -> Result<()>
    where
        E: TeamOwned,
    {
        self.note_rows::<E>(&[], &rows);
        self.write::<E>(rows, None).await
    }

    /// Inserts rows as this team's and replaces those that have the same key.
    pub async fn upsert<E>(&self, rows: Vec<E::Model>) -> Result<()>
    where
        E: TeamOwned,
    {
        let keys: Vec<E::Column> = E::PrimaryKey::iter().map(|key| key.into_column()).collect();
        let is_key = |column: &E::Column| keys.iter().any(|key| key.as_str() == column.as_str());
        let others: Vec<E::Column> = E::Column::iter().filter(|column| !is_key(column)).collect();
        let mut conflict = OnConflict::columns(keys.iter().copied());
        if others.is_empty() {
            conflict.do_nothing();
        } else {
            conflict.update_columns(others);
        }
        if stamped::<E>() {
            conflict.update_column(Alias::new(RECORDED_AT));
        }
        if let Some(table) = Versioned::of::<E>() {
            for condition in conditions::<E>(&keys, &rows) {
                self.keep_versions::<E>(table, condition).await?;
            }
        }
        let before = self
            .audited_rows::<E>(|| conditions::<E>(&keys, &rows))
            .await?;
        self.note_rows::<E>(&before, &rows);
        self.write::<E>(rows, Some(conflict)).await
    }

    /// Inserts rows as this team's; of those that have the same key as a stored one `conflict` says what becomes.
    pub(in crate::store) async fn write<E>(
        &self,
        rows: Vec<E::Model>,
        conflict: Option<OnConflict>,
    ) -> Result<()>
    where
        E: TeamOwned,
    {
        let stamped = stamped::<E>();
        let chunk = MOST_VALUES / (E::Column::iter().count() + 1);
        let mut rows = rows.into_iter().map(|row| {
            let mut row = row.into_active_model();
            row.set(E::TEAM, self.team().id.into());
            row
        });
        loop {
            let batch: Vec<E::ActiveModel> = rows.by_ref().take(chunk).collect();
            if batch.is_empty() {
                return Ok(());
            }
            if stamped {
                let mut insert = versions::insertion::<E>(batch, self.at)?;
                if let Some(conflict) = &conflict {
                    insert.on_conflict(conflict.clone());
                }
                self.connection.execute(&insert).await?;
                continue;
            }
            let mut insert = E::insert_many(batch);
            if let Some(conflict) = &conflict {
                insert = insert.on_conflict(conflict.clone());
            }
            insert.exec_without_returning(&self.connection).await?;
        }
    }

    /// Deletes the team's rows that meet a condition; says how many.
    pub(in crate::store) async fn delete<E: TeamOwned>(
        &self,
        condition: impl sea_orm::sea_query::IntoCondition,
    ) -> Result<u64> {
        let condition = condition.into_condition();
        if let Some(table) = Versioned::of::<E>() {
            self.keep_versions::<E>(table, condition.clone()).await?;
        }
        self.bury::<E>(&condition).await?;
        let before = self.audited_rows::<E>(|| vec![condition.clone()]).await?;
        let done = E::delete_many()
            .filter(E::TEAM.eq(self.team().id))
            .filter(condition)
            .exec(&self.connection)
            .await?;
        self.note_deleted::<E>(&before, done.rows_affected);
        Ok(done.rows_affected)
    }

    /// Runs a statement in which `$1` is the team and the values follow from `$2` on; says how many rows it touched.
    /// It cannot write a table whose rows keep their versions.
    pub(in crate::store) async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64> {
        versions::check_raw(sql)?;
        self.run(sql, values).await
    }

    pub(super) async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64> {
        let statement = self.statement(sql, values);
        Ok(self
            .connection
            .execute_raw(statement)
            .await?
            .rows_affected())
    }

    /// Stores the new state of a row that is still at the version known to whoever changes it; false when it moved
    /// on. The row's key stays what it is.
    pub(in crate::store) async fn update_versioned<E: TeamOwned>(
        &self,
        row: E::Model,
        id: (E::Column, i64),
        version: (E::Column, i32),
    ) -> Result<bool> {
        let known = Condition::all()
            .add(id.0.eq(id.1))
            .add(version.0.eq(version.1));
        if let Some(table) = Versioned::of::<E>() {
            self.keep_versions::<E>(table, known.clone()).await?;
        }
        let before = self.audited_rows::<E>(|| vec![known.clone()]).await?;
        let mut change = row.clone().into_active_model().reset_all();
        for key in E::PrimaryKey::iter() {
            change.not_set(key.into_column());
        }
        let mut update = E::update_many().set(change);
        if stamped::<E>() {
            update = update.col_expr(Alias::new(RECORDED_AT), Expr::val(self.at));
        }
        let done = update
            .filter(E::TEAM.eq(self.team().id))
            .filter(known)
            .exec(&self.connection)
            .await?;
        let done = done.rows_affected == 1;
        if done {
            self.note_rows::<E>(&before, &[row]);
        }
        Ok(done)
    }

    /// The team as it is stored now; the store's own copy is as old as its request.
    pub async fn team_now(&self) -> Result<team::Model> {
        let stored = team::Entity::find_by_id(self.team().id)
            .one(&self.connection)
            .await?;
        Ok(stored.unwrap_or_else(|| self.team().clone()))
    }

    /// Stores new settings of the team itself, if it is still at the version known to whoever changes them; false when
    /// it moved on.
    pub async fn update_team(&self, row: team::Model, version: i32) -> Result<bool> {
        self.note_team(&self.team_now().await?, &row);
        let mut change = row.into_active_model().reset_all();
        change.not_set(team::Column::Id);
        let done = team::Entity::update_many()
            .set(change)
            .filter(team::Column::Id.eq(self.team().id))
            .filter(team::Column::Version.eq(version))
            .exec(&self.connection)
            .await?;
        Ok(done.rows_affected == 1)
    }

    /// Records names that another system has for rows; none of them may be taken.
    pub async fn link(
        &self,
        key: RefKey<'_>,
        names: impl IntoIterator<Item = (String, i64)>,
    ) -> Result<()> {
        let rows = names
            .into_iter()
            .map(|(external_id, entity_id)| entity::external_ref::Model {
                team_id: self.team().id,
                entity: key.entity,
                system: key.system.to_owned(),
                external_id,
                entity_id,
                source_updated_at: None,
            })
            .collect();
        self.insert::<entity::external_ref::Entity>(rows).await
    }
}
