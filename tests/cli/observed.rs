//! The log lines of slow operations.

use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{program::Program, service::Service};

const QUERY: &str = "query campaignsNamed($name: String!) {
    campaigns(filter: { nameContains: $name }) { nodes { name } } }";
/// What clients ask for is nobody's business.
const VARIABLE: &str = "a very private campaign";

/// Asks a service that was started with these flags; the request's id and what was logged.
async fn asked(flags: &[&str]) -> (String, Vec<Value>) {
    let program = Program::with_team();
    let flags = [&["--listen", "127.0.0.1:0", "--log-format", "json"], flags].concat();
    let service = Service::start(program.command(&flags));
    let answer = reqwest::Client::new()
        .post(service.url("API"))
        .bearer_auth(service.token())
        .json(&json!({ "query": QUERY, "operationName": "campaignsNamed", "variables": { "name": VARIABLE } }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let id = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let body: Value = answer.json().await.unwrap();
    assert!(body["errors"].is_null(), "{body}");
    let log = service.logged();
    assert!(!log.contains(VARIABLE), "{log}");
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    (id, lines.collect())
}

fn slow(log: &[Value]) -> Vec<&Value> {
    let is_slow = |line: &&Value| line["message"] == "a slow operation";
    log.iter().filter(is_slow).collect()
}

#[tokio::test]
async fn a_slow_operation_is_logged_by_the_hash_of_its_document_without_variables() {
    let (id, log) = asked(&["--slow-operation-ms", "0"]).await;
    let [line] = slow(&log)[..] else {
        panic!("not one line: {log:#?}");
    };
    let hash = Sha256::digest(QUERY);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(line["document"], hash);
    assert_eq!(line["level"], "WARN");
    assert_eq!(
        [&line["name"], &line["kind"], &line["field"], &line["code"]],
        ["campaignsNamed", "query", "campaigns", "OK"]
    );
    assert!(line["team_id"].as_i64() > Some(0), "{line:#}");
    assert!(line["statements"].as_u64() > Some(0), "{line:#}");
    let (took, of_database) = (line["ms"].as_u64(), line["sql_ms"].as_u64());
    assert!(took.is_some() && of_database.is_some(), "{line:#}");
    let spans = line["spans"].as_array().unwrap();
    assert!(
        spans.iter().any(|span| span["id"] == id),
        "{id} in {line:#}"
    );
}

#[tokio::test]
async fn no_operation_is_slow_where_none_shall_be() {
    let (_, log) = asked(&["--slow-operation-ms", "none"]).await;
    assert!(!log.is_empty());
    assert!(slow(&log).is_empty(), "{log:#?}");
}
