//! Endpoints over GraphQL: made, changed, rotated, deleted, and seen by nobody else.

use kpigraph::auth::Role;
use serde_json::{Value, json};

use crate::{
    fixtures::{global_id, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

pub const CREATE: &str = "mutation ($input: CreateWebhookEndpointInput!) { done: createWebhookEndpoint(input: $input) {
    secret webhookEndpoint { id url description eventTypes enabled disabledReason disabledAt failingSince lastSuccessAt
        createdAt updatedAt version } errors { code path message } } }";
pub const UPDATE: &str =
    "mutation ($input: UpdateWebhookEndpointInput!) { done: updateWebhookEndpoint(input: $input) {
    webhookEndpoint { id url description eventTypes enabled disabledReason disabledAt version }
    errors { code path message } } }";
const DELETE: &str =
    "mutation ($input: DeleteWebhookEndpointInput!) { done: deleteWebhookEndpoint(input: $input) {
    webhookEndpoint { id } errors { code path message } } }";
const ROTATE: &str =
    "mutation ($input: RotateWebhookSecretInput!) { done: rotateWebhookSecret(input: $input) {
    secret overlapEndsAt webhookEndpoint { id } errors { code path message } } }";
pub const TEST: &str =
    "mutation ($input: SendTestWebhookInput!) { done: sendTestWebhook(input: $input) {
    webhookDelivery { id webhookId eventType state payload } errors { code path message } } }";
pub const REDELIVER: &str =
    "mutation ($input: RedeliverWebhookInput!) { done: redeliverWebhook(input: $input) {
    webhookDelivery { id webhookId state nextAttemptAt } errors { code path message } } }";
const LIST: &str =
    "{ webhookEndpoints { totalCount nodes { id url description eventTypes enabled } } }";
/// A public address; what a test tells goes nowhere near it before the test is over.
const URL: &str = "https://1.1.1.1/hook";

/// Runs a mutation and gives its payload.
pub async fn run(app: &App, token: &str, mutation: &str, input: Value) -> Value {
    let answer = app
        .graphql(token, mutation, json!({ "input": input }))
        .await;
    path(&answer, "data.done").clone()
}

/// An endpoint that is told of everything: its id and its secret.
pub async fn endpoint_on(app: &App, token: &str, url: &str) -> (String, String) {
    let made = run(app, token, CREATE, json!({ "url": url })).await;
    assert_eq!(made["errors"], json!([]), "{url}");
    (
        text(&made, "webhookEndpoint.id").to_owned(),
        text(&made, "secret").to_owned(),
    )
}

/// The codes and last steps of the mistakes of a mutation.
async fn mistakes(app: &App, token: &str, mutation: &str, input: Value) -> Vec<String> {
    let done = run(app, token, mutation, input).await;
    let errors = done["errors"].as_array().unwrap();
    let named = |error: &Value| {
        let last = error["path"].as_array().unwrap().last().unwrap();
        format!("{} {}", text(error, "code"), last.as_str().unwrap())
    };
    errors.iter().map(named).collect()
}

