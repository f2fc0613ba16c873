//! The service is told to stop while programs write and listen.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::{net::TcpStream, task::JoinSet};

use crate::{
    exhaustion::{CHANNELS, Lock, WAITING, activity},
    instance::{Instance, alone, team, until},
    ledger::Ledger,
    load::{Load, sent},
    program::Program,
    socket::Socket,
    support::{TestDatabase, announce},
};

/// How many requests are under way when the service is told to stop.
const UNDER_WAY: i64 = 3;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn requests_under_way_are_answered_and_new_ones_find_nobody() {
    let _alone = alone().await;
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let program = Program::new();
    let token = team(&program, &database.url, "shop");
    let mut service = Instance::start(&program, &database.url, |_| ()).await;
    service.data(&token, CHANNELS, json!({})).await;
    let lock = Lock::on_channels(&database).await;
    let mut asked = JoinSet::new();
    for _ in 0..UNDER_WAY {
        let (client, url, token) = (service.client.clone(), service.url.clone(), token.clone());
        asked.spawn(async move { sent(&client, &url, &token, CHANNELS, json!({})).await });
    }
    let mut watching = PgConnection::connect(&database.admin_url()).await.unwrap();
    until("all are under way", async || {
        activity(&mut watching, WAITING).await == UNDER_WAY
    })
    .await;
    service.terminate();
    let address = service.url.strip_prefix("http://").unwrap().to_owned();
    until("nobody takes new connections", async || {
        TcpStream::connect(&address).await.is_err()
    })
    .await;
    lock.release().await;
    for outcome in asked.join_all().await {
        assert!(outcome.is_good(), "{outcome:?}");
    }
    assert_eq!(service.ended().await, Some(0), "{}", service.logged());
    announce(&format!(
        "{UNDER_WAY} requests under way were answered, new ones refused"
    ));
}

on_both_databases! {
    async fn who_is_served_is_served_to_the_end_and_all_that_was_acknowledged_is_there(database: TestDatabase) {
        let _alone = alone().await;
        let program = Program::new();
        let token = team(&program, &database.url, "shop");
        let mut service = Instance::start(&program, &database.url, |_| ()).await;
        let ledger = Arc::new(Ledger::new());
        let mut sockets = Vec::new();
        for _ in 0..20 {
            sockets.push(Socket::open(&service, &token).await);
        }
        let load = Load::start(&service.url, &token, 100, &ledger);
        tokio::time::sleep(Duration::from_secs(2)).await;
        let told = std::time::Instant::now();
        service.terminate();
        for mut socket in sockets {
            let (code, reason) = socket.closed().await;
            assert_eq!((code, reason.as_str()), (1001, "the service stops"));
        }
        let code = service.ended().await;
        let took = told.elapsed();
        let outcomes = load.stop().await;
        assert_eq!(code, Some(0), "{}", service.logged());
        // What was answered was answered well; the others found nobody any more, or were cut off before they began.
        let refused = outcomes.iter().filter(|outcome| !outcome.is_good());
        for outcome in refused.clone() {
            assert!(outcome.answer.is_err(), "{outcome:?}");
            assert!(outcome.at() > told, "{outcome:?}");
        }
        let again = Instance::start(&program, &database.url, |_| ()).await;
        let verdict = ledger.judge(&again.orders(&token).await);
        announce(&format!(
            "{database}: ended with {code:?} after {took:.1?}; {} of {} after SIGTERM not served; {verdict}",
            refused.count(),
            outcomes.iter().filter(|outcome| outcome.at() > told).count()
        ));
        assert!(took < Duration::from_secs(30));
        verdict.assert_whole();
        let answer = again.data(&token, "{ viewer { role } }", json!({})).await;
        assert_eq!(answer, json!({ "viewer": { "role": Value::from("OWNER") } }));
        again.stop().await;
    }
}
