//! The second wall between teams: row-level security on PostgreSQL. Every test here goes past the store's own filters,
//! by plain SQL, and finds that the database shows one team's rows alone.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use kpigraph::{
    store::{CampaignFilter, ConnectOptions, Store},
    time::Clock,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::support::{TestDatabase, new_team, schema_keys};

/// The tables that are no team's: teams themselves, and the list of migrations.
const GLOBAL_TABLES: [&str; 2] = ["team", "seaql_migrations"];

/// The tables whose rows the service reads over all teams.
const QUEUES: [&str; 6] = [
    "api_key",
    "api_key_secret",
    "import_job",
    "webhook_delivery",
    "webhook_endpoint",
    "webhook_health",
];

/// Tables without a whole wall, by the catalogue.
async fn open_tables(database: &TestDatabase) -> Vec<String> {
    let sql = "SELECT c.relname::text FROM pg_class c WHERE c.relkind IN ('r', 'p') \
        AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity AND c.relforcerowsecurity \
        AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'team' AND p.polcmd = '*' \
        AND pg_get_expr(p.polqual, p.polrelid) LIKE '(team_id = %kpigraph.team%')) ORDER BY 1";
    let rows = database.rows(sql).await.unwrap().into_iter().flatten();
    rows.filter(|table| !GLOBAL_TABLES.contains(&table.as_str()))
        .collect()
}

/// Every table of teams.
async fn team_tables(database: &TestDatabase) -> Vec<String> {
    let tables = schema_keys(database)
        .await
        .into_iter()
        .map(|(table, _)| table);
    tables
        .filter(|table| !GLOBAL_TABLES.contains(&table.as_str()))
        .collect()
}

/// Puts a row of each team into every table of teams, whatever they refer to.
async fn fill_every_table(database: &TestDatabase, teams: &[i64]) {
    let sql = "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
        WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL ORDER BY 1, 2";
    let mut columns: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in database.rows(sql).await.unwrap() {
        let [table, column, kind] = row.try_into().unwrap();
        columns.entry(table).or_default().push((column, kind));
    }
    let mut script = String::from("SET session_replication_role = replica;");
    for table in team_tables(database).await {
        let (names, values): (Vec<_>, Vec<_>) = columns[&table]
            .iter()
            .map(|(column, kind)| {
                let value = match (column.as_str(), kind.as_str()) {
                    ("team_id", _) => "TEAM",
                    (_, "text" | "character varying" | "character") => "''",
                    (_, "boolean") => "FALSE",
                    (_, "date") => "'2026-01-31'",
                    (_, kind) if kind.starts_with("timestamp") => "'2026-01-31 12:00:00+00'",
                    (_, "jsonb" | "json") => "'{}'",
                    (_, "bytea") => "''",
                    _ => "1",
                };
                (column.as_str(), value)
            })
            .unzip();
        let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        for team in teams {
            let values = values.join(", ").replace("TEAM", &team.to_string());
            script += &format!(
                "INSERT INTO \"{table}\" ({}) VALUES ({values}) ON CONFLICT DO NOTHING;",
                names.join(", ")
            );
        }
    }
    database.execute(&script).await.unwrap();
}

/// A connection as the service has them, for a team, or at the door to the queues.
async fn entered(url: &str, team: &str, door: &str) -> PgConnection {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = format!(
        "SELECT set_config('kpigraph.team', '{team}', false), set_config('kpigraph.door', '{door}', false)"
    );
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await
        .unwrap();
    connection
}

