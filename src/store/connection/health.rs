//! Whether the database is well: whether it answers at all, and whether its disk can be written.
//!
//! Whoever waits for a statement is watched, too: because a client hung up or a request's time was over nobody may wait
//! any more, and then the database shall not go on. What a dropped statement leaves behind is a connection that is still
//! busy. PostgreSQL stops when it finds the connection closed; SQLite asks now and then whether to go on.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{DbErr, RuntimeErr};
use tokio_util::sync::CancellationToken;

use super::{lanes::Lane, purpose::Unwanted, silence::Silence};
use crate::{
    error::Error,
    store::failure::{LOST, is_answer, is_lost, is_undone},
};

/// For so long after a disk was out of order, connections are closed rather than used again.
const SUSPICION: Duration = Duration::from_secs(5);

/// What is said to whom nobody waits for.
pub fn is_over() -> DbErr {
    DbErr::Custom("the request is over".into())
}

/// What is known of a database's health.
#[derive(Clone, Default)]
pub struct Health {
    /// While the database is silent, nobody waits for it.
    pub silence: Silence,
    /// When a disk was last full or out of order.
    undone: Arc<Mutex<Option<Instant>>>,
    /// The disk failed under a write: see [`is_lost`].
    lost: Arc<AtomicBool>,
}

/// A statement under way, and who waits for it.
pub struct Watched<'a> {
    /// Nobody waits after this.
    pub over: &'a CancellationToken,
    pub lane: &'a Lane,
    pub unwanted: Option<Unwanted>,
}

impl Health {
    /// Refuses to write once a disk has failed.
    pub fn check_writable(&self) -> Result<(), Error> {
        match self.lost.load(Ordering::Relaxed) {
            true => Err(Error::Busy(LOST)),
            false => Ok(()),
        }
    }

    /// Refuses to wait while the database is known to be silent.
    pub fn check_answering(&self) -> Result<(), DbErr> {
        match self.silence.is_on() {
            true => Err(unanswered()),
            false => Ok(()),
        }
    }

    /// Waits for a statement until the request is over, or the database is known to be silent.
    pub async fn watch<T>(
        &self,
        watched: Watched<'_>,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.check_answering()?;
        let statement = pin!(statement);
        // Made after the statement and so dropped before it: its connection goes back when all is known.
        let over = watched.over;
        let mut waited = Waited {
            watched,
            running: true,
        };
        tokio::select! {
            biased;
            done = statement => {
                waited.running = false;
                match &done {
                    Ok(_) => self.silence.hear(),
                    Err(error) => self.learn(error),
                }
                done
            }
            () = self.silence.known() => Err(unanswered()),
            () = over.cancelled() => Err(is_over()),
        }
    }

    /// What a failure says about the database.
    fn learn(&self, error: &DbErr) {
        if is_answer(error) {
            self.silence.hear();
        }
        if is_undone(error) {
            set_now(&self.undone);
        }
        if is_lost(error) {
            tracing::error!(%error, "the disk failed; nothing is written until the next start");
            self.lost.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a connection to SQLite that comes back can be used again: see [`is_undone`].
    pub fn is_sound(&self) -> bool {
        !is_recent(&self.undone)
    }
}

fn set_now(at: &Mutex<Option<Instant>>) {
    *at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

fn is_recent(at: &Mutex<Option<Instant>>) -> bool {
    let at = *at.lock().unwrap_or_else(PoisonError::into_inner);
    at.is_some_and(|at| at.elapsed() <= SUSPICION)
}

fn unanswered() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the database does not answer".into()))
}

struct Waited<'a> {
    watched: Watched<'a>,
    running: bool,
}

impl Drop for Waited<'_> {
    fn drop(&mut self) {
        if self.running {
            self.watched.lane.give_up();
            if let Some(unwanted) = &self.watched.unwanted {
                unwanted.store(true, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::disallowed_methods,
        reason = "a pool of one connection is needed"
    )]

    use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

    use super::*;
    use crate::store::connection::{Connection, Lanes, Said, set_on_acquire};

    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) AS n FROM n";

    #[tokio::test(flavor = "multi_thread")]
    async fn a_statement_on_sqlite_ends_when_nobody_waits_for_it() {
        let health = Health::default();
        let mut options = sea_orm::ConnectOptions::new("sqlite::memory:");
        options
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30));
        set_on_acquire(&mut options, &health, &Said::default());
        let database = Database::connect(options).await.unwrap();
        let pool = database.get_sqlite_connection_pool().clone();
        let lanes = Lanes::new(vec![(database, Said::default())], 1);
        let all = Connection::over(lanes, Duration::from_secs(1), health);
        let statement = |sql| Statement::from_string(DbBackend::Sqlite, sql);
        for _ in 0..3 {
            let (request, over) = all.until_dropped();
            let asked =
                tokio::spawn(async move { request.query_one_raw(statement(ENDLESS)).await });
            while pool.num_idle() > 0 {
                tokio::task::yield_now().await;
            }
            drop(over);
            assert!(asked.await.unwrap().is_err());
            // There is no other connection than the one that counted.
            assert!(all.query_one_raw(statement("SELECT 1 AS n")).await.is_ok());
        }
    }
}
