//! What is secret or personal is in no log, however much is logged.

use futures_util::{SinkExt, StreamExt};
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::ClientRequestBuilder},
};
use url::Url;

use crate::{program::Program, service::Service};

/// Looks like a token of an issuer, and is none of ours.
const FORGED: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLXNvbWVib2R5";
const UPSERT: &str = "mutation ($input: UpsertCustomersInput!) { upsertCustomers(input: $input) {
    results { outcome errors { code message } } } }";

/// Everything that shall be told to nobody.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn keep(&mut self, secret: &str) -> String {
        assert!(secret.len() > 10, "{secret}");
        self.0.push(secret.to_owned());
        secret.to_owned()
    }

    fn assert_not_in(&self, log: &str) {
        assert!(log.lines().count() > 20, "too little is logged: {log}");
        for secret in &self.0 {
            let found = log.lines().find(|line| line.contains(secret.as_str()));
            assert_eq!(found, None, "{secret} is logged");
        }
    }
}

async fn send(
    service: &Service,
    token: &str,
    query: &str,
    variables: Value,
) -> (StatusCode, Value) {
    let answer = reqwest::Client::new()
        .post(service.url("API"))
        .bearer_auth(token)
        .json(&json!({ "query": query, "variables": variables }))
        .send()
        .await
        .unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// The data of an operation that succeeds.
async fn run(service: &Service, query: &str, variables: Value) -> Value {
    let (status, answer) = send(service, service.token(), query, variables).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(answer["errors"].is_null(), "{answer}");
    answer["data"].clone()
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

async fn use_keys(service: &Service, secrets: &mut Secrets, of_command: &str) {
    let (status, answer) = send(service, of_command, "{ viewer { subject } }", Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    for wrong in [
        FORGED,
        &of_command.replace("kpg_", "kpg_0"),
        "no.token-at-all",
    ] {
        let wrong = secrets.keep(wrong);
        let (status, _) = send(service, &wrong, "{ __typename }", Value::Null).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let create = "mutation { createApiKey(input: { name: \"sync\", scopes: [CAMPAIGNS_READ] }) {
        secret apiKey { id } errors { code } } }";
    let made = run(service, create, Value::Null).await;
    secrets.keep(text(&made["createApiKey"]["secret"]));
    let rotate =
        "mutation ($id: ID!) { rotateApiKey(input: { id: $id }) { secret errors { code } } }";
    let id = &made["createApiKey"]["apiKey"]["id"];
    let rotated = run(service, rotate, json!({ "id": id })).await;
    secrets.keep(text(&rotated["rotateApiKey"]["secret"]));
    // Nobody listens there, so every delivery fails.
    let url = format!(
        "http://127.0.0.1:9/in?key={}",
        secrets.keep("query-of-the-url")
    );
    let endpoint = "mutation ($url: String!) { createWebhookEndpoint(input: { url: $url }) {
        secret errors { message } } }";
    let endpoint = run(service, endpoint, json!({ "url": url })).await;
    secrets.keep(text(&endpoint["createWebhookEndpoint"]["secret"]));
}

