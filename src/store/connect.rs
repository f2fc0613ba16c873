//! Opening the database: SQLite file or PostgreSQL, waited for, migrated by one instance at a time.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the store is the module that opens connections"
)]

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, TransactionTrait};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::{
    Store,
    api_key_login::KeyUses,
    connection::{Connection, Health, Lanes, Said, set_on_acquire},
    wall,
    watch::count_statements,
};
use crate::{telemetry::Statements, time::Clock};

/// The key of the advisory lock that a migrating instance holds on PostgreSQL.
const MIGRATION_LOCK: i64 = 0x6b70_6967_7261_7068;

/// Where the database is and how to reach it.
#[derive(Clone)]
pub struct ConnectOptions {
    /// `sqlite://FILE` or `postgres://…`.
    pub url: String,
    /// The same database by a role that owns its tables and changes them; `url` where there is no such role.
    pub admin_url: Option<String>,
    /// The most connections open at once.
    pub connections: u32,
    /// How long opening a connection may take.
    pub acquire_timeout: Duration,
    /// How long one statement of a request may take on PostgreSQL.
    pub statement_timeout: Duration,
    /// How long a database that does not answer is waited for at start.
    pub wait: Duration,
}

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It did not answer within the time allowed.
    #[error("the database did not answer within {} s: {source}", waited.as_secs())]
    Unreachable {
        /// How long it was tried.
        waited: Duration,
        /// The last failure.
        source: DbErr,
    },
    /// A migration failed.
    #[error("migrating the database failed: {0}")]
    Migration(#[source] DbErr),
    /// The folder or the lock file beside the SQLite database cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Store {
    /// Opens the database, waits for it if need be, and brings its schema up to date.
    pub async fn connect(options: &ConnectOptions, clock: Clock) -> Result<Self, ConnectError> {
        let role = service_role(options);
        Self::change_schema(options, |database| async move {
            wall::open_for_migrations(&database).await?;
            migrate_up(&database).await?;
            wall::build(&database).await?;
            match role {
                Some(role) => wall::grant(&database, &role).await,
                None => Ok(()),
            }
        })
        .await?;
        let health = Health::default();
        let statements = Statements::default();
        let lanes = lanes(options, &health, &statements).await?;
        if lanes.backend() == DbBackend::Postgres {
            let pool = lanes.any().get_postgres_connection_pool();
            let reached = (*pool.connect_options()).clone();
            health.silence.watch_over(reached);
        }
        if lanes.backend() == DbBackend::Postgres
            && wall::is_passed(lanes.any())
                .await
                .map_err(ConnectError::Migration)?
        {
            tracing::warn!(
                "the role of the database's URL is a superuser or has BYPASSRLS: row-level security, the second wall \
                 between teams, does not bind it; see docs/postgresql.md"
            );
        }
        Ok(Self {
            connection: Connection::over(lanes, options.statement_timeout, health),
            clock,
            key_uses: KeyUses::default(),
            statements,
        })
    }

    /// Takes back the last `steps` migrations.
    pub async fn migrate_down(options: &ConnectOptions, steps: u32) -> Result<(), ConnectError> {
        Self::change_schema(options, |database| async move {
            wall::open(&database).await?;
            migrate_down(&database, steps).await?;
            wall::build(&database).await
        })
        .await
    }

    /// Runs `change` on one connection, while no other instance changes the schema.
    async fn change_schema<F>(
        options: &ConnectOptions,
        change: impl FnOnce(DatabaseConnection) -> F,
    ) -> Result<(), ConnectError>
    where
        F: Future<Output = Result<(), DbErr>>,
    {
        if let Some(file) = sqlite_file(&options.url) {
            // Waiting for the lock must not hold a thread that the instance with the lock may need.
            let lock = tokio::task::spawn_blocking(move || lock_beside(&file))
                .await
                .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))?;
            let database = open(options, &options.url).await?;
            let done = change(database.clone()).await;
            let closed = database.close().await;
            drop(lock);
            return done.and(closed).map_err(ConnectError::Migration);
        }
        // The lock belongs to the session, so the migrations run on the very connection that took it.
        let url = options.admin_url.as_ref().unwrap_or(&options.url);
        let database = open(options, url).await?;
        let locked = async {
            database
                .execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))
                .await?;
            change(database.clone()).await
        };
        let done = locked.await;
        let closed = database.close().await;
        done.and(closed).map_err(ConnectError::Migration)
    }
}

