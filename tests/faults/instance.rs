//! The program serving, watched from outside: its log in a file, its threads, files and processor time.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command},
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::{program::Program, proxy::Target, support::TestDatabase};

/// Longer than anything that is waited for, unless a fault's mark says less.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// One test at a time, as they measure.
pub async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

/// A service that was started.
pub struct Instance {
    child: Child,
    /// Where it listens, such as `http://127.0.0.1:4711`.
    pub url: String,
    log: PathBuf,
    /// What asks it.
    pub client: reqwest::Client,
}

impl Instance {
    /// Starts the program in its folder on a database, after `change`.
    pub async fn start(
        program: &Program,
        database_url: &str,
        change: impl FnOnce(&mut Command),
    ) -> Self {
        let mut command = program.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(["--database-url", database_url]);
        change(&mut command);
        Self::run(program, command).await
    }

    /// Starts a command that serves.
    pub async fn run(program: &Program, mut command: Command) -> Self {
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (out, log) = (
            program.path(&format!("out.{number}")),
            program.path(&format!("log.{number}")),
        );
        command
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&log).unwrap());
        let mut child = command.spawn().unwrap();
        let started = Instant::now();
        let url = loop {
            let printed = fs::read_to_string(&out).unwrap();
            let api = printed.lines().find_map(|line| line.strip_prefix("API"));
            if let Some(url) = api.and_then(|url| url.trim().strip_suffix("/graphql")) {
                break url.to_owned();
            }
            let ended = child.try_wait().unwrap();
            let late = started.elapsed() > PATIENCE;
            assert!(
                ended.is_none() && !late,
                "{ended:?}: {}",
                fs::read_to_string(&log).unwrap()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        Self {
            child,
            url,
            log,
            client: client(),
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// The exit code, once it has ended.
    pub async fn ended(&mut self) -> Option<i32> {
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.assert_no_panic();
                return status.code();
            }
            assert!(asked.elapsed() < PATIENCE, "it still runs");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGTERM and a clean end.
    pub async fn stop(mut self) {
        self.terminate();
        assert_eq!(self.ended().await, Some(0), "{}", self.logged());
    }

    /// What it has logged.
    pub fn logged(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Fails when something in it panicked.
    #[track_caller]
    pub fn assert_no_panic(&self) {
        let log = self.logged();
        let panic = log.lines().find(|line| line.contains("panicked at"));
        assert_eq!(panic, None);
    }

    /// How many threads it has.
    pub fn threads(&self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.id()))
            .unwrap()
            .count()
    }

    /// How many files and connections it has open.
    pub fn files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.id()))
            .unwrap()
            .count()
    }

    /// How many bytes of memory it has.
    pub fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.unwrap().trim().strip_suffix(" kB").unwrap();
        kibibytes.parse::<usize>().unwrap() * 1024
    }

    /// The processor time that it has used so far, by Linux' usual hundred ticks a second.
    pub fn processor_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        let ticks: u64 = [11, 12]
            .map(|at: usize| fields[at].parse::<u64>().unwrap())
            .iter()
            .sum();
        Duration::from_millis(ticks * 10)
    }

    /// Sends an operation.
    pub async fn ask(&self, token: &str, query: &str, variables: Value) -> reqwest::Result<Answer> {
        ask(&self.client, &self.url, token, query, variables).await
    }

    /// The data of an operation that succeeds.
    pub async fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let answer = self.ask(token, query, variables).await.unwrap();
        assert!(answer.is_good(), "{answer:?}");
        answer.body["data"].clone()
    }

    /// The status of a page such as `/readyz`.
    pub async fn status(&self, path: &str) -> Option<StatusCode> {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        Some(answer.ok()?.status())
    }

    /// Waits until it says that it is ready, and tells how long that took.
    pub async fn until_ready(&self) -> Duration {
        let asked = Instant::now();
        while self.status("/readyz").await != Some(StatusCode::OK) {
            assert!(asked.elapsed() < PATIENCE, "{}", self.logged());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        asked.elapsed()
    }

    /// The ids of all orders that the source `load` delivered.
    pub async fn orders(&self, token: &str) -> Vec<String> {
        let url = format!("{}/export/orders.ndjson?system=load", self.url);
        let request = self.client.get(url).bearer_auth(token);
        let text = request.send().await.unwrap().text().await.unwrap();
        let rows: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(
            rows.last()
                .is_some_and(|end| end.get("kpigraph_end").is_some()),
            "{text}"
        );
        rows.iter()
            .filter_map(|row| row["order_id"].as_str().map(str::to_owned))
            .collect()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

/// An answer to an operation.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header Retry-After.
    pub retry_after: Option<String>,
    /// The body; a text where it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The answer in a response.
    pub async fn of(response: Response) -> reqwest::Result<Self> {
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
        let (status, text) = (response.status(), response.text().await?);
        Ok(Self {
            status,
            retry_after,
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        })
    }

    /// Whether it has data and no errors.
    pub fn is_good(&self) -> bool {
        self.status == 200 && self.body.get("errors").is_none()
    }

    /// The code of its first error.
    pub fn code(&self) -> &str {
        let code = &self.body["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_default()
    }
}

/// A client that waits for long, and shares its connections.
pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy();
    client.build().unwrap()
}

/// Sends an operation to a service.
pub async fn ask(
    client: &reqwest::Client,
    url: &str,
    token: &str,
    query: &str,
    variables: Value,
) -> reqwest::Result<Answer> {
    let request = client.post(format!("{url}/graphql"));
    let body = json!({ "query": query, "variables": variables });
    let request = match token {
        "" => request.json(&body),
        token => request.bearer_auth(token).json(&body),
    };
    Answer::of(request.send().await?).await
}

/// A team in a database, and a token of its owner that is good for hours.
pub fn team(program: &Program, database_url: &str, slug: &str) -> String {
    let mut create = program.command(&["team", "create", slug, "--currency", "EUR"]);
    let created = create.args(["--database-url", database_url]).output();
    crate::program::Ended::from(created.unwrap()).assert_done();
    token(program, database_url, slug)
}

/// A token of a team's owner.
fn token(program: &Program, database_url: &str, slug: &str) -> String {
    let mut token = program.command(&["token", "--team", slug, "--role", "owner", "--ttl", "12h"]);
    let made = token.args(["--database-url", database_url]).output();
    let made = crate::program::Ended::from(made.unwrap());
    made.assert_done().trim().to_owned()
}

/// The folder of the private server on which a database is; `None` after a line where the server is another one.
pub fn server_folder(database: &TestDatabase) -> Option<PathBuf> {
    let url: reqwest::Url = database.url.parse().unwrap();
    let host = url.query_pairs().find(|(name, _)| name == "host");
    let folder = host.map(|(_, folder)| PathBuf::from(folder.into_owned()));
    if folder.is_none() {
        crate::support::announce("skipped: the server of TEST_DATABASE_URL is nobody's to cut off");
    }
    folder
}

/// Where a private server listens.
pub fn socket(database: &TestDatabase) -> Option<Target> {
    let folder = server_folder(database)?;
    Some(Target::Unix(folder.join(".s.PGSQL.5432")))
}

/// The URL of a database through a proxy.
pub fn through(database: &TestDatabase, proxy: &crate::proxy::Proxy) -> String {
    let mut url: reqwest::Url = database.url.parse().unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(proxy.address.port())).unwrap();
    url.set_query(Some("sslmode=disable"));
    url.to_string()
}

/// Waits for something to become so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let asked = Instant::now();
    while !is_so().await {
        assert!(asked.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    asked.elapsed()
}

/// What many tasks share.
pub type Shared<T> = Arc<std::sync::Mutex<T>>;
