//! Where statements go: a pool or an open transaction, with a count of the statements that went through it.

mod claims;
mod health;
mod lanes;
mod pool;
mod purpose;
mod shares;
mod silence;
mod statements;
mod turns;
mod wakeups;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions,
};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::wakeups::Wakeups;
pub(super) use self::{
    claims::Claim,
    health::Health,
    lanes::Lanes,
    purpose::{DOOR_SETTING, QUEUES, Said, Sees, TEAM_SETTING, set_on_acquire},
};
use self::{
    health::{Watched, is_over},
    lanes::Lane,
    pool::{Place, Pool},
    purpose::{Purpose, Unwanted},
    turns::Turn,
};
use super::{PoolState, team::Past};
use crate::error::{Error, Result};

#[derive(Clone)]
enum Inner {
    Pool(Pool),
    /// What is dropped first stands first.
    Transaction(Arc<(DatabaseTransaction, Lane, Turn)>),
}

/// Where statements go. Statements of a request are counted together, in or out of a transaction.
#[derive(Clone)]
pub(in crate::store) struct Connection {
    inner: Inner,
    statements: Arc<AtomicU32>,
    wakeups: Wakeups,
    /// Where selections see the facts of an earlier instant, and nothing can be written.
    past: Option<Past>,
    purpose: Purpose,
    health: Health,
    /// Nothing is waited for after this.
    over: CancellationToken,
}

impl Connection {
    /// What runs statements on these lanes, each of a request for so long at most.
    pub fn over(lanes: Lanes, longest: Duration, health: Health) -> Self {
        Self {
            inner: Inner::Pool(Pool::of(lanes, longest)),
            statements: Arc::default(),
            wakeups: Wakeups::default(),
            past: None,
            purpose: Purpose::default(),
            health,
            over: CancellationToken::new(),
        }
    }

    /// The same connection for another request, with a count and a share of its own.
    pub fn counted_apart(&self) -> Self {
        let inner = match &self.inner {
            Inner::Pool(pool) => Inner::Pool(pool.for_request()),
            transaction => transaction.clone(),
        };
        Self {
            inner,
            statements: Arc::default(),
            ..self.clone()
        }
    }

    /// The same connection for a team, which takes no more of the pool than its share.
    pub fn for_team(mut self, slug: &str) -> Self {
        if let Inner::Pool(pool) = &mut self.inner {
            pool.take_for(slug);
        }
        self
    }

    /// The same connection for a request, whose statements may take so long and no longer.
    pub fn hurried(self) -> Self {
        let longest = match &self.inner {
            Inner::Pool(pool) => Some(pool.longest),
            Inner::Transaction(_) => None,
        };
        let purpose = Purpose {
            longest,
            ..self.purpose
        };
        Self { purpose, ..self }
    }

    /// The same connection, on which these rows are seen: PostgreSQL itself shows no others.
    pub fn seeing(&self, sees: Sees) -> Self {
        let purpose = Purpose {
            sees,
            ..self.purpose
        };
        Self {
            purpose,
            ..self.clone()
        }
    }

    /// The same connection; what it waits for when the guard is dropped is given up in the database, too.
    pub fn until_dropped(&self) -> (Self, DropGuard) {
        let over = self.over.child_token();
        let connection = Self {
            over: over.clone(),
            ..self.clone()
        };
        (connection, over.drop_guard())
    }

    /// The same connection, whose selections see the facts as they were.
    pub fn in_the_past(&self, past: Past) -> Self {
        Self {
            past: Some(past),
            ..self.clone()
        }
    }

    pub fn statements(&self) -> &AtomicU32 {
        &self.statements
    }

    /// How to open another connection to the same PostgreSQL; `None` for SQLite and within a transaction.
    pub fn postgres_options(&self) -> Option<sqlx::postgres::PgConnectOptions> {
        match &self.inner {
            Inner::Pool(pool) if self.get_database_backend() == DbBackend::Postgres => {
                let pool = pool.lanes.any().get_postgres_connection_pool();
                Some((*pool.connect_options()).clone())
            }
            _ => None,
        }
    }

