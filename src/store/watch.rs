//! What is seen of the pool and of every statement that goes through it.

#![expect(
    clippy::disallowed_types,
    reason = "the store is the module that holds connections"
)]

use sea_orm::{DatabaseConnection, DbBackend};

use crate::telemetry::{Statements, Tally, traces};

/// How busy the connections are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolState {
    /// Open connections.
    pub open: usize,
    /// Those that nobody uses.
    pub idle: usize,
    /// Statements and writers that wait for their turn.
    pub waiting: usize,
}

impl PoolState {
    /// The state of pools for whose connections so many wait.
    pub fn of<'a>(databases: impl Iterator<Item = &'a DatabaseConnection>, waiting: usize) -> Self {
        let mut state = Self {
            waiting,
            ..Self::default()
        };
        for database in databases {
            let (open, idle) = match database.get_database_backend() {
                DbBackend::Postgres => {
                    let pool = database.get_postgres_connection_pool();
                    (pool.size(), pool.num_idle())
                }
                _ => {
                    let pool = database.get_sqlite_connection_pool();
                    (pool.size(), pool.num_idle())
                }
            };
            state.open += usize::try_from(open).unwrap_or(usize::MAX);
            state.idle += idle;
        }
        state
    }
}

/// Has every statement of a pool, in and out of transactions, counted and traced.
pub fn count_statements(database: &mut DatabaseConnection, statements: &Statements) {
    let statements = statements.clone();
    let name = match database.get_database_backend() {
        DbBackend::Postgres => "postgresql",
        _ => "sqlite",
    };
    database.set_metric_callback(move |done| {
        let (sql, elapsed) = (&done.statement.sql, done.elapsed);
        Tally::note(elapsed);
        statements.note(sql, elapsed, done.failed);
        traces::statement(name, sql, elapsed, done.failed);
    });
}
