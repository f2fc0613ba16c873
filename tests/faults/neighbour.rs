//! A team that asks many times what it may.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    instance::{Instance, alone, team},
    load::{READ, Times, sent},
    program::Program,
    support::{TestDatabase, announce},
};

/// How long the modest team is watched, in requests.
const WATCHED: usize = 40;
/// Between two requests of the modest team.
const PAUSE: Duration = Duration::from_millis(150);
/// How many programs of the greedy one ask at once, and how soon each asks again.
const AT_ONCE: usize = 6;
const HASTE: Duration = Duration::from_millis(20);
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
            // Ten questions of 23 points each second.
            command.env("KPIGRAPH_RATE_POINTS_PER_SECOND", "230");
            command.env("KPIGRAPH_RATE_BURST_POINTS", "460");
        })
        .await;
        let alone = watch(&service, &modest).await;
        let stop = CancellationToken::new();
        let (until, url) = (stop.clone(), service.url.clone());
        // Each asks again as soon as it is answered, so that a slow machine is not asked for more than it can do.
        let mut asking = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (until, client) = (until.clone(), service.client.clone());
            let (url, token) = (url.clone(), greedy.clone());
            asking.spawn(async move {
                let mut outcomes = Vec::new();
                while !until.is_cancelled() {
                    outcomes.push(sent(&client, &url, &token, READ, json!({})).await);
                    tokio::time::sleep(HASTE).await;
                }
                outcomes
            });
        }
        let beside = watch(&service, &modest).await;
        stop.cancel();
        let outcomes: Vec<_> = asking.join_all().await.into_iter().flatten().collect();
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
            "{database}: {refused} of {} refused; the neighbour alone {alone}; beside {beside}",
            outcomes.len()
        ));
        assert!(refused > 0);
        assert!(beside.p95 <= alone.p95 * SLOW.0 + SLOW.1, "{alone}; {beside}");
        service.stop().await;
    }
}
