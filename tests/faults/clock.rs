//! The clock of the machine is set forth and back while the service runs. libfaketime tells it another time of day; what
//! measures durations is left alone, as by a real clock that is set.

use std::{fs, path::Path, time::Duration};

use crate::{
    instance::{Instance, alone, team},
    ledger::Ledger,
    load::{READ, WRITE, is_written, orders},
    program::Program,
    socket::Socket,
    support::announce,
};
use serde_json::json;

const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_clock_that_is_set_closes_nothing_and_reorders_nothing() {
    let _alone = alone().await;
    let Some(library) = LIBRARIES
        .iter()
        .find(|library| Path::new(library).is_file())
    else {
        announce("skipped: libfaketime is not installed");
        return;
    };
    let program = Program::new();
    let url = format!("sqlite://{}", program.path("kpigraph.db").display());
    let token = team(&program, &url, "shop");
    let clock = program.path("clock");
    fs::write(&clock, "+0").unwrap();
    let service = Instance::start(&program, &url, |command| {
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", &clock)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1");
    })
    .await;
    let mut socket = Socket::open(&service, &token).await;
    socket
        .subscribe("subscription { dataRefreshed { cursor } }", json!({}))
        .await;

    let ledger = Ledger::new();
    let mut cursors = Vec::new();
    for (step, offset) in ["+0", "+1h", "+55m", "+1h", "+5m", "+0", "-5m", "+0"]
        .iter()
        .enumerate()
    {
        fs::write(&clock, offset).unwrap();
        // Longer than between two looks at who is connected.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let key = format!("step{step}");
        ledger.attempt(&key);
        let answer = service.ask(&token, WRITE, orders(&key)).await.unwrap();
        assert!(is_written(&answer), "{offset}: {answer:?}");
        ledger.acknowledged(&key);
        let again = service.ask(&token, WRITE, orders(&key)).await.unwrap();
        assert_eq!(
            again.body["data"]["upsertOrders"]["replayed"], true,
            "{again:?}"
        );
        service.data(&token, READ, json!({})).await;
        let told = socket.next().await.unwrap();
        let cursor = &told["payload"]["data"]["dataRefreshed"]["cursor"];
        cursors.push(cursor.as_str().unwrap().to_owned());
    }
    // Who comes back with any cursor gets what was told after it, in that order.
    let distinct: std::collections::BTreeSet<&String> = cursors.iter().collect();
    assert_eq!(distinct.len(), cursors.len(), "{cursors:?}");
    let verdict = ledger.judge(&service.orders(&token).await);
    announce(&format!(
        "eight settings of the clock, one socket open all the time; {verdict}"
    ));
    verdict.assert_whole();
    service.stop().await;
}