    /// How busy the pool is; nothing is told within a transaction.
    pub fn pool_state(&self) -> PoolState {
        match &self.inner {
            Inner::Pool(pool) => pool.state(),
            Inner::Transaction(_) => PoolState::default(),
        }
    }

    /// Who is woken up for new events.
    pub fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    /// Begins a transaction that takes the right to write at once, so that it cannot fail half-way for a busy database.
    /// Writers of one team follow one another, and those of rows by the thousand (`bulk`) leave a place for others.
    pub async fn begin(&self, team: i64, bulk: bool) -> Result<Self> {
        let Inner::Pool(pool) = &self.inner else {
            return Err(Error::Internal("transactions do not nest".into()));
        };
        self.begin_in(pool, pool.writer(team, bulk).await?).await
    }

    /// Begins a transaction that waits for no writer where the database lets several write: in the place of a reader.
    pub async fn begin_beside(&self) -> Result<Self> {
        let Inner::Pool(pool) = &self.inner else {
            return Err(Error::Internal("transactions do not nest".into()));
        };
        self.begin_in(pool, pool.writer_beside().await?).await
    }

    async fn begin_in(&self, pool: &Pool, turn: Turn) -> Result<Self> {
        self.check_present()?;
        self.health.check_writable()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: (pool.lanes.backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let lane = pool.lanes.take(&self.purpose);
        let begin = lane.begin(self.purpose, options);
        let transaction = self.within(&lane, begin).await?;
        Ok(Self {
            inner: Inner::Transaction(Arc::new((transaction, lane, turn))),
            past: None,
            ..self.clone()
        })
    }

    /// Claims a name of a team for this process; `None` when it is taken, and within a transaction.
    pub fn claim(&self, team: i64, name: &str) -> Option<Claim> {
        match &self.inner {
            Inner::Pool(pool) => pool.claims.take(team, name),
            Inner::Transaction(_) => None,
        }
    }

    /// Commits; an error when this is no transaction or when another handle to it is still alive.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Transaction(transaction) => match Arc::try_unwrap(transaction) {
                Ok((transaction, lane, _turn)) => {
                    let watched = Watched {
                        over: &self.over,
                        lane: &lane,
                        unwanted: None,
                    };
                    Ok(self.health.watch(watched, transaction.commit()).await?)
                }
                Err(_) => Err(Error::Internal(
                    "a transaction was committed while in use".into(),
                )),
            },
            Inner::Pool(..) => Err(Error::Internal("only transactions can be committed".into())),
        }
    }

    pub async fn ping(&self) -> Result<()> {
        match &self.inner {
            Inner::Pool(pool) => {
                let place = self.place(pool).await?;
                let lane = place.lane();
                Ok(self.taking(lane, lane.database().ping()).await?)
            }
            Inner::Transaction(_) => Ok(()),
        }
    }

    pub async fn close(self) -> Result<()> {
        match self.inner {
            Inner::Pool(pool) => Ok(pool.close().await?),
            Inner::Transaction(_) => Ok(()),
        }
    }

    /// Waits for a reader's place.
    async fn place<'a>(&self, pool: &'a Pool) -> Result<Place<'a>, DbErr> {
        self.health.check_answering()?;
        let place = self.over.run_until_cancelled(pool.reader(&self.purpose));
        place.await.unwrap_or_else(|| Err(is_over()))
    }

    /// Runs a statement on the connection that it takes.
    async fn taking<T>(
        &self,
        lane: &Lane,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let unwanted = Unwanted::default();
        let statement = self.purpose.taking(unwanted.clone(), statement);
        let watched = Watched {
            over: &self.over,
            lane,
            unwanted: Some(unwanted),
        };
        self.health.watch(watched, statement).await
    }

    /// Runs a statement of an open transaction.
    async fn within<T>(
        &self,
        lane: &Lane,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let watched = Watched {
            over: &self.over,
            lane,
            unwanted: None,
        };
        self.health.watch(watched, statement).await
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