on_both_databases! {
    async fn an_endpoint_is_made_read_changed_and_deleted(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let input = json!({ "url": URL, "description": "CRM", "eventTypes": ["IMPORT_FINISHED", "DATA_REFRESHED", "IMPORT_FINISHED"] });
        let made = run(&app, &token, CREATE, input).await;
        let id = text(&made, "webhookEndpoint.id");
        let shown = json!({ "id": id, "url": URL, "description": "CRM", "eventTypes": ["IMPORT_FINISHED", "DATA_REFRESHED"],
            "enabled": true, "disabledReason": null, "disabledAt": null, "failingSince": null, "lastSuccessAt": null,
            "createdAt": "2026-06-15T12:00:00+00:00", "updatedAt": "2026-06-15T12:00:00+00:00", "version": 1 });
        assert_eq!(made["webhookEndpoint"], shown);
        assert!(text(&made, "secret").starts_with("whsec_"));
        let changed = json!({ "id": id, "version": 1, "description": "", "eventTypes": [], "enabled": false });
        let changed = run(&app, &token, UPDATE, changed).await;
        let shown = json!({ "id": id, "url": URL, "description": "", "eventTypes": [], "enabled": false,
            "disabledReason": "MANUAL", "disabledAt": "2026-06-15T12:00:00+00:00", "version": 2 });
        assert_eq!(changed["webhookEndpoint"], shown);
        let stale = json!({ "id": id, "version": 1, "enabled": true });
        assert_eq!(mistakes(&app, &token, UPDATE, stale).await, ["CONFLICT version"]);
        assert_eq!(mistakes(&app, &token, TEST, json!({ "id": id })).await, ["INVALID id"], "it is disabled");
        let enabled = run(&app, &token, UPDATE, json!({ "id": id, "version": 2, "enabled": true })).await;
        assert_eq!(enabled["webhookEndpoint"]["disabledReason"], Value::Null);
        let found = app.graphql(&token, "query ($id: ID!) { webhookEndpoint(id: $id) { url }
            node(id: $id) { ... on WebhookEndpoint { version } } }", json!({ "id": id })).await;
        assert_eq!(found["data"], json!({ "webhookEndpoint": { "url": URL }, "node": { "version": 3 } }));
        assert_eq!(mistakes(&app, &token, DELETE, json!({ "id": id, "version": 2 })).await, ["CONFLICT version"]);
        run(&app, &token, TEST, json!({ "id": id })).await;
        assert_eq!(run(&app, &token, DELETE, json!({ "id": id, "version": 3 })).await["errors"], json!([]));
        let list = app.graphql(&token, LIST, json!({})).await;
        assert_eq!(path(&list, "data.webhookEndpoints.totalCount"), &json!(0));
        for table in ["webhook_secret", "webhook_delivery", "webhook_attempt", "webhook_health"] {
            let left = database.rows(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}")).await.unwrap();
            assert_eq!(left, [["0"]], "{table}");
        }
    }

    async fn mistakes_name_the_field_and_nothing_is_made(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let input = json!({ "url": "https://127.0.0.1/", "description": "x".repeat(201) });
        assert_eq!(mistakes(&app, &token, CREATE, input).await, ["INVALID description", "INVALID url"]);
        for _ in 0..20 {
            endpoint_on(&app, &token, URL).await;
        }
        assert_eq!(mistakes(&app, &token, CREATE, json!({ "url": URL })).await, ["INVALID input"]);
        let list = app.graphql(&token, LIST, json!({})).await;
        assert_eq!(path(&list, "data.webhookEndpoints.totalCount"), &json!(20));
    }

    async fn secrets_are_shown_once_and_are_in_no_log(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, first) = endpoint_on(&app, &token, URL).await;
        let rotated = run(&app, &token, ROTATE, json!({ "id": id, "overlapHours": 48 })).await;
        let second = text(&rotated, "secret");
        assert_eq!(rotated["overlapEndsAt"], "2026-06-17T12:00:00+00:00");
        let input = json!({ "id": id, "overlapHours": 721 });
        assert_eq!(mistakes(&app, &token, ROTATE, input).await, ["INVALID overlapHours"]);
        for _ in 0..3 {
            run(&app, &token, ROTATE, json!({ "id": id })).await;
        }
        assert_eq!(mistakes(&app, &token, ROTATE, json!({ "id": id })).await, ["INVALID id"], "five sign already");
        let log = app.graphql(&token, "{ auditLog(filter: { entity: WEBHOOK_ENDPOINT }) { nodes { operation entityId
            changedFields before after } } }", json!({})).await;
        let entries = path(&log, "data.auditLog.nodes").as_array().unwrap();
        assert_eq!(entries.len(), 5);
        assert_eq!(entries[0]["operation"], "rotateWebhookSecret");
        assert_eq!(entries[0]["changedFields"], json!(["secrets"]));
        assert_eq!(entries[0]["entityId"], json!(id));
        let stored = database.rows("SELECT COALESCE(before, '') || COALESCE(after, '') FROM audit_entry").await.unwrap();
        let texts = format!("{log} {stored:?}");
        for secret in [first.as_str(), second] {
            assert!(!texts.contains(&secret[6..]));
        }
    }

    async fn nobody_without_the_scope_sees_or_changes_endpoints(database: TestDatabase) {
        let (app, _, owner) = start(&database).await;
        let (id, _) = endpoint_on(&app, &owner, URL).await;
        let token = app.token("acme", Role::Manager);
        let ask = json!({ "id": id, "input": { "id": id } });
        for query in [
            LIST, "query ($id: ID!) { webhookEndpoint(id: $id) { url } }",
            "query ($id: ID!) { webhookDeliveries(endpointId: $id) { totalCount } }",
            "query ($id: ID!) { node(id: $id) { id } }", ROTATE, TEST,
        ] {
            assert_eq!(refusal(&app, &token, query, ask.clone()).await.0, "FORBIDDEN", "{query}");
        }
    }

    async fn another_team_s_endpoints_and_deliveries_are_unknown(database: TestDatabase) {
        let (app, _, ours) = start(&database).await;
        app.team("globex").await;
        let theirs = app.token("globex", Role::Owner);
        let (id, _) = endpoint_on(&app, &ours, URL).await;
        let test = run(&app, &ours, TEST, json!({ "id": id })).await;
        let delivery = text(&test, "webhookDelivery.id");
        let unknown = (global_id("WebhookEndpoint", 42), global_id("WebhookDelivery", 42));
        let mut answers = Vec::new();
        for (endpoint, delivery) in [(id.as_str(), delivery), (&unknown.0, &unknown.1)] {
            let mut told = Vec::new();
            for (mutation, id) in [(ROTATE, endpoint), (TEST, endpoint), (REDELIVER, delivery)] {
                told.push(run(&app, &theirs, mutation, json!({ "id": id })).await);
            }
            for mutation in [UPDATE, DELETE] {
                told.push(run(&app, &theirs, mutation, json!({ "id": endpoint, "version": 1 })).await);
            }
            let query = "query ($e: ID!, $d: ID!) { webhookEndpoint(id: $e) { url } a: node(id: $e) { id } b: node(id: $d) { id } }";
            told.push(app.graphql(&theirs, query, json!({ "e": endpoint, "d": delivery })).await);
            let query = "query ($id: ID!) { webhookDeliveries(endpointId: $id) { totalCount } }";
            let (code, message) = refusal(&app, &theirs, query, json!({ "id": endpoint })).await;
            told.push(json!([code, message.replace(endpoint, "ID")]));
            answers.push(told);
        }
        assert_eq!(answers[0], answers[1]);
        let list = app.graphql(&theirs, LIST, json!({})).await;
        assert_eq!(path(&list, "data.webhookEndpoints.totalCount"), &json!(0));
        let list = app.graphql(&ours, LIST, json!({})).await;
        assert_eq!(path(&list, "data.webhookEndpoints.totalCount"), &json!(1));
    }
}