async fn use_persons(service: &Service, secrets: &mut Secrets) {
    let email = secrets.keep("ada.lovelace@example.com");
    let customer =
        json!({ "ref": { "external": { "system": "shop", "id": "c-1" } }, "email": email });
    let wrong = json!({ "ref": { "external": { "system": "shop", "id": "c-2" } },
        "email": secrets.keep("not.an.address@@example"), "country": "nowhere" });
    for item in [customer, wrong] {
        let input = json!({ "source": "shop", "items": [item] });
        let (status, answer) =
            send(service, service.token(), UPSERT, json!({ "input": input })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
    // In the document itself, in one that does not parse, and in a URL.
    let literal = secrets.keep("grace.hopper@example.com");
    let query = format!("{{ customers(filter: {{ email: \"{literal}\" }}) {{ totalCount }} }}");
    send(service, service.token(), &query, Value::Null).await;
    send(
        service,
        service.token(),
        &query.replace('}', ""),
        Value::Null,
    )
    .await;
    let url = Url::parse_with_params(service.url("API"), [("query", &query)]).unwrap();
    let asked = reqwest::Client::new().get(url).bearer_auth(service.token());
    asked.send().await.unwrap();
    let name = secrets.keep("Konrad Zuse of Berlin");
    let variables = json!({ "name": name, "unknown": name });
    let named =
        "query ($name: String!) { campaigns(filter: { nameContains: $name }) { totalCount } }";
    send(service, service.token(), named, variables).await;
}

async fn import(service: &Service, secrets: &mut Secrets) {
    let email = secrets.keep("alan.turing@example.com");
    let file = format!("lead_id,email,created_at\nc-9,{email},2026-05-01\nc-10,{email},no-day\n");
    let operations = json!({ "query": "mutation ($input: StartImportInput!) { startImport(input: $input) {
        import { id } errors { code } } }", "variables": { "input": { "file": null } } });
    let parts = [
        ("operations", operations.to_string()),
        ("map", r#"{"0": ["variables.input.file"]}"#.into()),
    ];
    let mut body = String::new();
    for (name, text) in parts {
        body += &format!(
            "--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
        );
    }
    body += &format!(
        "--limit\r\nContent-Disposition: form-data; name=\"0\"; filename=\"people.csv\"\r\n\
        Content-Type: text/csv\r\n\r\n{file}\r\n--limit--\r\n"
    );
    let answer = reqwest::Client::new()
        .post(service.url("API"))
        .bearer_auth(service.token())
        .header(CONTENT_TYPE, "multipart/form-data; boundary=limit")
        .header("GraphQL-Require-Preflight", "1")
        .body(body);
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    let id = &answer["data"]["startImport"]["import"]["id"];
    assert!(id.is_string(), "{answer}");
    let state = "query ($id: ID!) { import(id: $id) { finishedAt } }";
    for _ in 0..1_000 {
        let told = run(service, state, json!({ "id": id })).await;
        if told["import"]["finishedAt"].is_string() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the import is not over");
}

async fn connect(service: &Service) {
    let url = service.url("API").replace("http://", "ws://");
    let request = ClientRequestBuilder::new(url.parse().unwrap());
    let (mut socket, _) = connect_async(request.with_sub_protocol("graphql-transport-ws"))
        .await
        .unwrap();
    let bearer = format!("Bearer {}", service.token());
    for message in [
        json!({ "type": "connection_init", "payload": { "Authorization": bearer } }),
        json!({ "id": "1", "type": "subscribe", "payload": { "query": "{ viewer { subject } }" } }),
    ] {
        socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
        assert!(socket.next().await.unwrap().unwrap().is_text());
    }
}

/// Does everything that has to do with secrets and persons at a level of the log.
async fn nothing_is_told_at(level: &str) {
    let mut secrets = Secrets::default();
    let program = Program::with_team();
    let make = [
        "key",
        "create",
        "--team",
        "shop",
        "--name",
        "crm",
        "--scopes",
        "campaigns_read",
    ];
    let made = program.run(&make).assert_done();
    let key = made
        .split_whitespace()
        .find(|word| word.starts_with("kpg_"));
    let key = secrets.keep(key.unwrap());
    let command = program.command(&[
        "--listen",
        "127.0.0.1:0",
        "--log-level",
        level,
        "--slow-operation-ms",
        "0",
        "--webhook-private-networks",
        "127.0.0.1",
    ]);
    let service = Service::start(command);
    secrets.keep(service.token());
    use_keys(&service, &mut secrets, &key).await;
    use_persons(&service, &mut secrets).await;
    import(&service, &mut secrets).await;
    connect(&service).await;
    secrets.assert_not_in(&service.logged());
}

#[tokio::test]
async fn tokens_keys_and_addresses_of_persons_are_in_no_log() {
    nothing_is_told_at("debug").await;
}

#[tokio::test]
async fn not_even_where_everything_is_logged() {
    nothing_is_told_at("trace,sqlx=trace").await;
}

#[test]
fn passwords_of_databases_are_not_told_when_nobody_answers() {
    let program = Program::new();
    let password = "do-not-tell-this";
    let url = format!("postgres://kpigraph:{password}@127.0.0.1:1/kpigraph");
    let mut command = program.command(&["team", "list"]);
    command
        .env("DATABASE_URL", &url)
        .env("KPIGRAPH_LOG_LEVEL", "trace")
        .env("KPIGRAPH_DATABASE_WAIT_SECONDS", "0");
    let ended = command.output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let told = [ended.stdout, ended.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("did not answer"), "it told something else");
    let found = told.lines().find(|line| line.contains(password));
    assert_eq!(found, None);
}
