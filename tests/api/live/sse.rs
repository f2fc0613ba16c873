//! Streams of events: `graphql-sse` in its mode of distinct connections.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::{
    REFRESHED, deliver,
    identity::{key, revoke},
    now,
};
use crate::{
    fixtures::start,
    support::{App, TestDatabase, json::path, on_both_databases},
};

/// A stream of events as it is read.
struct Events {
    answer: Response,
    read: String,
}

impl Events {
    async fn of(app: &App, token: &str, query: &str, variables: Value) -> Self {
        let answer = post(app, token, "text/event-stream", query, variables).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            answer.headers()["content-type"],
            "text/event-stream; charset=utf-8"
        );
        Self {
            answer,
            read: String::new(),
        }
    }

    /// The name and the data of the next event; `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let event = event.to_owned();
                self.read = rest.to_owned();
                if event.starts_with(':') {
                    continue;
                }
                let (name, data) = event.split_once('\n').expect("a name and data");
                let name = name.strip_prefix("event: ").expect("a name");
                let data = data.strip_prefix("data:").expect("data").trim();
                let data = if data.is_empty() {
                    Value::Null
                } else {
                    serde_json::from_str(data).unwrap()
                };
                return Some((name.to_owned(), data));
            }
            let chunk = tokio::time::timeout(super::PATIENCE, self.answer.chunk()).await;
            let chunk = chunk.expect("something comes in time").ok().flatten()?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The result in the next event.
    async fn result(&mut self) -> Value {
        let (name, data) = self.next().await.expect("an event");
        assert_eq!(name, "next");
        data
    }

    /// Whether the stream is completed now.
    async fn completes(&mut self) -> bool {
        self.next().await == Some(("complete".to_owned(), Value::Null))
            && self.next().await.is_none()
    }
}

async fn post(app: &App, token: &str, accept: &str, query: &str, variables: Value) -> Response {
    let body = json!({ "query": query, "variables": variables });
    let request = app.client.post(app.url("/graphql")).bearer_auth(token);
    let request = request.header("Accept", accept).json(&body);
    request.send().await.expect("the service answers")
}

on_both_databases! {
    async fn events_come_as_they_happen_and_go_on_from_a_cursor(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let after = json!({ "after": now(&app, &token).await });
        let mut events = Events::of(&app, &token, REFRESHED, after).await;
        deliver(&app, &token, "first", "2026-06-01").await;
        let first = events.result().await;
        assert_eq!(path(&first, "data.event.source"), "first");
        drop(events);
        deliver(&app, &token, "second", "2026-06-02").await;
        let after = json!({ "after": path(&first, "data.event.cursor") });
        let mut events = Events::of(&app, &token, REFRESHED, after).await;
        assert_eq!(path(&events.result().await, "data.event.source"), "second");
    }

    async fn a_revoked_key_ends_its_streams(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, secret) = key(&app, &token).await;
        let mut events = Events::of(&app, &secret, REFRESHED, json!({})).await;
        revoke(&app, &token, &id).await;
        let last = events.result().await;
        assert_eq!(path(&last, "errors.0.extensions.code"), "UNAUTHENTICATED");
        assert!(events.completes().await);
        let refused = post(&app, &secret, "text/event-stream", REFRESHED, json!({})).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_refusals_are_one_event_and_the_end() {
    let database = TestDatabase::sqlite();
    let (app, _, token) = start(&database).await;
    let mut events = Events::of(&app, &token, "{ viewer { subject } }", json!({})).await;
    assert_eq!(
        events.result().await["data"],
        json!({ "viewer": { "subject": "tester" } })
    );
    assert!(events.completes().await);
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let mut events = Events::of(&app, &token, query, json!({})).await;
        assert_eq!(
            path(&events.result().await, "errors.0.extensions.code"),
            code
        );
        assert!(events.completes().await);
    }
    let url = app.url("/graphql?query=%7B%20viewer%20%7B%20subject%20%7D%20%7D");
    let request = app
        .client
        .get(url)
        .bearer_auth(&token)
        .header("Accept", "text/event-stream");
    let text = request.send().await.unwrap().text().await.unwrap();
    assert!(
        text.contains("event: next\ndata: {\"data\":{\"viewer\""),
        "{text}"
    );
    assert!(text.ends_with("event: complete\ndata:\n\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_accepts_events_gets_them() {
    let database = TestDatabase::sqlite();
    let (app, _, token) = start(&database).await;
    let kind = |answer: &Response| {
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    // As some clients do for every operation.
    let both = "application/graphql-response+json, application/json, text/event-stream";
    let query = post(&app, &token, both, "{ __typename }", json!({})).await;
    assert_eq!(
        kind(&query),
        "application/graphql-response+json; charset=utf-8"
    );
    let events = post(&app, &token, both, REFRESHED, json!({})).await;
    assert_eq!(kind(&events), "text/event-stream; charset=utf-8");
    for accept in ["application/json", "*/*"] {
        let refused = post(&app, &token, accept, REFRESHED, json!({})).await;
        assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
        let body: Value = refused.json().await.unwrap();
        let message = path(&body, "errors.0.message").as_str().unwrap();
        assert!(message.contains("text/event-stream"), "{message}");
    }
    let mutation = "mutation { createChannel(input: { name: \"n\", kind: EMAIL, paid: true }) { channel { id } } }";
    let url = reqwest::Url::parse_with_params(&app.url("/graphql"), [("query", mutation)]).unwrap();
    let request = app
        .client
        .get(url)
        .bearer_auth(&token)
        .header("Accept", "text/event-stream");
    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}