/// Runs the migrations that have not run. Each is done or not, also when it is cut off: PostgreSQL has a transaction for
/// each, SQLite one for all.
async fn migrate_up(database: &DatabaseConnection) -> Result<(), DbErr> {
    if database.get_database_backend() == DbBackend::Postgres {
        return Migrator::up(database, None).await;
    }
    let all = database.begin().await?;
    Migrator::up(&all, None).await?;
    all.commit().await
}

/// Takes back the last migrations, in transactions as [`migrate_up`].
async fn migrate_down(database: &DatabaseConnection, steps: u32) -> Result<(), DbErr> {
    if database.get_database_backend() == DbBackend::Postgres {
        return Migrator::down(database, Some(steps)).await;
    }
    let all = database.begin().await?;
    Migrator::down(&all, Some(steps)).await?;
    all.commit().await
}

fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

fn lock_beside(database: &Path) -> Result<File, ConnectError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ConnectError::File { path, source }
    };
    if let Some(folder) = database
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    let path = database.with_extension("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed(&path))?;
    file.lock().map_err(failed(&path))?;
    Ok(file)
}

/// The role that the service's own connections have, where it is not the one that migrates.
fn service_role(options: &ConnectOptions) -> Option<String> {
    options.admin_url.as_ref()?;
    let own: sqlx::postgres::PgConnectOptions = options.url.parse().ok()?;
    Some(own.get_username().to_owned())
}

/// All connections of the service: on PostgreSQL each in a pool of its own, on SQLite all in one.
async fn lanes(
    options: &ConnectOptions,
    health: &Health,
    statements: &Statements,
) -> Result<Lanes, ConnectError> {
    let (pools, each) = match sqlite_file(&options.url) {
        Some(_) => (1, options.connections),
        None => (options.connections, 1),
    };
    let mut lanes = Vec::new();
    for lane in 0..pools {
        let said = Said::default();
        let mut connect = pool_options(options, &options.url, each);
        set_on_acquire(&mut connect, health, &said);
        // The first one tells whether there is a database; the others are opened when they are needed. None is kept
        // open for its own sake: whoever keeps a lane's only connection waits minutes for a database that is silent.
        connect
            .min_connections(u32::from(sqlite_file(&options.url).is_some()))
            .connect_lazy(lane > 0);
        let mut database = reach(connect, options.wait).await?;
        count_statements(&mut database, statements);
        lanes.push((database, said));
    }
    Ok(Lanes::new(
        lanes,
        usize::try_from(options.connections).unwrap_or(usize::MAX),
    ))
}

/// One connection, for what is done before there is a service.
async fn open(options: &ConnectOptions, url: &str) -> Result<DatabaseConnection, ConnectError> {
    let mut connect = pool_options(options, url, 1);
    connect.min_connections(1);
    reach(connect, options.wait).await
}

fn pool_options(options: &ConnectOptions, url: &str, connections: u32) -> sea_orm::ConnectOptions {
    let mut connect = sea_orm::ConnectOptions::new(match sqlite_file(url) {
        Some(file) => format!("sqlite://{}?mode=rwc", file.display()),
        None => url.to_owned(),
    });
    connect
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .connect_timeout(options.acquire_timeout)
        .test_before_acquire_if_idle_for(Duration::from_secs(5))
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .foreign_keys(true)
                .pragma("cache_size", "-16000")
                .pragma("temp_store", "memory")
                // What is deleted is overwritten: a person who was erased is not left in the file.
                .pragma("secure_delete", "on")
        });
    connect
}

/// Connects, waiting for a database that does not answer yet.
async fn reach(
    connect: sea_orm::ConnectOptions,
    wait: Duration,
) -> Result<DatabaseConnection, ConnectError> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(100);
    loop {
        match Database::connect(connect.clone()).await {
            Ok(database) => return Ok(database),
            Err(source) if started.elapsed() + pause > wait => {
                return Err(ConnectError::Unreachable {
                    waited: started.elapsed(),
                    source,
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the database does not answer yet");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(2));
            }
        }
    }
}
