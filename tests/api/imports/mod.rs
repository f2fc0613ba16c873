//! Imports of files as jobs.

mod asking;
mod backlog;
mod files;
mod outcomes;
mod progress;
mod queue;
mod resuming;

use std::time::{Duration, Instant};

use kpigraph::{auth::Role, time::Clock};
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::{
    fixtures::clock,
    support::{App, TestDatabase, json::path},
};

/// How long an import may take.
const PATIENCE: Duration = Duration::from_secs(30);

const START: &str = "mutation Start($input: StartImportInput!) { startImport(input: $input) {
    import { id state fileName bytes mode dryRun createdBy } replayed errors { code path message } } }";
const IMPORT: &str = "query Import($id: ID!) { import(id: $id) {
    id state progress mode dryRun attempts createdBy startedAt finishedAt
    rowsRead rowsWritten rowsUnchanged rowsRefused rowsPassedOver failure
    preview { layout format source kind columns { name becomes } notes }
    errors(first: 100) { totalCount nodes { line column message } } } }";

/// Orders with places from `from` on, under a header.
fn orders(places: std::ops::Range<u32>) -> String {
    let mut file = String::from("order_id,customer_id,ordered_at,amount\n");
    for place in places {
        let (day, customer) = (place % 28 + 1, place / 3);
        file += &format!("o-{place},c-{customer},2026-05-{day:02} 10:00:00,{place}.25\n");
    }
    file
}

/// The body of a request in parts.
pub fn parts(operations: &Value, map: &str, name: &str, file: &[u8]) -> Vec<u8> {
    let part = |name: &str, rest: &str| {
        format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n")
    };
    let mut body = part("operations", "").into_bytes();
    body.extend(operations.to_string().bytes());
    body.extend(b"\r\n");
    body.extend(part("map", "").bytes());
    body.extend(map.bytes());
    body.extend(b"\r\n");
    body.extend(
        part(
            "0",
            &format!("; filename=\"{name}\"\r\nContent-Type: text/csv"),
        )
        .bytes(),
    );
    body.extend(file);
    body.extend(b"\r\n--limit--\r\n");
    body
}

/// Sends a body of parts and gives the status and the answer.
pub async fn send(app: &App, token: &str, body: Vec<u8>) -> (StatusCode, Value) {
    let request = app
        .client
        .post(app.url("/graphql"))
        .bearer_auth(token)
        .header(CONTENT_TYPE, "multipart/form-data; boundary=limit")
        .header("GraphQL-Require-Preflight", "1")
        .body(body);
    let answer = request.send().await.expect("the service answers");
    let status = answer.status();
    (status, answer.json().await.expect("the answer is JSON"))
}

fn operations(options: &Value) -> Value {
    let mut input = options.clone();
    input["file"] = Value::Null;
    json!({ "query": START, "variables": { "input": input } })
}

/// Starts an import and gives the payload.
async fn start_import(app: &App, token: &str, name: &str, file: &[u8], options: Value) -> Value {
    let map = r#"{"0": ["variables.input.file"]}"#;
    let body = parts(&operations(&options), map, name, file);
    let (status, answer) = send(app, token, body).await;
    assert_eq!(status, StatusCode::OK, "{answer:#}");
    assert!(answer.get("errors").is_none(), "{answer:#}");
    path(&answer, "data.startImport").clone()
}

/// The id of an import that was taken in.
fn id_of(payload: &Value) -> &str {
    payload["import"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no import in {payload:#}"))
}

async fn import(app: &App, token: &str, id: &str) -> Value {
    let answer = app.graphql(token, IMPORT, json!({ "id": id })).await;
    path(&answer, "data.import").clone()
}

/// The import when it is over.
async fn over(app: &App, token: &str, id: &str) -> Value {
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        let import = import(app, token, id).await;
        if ["DONE", "FAILED", "CANCELLED"].contains(&import["state"].as_str().unwrap_or_default()) {
            return import;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("an import is not over: {:#}", import(app, token, id).await);
}

/// Imports a file and gives the import when it is over.
pub async fn import_file(app: &App, token: &str, name: &str, file: &[u8], options: Value) -> Value {
    let started = start_import(app, token, name, file, options).await;
    over(app, token, id_of(&started)).await
}

/// How many rows a table has.
async fn rows(database: &TestDatabase, table: &str) -> u64 {
    let sql = format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}");
    database.rows(&sql).await.expect("a count")[0][0]
        .parse()
        .expect("a number")
}

/// The service with nobody who works on imports.
async fn idle(database: &TestDatabase) -> (App, String) {
    idle_at(database, clock()).await
}

/// The service with nobody who works on imports, by a clock.
async fn idle_at(database: &TestDatabase, clock: Clock) -> (App, String) {
    let app = App::start_with(database, clock, |settings| settings.import_jobs = 0).await;
    app.team("acme").await;
    let token = app.token("acme", Role::Owner);
    (app, token)
}
