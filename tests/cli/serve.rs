//! `kpigraph` and `kpigraph serve`: from an empty folder to answers, and a clean end.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command},
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::program::Program;

/// How long a start or an end may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service that was started by the command, and what it printed.
pub struct Service {
    child: Child,
    printed: Vec<String>,
}

impl Service {
    /// Starts the command and waits until it has printed the token.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut printed = Vec::new();
        for line in BufReader::new(stdout).lines() {
            printed.push(line.unwrap());
            if token_of(&printed).is_some() {
                return Self { child, printed };
            }
        }
        panic!("no token in {printed:#?}: {:?}", child.wait_with_output());
    }

    fn url(&self, name: &str) -> &str {
        let line = self.printed.iter().find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no {name} in {:#?}", self.printed));
        line.split_whitespace().nth(1).unwrap()
    }

    fn token(&self) -> &str {
        token_of(&self.printed).unwrap()
    }

    pub async fn ask(&self, query: &str) -> (StatusCode, Value) {
        let request = reqwest::Client::new()
            .post(self.url("API"))
            .bearer_auth(self.token())
            .json(&json!({ "query": query }));
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM and gives the exit code and how long the end took.
    fn terminate(&mut self) -> (Option<i32>, Duration) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), asked.elapsed());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("still running {PATIENCE:?} after SIGTERM");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The line that is a token: three parts of base64.
fn token_of(printed: &[String]) -> Option<&str> {
    let token = printed.last()?;
    (token.starts_with("eyJ") && token.split('.').count() == 3).then_some(token)
}

#[tokio::test]
async fn an_empty_folder_becomes_a_service_with_a_demo_team_and_a_token_that_works() {
    let program = Program::new();
    let command = program.command(&["--data-dir", "here", "--listen", "127.0.0.1:0"]);
    let mut service = Service::start(command);

    let version = format!("kpigraph {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(service.printed[0], version);
    assert!(
        !service.url("API").ends_with(":0/graphql"),
        "the port is told"
    );
    let (status, answer) = service
        .ask("{ viewer { role team { slug } } campaigns { totalCount } }")
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        answer["data"]["viewer"],
        json!({ "role": "OWNER", "team": { "slug": "acme" } })
    );
    assert!(answer["data"]["campaigns"]["totalCount"].as_u64() > Some(0));
    let page = reqwest::get(service.url("GraphiQL")).await.unwrap();
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );

    assert!(program.path("here/kpigraph.db").is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = program.path("here/development.key").metadata().unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    let (code, took) = service.terminate();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn teams_that_are_there_are_served_without_a_demo_team() {
    let program = Program::with_team();
    let mut service = Service::start(program.command(&["serve", "--listen", "127.0.0.1:0"]));
    let (_, answer) = service.ask("{ campaigns { totalCount } }").await;
    assert_eq!(answer["data"]["campaigns"]["totalCount"], 0);
    let url = service.url("API").replace("/graphql", "");
    let healthy = program.run(&["healthcheck", "--url", &url]);
    assert_eq!(healthy.code, Some(0), "{}", healthy.stderr);
    assert_eq!(service.terminate().0, Some(0));
    assert_eq!(program.run(&["healthcheck", "--url", &url]).code, Some(1));
}

#[tokio::test]
async fn a_token_of_the_command_line_opens_the_service() {
    let program = Program::with_team();
    let mut service = Service::start(program.command(&["--listen", "127.0.0.1:0"]));
    let token = program
        .run(&["token", "--team", "shop", "--role", "specialist"])
        .assert_done();
    let printed = &mut service.printed;
    *printed.last_mut().unwrap() = token.trim().to_owned();
    let (status, answer) = service.ask("{ viewer { role } }").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["data"]["viewer"]["role"], "SPECIALIST");
    assert_eq!(service.terminate().0, Some(0));
}
