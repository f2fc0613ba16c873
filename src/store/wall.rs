//! The second wall between teams: row-level security on PostgreSQL, for the case that a statement forgets its team.
//!
//! Each table of teams shows the rows of the team that the connection was taken for, and takes no others; this binds the
//! owner of the tables, too. Superusers pass through it, and roles with BYPASSRLS.

#![expect(
    clippy::disallowed_types,
    reason = "the wall is built on the connection that migrates"
)]

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::connection::{DOOR_SETTING, QUEUES, TEAM_SETTING};

/// Tables that the service reads over all teams to find what is to be done next, or whose key it was given. Reading is
/// all that this door is for.
const ACROSS: [&str; 6] = [
    "api_key",
    "api_key_secret",
    "import_job",
    "webhook_delivery",
    "webhook_endpoint",
    "webhook_health",
];

/// Every table of teams and whether its wall stands.
const TABLES: &str = "SELECT c.relname::text AS name, quote_ident(c.relname) AS quoted, \
    c.relforcerowsecurity AS forced, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS \
    (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'team') AS stands, EXISTS \
    (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'queues') AS opens \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'team_id' AND NOT a.attisdropped \
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY c.relname";

struct Table {
    name: String,
    quoted: String,
    forced: bool,
    stands: bool,
    opens: bool,
}

/// Lets the owner of the tables see all rows while migrations are to be run, which move rows of all teams. Where it
/// ends half-way, the next start builds the wall anew.
pub async fn open_for_migrations(database: &DatabaseConnection) -> Result<(), DbErr> {
    if database.get_database_backend() != DbBackend::Postgres
        || Migrator::get_pending_migrations(database).await?.is_empty()
    {
        return Ok(());
    }
    open(database).await
}

/// The same, whatever is to be run.
pub async fn open(database: &DatabaseConnection) -> Result<(), DbErr> {
    for table in tables(database).await?.iter().filter(|table| table.forced) {
        let sql = format!("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", table.quoted);
        database.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Builds the wall on every table of teams on which it does not stand.
pub async fn build(database: &DatabaseConnection) -> Result<(), DbErr> {
    for table in tables(database).await? {
        let (across, on) = (ACROSS.contains(&table.name.as_str()), &table.quoted);
        if table.stands && table.opens == across {
            continue;
        }
        let mut sql = format!(
            "ALTER TABLE {on} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; \
             DROP POLICY IF EXISTS team ON {on}; \
             CREATE POLICY team ON {on} USING (team_id = NULLIF(current_setting('{TEAM_SETTING}', true), '')::bigint); \
             DROP POLICY IF EXISTS queues ON {on};"
        );
        if across {
            sql += &format!(
                "CREATE POLICY queues ON {on} FOR SELECT USING (current_setting('{DOOR_SETTING}', true) = '{QUEUES}');"
            );
        }
        database.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Lets another role than the owner use the tables, and no more than use them.
pub async fn grant(database: &DatabaseConnection, role: &str) -> Result<(), DbErr> {
    let names = "SELECT quote_ident($1) AS role, quote_ident(current_schema()) AS place, $1 = current_user AS is_owner";
    let names = Statement::from_sql_and_values(DbBackend::Postgres, names, [role.into()]);
    let Some(names) = database.query_one_raw(names).await? else {
        return Ok(());
    };
    if names.try_get("", "is_owner")? {
        return Ok(());
    }
    let (role, place): (String, String) = (names.try_get("", "role")?, names.try_get("", "place")?);
    let sql = format!(
        "GRANT USAGE ON SCHEMA {place} TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {place} TO {role};"
    );
    database.execute_unprepared(&sql).await?;
    Ok(())
}

/// Whether the role of this connection passes through the wall.
pub async fn is_passed(database: &DatabaseConnection) -> Result<bool, DbErr> {
    let sql =
        "SELECT rolsuper OR rolbypassrls AS passes FROM pg_roles WHERE rolname = current_user";
    let row = database
        .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await?;
    row.map_or(Ok(false), |row| row.try_get("", "passes"))
}

async fn tables(database: &DatabaseConnection) -> Result<Vec<Table>, DbErr> {
    if database.get_database_backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let rows = database
        .query_all_raw(Statement::from_string(DbBackend::Postgres, TABLES))
        .await?;
    let tables = rows.iter().map(|row| {
        Ok(Table {
            name: row.try_get("", "name")?,
            quoted: row.try_get("", "quoted")?,
            forced: row.try_get("", "forced")?,
            stands: row.try_get("", "stands")?,
            opens: row.try_get("", "opens")?,
        })
    });
    tables.collect()
}
