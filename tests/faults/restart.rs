//! The database is cut off and comes back, again and again, under load.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    instance::{Instance, alone, server_folder, team, until},
    ledger::Ledger,
    load::{Load, READ, assert_clean},
    program::Program,
    support::{TestDatabase, announce, postgres::control},
};

const RESTARTS: usize = 5;
const PER_SECOND: u32 = 50;
/// So long after the database is there again, errors may still come.
const WINDOW: Duration = Duration::from_secs(5);
const SLOW: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_database_that_is_cut_off_and_comes_back_costs_nothing_but_time() {
    let _alone = alone().await;
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let Some(folder) = server_folder(&database) else {
        return;
    };
    // The tests' server tells of commits before they are on the disk; here they must survive.
    let name = database
        .url
        .split('/')
        .nth(3)
        .unwrap()
        .split('?')
        .next()
        .unwrap();
    let durable = format!("ALTER DATABASE {name} SET synchronous_commit = on");
    database.execute(&durable).await.unwrap();
    let program = Program::new();
    let token = team(&program, &database.url, "shop");
    let service = Instance::start(&program, &database.url, |_| ()).await;
    let ledger = Arc::new(Ledger::new());
    let load = Load::start(&service.url, &token, PER_SECOND, &ledger);
    let mut back = Vec::new();
    for _ in 0..RESTARTS {
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        pg(&folder, &["-m", "immediate", "stop"]).await;
        let red = until("readiness is red", async || {
            service.status("/readyz").await == Some(StatusCode::SERVICE_UNAVAILABLE)
        })
        .await;
        assert_eq!(service.status("/healthz").await, Some(StatusCode::OK));
        pg(&folder, &["-w", "start"]).await;
        let there = Instant::now();
        let green = service.until_ready().await;
        back.push((there, red, green));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let outcomes = load.stop().await;
    let asked = (0..40).map(|_| service.ask(&token, READ, json!({})));
    for answer in futures_util::future::join_all(asked).await {
        assert!(answer.as_ref().unwrap().is_good(), "{answer:?}");
    }

    let refused = outcomes.iter().filter(|outcome| !outcome.is_good()).count();
    let ends = back.iter().skip(1).map(|(there, ..)| *there);
    let ends = ends.chain([Instant::now()]);
    let mut windows = Vec::new();
    for ((there, red, green), end) in back.iter().zip(ends) {
        // Errors of the next time the database is away do not count.
        let until = (*there + Duration::from_millis(900)).max(*there + *green);
        let late = outcomes.iter().filter(|outcome| {
            !outcome.is_good() && outcome.at() > *there && outcome.sent < until.min(end)
        });
        let window = late.map(|outcome| outcome.at() - *there).max();
        let window = window.unwrap_or_default();
        announce(&format!(
            "readiness red after {red:.1?}, green {green:.1?} after the database was there; last error {window:.1?} after it"
        ));
        windows.push(window.max(*green));
    }
    let verdict = ledger.judge(&service.orders(&token).await);
    announce(&format!(
        "{RESTARTS} restarts, {} requests, {refused} refused; {verdict}",
        outcomes.len()
    ));
    assert_clean(&outcomes);
    assert!(refused > 0);
    assert!(
        windows.iter().all(|window| *window <= WINDOW * SLOW),
        "{windows:?}"
    );
    verdict.assert_whole();
    service.stop().await;
}

/// Runs pg_ctl, which blocks. A start needs the options that the server had before.
async fn pg(folder: &Path, arguments: &[&str]) {
    let options = format!(
        "-k '{}' -c listen_addresses='' -c max_connections=300 -c fsync=off -c full_page_writes=off",
        folder.display()
    );
    let (folder, mut all) = (folder.to_owned(), vec!["-o".to_owned(), options]);
    all.extend(arguments.iter().map(ToString::to_string));
    let done = tokio::task::spawn_blocking(move || {
        control(&folder, &all.iter().map(String::as_str).collect::<Vec<_>>());
    });
    done.await.unwrap();
}
