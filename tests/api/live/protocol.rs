//! The protocol `graphql-transport-ws`: what it asks for, and how it refuses.

use std::time::{Duration, Instant};

use kpigraph::auth::Role;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use super::{REFRESHED, Socket, init, now, request};
use crate::{
    fixtures::{clock, start},
    support::{App, TestDatabase, json::path},
};

async fn started() -> (TestDatabase, App, String) {
    let database = TestDatabase::sqlite();
    let (app, _, token) = start(&database).await;
    (database, app, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_mutations_run_over_a_socket_and_ids_can_be_used_again() {
    let (_database, app, token) = started().await;
    let mut socket = Socket::greeted(&app, &token).await;
    let make =
        "mutation { createChannel(input: { name: \"Search\", kind: PAID_SEARCH, paid: true }) {
        channel { name } errors { message } } }";
    let count = "{ channels { totalCount } }";
    for (query, at, expected) in [
        (make, "createChannel.channel.name", json!("Search")),
        (count, "channels.totalCount", json!(1)),
    ] {
        socket.subscribe("a", query, json!({})).await;
        assert_eq!(path(&socket.data("a").await, at), &expected);
        assert_eq!(
            socket.next().await,
            json!({ "type": "complete", "id": "a" })
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_only_operation_need_not_be_named_again_beside_the_document() {
    let (_database, app, token) = started().await;
    let since = app
        .graphql(&token, "{ viewer { eventCursor } }", json!({}))
        .await;
    super::deliver(&app, &token, "crm", "2026-06-01").await;
    let mut socket = Socket::greeted(&app, &token).await;
    let named = REFRESHED.replacen("subscription", "subscription Named", 1);
    let variables = json!({ "after": path(&since, "data.viewer.eventCursor") });
    socket.subscribe("a", &named, variables).await;
    assert_eq!(path(&socket.data("a").await, "event.source"), "crm");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_offers_the_older_protocol_too_may_use_its_words() {
    let (_database, app, token) = started().await;
    let offered = request(&app).with_sub_protocol("graphql-ws");
    let offered = offered.with_sub_protocol("graphql-transport-ws");
    let mut socket = Socket::asked(offered).await.expect("the WebSocket opens");
    socket.send(init(&token)).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    let start = |query: &str| json!({ "id": "1", "type": "start", "payload": { "query": query } });
    let complete = json!({ "type": "complete", "id": "1" });
    socket.send(start("{ __typename }")).await;
    let told = socket.next().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("data"), &json!("1")));
    assert_eq!(told["payload"]["data"], json!({ "__typename": "Query" }));
    assert_eq!(socket.next().await, complete);
    socket.send(start("{ nope }")).await;
    let refused = socket.next().await;
    assert_eq!(refused["type"], "data");
    assert!(refused["payload"].get("data").is_none(), "{refused}");
    assert_eq!(
        path(&refused, "payload.errors.0.extensions.code"),
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(socket.next().await, complete);
    socket.send(start(REFRESHED)).await;
    socket.send(json!({ "id": "1", "type": "stop" })).await;
    assert_eq!(socket.next().await, complete);
    let mut other = Socket::greeted(&app, &token).await;
    other.send(start("{ __typename }")).await;
    assert_eq!(other.closed().await.0, 4400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_document_is_an_error_of_its_operation_alone() {
    let (_database, app, token) = started().await;
    let mut socket = Socket::greeted(&app, &token).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { a: dataRefreshed { cursor } b: dataRefreshed { cursor } }",
            "BAD_USER_INPUT",
        ),
        (
            "subscription { ... { dataRefreshed { cursor } } }",
            "BAD_USER_INPUT",
        ),
        (&"{ a".repeat(300), "LIMIT_EXCEEDED"),
    ] {
        socket.subscribe("x", query, json!({})).await;
        let message = socket.next().await;
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(path(&message, "payload.0.extensions.code"), code);
    }
    socket
        .subscribe("x", "{ viewer { subject } }", json!({}))
        .await;
    assert_eq!(path(&socket.data("x").await, "viewer.subject"), "tester");
    assert_eq!(socket.next().await["type"], "complete");
    assert!(socket.is_silent().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_an_argument_is_told_and_ends_the_subscription() {
    let (_database, app, token) = started().await;
    let mut socket = Socket::greeted(&app, &token).await;
    socket
        .subscribe("a", REFRESHED, json!({ "after": "yesterday" }))
        .await;
    let message = socket.next().await;
    assert_eq!(
        path(&message, "payload.errors.0.extensions.code"),
        "BAD_USER_INPUT",
        "{message}"
    );
    assert_eq!(
        socket.next().await,
        json!({ "type": "complete", "id": "a" })
    );
    let narrow = app.token_with("acme", Role::Viewer, [], chrono::TimeDelta::hours(1));
    let mut socket = Socket::greeted(&app, &narrow).await;
    socket.subscribe("a", REFRESHED, json!({})).await;
    let message = socket.next().await;
    assert_eq!(
        path(&message, "payload.errors.0.extensions.code"),
        "FORBIDDEN",
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_the_protocol_closes_the_connection_with_its_code() {
    let (_database, app, token) = started().await;
    let subscribe = json!({ "type": "subscribe", "id": "a", "payload": { "query": REFRESHED } });
    let early = [
        (subscribe.to_string(), 4401),
        ("{oops".to_owned(), 4400),
        (json!({ "type": "connection_init" }).to_string(), 4403),
        (init("a.b.c").to_string(), 4403),
    ];
    for (message, code) in early {
        let mut socket = Socket::open(&app).await;
        socket.send_text(message.clone()).await;
        assert_eq!(socket.closed().await.0, code, "{message}");
    }
    let unknown = json!({ "type": "frobnicate" }).to_string();
    let nested = format!(
        r#"{{"type":"ping","payload":{}1{}}}"#,
        r#"{"a":"#.repeat(3000),
        "}".repeat(3000)
    );
    let late = [
        (vec![init(&token).to_string()], 4429),
        (vec![subscribe.to_string(), subscribe.to_string()], 4409),
        (vec![unknown], 4400),
        (vec![nested], 4400),
        (vec!["x".repeat(2 * 1024 * 1024)], 1009),
    ];
    for (messages, code) in late {
        let mut socket = Socket::greeted(&app, &token).await;
        for message in messages {
            socket.send_text(message).await;
        }
        let (closed, why) = socket.closed().await;
        assert_eq!(closed, code);
        assert!(!why.contains("frobnicate"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_speak_the_protocol_or_comes_from_another_page_is_not_served() {
    let (_database, app, token) = started().await;
    for request in [request(&app), request(&app).with_sub_protocol("graphql-ws")] {
        // A client that asked for another protocol finds the answer wrong by itself.
        if let Ok(mut socket) = Socket::asked(request).await {
            assert_eq!(socket.closed().await.0, 4406);
        }
    }
    let from = |origin: String| {
        let request = request(&app).with_sub_protocol("graphql-transport-ws");
        Socket::asked(request.with_header("Origin", origin))
    };
    let Err(Error::Http(answer)) = from("https://evil.example".to_owned()).await else {
        panic!("a page of another origin got a WebSocket");
    };
    assert_eq!(answer.status(), 403);
    let mut socket = from(format!("http://{}", app.address)).await.unwrap();
    socket.send(init(&token)).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_say_who_it_is_has_three_seconds() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    let begun = Instant::now();
    let mut socket = Socket::open(&app).await;
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await["type"], "pong");
    assert_eq!(socket.closed().await.0, 4408);
    assert!(begun.elapsed() >= Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_wants_no_more_comes_no_more() {
    let (_database, app, token) = started().await;
    let mut socket = Socket::greeted(&app, &token).await;
    let after = json!({ "after": now(&app, &token).await });
    socket.subscribe("a", REFRESHED, after).await;
    socket
        .send(json!({ "type": "complete", "id": "unknown" }))
        .await;
    socket
        .send(json!({ "type": "ping", "payload": { "n": 1 } }))
        .await;
    assert_eq!(socket.next().await["type"], "pong");
    super::deliver(&app, &token, "crm", "2026-06-01").await;
    socket.data("a").await;
    socket.send(json!({ "type": "complete", "id": "a" })).await;
    socket.is_read().await;
    super::deliver(&app, &token, "crm", "2026-06-02").await;
    assert!(socket.is_silent().await);
    socket.subscribe("a", REFRESHED, json!({})).await;
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await["type"], "pong");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_of_one_socket_are_bounded() {
    let (_database, app, token) = started().await;
    let mut socket = Socket::greeted(&app, &token).await;
    for id in 0..=100 {
        socket
            .subscribe(&format!("{id}"), REFRESHED, json!({}))
            .await;
    }
    let message = socket.next().await;
    assert_eq!(
        (&message["type"], &message["id"]),
        (&json!("error"), &json!("100"))
    );
    assert_eq!(
        path(&message, "payload.0.extensions.code"),
        "LIMIT_EXCEEDED"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_is_left() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (_database, app, token) = started().await;
    // By hand, because a client library would read.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(app.address).await.unwrap();
    let handshake = format!(
        "GET /graphql HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
        app.address
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
    stream
        .write_all(&frame(&init(&token).to_string()))
        .await
        .unwrap();
    let query = "{ __schema { types { name description fields { name description args { name description } } } } }";
    // As long as all answers take on this machine, and longer than the service waits.
    let mut reading = Socket::greeted(&app, &token).await;
    let begun = Instant::now();
    reading.subscribe("a", query, json!({})).await;
    reading.data("a").await;
    let stall = begun.elapsed() * 150 + Duration::from_secs(8);
    for id in 0..100 {
        let payload = json!({ "query": query });
        let message = json!({ "type": "subscribe", "id": format!("{id}"), "payload": payload });
        stream
            .write_all(&frame(&message.to_string()))
            .await
            .unwrap();
    }
    // Nothing is read for longer than the service waits, though it would have much to say.
    tokio::time::sleep(stall).await;
    let mut received = Vec::new();
    let read = tokio::time::timeout(super::PATIENCE, stream.read_to_end(&mut received)).await;
    let _broken_off_or_ended = read.expect("the connection ends");
    let received = String::from_utf8_lossy(&received);
    let results = received.matches(r#""type":"next""#).count();
    assert!(
        results < 100,
        "all {results} results were kept for a client that did not read"
    );
}

/// A masked text frame; the mask is zero.
fn frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x81];
    match u8::try_from(length).ok().filter(|length| *length < 126) {
        Some(length) => frame.push(0x80 | length),
        None => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}
