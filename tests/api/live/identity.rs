//! Who is connected is asked anew: a revoked key and an expired token end what is open.

use chrono::TimeDelta;
use kpigraph::{
    auth::{Role, Scope},
    time::Clock,
};
use serde_json::json;

use super::{REFRESHED, Socket, request};
use crate::{
    fixtures::start,
    support::{App, TestDatabase, json::text, on_both_databases},
};

/// The id and the secret of a new API key.
pub async fn key(app: &App, token: &str) -> (String, String) {
    let create = "mutation { createApiKey(input: { name: \"crm\", scopes: [METRICS_READ] }) { secret apiKey { id } } }";
    let made = app.graphql(token, create, json!({})).await;
    let made = &made["data"]["createApiKey"];
    (
        text(made, "apiKey.id").to_owned(),
        text(made, "secret").to_owned(),
    )
}

/// Revokes a key.
pub async fn revoke(app: &App, token: &str, id: &str) {
    let revoke = "mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { errors { message } } }";
    app.graphql(token, revoke, json!({ "id": id })).await;
}

on_both_databases! {
    async fn a_revoked_key_closes_its_sockets(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, secret) = key(&app, &token).await;
        let mut socket = Socket::greeted(&app, &secret).await;
        let mut idle = Socket::greeted(&app, &secret).await;
        let mut other = Socket::greeted(&app, &token).await;
        socket.subscribe("a", REFRESHED, json!({})).await;
        revoke(&app, &token, &id).await;
        assert_eq!(socket.closed().await.0, 4403);
        assert_eq!(idle.closed().await.0, 4403);
        other.send(json!({ "type": "ping" })).await;
        assert_eq!(other.next().await["type"], "pong");
        let mut again = Socket::open(&app).await;
        again.send(crate::live::init(&secret)).await;
        let (code, why) = again.closed().await;
        assert_eq!(code, 4403);
        assert!(!why.contains(&secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_closes_its_socket() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, Clock::system()).await;
    app.team("acme").await;
    // Expiry has a leeway of half a minute.
    let soon = TimeDelta::seconds(-22);
    let token = app.token_with("acme", Role::Viewer, Scope::ALL, soon);
    let mut socket = Socket::greeted(&app, &token).await;
    assert_eq!(socket.closed().await.0, 4403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_may_be_in_the_header_of_the_request() {
    let database = TestDatabase::sqlite();
    let (app, _, token) = start(&database).await;
    let request = request(&app).with_sub_protocol("graphql-transport-ws");
    let request = request.with_header("Authorization", format!("Bearer {token}"));
    let mut socket = Socket::asked(request).await.unwrap();
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
}
