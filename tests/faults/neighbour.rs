//! A team that asks ten times what it may.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    instance::{Instance, alone, client, team},
    load::{READ, Times, sent},
    program::Program,
    support::{TestDatabase, announce},
};

/// How long the modest team is watched, in requests.
const WATCHED: usize = 40;
/// Between two requests of the modest team.
const PAUSE: Duration = Duration::from_millis(150);
/// Between two requests of the greedy one: ten times what it may.
const HASTE: Duration = Duration::from_millis(10);
/// What the neighbour may feel of it on a machine on which the greedy team itself runs.
const SLOW: (u32, Duration) = (3, Duration::from_secs(1));

async fn watch(service: &Instance, token: &str) -> Times {
    let mut took = Vec::new();
    for _ in 0..WATCHED {
        let outcome = sent(&service.client, &service.url, token, READ, json!({})).await;
        assert!(outcome.is_good(), "{outcome:?}");
        took.push(outcome.took);
        tokio::time::sleep(PAUSE).await;
    }
    Times::of(took)
}

on_both_databases! {
    async fn who_asks_too_much_is_told_so_and_the_neighbour_hardly_feels_it(database: TestDatabase) {
        let _alone = alone().await;
        let program = Program::new();
        let greedy = team(&program, &database.url, "greedy");
        let modest = team(&program, &database.url, "modest");
        let service = Instance::start(&program, &database.url, |command| {
            // Ten questions of three points each second.
            command.env("KPIGRAPH_RATE_POINTS_PER_SECOND", "30");
            command.env("KPIGRAPH_RATE_BURST_POINTS", "60");
        })
        .await;
        let alone = watch(&service, &modest).await;
        let stop = CancellationToken::new();
        let (until, url) = (stop.clone(), service.url.clone());
        let asking = tokio::spawn(async move {
            let client = Arc::new(client());
            let mut requests = JoinSet::new();
            let mut ticks = tokio::time::interval(HASTE);
            while !until.is_cancelled() {
                ticks.tick().await;
                let (client, url, token) = (client.clone(), url.clone(), greedy.clone());
                requests.spawn(async move { sent(&client, &url, &token, READ, json!({})).await });
            }
            requests.join_all().await
        });
        let beside = watch(&service, &modest).await;
        stop.cancel();
        let outcomes = asking.await.unwrap();
        let mut refused = 0;
        for outcome in &outcomes {
            let answer = outcome.answer.as_ref().unwrap();
            if answer.is_good() {
                continue;
            }
            refused += 1;
            assert_eq!((answer.status.as_u16(), answer.code()), (429, "RATE_LIMITED"), "{answer:?}");
            assert!(answer.retry_after.is_some(), "{answer:?}");
        }
        announce(&format!(
            "F21 {database}: {refused} of {} refused; the neighbour alone {alone}; beside {beside}",
            outcomes.len()
        ));
        assert!(refused > outcomes.len() / 2);
        assert!(beside.p95 <= alone.p95 * SLOW.0 + SLOW.1, "{alone}; {beside}");
        service.stop().await;
    }
}