async fn number(connection: &mut PgConnection, sql: String) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Two teams with a row in every table.
async fn two_teams() -> Option<(TestDatabase, Store, [i64; 2])> {
    let database = TestDatabase::postgres().await?;
    let store = database.store(Clock::system()).await;
    let mut teams = [0; 2];
    for (place, slug) in ["ours", "theirs"].into_iter().enumerate() {
        let made = store
            .administer()
            .create_team(&new_team(slug))
            .await
            .unwrap();
        teams[place] = made.team().id;
    }
    fill_every_table(&database, &teams).await;
    Some((database, store, teams))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_teams_has_its_wall_and_a_table_without_one_is_found() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    database.store(Clock::system()).await.close().await.unwrap();
    assert!(team_tables(&database).await.len() > 30);
    assert_eq!(open_tables(&database).await, [""; 0]);
    for sql in [
        "CREATE TABLE stray (team_id BIGINT NOT NULL, PRIMARY KEY (team_id))",
        "ALTER TABLE orders NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY team ON budget",
    ] {
        database.execute(sql).await.unwrap();
    }
    assert_eq!(open_tables(&database).await, ["budget", "orders", "stray"]);
    // The table of a later version belongs to the role that migrates; what was torn down is built up by any start.
    database.execute("DROP TABLE stray").await.unwrap();
    database.store(Clock::system()).await.close().await.unwrap();
    assert_eq!(open_tables(&database).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_statements_find_one_team_s_rows_in_every_table() {
    let Some((database, _store, [ours, theirs])) = two_teams().await else {
        return;
    };
    let mut connection = entered(&database.url, &ours.to_string(), "").await;
    assert_eq!(
        number(&mut connection, "SELECT COUNT(*) FROM team".into()).await,
        2
    );
    let tables = team_tables(&database).await;
    for table in &tables {
        let all = format!("SELECT COUNT(*) FROM \"{table}\"");
        assert_eq!(
            database
                .rows(&format!(
                    "SELECT CAST(COUNT(DISTINCT team_id) AS TEXT) FROM \"{table}\""
                ))
                .await
                .unwrap(),
            [["2"]]
        );
        let own = format!("{all} WHERE team_id = {ours}");
        let seen = number(&mut connection, all.clone()).await;
        assert!(seen > 0, "{table}");
        assert_eq!(seen, number(&mut connection, own).await, "{table}");
        for (kind, sql) in [
            (
                "changed",
                format!("UPDATE \"{table}\" SET team_id = team_id WHERE team_id = {theirs}"),
            ),
            (
                "deleted",
                format!("DELETE FROM \"{table}\" WHERE team_id = {theirs}"),
            ),
        ] {
            let done = connection
                .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
                .await
                .unwrap();
            assert_eq!(
                done.rows_affected(),
                0,
                "{table}: a row of another team was {kind}"
            );
        }
        let moved = format!("UPDATE \"{table}\" SET team_id = {theirs}");
        let refused = connection
            .execute(sqlx::raw_sql(AssertSqlSafe(moved)))
            .await
            .unwrap_err();
        let refused = refused.into_database_error().unwrap();
        assert_eq!(refused.code().unwrap(), "42501", "{table}: {refused}");
    }
    // Without a team, as every connection is that nobody took for one.
    let mut connection = entered(&database.url, "", "").await;
    for table in &tables {
        assert_eq!(
            number(&mut connection, format!("SELECT COUNT(*) FROM \"{table}\"")).await,
            0,
            "{table}"
        );
    }
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    for table in &tables {
        assert_eq!(
            number(&mut connection, format!("SELECT COUNT(*) FROM \"{table}\"")).await,
            0,
            "{table}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_to_the_queues_shows_queues_alone_and_changes_nothing() {
    let Some((database, ..)) = two_teams().await else {
        return;
    };
    let mut connection = entered(&database.url, "", "queues").await;
    for table in team_tables(&database).await {
        let teams = number(
            &mut connection,
            format!("SELECT COUNT(DISTINCT team_id) FROM \"{table}\""),
        )
        .await;
        assert_eq!(
            teams,
            if QUEUES.contains(&table.as_str()) {
                2
            } else {
                0
            },
            "{table}"
        );
        let deleted = format!("DELETE FROM \"{table}\"");
        let done = connection
            .execute(sqlx::raw_sql(AssertSqlSafe(deleted)))
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_served_one_team_serves_the_next_as_if_new() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    // One connection for all.
    let options = ConnectOptions {
        connections: 1,
        ..database.options()
    };
    let store = Store::connect(&options, Clock::system()).await.unwrap();
    let mut teams = Vec::new();
    for slug in ["ours", "theirs"] {
        teams.push(
            store
                .administer()
                .create_team(&new_team(slug))
                .await
                .unwrap(),
        );
    }
    // Every team has a campaign and a channel that stand for "none".
    for _ in 0..3 {
        for team in &teams {
            assert_eq!(
                team.campaign_count(&CampaignFilter::default())
                    .await
                    .unwrap(),
                0
            );
            let rows = format!(
                "SELECT CAST(COUNT(*) AS TEXT) FROM campaign WHERE team_id = {}",
                team.team().id
            );
            assert_eq!(database.rows(&rows).await.unwrap(), [["1"]]);
            let writer = team.begin("test").await.unwrap();
            writer.commit().await.unwrap();
            assert_eq!(store.administer().teams().await.unwrap().len(), 2);
            let worker = store.background().worker();
            assert!(
                store
                    .background()
                    .claim_import(&worker)
                    .await
                    .unwrap()
                    .is_none()
            );
        }
    }
}

/// On the only connection there is, so that each team takes it from the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_was_given_up_as_it_began_leaves_the_wall_where_it_was() {
    let Some((database, _store, _)) = two_teams().await else {
        return;
    };
    let options = ConnectOptions {
        connections: 1,
        ..database.options()
    };
    let store = Store::connect(&options, Clock::system()).await.unwrap();
    let team = async |slug| store.administer().team(slug).await.unwrap();
    let (ours, theirs) = (team("ours").await, team("theirs").await);
    let all = CampaignFilter::default();
    let count = theirs.campaign_count(&all).await.unwrap();
    assert!(count > 0);
    for step in 0..300 {
        let beginning = ours.clone();
        let begun = tokio::spawn(async move { beginning.begin("test").await.map(drop) });
        let (started, patience) = (Instant::now(), Duration::from_micros(step * 5));
        while started.elapsed() < patience {
            tokio::task::yield_now().await;
        }
        begun.abort();
        _ = begun.await;
        // What is taken back must not be for whom the connection is.
        drop(theirs.begin("test").await.unwrap());
        let seen = theirs.campaign_count(&all).await.unwrap();
        assert_eq!(seen, count, "given up after {patience:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_only_uses_the_tables_serves_what_another_one_migrates() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let Some(url) = database.other_role().await else {
        return;
    };
    let options = ConnectOptions {
        url: url.clone(),
        admin_url: Some(database.url.clone()),
        ..database.options()
    };
    let store = Store::connect(&options, Clock::system()).await.unwrap();
    let team = store
        .administer()
        .create_team(&new_team("ours"))
        .await
        .unwrap();
    assert_eq!(
        team.campaign_count(&CampaignFilter::default())
            .await
            .unwrap(),
        0
    );
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for sql in [
        "ALTER TABLE orders NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY team ON orders",
        "TRUNCATE orders",
    ] {
        let refused = connection.execute(sqlx::raw_sql(sql)).await.unwrap_err();
        assert_eq!(
            refused.into_database_error().unwrap().code().unwrap(),
            "42501",
            "{sql}"
        );
    }
    // A second start changes nothing.
    store.close().await.unwrap();
    let store = Store::connect(&options, Clock::system()).await.unwrap();
    assert_eq!(store.administer().teams().await.unwrap().len(), 1);
}
