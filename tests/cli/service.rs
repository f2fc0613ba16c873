//! The program serving: started by a command, asked over HTTP, ended by a signal.
#![allow(dead_code, reason = "every test binary takes the part that it needs")]

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::{Value, json};

/// How long a start or an end may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service that was started by the command, and what it printed.
pub struct Service {
    child: Child,
    printed: Vec<String>,
    log: Option<JoinHandle<String>>,
}

impl Service {
    /// Starts the command and waits until it has printed the token.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        // Read all the time, so that a log that nobody asks for does not fill the pipe.
        let log = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut text = String::new();
                stderr.read_to_string(&mut text).unwrap();
                text
            })
        });
        let mut printed = Vec::new();
        for line in BufReader::new(stdout).lines() {
            printed.push(line.unwrap());
            if token_of(&printed).is_some() {
                return Self {
                    child,
                    printed,
                    log,
                };
            }
        }
        let ended = child.wait();
        panic!(
            "{ended:?}, no token in {printed:#?}: {}",
            log.map_or_else(String::new, |log| log.join().unwrap())
        );
    }

    /// The lines that were printed, the token the last of them.
    pub fn printed(&self) -> &[String] {
        &self.printed
    }

    /// Asks with another token from now on.
    pub fn sign_in_with(&mut self, token: &str) {
        *self.printed.last_mut().unwrap() = token.to_owned();
    }

    /// A URL that was printed, by the name before it.
    pub fn url(&self, name: &str) -> &str {
        let line = self.printed.iter().find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no {name} in {:#?}", self.printed));
        line.split_whitespace().nth(1).unwrap()
    }

    /// The token that was printed.
    pub fn token(&self) -> &str {
        token_of(&self.printed).unwrap()
    }

    /// The answer to an operation.
    pub async fn ask(&self, query: &str) -> (StatusCode, Value) {
        let request = reqwest::Client::new()
            .post(self.url("API"))
            .bearer_auth(self.token())
            .json(&json!({ "query": query }));
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Ends it by SIGTERM and gives all that it logged.
    pub fn logged(mut self) -> String {
        assert_eq!(self.terminate().0, Some(0));
        self.log.take().unwrap().join().unwrap()
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM and gives the exit code and how long the end took.
    pub fn terminate(&mut self) -> (Option<i32>, Duration) {
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
