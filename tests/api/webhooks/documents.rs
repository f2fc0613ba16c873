//! What docs/webhooks.md shows works: its operations, and its receivers, which use the reference libraries.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use entity::webhook_delivery::State;
use kpigraph::{
    store::{NewWebhookEndpoint, Store, TeamStore},
    time::Clock,
    webhooks::Secret,
};
use serde_json::json;

use super::{
    bench::{deliveries, send},
    endpoints::{TEST, endpoint_on, run},
    events::app,
    receiver::Receiver,
    verifier::missing,
};
use crate::support::{
    TestDatabase,
    json::{path, text},
    new_team, on_both_databases,
};

const MANUAL: &str = include_str!("../../../docs/webhooks.md");

/// The manual's blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let parts: Vec<&str> = MANUAL.split(fence.as_str()).skip(1).collect();
    parts
        .into_iter()
        .filter_map(|part| part.split("\n```").next())
        .collect()
}

/// A receiver of the manual that runs; it is ended with this.
struct Running {
    child: Child,
    file: PathBuf,
    port: u16,
}

impl Running {
    fn start(mut command: Command, file: PathBuf, secret: &Secret) -> Option<Self> {
        let started = command
            .arg(&file)
            .env("WEBHOOK_SECRET", secret.reveal())
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .spawn();
        let mut child = started.ok()?;
        let mut line = String::new();
        let output = child.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let port = line
            .trim()
            .strip_prefix("port ")
            .and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("the receiver said {line:?}"));
        Some(Self { child, file, port })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        fs::remove_file(&self.file).ok();
    }
}

/// That a receiver of the manual takes what its secret signed, and nothing else.
async fn judge(
    database: &TestDatabase,
    slug: &str,
    start: impl FnOnce(&Secret) -> Option<Running>,
) {
    // The libraries compare timestamps with the present.
    let store = database.store(Clock::system()).await;
    let team = store
        .administer()
        .create_team(&new_team(slug))
        .await
        .unwrap();
    let secret = Secret::generate().unwrap();
    let Some(running) = start(&secret) else {
        return;
    };
    let url = format!("http://127.0.0.1:{}/", running.port);
    assert_eq!(
        sent(&store, &team, &url, &secret).await,
        (State::Delivered, Some(204))
    );
    let other = Secret::generate().unwrap();
    assert_eq!(
        sent(&store, &team, &url, &other).await,
        (State::Pending, Some(401))
    );
}

/// What becomes of a test event that this secret signs.
async fn sent(store: &Store, team: &TeamStore, url: &str, secret: &Secret) -> (State, Option<i32>) {
    let writer = team.begin("test").await.unwrap();
    let endpoint = NewWebhookEndpoint {
        url: url.to_owned(),
        description: String::new(),
        types: vec![],
        secret: secret.reveal().to_owned(),
    };
    let endpoint = writer.create_webhook_endpoint(endpoint).await.unwrap();
    writer.test_webhook(endpoint.id).await.unwrap();
    writer.commit().await.unwrap();
    assert_eq!(send(store).await, 1);
    let delivery = deliveries(team, endpoint.id).await.remove(0);
    (delivery.state, delivery.last_status)
}

on_both_databases! {
    async fn the_operations_of_the_manual_are_answered_without_mistakes(database: TestDatabase) {
        let (app, token) = app(&database).await;
        let receiver = Receiver::start().await;
        let (endpoint, _) = endpoint_on(&app, &token, &receiver.url()).await;
        let test = run(&app, &token, TEST, json!({ "id": endpoint })).await;
        let delivery = text(&test, "webhookDelivery.id");
        let operations = blocks("graphql");
        assert_eq!(operations.len(), 6);
        for operation in operations {
            let operation = operation
                .replace("https://crm.example.com/hooks/kpigraph", &receiver.url())
                .replace("ENDPOINT", &endpoint)
                .replace("DELIVERY", delivery);
            let answer = app.graphql(&token, &operation, json!({})).await;
            let done = path(&answer, "data").as_object().unwrap().values().next().unwrap();
            assert!(done["errors"].as_array().is_none_or(Vec::is_empty), "{operation}: {answer:#}");
        }
        receiver.wait_for(2).await;
    }

    async fn the_receiver_in_node_verifies(database: TestDatabase) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verifier");
        let installed = folder.join("node_modules");
        judge(&database, "acme", |secret| {
            let name = format!(".receiver-{}-{}.mjs", std::process::id(), database.is_postgres());
            let file = installed.join(name);
            let written = installed.is_dir() && fs::write(&file, blocks("js")[0]).is_ok();
            let running = written.then(|| Running::start(Command::new("node"), file, secret));
            if running.as_ref().is_none_or(Option::is_none) {
                missing();
            }
            running.flatten()
        }).await;
    }

    async fn the_receiver_in_python_verifies_where_its_library_is_installed(database: TestDatabase) {
        let library = Command::new("python3").args(["-c", "import standardwebhooks"]).stderr(Stdio::null()).status();
        if !library.is_ok_and(|status| status.success()) {
            crate::support::announce("test skipped: there is no Python with the package standardwebhooks");
            return;
        }
        judge(&database, "acme", |secret| {
            let name = format!("receiver-{}-{}.py", std::process::id(), database.is_postgres());
            let file = env::temp_dir().join(name);
            fs::write(&file, blocks("python")[0]).unwrap();
            Running::start(Command::new("python3"), file, secret)
        }).await;
    }
}
