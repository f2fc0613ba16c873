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

use super::past::Past;
use crate::error::{Error, Result};

#[derive(Clone)]
enum Inner {
    Pool(DatabaseConnection),
    Transaction(Arc<DatabaseTransaction>),
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
    pub fn pool(pool: DatabaseConnection) -> Self {
        Self {
            inner: Inner::Pool(pool),
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
    pub async fn begin(&self) -> Result<Self> {
        let Inner::Pool(pool) = &self.inner else {
            return Err(Error::Internal("transactions do not nest".into()));
        };
        self.check_present()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: (pool.get_database_backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = pool.begin_with_options(options).await?;
        Ok(Self {
            inner: Inner::Transaction(Arc::new(transaction)),
            statements: self.statements.clone(),
            past: None,
        })
    }

    /// Commits; an error when this is no transaction or when another handle to it is still alive.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Transaction(transaction) => match Arc::try_unwrap(transaction) {
                Ok(transaction) => Ok(transaction.commit().await?),
                Err(_) => Err(Error::Internal(
                    "a transaction was committed while in use".into(),
                )),
            },
            Inner::Pool(_) => Err(Error::Internal("only transactions can be committed".into())),
        }
    }

    pub async fn ping(&self) -> Result<()> {
        match &self.inner {
            Inner::Pool(pool) => Ok(pool.ping().await?),
            Inner::Transaction(_) => Ok(()),
        }
    }

    pub async fn close(self) -> Result<()> {
        match self.inner {
            Inner::Pool(pool) => Ok(pool.close().await?),
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
            Inner::Pool(pool) => pool.get_database_backend(),
            Inner::Transaction(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.check_present()?;
        self.count();
        match &self.inner {
            Inner::Pool(pool) => pool.execute_raw(statement).await,
            Inner::Transaction(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.check_present()?;
        self.count();
        match &self.inner {
            Inner::Pool(pool) => pool.execute_unprepared(sql).await,
            Inner::Transaction(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        match &self.inner {
            Inner::Pool(pool) => pool.query_one_raw(statement).await,
            Inner::Transaction(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count();
        let statement = self.seen(statement)?;
        match &self.inner {
            Inner::Pool(pool) => pool.query_all_raw(statement).await,
            Inner::Transaction(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}
