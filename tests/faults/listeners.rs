//! Listeners who stop reading, beside others who do not.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use kpigraph::time::Clock;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    instance::{Instance, Shared, alone, team, until},
    load::Times,
    program::Program,
    socket::Socket,
    support::{TestDatabase, announce},
};

/// Who stops reading, and who reads on.
const STOPPED: usize = 200;
const READING: usize = 5;
/// Calls, events in each, and the time from one to the next: five hundred events each second.
const CALLS: usize = 200;
const EVENTS: usize = 100;
const CUSTOMERS: usize = 1_000;
const PACE: Duration = Duration::from_millis(200);
/// How much memory those who stopped may take, and how late the others may be.
const MEMORY: usize = 64 * 1024 * 1024;
const LATE: Duration = Duration::from_secs(1);
/// A debug build, which shares its processors with those who listen.
const SLOW: u32 = 5;
/// What SQLite's caches still gather meanwhile.
const CACHES: usize = 32 * 1024 * 1024;

const STAGES: [&str; 3] = ["LEAD", "MQL", "SQL"];
const WRITE: &str = "mutation ($input: UpsertStageEventsInput!) { upsertStageEvents(input: $input) { \
    counts { created failed } } }";

/// Some customers enter another stage.
async fn enter(service: &Instance, token: &str, call: usize) {
    let items: Vec<Value> = (call * EVENTS..(call + 1) * EVENTS)
        .map(|event| {
            let id = format!("c{}", event % CUSTOMERS);
            let customer = json!({ "external": { "system": "crm", "id": id } });
            let stage = STAGES[call % STAGES.len()];
            let at = Clock::system().now().to_rfc3339();
            json!({ "customer": customer, "stage": stage, "enteredAt": at })
        })
        .collect();
    let input = json!({ "source": "crm", "items": items });
    let done = service.data(token, WRITE, json!({ "input": input })).await;
    assert_eq!(
        done["upsertStageEvents"]["counts"]["created"], EVENTS,
        "{done}"
    );
}

/// Events long enough that a few fill what the system keeps for a client.
fn long() -> String {
    let names: String = (0..45).map(|at| format!(" n{at}: name")).collect();
    format!("subscription {{ customerStageChanged {{ customer {{{names} }} }} }}")
}

/// Notes how late each event comes, for ever.
async fn follow(mut socket: Socket, late: Shared<Vec<Duration>>) {
    loop {
        let message = socket.next().await.unwrap();
        let event = &message["payload"]["data"]["customerStageChanged"];
        assert!(event["customer"]["id"].is_string(), "{message}");
        let at: DateTime<Utc> = event["at"].as_str().unwrap().parse().unwrap();
        let passed = (Clock::system().now() - at).to_std().unwrap_or_default();
        late.lock().unwrap().push(passed);
    }
}

on_both_databases! {
    async fn who_stops_reading_is_left_and_the_others_are_told_in_time(database: TestDatabase) {
        let _alone = alone().await;
        let program = Program::new();
        let token = team(&program, &database.url, "shop");
        let service = Instance::start(&program, &database.url, |command| {
            // What few of them keep is soon all that they will.
            command.env("KPIGRAPH_DATABASE_CONNECTIONS", "4");
        })
        .await;
        let items: Vec<Value> = (0..CUSTOMERS)
            .map(|customer| {
                let named = json!({ "external": { "system": "crm", "id": format!("c{customer}") } });
                json!({ "ref": named, "name": "n".repeat(300) })
            })
            .collect();
        let upsert = "mutation ($input: UpsertCustomersInput!) { upsertCustomers(input: $input) { counts { created } } }";
        service.data(&token, upsert, json!({ "input": { "source": "crm", "items": items } })).await;
        // What the databases' connections keep is not what those who stop cost.
        for call in 0..CALLS {
            enter(&service, &token, call).await;
        }
        let late = Shared::<Vec<Duration>>::default();
        let mut following = JoinSet::new();
        let short = "subscription { customerStageChanged { at customer { id name } } }";
        for _ in 0..READING {
            let mut socket = Socket::open(&service, &token).await;
            socket.subscribe(short, json!({})).await;
            following.spawn(follow(socket, Arc::clone(&late)));
        }
        let mut stopped = Vec::new();
        for _ in 0..STOPPED {
            let mut socket = Socket::open(&service, &token).await;
            socket.subscribe(&long(), json!({})).await;
            stopped.push(socket);
        }
        // So that each listens.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (before, open) = (service.memory(), service.files());
        let (began, mut most) = (Instant::now(), before);
        let mut ticks = tokio::time::interval(PACE);
        for call in 0..CALLS {
            ticks.tick().await;
            enter(&service, &token, call).await;
            most = most.max(service.memory());
        }
        let rate = (CALLS * EVENTS) as f64 / began.elapsed().as_secs_f64();
        until("all are told", async || late.lock().unwrap().len() == READING * CALLS * EVENTS).await;
        let closed = until("those who stopped are left", async || service.files() + STOPPED <= open).await;
        let late = Times::of(late.lock().unwrap().drain(..));
        let grown = most.saturating_sub(before);
        announce(&format!(
            "{database}: {rate:.0} events a second; late {late}; {STOPPED} who stopped are left {closed:.1?} after the last; \
             memory grew by {} MiB",
            grown / 1024 / 1024
        ));
        assert!(late.p99 <= LATE * SLOW, "{late}");
        assert!(grown <= MEMORY + CACHES, "{grown}");
        drop(stopped);
        following.shutdown().await;
        service.stop().await;
    }
}
