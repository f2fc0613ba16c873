//! A team's part of the database: the doors to its rows, each of which names the team.

mod aside;
mod audit;
mod ids;
mod keys;
mod log;
mod past;
mod scope;
mod stamps;
mod unqueued;
mod versions;
mod writer;

use std::sync::{Arc, atomic::Ordering};

use chrono::{DateTime, Utc};
use entity::{TeamOwned, team};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, QueryResult, Statement, Value,
    sea_query::{Expr, ExprTrait, IntoCondition, Query, SelectStatement},
};
use tokio_util::sync::DropGuard;

use super::connection::{Connection, Sees};
use crate::{
    error::{Error, Result},
    time::{Calendar, Clock, WeekStart},
};
pub(super) use aside::Aside;
pub(super) use audit::{Actor, fields};
pub(super) use ids::next as next_id;
pub(super) use past::{Past, history_of};
pub use scope::Scoped;
pub(super) use stamps::{FOLLOWED, TOMBSTONE_MICROS};
pub(super) use versions::customer_columns;
pub use writer::TeamWriter;

/// One team's part of the database, for one request.
#[derive(Clone)]
pub struct TeamStore {
    connection: Connection,
    team: Arc<team::Model>,
    clock: Clock,
    as_of: Option<DateTime<Utc>>,
    actor: Arc<Actor>,
}

impl TeamStore {
    pub(super) fn new(
        connection: Connection,
        team: team::Model,
        clock: Clock,
        actor: Actor,
    ) -> Self {
        Self {
            connection: connection.seeing(Sees::Team(team.id)).for_team(&team.slug),
            team: Arc::new(team),
            clock,
            as_of: None,
            actor: Arc::new(actor),
        }
    }

    /// The facts as they were known at an instant, on the clock of that instant, for reading only. What is no fact,
    /// such as names and settings, is as it is today.
    pub fn known_at(&self, at: DateTime<Utc>) -> Self {
        let past = Past {
            team: self.team.id,
            at: versions::end_of_milli(at),
        };
        Self {
            connection: self.connection.in_the_past(past),
            team: self.team.clone(),
            clock: Clock::fixed(at),
            as_of: Some(at),
            actor: self.actor.clone(),
        }
    }

    /// The instant whose facts this store reads; `None` for those of now.
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// The same store for one request: statements that run when the guard is dropped are given up in the database, too.
    pub fn until_dropped(&self) -> (Self, DropGuard) {
        let (connection, over) = self.connection.until_dropped();
        let store = Self {
            connection,
            ..self.clone()
        };
        (store, over)
    }

    /// The team and its settings.
    pub fn team(&self) -> &team::Model {
        &self.team
    }

    /// The currency asked for, or the team's.
    pub fn currency(
        &self,
        asked: Option<iso_currency::Currency>,
    ) -> Result<iso_currency::Currency> {
        let code = &self.team.currency;
        let own = || iso_currency::Currency::from_code(code);
        asked
            .or_else(own)
            .ok_or_else(|| Error::Internal(format!("the team's currency {code} is unknown")))
    }

    /// The calendar that cuts the team's time.
    pub fn calendar(&self) -> Result<Calendar> {
        let time_zone = self.team.time_zone.parse().map_err(|_| {
            Error::Internal(format!(
                "the team's time zone {} is unknown",
                self.team.time_zone
            ))
        })?;
        let week_start = match self.team.week_start.as_str() {
            "SUNDAY" => WeekStart::Sunday,
            "SATURDAY" => WeekStart::Saturday,
            _ => WeekStart::Monday,
        };
        let fiscal_year_start_month = u32::try_from(self.team.fiscal_year_start_month).unwrap_or(1);
        Ok(Calendar {
            time_zone,
            week_start,
            fiscal_year_start_month,
        })
    }

    /// The clock by which this store dates what it writes.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The same store, written through by somebody else.
    pub(super) fn acting_as(&self, actor: Actor) -> Self {
        Self {
            actor: Arc::new(actor),
            ..self.clone()
        }
    }

    /// Who writes through this store.
    pub(super) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Wakes who follows this team: something was committed that is no event, but of which events may come.
    pub fn wake(&self) {
        self.connection.wakeups().wake(self.team.id);
    }

    /// The same store for another request, with a count and a share of the connections of its own.
    pub fn for_request(&self) -> Self {
        Self {
            connection: self.connection.counted_apart(),
            ..self.clone()
        }
    }

    /// How many SQL statements ran through this store so far.
    pub fn statements(&self) -> u32 {
        self.connection.statements().load(Ordering::Relaxed)
    }

    /// The team's rows of `E`; conditions added later can only narrow it.
    pub(super) fn select<E: TeamOwned>(&self) -> Scoped<'_, E> {
        Scoped::new(self, E::find().filter(E::TEAM.eq(self.team.id)))
    }

    /// Which of the two databases this is.
    pub(super) fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    /// The values of a column in the team's rows of `E` that meet a condition, for use within another condition.
    pub(super) fn column_where<E: TeamOwned>(
        &self,
        column: E::Column,
        condition: impl IntoCondition,
    ) -> SelectStatement {
        Query::select()
            .column(column)
            .from(E::default())
            .and_where(E::TEAM.eq(self.team.id))
            .cond_where(condition)
            .to_owned()
    }

    /// Runs a selection over the table that it calls `f`, of the team's rows alone.
    pub(super) async fn rows_of_f(&self, mut select: SelectStatement) -> Result<Vec<QueryResult>> {
        select.and_where(Expr::cust("f.team_id").eq(self.team.id));
        Ok(self.connection.query_all(&select).await?)
    }

    /// Runs a selection of one number named `n`, in which `$1` is the team and the values follow from `$2` on.
    pub(super) async fn number(&self, sql: &str, values: Vec<Value>) -> Result<i64> {
        let row = self.row(sql, values).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get("", "n"))?)
    }

    /// Runs a statement that gives one row, in which `$1` is the team and the values follow from `$2` on.
    pub(super) async fn row(&self, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>> {
        let statement = self.statement(sql, values);
        Ok(self.connection.query_one_raw(statement).await?)
    }

    /// A statement in which `$1` is the team and the values follow from `$2` on.
    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        assert!(
            sql.contains("team_id = $1"),
            "a statement without its team: {sql}"
        );
        let values = std::iter::once(self.team.id.into()).chain(values);
        Statement::from_sql_and_values(self.backend(), sql, values)
    }
}
