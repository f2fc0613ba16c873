//! A pool or an open transaction, with a count of the statements that went through it.

#![expect(
    clippy::disallowed_types,
    reason = "the store is the module that holds connections"
)]

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::{
    past::Past,
    turns::{Turn, Turns},
};
use crate::error::{Error, Result};

#[derive(Clone)]
enum Inner {
    Pool(DatabaseConnection, Arc<Turns>),
    Transaction(Arc<(DatabaseTransaction, Turn)>),
}

/// Where statements go. Statements of a request are counted together, in or out of a transaction.
#[derive(Clone)]
pub(in crate::store) struct Connection {
    inner: Inner,
    statements: Arc<AtomicU32>,
    /// Where selections see the facts of an earlier instant, and nothing can be written.
    past: Option<Past>,
}

impl Connection {
    /// A pool of so many connections. SQLite lets one write at a time; on PostgreSQL a half of the connections is left
    /// to readers.
    pub fn pool(pool: DatabaseConnection, connections: u32) -> Self {
        let writers = match pool.get_database_backend() {
            DbBackend::Sqlite => 1,
            _ => usize::try_from(connections / 2).unwrap_or(1).max(1),
        };
        Self {
            inner: Inner::Pool(pool, Arc::new(Turns::new(writers))),
            statements: Arc::default(),
            past: None,
        }
    }

    /// The same connection with a count of its own.
    pub fn counted_apart(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            statements: Arc::default(),
            past: self.past,
        }
    }

    /// The same connection, whose selections see the facts as they were.
    pub(super) fn in_the_past(&self, past: Past) -> Self {
        Self {
            past: Some(past),
            ..self.clone()
        }
    }

    pub fn statements(&self) -> &AtomicU32 {
        &self.statements
    }

    /// Begins a transaction that takes the right to write at once, so that it cannot fail half-way for a busy database.
    /// Writers of one team follow one another.
    pub async fn begin(&self, team: i64) -> Result<Self> {
        let Inner::Pool(pool, turns) = &self.inner else {
            return Err(Error::Internal("transactions do not nest".into()));
        };
        self.check_present()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: (pool.get_database_backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let turn = turns.take(team).await?;
        let transaction = pool.begin_with_options(options).await?;
        Ok(Self {
            inner: Inner::Transaction(Arc::new((transaction, turn))),
            statements: self.statements.clone(),
            past: None,
        })
    }

    /// Commits; an error when this is no transaction or when another handle to it is still alive.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Transaction(transaction) => match Arc::try_unwrap(transaction) {
                Ok((transaction, _turn)) => Ok(transaction.commit().await?),
                Err(_) => Err(Error::Internal(
                    "a transaction was committed while in use".into(),
                )),
            },
            Inner::Pool(..) => Err(Error::Internal("only transactions can be committed".into())),
        }
    }

    pub async fn ping(&self) -> Result<()> {
        match &self.inner {
            Inner::Pool(pool, _) => Ok(pool.ping().await?),
            Inner::Transaction(_) => Ok(()),
        }
    }

    pub async fn close(self) -> Result<()> {
        match self.inner {
            Inner::Pool(pool, _) => Ok(pool.close().await?),
            Inner::Transaction(_) => Ok(()),
        }
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    fn check_present(&self) -> Result<(), DbErr> {
        match self.past {
            Some(_) => Err(DbErr::Custom("the past cannot be written".into())),
            None => Ok(()),
        }
    }

    /// The selection over what this connection sees.
    fn seen(&self, statement: Statement) -> Result<Statement, DbErr> {
        match self.past {
            Some(past) => past.of(statement),
            None => Ok(statement),
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        match &self.inner {
            Inner::Pool(pool, _) => pool.get_database_backend(),
            Inner::Transaction(open) => open.0.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.check_present()?;
        self.count();
        match &self.inner {
            Inner::Pool(pool, _) => pool.execute_raw(statement).await,
            Inner::Transaction(open) => open.0.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.check_present()?;
        self.count();
        match &self.inner {
            Inner::Pool(pool, _) => pool.execute_unprepared(sql).await,
            Inner::Transaction(open) => open.0.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        match &self.inner {
            Inner::Pool(pool, _) => pool.query_one_raw(statement).await,
            Inner::Transaction(open) => open.0.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        match &self.inner {
            Inner::Pool(pool, _) => pool.query_all_raw(statement).await,
            Inner::Transaction(open) => open.0.query_all_raw(statement).await,
        }
    }
}
