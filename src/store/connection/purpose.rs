//! What a connection is taken from the pool for: which team's rows PostgreSQL shows on it, and how long a statement may
//! take. Both are set whenever a connection is handed out for something else than the last time, to nothing where nobody
//! says; so whatever the last one left behind is never seen.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection, PgConnection, SqliteConnection};

use super::health::Health;

/// The setting that holds the team whose rows are seen. Policies read it.
pub const TEAM_SETTING: &str = "kpigraph.team";
/// The setting that opens the queues of all teams for reading. Policies read it.
pub const DOOR_SETTING: &str = "kpigraph.door";
/// What it holds then.
pub const QUEUES: &str = "queues";

/// One statement says all, for one round trip.
const ENTER: &str = "SELECT set_config('kpigraph.team', $1, false), set_config('kpigraph.door', $2, false), \
    set_config('statement_timeout', $3, false)";
/// How soon a server notices that a connection was closed while it works; servers that cannot are left as they are.
const NOTICE_CLOSED: &str = "SELECT set_config(name, '500', false) FROM pg_settings \
    WHERE name = 'client_connection_check_interval'";
/// A free connection answers much sooner.
const GRACE: Duration = Duration::from_millis(100);
/// After so many steps SQLite asks whether a statement is still wanted: about a millisecond.
const STEPS: i32 = 10_000;

/// Whose rows are seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sees {
    /// Nobody's: teams themselves, and nothing of them.
    #[default]
    Nothing,
    /// Those of the team with this id.
    Team(i64),
    /// What waits to be worked on in any team, for reading, and the keys by which teams are found.
    Queues,
}

/// What a connection is taken for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purpose {
    /// Whose rows are seen.
    pub sees: Sees,
    /// How long one statement may take on PostgreSQL; without a bound where `None`.
    pub longest: Option<Duration>,
}

/// What was last said to the one connection of a pool; nothing while it is not certain.
#[derive(Debug, Clone, Default)]
pub struct Said {
    purpose: Arc<Mutex<Option<Purpose>>>,
    /// Whether a transaction is being begun. Who gives up then leaves one open that nobody knows of: what is said within
    /// it would be taken back with it.
    beginning: Arc<AtomicBool>,
    /// Whether a statement was given up since the connection last came back.
    given_up: Arc<AtomicBool>,
}

impl Said {
    /// Whether it was this.
    pub fn is(&self, purpose: &Purpose) -> bool {
        let said = self.purpose.lock().unwrap_or_else(PoisonError::into_inner);
        said.as_ref() == Some(purpose)
    }

    /// The transaction has begun.
    pub fn has_begun(&self) {
        self.beginning.store(false, Ordering::Release);
    }

    /// Nobody waits for the statement that runs.
    pub fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }

    /// Whether a connection that comes back is free. One on which a statement still runs is to be closed.
    async fn is_free(&self, connection: &mut PgConnection) -> bool {
        if self.beginning.load(Ordering::Acquire) {
            return false;
        }
        if !self.given_up.swap(false, Ordering::AcqRel) {
            return true;
        }
        let answered = tokio::time::timeout(GRACE, connection.ping()).await;
        matches!(answered, Ok(Ok(())))
    }

    fn note(&self, said: Option<Purpose>) {
        *self.purpose.lock().unwrap_or_else(PoisonError::into_inner) = said;
    }
}

/// Told to a statement on SQLite that nobody waits for any more.
pub type Unwanted = Arc<AtomicBool>;

tokio::task_local! {
    static TAKEN_FOR: Taken;
}

#[derive(Clone, Default)]
struct Taken {
    purpose: Purpose,
    unwanted: Option<Unwanted>,
    begins: bool,
}

impl Purpose {
    /// Runs a statement that takes a connection.
    pub async fn taking<T>(self, unwanted: Unwanted, taking: impl Future<Output = T>) -> T {
        let taken = Taken {
            purpose: self,
            unwanted: Some(unwanted),
            begins: false,
        };
        TAKEN_FOR.scope(taken, taking).await
    }

    /// Begins a transaction on a connection that it takes.
    pub async fn beginning<T>(self, begin: impl Future<Output = T>) -> T {
        let taken = Taken {
            purpose: self,
            unwanted: None,
            begins: true,
        };
        TAKEN_FOR.scope(taken, begin).await
    }
}

fn taken() -> Taken {
    TAKEN_FOR.try_with(Clone::clone).unwrap_or_default()
}

/// Has a pool set every connection that it hands out. On PostgreSQL it is a pool of one.
pub fn set_on_acquire(connect: &mut sea_orm::ConnectOptions, health: &Health, said: &Said) {
    let health = health.clone();
    let (said, anew) = (said.clone(), said.clone());
    connect
        .map_sqlx_postgres_before_acquire(move |connection, _| {
            let said = said.clone();
            Box::pin(async move { enter(connection, &said).await.map(|()| true) })
        })
        .map_sqlx_postgres_pool_opts(move |options| {
            let (anew, left) = (anew.clone(), anew.clone());
            options
                // A new connection is handed out without passing the hook above.
                .after_connect(move |connection, _| {
                    let said = anew.clone();
                    Box::pin(async move {
                        said.note(None);
                        if let Err(error) = sqlx::query(NOTICE_CLOSED).execute(&mut *connection).await {
                            tracing::debug!(%error, "the server does not look whether clients are still there");
                        }
                        enter(connection, &said).await
                    })
                })
                .after_release(move |connection, _| {
                    let left = left.clone();
                    Box::pin(async move { Ok(left.is_free(connection).await) })
                })
        })
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            Box::pin(async move { ask_whether_wanted(connection).await.map(|()| true) })
        })
        .map_sqlx_sqlite_pool_opts(move |options| {
            let health = health.clone();
            options
                .after_connect(|connection, _| Box::pin(ask_whether_wanted(connection)))
                .after_release(move |_, _| {
                    let is_sound = health.is_sound();
                    Box::pin(async move { Ok(is_sound) })
                })
        });
}

async fn enter(connection: &mut PgConnection, said: &Said) -> sqlx::Result<()> {
    let Taken {
        purpose, begins, ..
    } = taken();
    said.beginning.store(begins, Ordering::Release);
    if said.is(&purpose) {
        return Ok(());
    }
    said.note(None);
    let (team, door) = match purpose.sees {
        Sees::Nothing => (String::new(), ""),
        Sees::Team(team) => (team.to_string(), ""),
        Sees::Queues => (String::new(), QUEUES),
    };
    // Zero is without a bound.
    let longest = purpose.longest.map_or(0, |longest| longest.as_millis());
    sqlx::query(ENTER)
        .bind(team)
        .bind(door)
        .bind(longest.to_string())
        .execute(connection)
        .await?;
    said.note(Some(purpose));
    Ok(())
}

async fn ask_whether_wanted(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let unwanted = taken().unwanted;
    let mut handle = connection.lock_handle().await?;
    match unwanted {
        // Told once: what is said to the connection afterwards is not meant.
        Some(unwanted) => {
            handle.set_progress_handler(STEPS, move || !unwanted.swap(false, Ordering::Relaxed))
        }
        None => handle.remove_progress_handler(),
    }
    Ok(())
}
