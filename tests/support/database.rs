//! A database of its own for each test, and a macro that runs a test on every kind of database.

use std::{
    fmt, process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use kpigraph::{
    store::{ConnectOptions, Store},
    time::Clock,
};
use sqlx::{
    AssertSqlSafe, ColumnIndex, Connection, Database, Decode, Executor, PgConnection, Row,
    SqliteConnection, Type,
};
use tempfile::TempDir;

use super::postgres::Server;

/// Makes two tests of one body, `NAME::sqlite` and `NAME::postgres`, each with an empty database of its own. The latter
/// passes without running the body where there is no PostgreSQL.
#[allow(
    unused_macros,
    reason = "every test binary takes the part that it needs"
)]
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($database:ident: $kind:ty) $body:block
    )+) => { $(
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing from around it")]
            use super::*;

            $(#[$attribute])*
            async fn check($database: $kind) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                check(<$kind>::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if let Some(database) = <$kind>::postgres().await {
                    check(database).await;
                }
            }
        }
    )+ };
}
pub(crate) use on_both_databases;

/// An empty database, dropped with this value.
pub struct TestDatabase {
    /// What [`ConnectOptions`] and `DATABASE_URL` take.
    pub url: String,
    kind: Kind,
}

enum Kind {
    Sqlite {
        _folder: TempDir,
    },
    Postgres {
        name: String,
        server: &'static Server,
    },
}

impl TestDatabase {
    /// A file in a temporary folder.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self {
            url: format!("sqlite://{}", folder.path().join("kpigraph.db").display()),
            kind: Kind::Sqlite { _folder: folder },
        }
    }

    /// A database on the tests' server, which belongs to a role of its own; `None` when there is no server.
    ///
    /// The role is an ordinary one wherever the tests may make roles, so that row-level security binds it.
    pub async fn postgres() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = Server::get()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kpigraph_test_{}_{number}", process::id());
        // A process that was killed may have left one under the same number.
        for sql in removal(&name) {
            maintain(server, sql).await.expect("nothing is left over");
        }
        let role = format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'");
        let (create, url) = match maintain(server, role).await {
            Ok(()) => (
                format!("CREATE DATABASE {name} OWNER {name}"),
                server.url_as(&name, &name),
            ),
            Err(_) => (
                format!("CREATE DATABASE {name}"),
                server.database_url(&name),
            ),
        };
        maintain(server, create)
            .await
            .expect("a test database is made");
        Some(Self {
            url,
            kind: Kind::Postgres { name, server },
        })
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.kind, Kind::Postgres { .. })
    }

    /// The URL for whoever made the database and is above its owner; that of [`TestDatabase::url`] on SQLite.
    pub fn admin_url(&self) -> String {
        match &self.kind {
            Kind::Sqlite { .. } => self.url.clone(),
            Kind::Postgres { name, server } => server.database_url(name),
        }
    }

    /// The URL for another role without any right, which is made with this and goes with the database. `None` where
    /// there are no roles.
    pub async fn other_role(&self) -> Option<String> {
        let Kind::Postgres { name, server } = &self.kind else {
            return None;
        };
        let role = format!("{name}_other");
        let sql = format!("CREATE ROLE {role} LOGIN PASSWORD '{role}'");
        maintain(server, sql).await.ok()?;
        Some(server.url_as(name, &role))
    }

    /// How the service would be told to open this database.
    pub fn options(&self) -> ConnectOptions {
        ConnectOptions {
            url: self.url.clone(),
            connections: 4,
            admin_url: None,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
            wait: Duration::from_secs(10),
        }
    }

    /// The database as the service sees it, migrated.
    pub async fn store(&self, clock: Clock) -> Store {
        Store::connect(&self.options(), clock)
            .await
            .expect("the test database opens")
    }

    /// Runs one statement past the store.
    pub async fn execute(&self, sql: &str) -> sqlx::Result<()> {
        if self.is_postgres() {
            run(PgConnection::connect(&self.admin_url()).await?, sql).await
        } else {
            run(SqliteConnection::connect(&self.url).await?, sql).await
        }
    }

    /// Runs one query past the store. Every column must be a text that is not null: cast in the query.
    pub async fn rows(&self, sql: &str) -> sqlx::Result<Vec<Vec<String>>> {
        if self.is_postgres() {
            read(PgConnection::connect(&self.admin_url()).await?, sql).await
        } else {
            read(SqliteConnection::connect(&self.url).await?, sql).await
        }
    }
}

impl fmt::Display for TestDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_postgres() {
            "PostgreSQL"
        } else {
            "SQLite"
        })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Kind::Postgres { name, server } = &self.kind else {
            return;
        };
        let (statements, server) = (removal(name), *server);
        // A thread of its own, because a runtime cannot be entered from within the test's.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.ok()?;
            let done = statements.map(|sql| runtime.block_on(maintain(server, sql)).ok());
            done.into_iter().collect::<Option<Vec<_>>>()
        });
        if !matches!(dropping.join(), Ok(Some(_))) {
            super::announce(&format!("the test database {name} could not be dropped"));
        }
    }
}

/// What takes a database and its roles away.
fn removal(name: &str) -> [String; 2] {
    [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("DROP ROLE IF EXISTS {name}, {name}_other"),
    ]
}

async fn maintain(server: &Server, sql: String) -> sqlx::Result<()> {
    run(PgConnection::connect(server.maintenance_url()).await?, &sql).await
}

async fn run<C>(mut connection: C, sql: &str) -> sqlx::Result<()>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    let done = connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await;
    connection.close().await?;
    done.map(|_| ())
}

async fn read<C>(mut connection: C, sql: &str) -> sqlx::Result<Vec<Vec<String>>>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    for<'r> String: Decode<'r, C::Database> + Type<C::Database>,
    usize: ColumnIndex<<C::Database as Database>::Row>,
{
    let rows = connection
        .fetch_all(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())))
        .await?;
    connection.close().await?;
    rows.iter()
        .map(|row| (0..row.len()).map(|column| row.try_get(column)).collect())
        .collect()
}
