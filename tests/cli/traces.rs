//! Traces for OpenTelemetry, taken by a receiver on this machine.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::json;

use crate::{program::Program, service::Service};

const QUERY: &str = "query campaignsNamed($name: String!) {
    campaigns(filter: { nameContains: $name }) { nodes { name } } }";
const VARIABLE: &str = "a very private campaign";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A request's head and its body.
type Received = (String, Vec<u8>);

/// Takes what is posted.
struct Receiver {
    url: String,
    /// Heads and bodies.
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received: Arc<Mutex<Vec<_>>> = Arc::default();
        let kept = received.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let request = take(stream.unwrap());
                kept.lock().unwrap().push(request);
            }
        });
        Self { url, received }
    }
}

/// Reads a request and answers it.
fn take(mut stream: TcpStream) -> (String, Vec<u8>) {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer.as_bytes()).unwrap();
    (head, body)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

/// A service that sends traces there.
fn service(program: &Program, endpoint: &str) -> Service {
    let mut command = program.command(&["--listen", "127.0.0.1:0"]);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=very-secret");
    Service::start(command)
}

async fn ask(service: &Service) {
    let answer = reqwest::Client::new()
        .post(service.url("API"))
        .bearer_auth(service.token())
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .json(&json!({ "query": QUERY, "operationName": "campaignsNamed", "variables": { "name": VARIABLE } }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_operations_and_statements_are_traced_as_part_of_the_clients_trace() {
    let receiver = Receiver::start();
    let program = Program::with_team();
    let running = service(&program, &receiver.url);
    ask(&running).await;
    let token = running.token().to_owned();
    // What is left is sent before the end.
    let log = running.logged();
    let received = receiver.received.lock().unwrap();
    let (head, _) = received
        .first()
        .unwrap_or_else(|| panic!("nothing was sent: {log}"));
    assert!(head.starts_with("post /v1/traces "), "{head}");
    assert!(
        head.contains("content-type: application/x-protobuf"),
        "{head}"
    );
    assert!(head.contains("x-api-key: very-secret"), "{head}");
    let all: Vec<u8> = received
        .iter()
        .flat_map(|(_, body)| body)
        .copied()
        .collect();
    let text = String::from_utf8_lossy(&all).into_owned();
    for part in [
        "kpigraph",
        "service.version",
        "request",
        "operation",
        "campaignsNamed",
        "select",
        "db.query.text",
        "db.system.name",
        "sqlite",
        "http.response.status_code",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        contains(&all, &bytes(TRACE)) && contains(&all, &bytes(PARENT)),
        "{text}"
    );
    for secret in [VARIABLE, token.as_str(), "very-secret"] {
        assert!(
            !text.contains(secret) && !log.contains(secret),
            "{secret} in {text} {log}"
        );
    }
}

#[tokio::test]
async fn nobody_notices_that_traces_are_not_taken() {
    // A port on which nobody listens, and one that takes connections and never answers.
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let program = Program::with_team();
    for address in [free, silent.local_addr().unwrap()] {
        let mut running = service(&program, &format!("http://{address}"));
        for _ in 0..3 {
            ask(&running).await;
        }
        let (code, took) = running.terminate();
        assert_eq!(code, Some(0));
        assert!(took < Duration::from_secs(40), "{took:?}");
    }
}
