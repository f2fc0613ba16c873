//! When a key set is read, and what happens when that fails.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A server that answers every request with the same text and counts the requests.
struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
    answer: Arc<std::sync::Mutex<String>>,
}

impl Server {
    async fn start(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(std::sync::Mutex::new(answer));
        let (counter, text) = (Arc::clone(&requests), Arc::clone(&answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 2048];
                let _ = stream.read(&mut request).await;
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                let answer = text.lock().unwrap().clone();
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self {
            url,
            requests,
            answer,
        }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn now_answers(&self, answer: String) {
        *self.answer.lock().unwrap() = answer;
    }
}

fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn keys(ids: &[&str]) -> String {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let keys: Vec<_> = ids
        .iter()
        .map(|id| json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": id }))
        .collect();
    http("200 OK", &json!({ "keys": keys }).to_string())
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

async fn find(remote: &Arc<RemoteKeys>, id: &str, seconds: i64) -> Result<(), TokenError> {
    remote
        .find(Algorithm::EdDSA, Some(id), at(seconds))
        .await
        .map(|_| ())
}

fn remote(server: &Server) -> Arc<RemoteKeys> {
    Arc::new(RemoteKeys::new(&server.url).unwrap())
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_at_most_once_a_minute() {
    let server = Server::start(keys(&["a"])).await;
    let remote = remote(&server);
    assert_eq!(find(&remote, "a", 0).await, Ok(()));
    assert_eq!(find(&remote, "a", 1).await, Ok(()));
    assert_eq!(server.requests(), 1);

    server.now_answers(keys(&["a", "b"]));
    assert_eq!(find(&remote, "b", 59).await, Err(TokenError::UnknownKey));
    assert_eq!(server.requests(), 1);
    assert_eq!(find(&remote, "b", 60).await, Ok(()));
    assert_eq!(
        find(&remote, "invented", 61).await,
        Err(TokenError::UnknownKey)
    );
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn many_callers_at_once_share_one_reading() {
    let server = Server::start(keys(&["a"])).await;
    let remote = remote(&server);
    let all = futures_util::future::join_all((0..20).map(|_| find(&remote, "a", 0))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_break_the_reading_off() {
    let server = Server::start(keys(&["a"])).await;
    let remote = remote(&server);
    let hasty = tokio::time::timeout(Duration::from_millis(5), find(&remote, "a", 0)).await;
    assert!(hasty.is_err());
    assert_eq!(find(&remote, "a", 0).await, Ok(()));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn known_keys_stay_when_a_reading_fails() {
    let server = Server::start(keys(&["a"])).await;
    let remote = remote(&server);
    assert_eq!(find(&remote, "a", 0).await, Ok(()));
    for (round, answer) in [
        http("500 Internal Server Error", ""),
        http("302 Found", ""),
        http("200 OK", "no keys here"),
        http(
            "200 OK",
            &format!("{{\"keys\": []}}{}", " ".repeat(MAX_BODY_BYTES)),
        ),
        String::new(),
    ]
    .into_iter()
    .enumerate()
    {
        server.now_answers(answer);
        let seconds = 60 * (1 + round as i64);
        assert_eq!(
            find(&remote, "b", seconds).await,
            Err(TokenError::UnknownKey)
        );
        assert_eq!(server.requests(), 2 + round);
        assert_eq!(find(&remote, "a", seconds).await, Ok(()));
    }
}

#[tokio::test]
async fn an_issuer_that_starts_late_is_found_after_seconds() {
    let server = Server::start(http("503 Service Unavailable", "")).await;
    let remote = remote(&server);
    assert_eq!(
        find(&remote, "a", 0).await,
        Err(TokenError::KeysUnavailable)
    );
    server.now_answers(keys(&["a"]));
    assert_eq!(
        find(&remote, "a", 4).await,
        Err(TokenError::KeysUnavailable)
    );
    assert_eq!(find(&remote, "a", 5).await, Ok(()));
}

#[tokio::test]
async fn withdrawn_keys_go_away_within_a_minute() {
    let server = Server::start(keys(&["a"])).await;
    let remote = remote(&server);
    assert_eq!(find(&remote, "a", 0).await, Ok(()));
    server.now_answers(keys(&["b"]));
    assert_eq!(find(&remote, "a", 45).await, Ok(()));
    // The background reading holds the lock until it is through.
    drop(remote.attempts.lock().await);
    assert_eq!(find(&remote, "a", 46).await, Err(TokenError::UnknownKey));
    assert_eq!(find(&remote, "b", 46).await, Ok(()));
    assert_eq!(server.requests(), 2);
}
