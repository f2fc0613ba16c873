//! What nobody waits for any more: a request whose client hung up, or whose time is over, ends in the database, too.
//!
//! A locked table makes statements wait for as long as a test wants.

use std::time::Duration;

use kpigraph::{
    auth::Role,
    config::Settings,
    store::{ChannelFilter, ConnectOptions, Store, TeamStore},
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    fixtures::{clock, fill},
    support::{App, TestDatabase, json::text},
};

/// Longer than anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
const CHANNELS: &str = "{ channels { totalCount nodes { name kpis(period: { preset: ALL_TIME }) { spend { value } } } } }";

/// Keeps everybody from reading a table until it is dropped.
struct Lock {
    connection: PgConnection,
}

impl Lock {
    async fn on(database: &TestDatabase, table: &str) -> Self {
        let mut connection = PgConnection::connect(&database.admin_url()).await.unwrap();
        let sql = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
            .await
            .unwrap();
        Self { connection }
    }

    /// How many statements wait for a lock.
    async fn waiting(&mut self) -> i64 {
        self.count("wait_event_type = 'Lock' AND state = 'active'")
            .await
    }

    async fn count(&mut self, condition: &str) -> i64 {
        let sql = format!(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        );
        // A transaction sees the same activity for as long as it lasts, unless it lets go of it.
        self.connection
            .execute("SELECT pg_stat_clear_snapshot()")
            .await
            .unwrap();
        sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut self.connection)
            .await
            .unwrap()
    }

    /// Waits until this many statements wait.
    async fn until(&mut self, wanted: impl Fn(i64) -> bool) -> i64 {
        let asked = std::time::Instant::now();
        loop {
            let waiting = self.waiting().await;
            if wanted(waiting) {
                return waiting;
            }
            assert!(asked.elapsed() < PATIENCE, "{waiting} statements wait");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn release(mut self) {
        self.connection.execute("ROLLBACK").await.unwrap();
    }
}

/// A service with a team and data, in which nothing but what a test is about ends a statement.
async fn patient(
    database: &TestDatabase,
    change: impl FnOnce(&mut Settings),
) -> (App, TeamStore, String) {
    let app = App::start_with(database, clock(), |settings| {
        settings.request_timeout_seconds = 600;
        settings.statement_timeout_seconds = 600;
        // The service's own work shall not wait for locks that a test holds.
        settings.import_jobs = 0;
        change(settings);
    })
    .await;
    let team = app.team("acme").await;
    fill(&team, "acme", 2).await;
    let token = app.token("acme", Role::Owner);
    (app, team, token)
}

async fn asks_well(app: &App, token: &str) {
    let answer = app.graphql(token, CHANNELS, json!({})).await;
    assert_eq!(answer["data"]["channels"]["totalCount"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_no_statement_behind() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let (app, _, token) = patient(&database, |_| ()).await;
    for (what, query) in [
        ("read", CHANNELS.to_owned()),
        ("loaded", "{ campaigns { nodes { id channels { nodes { name } } } } }".to_owned()),
        (
            "written",
            "mutation { createChannel(input: { name: \"late\", kind: EMAIL, paid: false }) { errors { code } } }".to_owned(),
        ),
    ] {
        let mut lock = Lock::on(&database, "channel").await;
        let clients: Vec<_> = (0..3)
            .map(|_| {
                let (url, token, query) = (app.url("/graphql"), token.clone(), query.clone());
                tokio::spawn(async move {
                    // A client of its own, so that its connection closes with it.
                    let client = reqwest::Client::new();
                    let body = json!({ "query": query });
                    client.post(url).bearer_auth(token).json(&body).send().await.map(drop)
                })
            })
            .collect();
        lock.until(|waiting| waiting > 0).await;
        for client in &clients {
            client.abort();
        }
        lock.until(|waiting| waiting == 0).await;
        assert_eq!(lock.count("state LIKE 'idle in transaction%'").await, 0, "{what}");
        lock.release().await;
        asks_well(&app, &token).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_time_is_over_leaves_no_statement_behind() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let (app, _, token) = patient(&database, |settings| settings.request_timeout_seconds = 1).await;
    let mut lock = Lock::on(&database, "channel").await;
    let (_, _, answer) = app.graphql_raw(&token, CHANNELS, Value::Null).await;
    assert_eq!(text(&answer, "errors.0.extensions.code"), "TIMEOUT");
    assert!(text(&answer, "errors.0.message").contains("request_timeout_seconds"));
    lock.until(|waiting| waiting == 0).await;
    lock.release().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_told_as_a_timeout_and_its_connection_serves_on() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let (app, team, token) =
        patient(&database, |settings| settings.statement_timeout_seconds = 1).await;
    let options = ConnectOptions {
        statement_timeout: Duration::from_secs(1),
        ..database.options()
    };
    let store = Store::connect(&options, clock()).await.unwrap();
    let mut lock = Lock::on(&database, "channel").await;
    // What the service does by itself is not hurried: it still waits when a request that came later does not.
    let own = store
        .background()
        .team(team.team().id)
        .await
        .unwrap()
        .unwrap();
    let counting = tokio::spawn(async move { own.channel_count(&ChannelFilter::default()).await });
    lock.until(|waiting| waiting == 1).await;
    let (_, _, answer) = app.graphql_raw(&token, CHANNELS, Value::Null).await;
    assert_eq!(
        text(&answer, "errors.0.extensions.code"),
        "TIMEOUT",
        "{answer:#}"
    );
    assert!(text(&answer, "errors.0.message").contains("statement_timeout_seconds"));
    lock.until(|waiting| waiting == 1).await;
    lock.release().await;
    assert_eq!(counting.await.unwrap().unwrap(), 2);
    asks_well(&app, &token).await;
}
