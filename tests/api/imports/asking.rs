//! Who may import, how a file is sent, and what is refused before it is taken in.

use kpigraph::auth::Role;
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::{
    START, id_of, idle, import, import_file, operations, orders, parts, rows, send, start_import,
};
use crate::{
    fixtures::{clock, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const MAP: &str = r#"{"0": ["variables.input.file"]}"#;

fn body() -> Vec<u8> {
    parts(
        &operations(&json!({})),
        MAP,
        "o.csv",
        orders(0..1).as_bytes(),
    )
}

fn codes(payload: &Value) -> Vec<[&str; 2]> {
    let errors = payload["errors"].as_array().expect("a list");
    errors
        .iter()
        .map(|error| [text(error, "code"), text(error, "path.1")])
        .collect()
}

on_both_databases! {
    async fn a_form_of_another_site_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let request = app
            .client
            .post(app.url("/graphql"))
            .bearer_auth(&token)
            .header(CONTENT_TYPE, "multipart/form-data; boundary=limit")
            .body(body());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(answer.text().await.unwrap().contains("GraphQL-Require-Preflight"));
        assert_eq!(rows(&database, "import_job").await, 0);
    }

    async fn whoever_may_not_ingest_sends_no_file_and_sees_no_import(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let started = start_import(&app, &token, "o.csv", orders(0..1).as_bytes(), json!({})).await;
        let viewer = app.token("acme", Role::Viewer);
        let (status, answer) = send(&app, &viewer, body()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(text(&answer, "errors.0.extensions.code"), "FORBIDDEN");
        let id = json!({ "id": id_of(&started) });
        for query in [
            "query($id: ID!) { import(id: $id) { state } }",
            "query($id: ID!) { node(id: $id) { id } }",
            "{ imports { totalCount } }",
            "mutation($id: ID!) { cancelImport(input: { id: $id }) { errors { code } } }",
        ] {
            let (code, words) = refusal(&app, &viewer, query, id.clone()).await;
            assert_eq!(code, "FORBIDDEN", "{query}");
            assert!(words.contains("INGEST"), "{words}");
        }
    }

    async fn another_team_s_import_is_as_one_that_is_not_there(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        app.team("other").await;
        let other = app.token("other", Role::Owner);
        let started = start_import(&app, &token, "o.csv", orders(0..1).as_bytes(), json!({})).await;
        let id = id_of(&started);
        assert_eq!(import(&app, &other, id).await, Value::Null);
        let node = app.graphql(&other, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(path(&node, "data.node"), &Value::Null);
        let list = app.graphql(&other, "{ imports { totalCount nodes { id } } }", json!({})).await;
        assert_eq!(path(&list, "data.imports"), &json!({ "totalCount": 0, "nodes": [] }));
        let cancel = "mutation($id: ID!) { cancelImport(input: { id: $id }) { import { id } errors { code path } } }";
        let answer = app.graphql(&other, cancel, json!({ "id": id })).await;
        assert_eq!(codes(path(&answer, "data.cancelImport")), [["NOT_FOUND", "id"]]);
        assert_eq!(import(&app, &token, id).await["state"], "QUEUED");
        let node = app.graphql(&token, "query($id: ID!) { node(id: $id) { ... on Import { fileName } } }", json!({ "id": id })).await;
        assert_eq!(path(&node, "data.node.fileName"), "o.csv");
    }

    async fn requests_that_are_none_are_refused_with_what_they_lack(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let good = operations(&json!({}));
        let orders = orders(0..1);
        let file = orders.as_bytes();
        for (body, reason) in [
            (b"nothing".to_vec(), "parts"),
            (parts(&json!([1]), MAP, "o.csv", file), "operations"),
            (parts(&good, "{}", "o.csv", file), "one file"),
            (parts(&good, r#"{"0": ["variables.x"]}"#, "o.csv", file), "variables.x"),
            (parts(&good, r#"{"0": ["query"]}"#, "o.csv", file), "query"),
            (parts(&good, r#"{"7": ["variables.input.file"]}"#, "o.csv", file), "`7` is missing"),
            (parts(&good, MAP, "o.csv", file)[..500].to_vec(), "parts"),
        ] {
            let (status, answer) = send(&app, &token, body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{answer:#}");
            let words = text(&answer, "errors.0.message");
            assert!(words.contains(reason), "{words}");
        }
        // A file cannot be given as a text.
        for file in [json!("o.csv"),  json!("#file"), Value::Null] {
            let variables = json!({ "input": { "file": file } });
            let (_, _, answer) = app.graphql_raw(&token, START, variables).await;
            assert!(answer["errors"][0]["message"].is_string(), "{answer:#}");
        }
        assert_eq!(rows(&database, "import_job").await, 0);
    }

    async fn a_file_beyond_the_limit_is_refused(database: TestDatabase) {
        let app = App::start_with(&database, clock(), |settings| settings.upload_limit_bytes = 2_000).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        let body = parts(&operations(&json!({})), MAP, "o.csv", &vec![b'x'; 2_001]);
        let (status, answer) = send(&app, &token, body).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(text(&answer, "errors.0.message").contains("upload_limit_bytes"), "{answer:#}");
        let import = import_file(&app, &token, "o.csv", orders(0..10).as_bytes(), json!({})).await;
        assert_eq!(import["state"], "DONE");
    }

    async fn options_that_cannot_be_are_named(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let payload = start_import(&app, &token, "o.csv", orders(0..1).as_bytes(), json!({
            "layout": "google", "source": " x", "idempotencyKey": "",
        })).await;
        let mut named = codes(&payload);
        named.sort();
        assert_eq!(named, [["INVALID", "idempotencyKey"], ["INVALID", "layout"], ["INVALID", "source"]]);
        let payload = start_import(&app, &token, "o.csv", orders(0..1).as_bytes(), json!({
            "from": "2026-05-02", "day": "2026-05-01",
        })).await;
        assert_eq!(codes(&payload), [["INVALID", "from"]]);
        assert_eq!(payload["import"], Value::Null);
        assert_eq!(rows(&database, "import_job").await, 0);
    }

    async fn a_key_answers_the_same_import_for_the_same_file(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let key = json!({ "idempotencyKey": "may" });
        let may = orders(0..3);
        let first = start_import(&app, &token, "o.csv", may.as_bytes(), key.clone()).await;
        let again = start_import(&app, &token, "o.csv", may.as_bytes(), key.clone()).await;
        assert_eq!((id_of(&again), &again["replayed"]), (id_of(&first), &json!(true)));
        let other = start_import(&app, &token, "o.csv", orders(0..4).as_bytes(), key.clone()).await;
        assert_eq!(codes(&other), [["CONFLICT", "idempotencyKey"]]);
        let mut partial = key;
        partial["mode"] = json!("PARTIAL");
        let other = start_import(&app, &token, "o.csv", may.as_bytes(), partial).await;
        assert_eq!(codes(&other), [["CONFLICT", "idempotencyKey"]]);
        assert_eq!((rows(&database, "import_job").await, rows(&database, "import_chunk").await), (1, 1));
    }

    async fn the_audit_log_tells_who_asked_and_what_was_written(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        import_file(&app, &token, "o.csv", orders(0..6).as_bytes(), json!({})).await;
        let query = "{ auditLog { nodes { actor actorKind operation action entity after } } }";
        let log = app.graphql(&token, query, json!({})).await;
        let nodes = path(&log, "data.auditLog.nodes").as_array().unwrap();
        let loaded = nodes.iter().find(|entry| entry["action"] == "LOADED").unwrap();
        assert_eq!((&loaded["actor"], &loaded["actorKind"]), (&json!("tester"), &json!("USER")));
        assert_eq!(loaded["operation"], "startImport");
        assert_eq!(loaded["after"]["written"]["orders"], 6);
        let asked = nodes.iter().find(|entry| entry["entity"] == "IMPORT").unwrap();
        assert_eq!((&asked["action"], &asked["after"]["fileName"]), (&json!("CREATED"), &json!("o.csv")));
    }
}
