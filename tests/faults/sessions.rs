//! Connections that stay open: a revoked key ends them on every instance, and who is cut off misses nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    instance::{Instance, alone, socket, team, through, until},
    load::{Times, sent},
    program::Program,
    proxy::Proxy,
    socket::Socket,
    support::{TestDatabase, announce},
};

const CAMPAIGNS: &str = "{ campaigns { totalCount } }";
const REFRESHED: &str =
    "subscription ($after: String) { dataRefreshed(after: $after) { cursor source } }";
/// Within these times a revoked key opens nothing more, and what it had opened is closed.
const REFUSED: Duration = Duration::from_secs(5);
const CLOSED: Duration = Duration::from_secs(10);
const SLOW: u32 = 3;
/// How many sources deliver in each part.
const PART: usize = 10;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn a_revoked_key_is_refused_and_its_sockets_are_closed_on_every_instance() {
    let _alone = alone().await;
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let program = Program::new();
    let token = team(&program, &database.url, "shop");
    let mut services = Vec::new();
    for _ in 0..2 {
        services.push(Instance::start(&program, &database.url, |_| ()).await);
    }
    let create = "mutation { createApiKey(input: { name: \"sync\", scopes: [CAMPAIGNS_READ, METRICS_READ] }) { \
        secret apiKey { id } errors { message } } }";
    let made = services[0].data(&token, create, json!({})).await;
    let secret = made["createApiKey"]["secret"].as_str().unwrap().to_owned();
    let id = made["createApiKey"]["apiKey"]["id"].clone();
    let mut sockets = Vec::new();
    let mut asking = Vec::new();
    for service in &services {
        for _ in 0..20 {
            let mut socket = Socket::open(service, &secret).await;
            socket.subscribe(REFRESHED, json!({})).await;
            sockets.push(tokio::spawn(async move {
                (socket.closed().await.0, Instant::now())
            }));
        }
        let (client, url, secret) = (service.client.clone(), service.url.clone(), secret.clone());
        asking.push(tokio::spawn(async move {
            loop {
                let outcome = sent(&client, &url, &secret, CAMPAIGNS, json!({})).await;
                if !outcome.is_good() {
                    return outcome;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let revoke = "mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { errors { message } } }";
    let revoked = services[0].data(&token, revoke, json!({ "id": id })).await;
    let at = Instant::now();
    assert_eq!(revoked["revokeApiKey"]["errors"], json!([]));
    let mut refused = Vec::new();
    for outcome in asking {
        let outcome = outcome.await.unwrap();
        assert_eq!(
            outcome.answer.as_ref().unwrap().status.as_u16(),
            401,
            "{outcome:?}"
        );
        refused.push(outcome.at().saturating_duration_since(at));
    }
    let mut closed = Vec::new();
    for socket in sockets {
        let (code, when) = socket.await.unwrap();
        assert_eq!(code, 4403);
        closed.push(when.saturating_duration_since(at));
    }
    let (refused, closed) = (Times::of(refused), Times::of(closed));
    announce(&format!(
        "two instances: refused {refused}; sockets closed {closed}"
    ));
    assert!(refused.most <= REFUSED * SLOW && closed.most <= CLOSED * SLOW);
    for service in services {
        service.stop().await;
    }
}

/// Each of these sources delivers something.
async fn deliver(service: &Instance, token: &str, sources: std::ops::Range<usize>) {
    let write = "mutation ($input: UpsertFiguresInput!) { upsertFigures(input: $input) { counts { failed } } }";
    for source in sources {
        let item = json!({ "figure": "brand_searches", "date": "2026-06-01", "value": "5" });
        let input = json!({ "source": format!("s{source}"), "items": [item] });
        let done = service.data(token, write, json!({ "input": input })).await;
        assert_eq!(done["upsertFigures"]["counts"]["failed"], 0, "{done}");
    }
}

/// The sources of the next events, and the cursor of the last.
async fn told(socket: &mut Socket, sources: &mut Vec<String>) -> Value {
    let mut cursor = Value::Null;
    for _ in 0..PART {
        let message = socket.next().await.unwrap();
        let event = &message["payload"]["data"]["dataRefreshed"];
        sources.push(event["source"].as_str().unwrap().to_owned());
        cursor = event["cursor"].clone();
    }
    cursor
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn who_is_cut_off_is_told_so_and_misses_nothing() {
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
    let writing = Instance::start(&program, &database.url, |_| ()).await;
    let listened = through(&database, &proxy);
    let listening = Instance::start(&program, &listened, |_| ()).await;
    let begin = writing
        .data(&token, "{ viewer { eventCursor } }", json!({}))
        .await;
    let mut sources = Vec::new();
    let mut client = Socket::open(&listening, &token).await;
    client
        .subscribe(
            REFRESHED,
            json!({ "after": begin["viewer"]["eventCursor"] }),
        )
        .await;
    deliver(&writing, &token, 0..PART).await;
    told(&mut client, &mut sources).await;
    // All of its connections to the database, the one that listens among them.
    proxy.cut();
    deliver(&writing, &token, PART..2 * PART).await;
    let cut = Instant::now();
    let cursor = told(&mut client, &mut sources).await;
    let caught_up = cut.elapsed();
    listening.terminate();
    assert_eq!(client.closed().await.0, 1001);
    deliver(&writing, &token, 2 * PART..3 * PART).await;
    let again = Instance::start(&program, &listened, |_| ()).await;
    let mut client = Socket::open(&again, &token).await;
    client
        .subscribe(REFRESHED, json!({ "after": cursor }))
        .await;
    told(&mut client, &mut sources).await;
    let expected: Vec<String> = (0..3 * PART).map(|source| format!("s{source}")).collect();
    assert_eq!(sources, expected);
    announce(&format!(
        "{} events, none missing, none twice; caught up {caught_up:.1?} after its connections were cut",
        sources.len()
    ));
    until("it serves", async || {
        again
            .ask(&token, CAMPAIGNS, json!({}))
            .await
            .unwrap()
            .is_good()
    })
    .await;
    again.stop().await;
    writing.stop().await;
}
