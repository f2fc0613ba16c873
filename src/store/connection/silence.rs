//! A database that takes what is sent and says nothing, such as behind a network that swallows all. Who waited for it
//! would wait until the request's time is over; so it is found out within seconds, and then nobody waits.
//!
//! While a statement waits and no other one is answered either, a new connection is tried: a database that is only busy
//! answers that.

use std::{
    future::pending,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::watch;

use crate::store::failure::is_serving;

/// After so long without any answer a database is suspect.
const SUSPECT: Duration = Duration::from_secs(1);
/// How long a new connection may take.
const PROBE: Duration = Duration::from_secs(2);
/// How soon the next one is tried.
const PAUSE: Duration = Duration::from_millis(250);

/// Whether a pool's database is silent.
#[derive(Clone, Default)]
pub struct Silence(Arc<State>);

#[derive(Default)]
struct State {
    /// How to reach it; nothing on SQLite, whose files do not fall silent.
    database: OnceLock<PgConnectOptions>,
    heard: Mutex<Option<Instant>>,
    silent: watch::Sender<bool>,
    probing: AtomicBool,
}

impl Silence {
    /// From now on silence is found out.
    pub fn watch_over(&self, database: PgConnectOptions) {
        // Set once: a pool has one database.
        let _ = self.0.database.set(database);
    }

    /// Whether the database is known to be silent.
    pub fn is_on(&self) -> bool {
        *self.0.silent.borrow()
    }

    /// The database has answered something.
    pub fn hear(&self) {
        self.0.hear();
    }

    /// Waits until the database is known to be silent.
    pub async fn known(&self) {
        if self.0.database.get().is_none() {
            return pending().await;
        }
        let mut silent = self.0.silent.subscribe();
        loop {
            tokio::select! {
                _ = silent.wait_for(|silent| *silent) => return,
                () = tokio::time::sleep(SUSPECT) => self.probe(),
            }
        }
    }

    /// Finds out in a task of its own, unless one is at it.
    fn probe(&self) {
        let Some(database) = self.0.database.get() else {
            return;
        };
        if self.0.was_heard(SUSPECT) || self.0.probing.swap(true, Ordering::AcqRel) {
            return;
        }
        tokio::spawn(probe(Arc::downgrade(&self.0), database.clone()));
    }
}

impl State {
    fn hear(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn was_heard(&self, within: Duration) -> bool {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.is_some_and(|heard| heard.elapsed() < within)
    }
}

/// SQLSTATE of a server that has no place for another connection.
const TOO_MANY: &str = "53300";

/// Tries connections until one is answered.
async fn probe(state: Weak<State>, database: PgConnectOptions) {
    loop {
        let tried = tokio::time::timeout(PROBE, PgConnection::connect_with(&database)).await;
        let Some(state) = state.upgrade() else {
            return;
        };
        let answered = match tried {
            Ok(Ok(connection)) => {
                // It is of no use any more, however it ends.
                tokio::spawn(tokio::time::timeout(PROBE, connection.close()));
                true
            }
            // Where there is no place for one more connection, the others are served all the same.
            Ok(Err(sqlx::Error::Database(told))) => {
                told.code().as_deref() == Some(TOO_MANY) || is_serving(told.as_ref())
            }
            Ok(Err(_)) | Err(_) => state.was_heard(PROBE),
        };
        let was_silent = state.silent.send_replace(!answered);
        if answered {
            if was_silent {
                tracing::info!("the database answers again");
            }
            state.hear();
            state.probing.store(false, Ordering::Release);
            return;
        }
        if !was_silent {
            tracing::error!("the database does not answer; nobody waits for it until it does");
        }
        drop(state);
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_database_that_takes_connections_and_says_nothing_is_found_out() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silence = Silence::default();
        let port = listener.local_addr().unwrap().port();
        let options = PgConnectOptions::new_without_pgpass();
        silence.watch_over(options.host("127.0.0.1").port(port));
        assert!(!silence.is_on());
        silence.known().await;
        assert!(silence.is_on());
        drop(listener);
    }
}
