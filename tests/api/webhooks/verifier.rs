//! What is sent is judged by the reference library that receivers use, run by Node.

use std::{
    env,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use chrono::TimeDelta;
use kpigraph::{time::Clock, webhooks::Secret};
use serde_json::json;

use super::{
    bench::{send, tell},
    receiver::{Received, Receiver},
};
use crate::support::{TestDatabase, announce, new_team, on_both_databases};

/// Says that a test is skipped, because the reference library is not installed.
///
/// # Panics
/// When `REQUIRE_NODE` is `1`.
pub fn missing() {
    let why = "the webhook verifier is not there: install Node, then run `npm ci --prefix tests/verifier`";
    let required = env::var("REQUIRE_NODE").is_ok_and(|value| value == "1");
    assert!(!required, "REQUIRE_NODE is 1, but {why}");
    announce(&format!("test skipped: {why}"));
}

/// What the verifier says of messages; `None` where it is not installed.
fn verdicts(messages: &[(&Secret, &Received)]) -> Option<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verifier");
    let started = folder.join("node_modules").is_dir().then(|| {
        let node = Command::new("node")
            .arg(folder.join("verify.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        node.ok()
    });
    let Some(mut node) = started.flatten() else {
        missing();
        return None;
    };
    let mut input = node.stdin.take().unwrap();
    for (secret, message) in messages {
        let line =
            json!({ "secret": secret.reveal(), "body": message.body, "headers": message.headers });
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(str::to_owned).collect())
}

on_both_databases! {
    async fn the_reference_library_verifies_what_is_sent_and_refuses_what_was_changed(database: TestDatabase) {
        // It compares timestamps with the present.
        let store = database.store(Clock::system()).await;
        let administration = store.administer();
        let team = administration.create_team(&new_team("acme")).await.unwrap();
        let receiver = Receiver::start().await;
        let writer = team.begin("test").await.unwrap();
        let (old, new) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        let endpoint = kpigraph::store::NewWebhookEndpoint {
            url: receiver.url(),
            description: String::new(),
            types: vec![],
            secret: old.reveal().to_owned(),
        };
        let endpoint = writer.create_webhook_endpoint(endpoint).await.unwrap();
        writer.commit().await.unwrap();
        tell(&team, 1).await;
        assert_eq!(send(&store).await, 1);
        let writer = team.begin("test").await.unwrap();
        let (overlap, text) = (TimeDelta::hours(1), new.reveal().to_owned());
        assert!(writer.rotate_webhook_secret(endpoint.id, text, overlap).await.unwrap());
        writer.test_webhook(endpoint.id).await.unwrap();
        writer.commit().await.unwrap();
        assert_eq!(send(&store).await, 1);
        let received = receiver.received();
        let (before, during) = (&received[0], &received[1]);
        let changed = Received { body: before.body.replace("OFF_TRACK", "ON_TRACK"), ..before.clone() };
        let mut stale = before.clone();
        stale.headers.insert("webhook-timestamp".into(), "1600000000".into());
        let mut renamed = before.clone();
        renamed.headers.insert("webhook-id".into(), "msg_other".into());
        let messages = [
            (&old, before), (&old, during), (&new, during),
            (&new, before), (&old, &changed), (&old, &stale), (&old, &renamed),
        ];
        let Some(verdicts) = verdicts(&messages) else {
            return;
        };
        assert_eq!(verdicts.len(), messages.len());
        assert_eq!(verdicts[..3], ["verified"; 3]);
        assert!(!verdicts[3..].iter().any(|verdict| verdict == "verified"), "{verdicts:?}");
    }
}
