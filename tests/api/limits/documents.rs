//! Documents that clients name instead of sending them.

use kpigraph::auth::Role;
use serde_json::{Value, json};

use crate::{
    fixtures::clock,
    live::Socket,
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const QUERY: &str = "{__typename}";
/// The SHA-256 of [`QUERY`].
const HASH: &str = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";

async fn ask(app: &App, team: &str, body: Value) -> Value {
    let request = app
        .client
        .post(app.url("/graphql"))
        .bearer_auth(app.token(team, Role::Owner));
    request
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

fn named(query: Option<&str>, hash: &str) -> Value {
    json!({ "query": query, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } })
}

fn code(answer: &Value) -> &str {
    text(answer, "errors.0.extensions.code")
}

on_both_databases! {
    async fn a_document_that_was_sent_once_can_be_named_by_its_team(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        app.team("acme").await;
        app.team("other").await;
        let unknown = ask(&app, "acme", named(None, HASH)).await;
        assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
        assert_eq!(text(&unknown, "errors.0.message"), "PersistedQueryNotFound");
        let wrong = ask(&app, "acme", named(Some("{ __typename }"), HASH)).await;
        assert_eq!(code(&wrong), "BAD_USER_INPUT");
        for query in [Some(QUERY), None, None] {
            let answer = ask(&app, "acme", named(query, HASH)).await;
            assert_eq!(text(&answer, "data.__typename"), "Query");
        }
        let extensions = named(None, HASH)["extensions"].to_string();
        let url = reqwest::Url::parse_with_params(&app.url("/graphql"), [("extensions", extensions)]).unwrap();
        let by_url = app.client.get(url).bearer_auth(app.token("acme", Role::Owner)).send().await.unwrap();
        assert_eq!(path(&by_url.json().await.unwrap(), "data.__typename"), "Query");
        let other = ask(&app, "other", named(None, HASH)).await;
        assert_eq!(code(&other), "PERSISTED_QUERY_NOT_FOUND");
        let nothing = ask(&app, "acme", json!({ "variables": {} })).await;
        assert_eq!(code(&nothing), "BAD_USER_INPUT");
    }

    async fn where_trusted_documents_alone_are_accepted_nothing_else_runs(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("name.graphql"), QUERY).unwrap();
        let app = App::start_with(&database, clock(), |settings| {
            settings.trusted_documents = folder.path().display().to_string();
            settings.only_trusted_documents = true;
        }).await;
        app.team("acme").await;
        for body in [named(None, HASH), json!({ "documentId": format!("sha256:{HASH}") }), json!({ "query": QUERY })] {
            assert_eq!(text(&ask(&app, "acme", body).await, "data.__typename"), "Query");
        }
        let mut socket = Socket::greeted(&app, &app.token("acme", Role::Owner)).await;
        for query in ["{ __typename }", "{ viewer { subject } }"] {
            assert_eq!(code(&ask(&app, "acme", json!({ "query": query })).await), "DOCUMENT_NOT_TRUSTED");
            socket.subscribe("1", query, json!({})).await;
            let told = socket.next().await;
            assert_eq!(path(&told, "payload.0.extensions.code"), "DOCUMENT_NOT_TRUSTED");
        }
        let unknown = ask(&app, "acme", named(None, &HASH.replace('e', "f"))).await;
        assert_eq!(code(&unknown), "DOCUMENT_NOT_TRUSTED");
    }

    async fn trusted_documents_have_names_in_a_file(database: TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("documents.json");
        std::fs::write(&file, json!({ "Name": QUERY }).to_string()).unwrap();
        let app = App::start_with(&database, clock(), |settings| {
            settings.trusted_documents = file.display().to_string();
        }).await;
        app.team("acme").await;
        for body in [json!({ "documentId": "Name" }), named(None, HASH), json!({ "query": "{ __typename }" })] {
            assert_eq!(text(&ask(&app, "acme", body).await, "data.__typename"), "Query");
        }
    }
}
