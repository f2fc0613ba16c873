//! A database that takes everything and says nothing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    instance::{Instance, PATIENCE, alone, client, socket, team, through, until},
    ledger::Ledger,
    load::{Load, READ, Times, assert_clean, sent},
    program::Program,
    proxy::{Proxy, Way},
    support::{TestDatabase, announce},
};

/// How long nothing passes.
const HELD: Duration = Duration::from_secs(30);
/// Within this time everybody is answered.
const ANSWERED: Duration = Duration::from_secs(10);
/// What needs no database takes no longer, in 99 of a hundred.
const CANARY: Duration = Duration::from_millis(250);
/// Timings hold on slow machines, too.
const SLOW: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_silent_database_keeps_nobody_waiting() {
    let _alone = alone().await;
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let Some(target) = socket(&database) else {
        return;
    };
    let program = Program::new();
    let token = team(&program, &database.url, "shop");
    let proxy = Proxy::to(target).await;
    let service = Instance::start(&program, &through(&database, &proxy), |_| ()).await;
    let ledger = Arc::new(Ledger::new());

    let warm = Load::start(&service.url, &token, 30, &ledger);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let warm = warm.stop().await;
    assert!(warm.iter().all(|outcome| outcome.is_good()), "{warm:?}");
    let before = (service.threads(), service.files());

    let load = Load::start(&service.url, &token, 20, &ledger);
    tokio::time::sleep(Duration::from_millis(300)).await;
    proxy.set(Way::Held);
    let held = Instant::now();
    let (mut known, mut unknown, mut live) = (Vec::new(), Vec::new(), Vec::new());
    let client = client();
    while held.elapsed() < HELD {
        let canary = sent(&client, &service.url, &token, "{ __typename }", json!({})).await;
        assert!(canary.answer.is_ok(), "{canary:?}");
        known.push(canary.took);
        let canary = sent(&client, &service.url, "", "{ __typename }", json!({})).await;
        assert_eq!(canary.answer.unwrap().status, StatusCode::UNAUTHORIZED);
        unknown.push(canary.took);
        let asked = Instant::now();
        assert_eq!(service.status("/healthz").await, Some(StatusCode::OK));
        live.push(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(
        service.status("/readyz").await,
        Some(StatusCode::SERVICE_UNAVAILABLE)
    );
    let outcomes = load.stop().await;
    let opened = Instant::now();
    proxy.set(Way::Open);
    until("it serves again", async || {
        let again = sent(&client, &service.url, &token, READ, json!({})).await;
        again.is_good()
    })
    .await;
    let recovered = opened.elapsed();

    assert_clean(&outcomes);
    let during = outcomes.iter().filter(|outcome| outcome.at() > held);
    let refused = during.clone().filter(|outcome| !outcome.is_good()).count();
    assert!(refused > 0);
    let took = Times::of(during.map(|outcome| outcome.took));
    let (known, unknown, live) = (Times::of(known), Times::of(unknown), Times::of(live));
    announce(&format!(
        "silence of {HELD:?}: {refused} refused; answers {took}"
    ));
    announce(&format!(
        "canary with a token {known}; without {unknown}; /healthz {live}"
    ));
    assert!(took.most <= ANSWERED, "{took}");
    for canary in [&unknown, &live] {
        assert!(canary.p99 <= CANARY * SLOW, "{canary}");
    }

    // What the way held back has arrived by now: calls may be done that nobody was told of.
    let verdict = ledger.judge(&service.orders(&token).await);
    let mut after = before;
    let settled = Instant::now();
    while settled.elapsed() < PATIENCE {
        after = (service.threads(), service.files());
        if after.0.abs_diff(before.0) <= 10 && after.1.abs_diff(before.1) <= 10 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    announce(&format!(
        "serves again after {recovered:.1?}; threads and files {before:?}, after it {after:?}; {verdict}"
    ));
    verdict.assert_whole();
    assert!(after.0.abs_diff(before.0) <= 10 && after.1.abs_diff(before.1) <= 10);
    service.stop().await;
}
