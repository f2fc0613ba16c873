//! One team's slow questions: others are served, nobody waits for ever, and what nobody waits for ends in the database.
//!
//! A locked table makes statements as slow as a test wants.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::task::JoinSet;

use crate::{
    instance::{Instance, alone, team, until},
    load::{Times, sent},
    program::Program,
    support::{TestDatabase, announce},
};

/// What the lock keeps waiting.
pub const CHANNELS: &str = "{ channels { totalCount } }";
const CAMPAIGNS: &str = "{ campaigns { totalCount } }";
/// How many ask at once.
const MANY: usize = 200;
const SLOW: u32 = 3;

/// Keeps everybody from reading channels, until dropped.
pub struct Lock(PgConnection);

impl Lock {
    /// From now on.
    pub async fn on_channels(database: &TestDatabase) -> Self {
        let mut connection = PgConnection::connect(&database.admin_url()).await.unwrap();
        let sql = "BEGIN; LOCK TABLE channel IN ACCESS EXCLUSIVE MODE";
        connection.execute(sqlx::raw_sql(sql)).await.unwrap();
        Self(connection)
    }

    /// Lets everybody go on.
    pub async fn release(mut self) {
        self.0.execute("ROLLBACK").await.unwrap();
    }
}

/// Of a statement that waits for a lock.
pub const WAITING: &str = "wait_event_type = 'Lock' AND state = 'active'";

/// How many of the service's connections are in this state.
pub async fn activity(connection: &mut PgConnection, condition: &str) -> i64 {
    let sql = format!(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_team_that_takes_all_it_can_leaves_others_their_share() {
    let _alone = alone().await;
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let program = Program::new();
    let greedy = team(&program, &database.url, "greedy");
    let modest = team(&program, &database.url, "modest");
    let service = Instance::start(&program, &database.url, |command| {
        command.env("KPIGRAPH_DATABASE_CONNECTIONS", "5");
        command.env("KPIGRAPH_STATEMENT_TIMEOUT_SECONDS", "8");
    })
    .await;
    for token in [&greedy, &modest] {
        service.data(token, CAMPAIGNS, json!({})).await;
    }

    let lock = Lock::on_channels(&database).await;
    let mut asked = JoinSet::new();
    for _ in 0..MANY {
        let (client, url, token) = (service.client.clone(), service.url.clone(), greedy.clone());
        asked.spawn(async move { sent(&client, &url, &token, CHANNELS, json!({})).await });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut others = Vec::new();
    for _ in 0..100 {
        let other = sent(&service.client, &service.url, &modest, CAMPAIGNS, json!({})).await;
        assert!(other.is_good(), "{other:?}");
        others.push(other.took);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let outcomes = asked.join_all().await;
    lock.release().await;
    let released = Instant::now();
    until("the greedy team is served again", async || {
        sent(&service.client, &service.url, &greedy, CHANNELS, json!({}))
            .await
            .is_good()
    })
    .await;
    let recovered = released.elapsed();

    let mut busy = Vec::new();
    let mut broken_off = 0;
    for outcome in &outcomes {
        let answer = outcome.answer.as_ref().unwrap();
        match (answer.status, answer.code()) {
            (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE") => {
                assert!(answer.retry_after.is_some());
                busy.push(outcome.took);
            }
            (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT") => broken_off += 1,
            _ => panic!("{answer:?}"),
        }
    }
    let (busy, others) = (Times::of(busy), Times::of(others));
    announce(&format!(
        "refused for lack of a connection {busy}; {broken_off} broken off; the other team {others}; \
         served again after {recovered:.1?}"
    ));
    assert!(busy.p99 <= Duration::from_secs(3) * SLOW, "{busy}");
    assert!(others.p95 <= Duration::from_secs(1) * SLOW, "{others}");
    assert!(recovered <= Duration::from_secs(1) * SLOW);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn what_nobody_waits_for_ends_in_the_database() {
    let _alone = alone().await;
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let program = Program::new();
    let token = team(&program, &database.url, "shop");
    let service = Instance::start(&program, &database.url, |_| ()).await;
    service.data(&token, CHANNELS, json!({})).await;
    let lock = Lock::on_channels(&database).await;
    let mut watching = PgConnection::connect(&database.admin_url()).await.unwrap();
    let mut clients = JoinSet::new();
    for _ in 0..MANY {
        let (client, url, token) = (service.client.clone(), service.url.clone(), token.clone());
        clients.spawn(async move { sent(&client, &url, &token, CHANNELS, json!({})).await });
    }
    let mut most = 0;
    until("statements run", async || {
        most = activity(&mut watching, WAITING).await;
        most > 0
    })
    .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    clients.shutdown().await;
    let hung_up = Instant::now();
    until("no statement is left", async || {
        let left = activity(&mut watching, WAITING).await;
        most = most.max(left);
        left == 0
    })
    .await;
    let gone = hung_up.elapsed();
    assert!(most > 0);
    // Once more, with somebody who does wait: what runs is only his.
    let one = sent(&service.client, &service.url, &token, CHANNELS, json!({})).await;
    let answer = one.answer.as_ref().unwrap();
    announce(&format!(
        "{MANY} hung up, at most {most} statements were seen, gone after {gone:.1?}; \
         a statement without end is told after {:.1?}: {} {}",
        one.took,
        answer.status,
        answer.code()
    ));
    assert!(gone <= Duration::from_secs(2) * SLOW);
    assert_eq!((answer.status.as_u16(), answer.code()), (504, "TIMEOUT"));
    assert!(one.took <= Duration::from_secs(10) * SLOW);
    assert_eq!(
        activity(
            &mut watching,
            "state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s'"
        )
        .await,
        1,
        "the lock's own"
    );
    lock.release().await;
    let again = sent(&service.client, &service.url, &token, CHANNELS, json!({})).await;
    assert!(again.is_good(), "{again:?}");
    service.stop().await;
}
