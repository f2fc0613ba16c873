//! Programs that read and write at a steady pace, and what they were answered.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    instance::{Answer, Shared, ask, client},
    ledger::Ledger,
};

/// Two orders under a key.
pub const WRITE: &str = "mutation ($input: UpsertOrdersInput!) { upsertOrders(input: $input) { \
    replayed errors { code } results { outcome } } }";
/// What reads facts.
pub const READ: &str = "{ viewer { role } channels { totalCount } campaigns { totalCount } }";

/// The variables of [`WRITE`] for a call.
pub fn orders(key: &str) -> Value {
    let items: Vec<Value> = Ledger::rows_of(key)
        .iter()
        .map(|id| json!({ "id": id, "orderedAt": "2026-03-05T10:00:00Z", "net": "12.50" }))
        .collect();
    json!({ "input": { "source": "load", "idempotencyKey": key, "mode": "ALL_OR_NONE", "items": items } })
}

/// Whether a call of [`WRITE`] was answered as done.
pub fn is_written(answer: &Answer) -> bool {
    let payload = &answer.body["data"]["upsertOrders"];
    let is = |list: &Value, length: usize| list.as_array().is_some_and(|list| list.len() == length);
    let stored = |row: &Value| row["outcome"] == "CREATED" || row["outcome"] == "UNCHANGED";
    let results = &payload["results"];
    answer.is_good()
        && is(&payload["errors"], 0)
        && is(results, 2)
        && results.as_array().unwrap().iter().all(stored)
}

/// What became of a request.
#[derive(Debug)]
pub struct Outcome {
    /// When it was sent.
    pub sent: Instant,
    /// How long it took.
    pub took: Duration,
    /// The answer, or why there is none.
    pub answer: Result<Answer, String>,
}

impl Outcome {
    /// When it was answered.
    pub fn at(&self) -> Instant {
        self.sent + self.took
    }

    /// Whether it was answered with data.
    pub fn is_good(&self) -> bool {
        self.answer.as_ref().is_ok_and(Answer::is_good)
    }
}

/// A load, until stopped.
pub struct Load {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    outcomes: Shared<Vec<Outcome>>,
}

impl Load {
    /// Begins: so many requests each second to a service, of which every second one writes.
    pub fn start(url: &str, token: &str, per_second: u32, ledger: &Arc<Ledger>) -> Self {
        let (stop, outcomes) = (CancellationToken::new(), Shared::<Vec<Outcome>>::default());
        let mut tasks = JoinSet::new();
        let pause = Duration::from_secs(1) / per_second;
        let (url, token, ledger) = (url.to_owned(), token.to_owned(), ledger.clone());
        let (until, told) = (stop.clone(), outcomes.clone());
        tasks.spawn(async move {
            let client = client();
            let mut requests = JoinSet::new();
            let mut ticks = tokio::time::interval(pause);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            for number in 0_u64.. {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = until.cancelled() => break,
                }
                let (client, url, token) = (client.clone(), url.clone(), token.clone());
                let (told, ledger) = (told.clone(), ledger.clone());
                requests.spawn(async move {
                    let outcome = match number % 2 {
                        0 => write(&client, &url, &token, &ledger).await,
                        _ => sent(&client, &url, &token, READ, json!({})).await,
                    };
                    told.lock().unwrap().push(outcome);
                });
                while requests.try_join_next().is_some() {}
            }
            requests.join_all().await;
        });
        Self {
            stop,
            tasks,
            outcomes,
        }
    }

    /// Sends nothing more, waits for what is under way and gives what became of all.
    pub async fn stop(self) -> Vec<Outcome> {
        self.stop.cancel();
        self.tasks.join_all().await;
        let mut outcomes = std::mem::take(&mut *self.outcomes.lock().unwrap());
        outcomes.sort_by_key(|outcome| outcome.sent);
        outcomes
    }
}

/// Writes under a key of its own, noting that before and after.
pub async fn write(client: &reqwest::Client, url: &str, token: &str, ledger: &Ledger) -> Outcome {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let key = format!("k{}", COUNT.fetch_add(1, Ordering::Relaxed));
    ledger.attempt(&key);
    let outcome = sent(client, url, token, WRITE, orders(&key)).await;
    if outcome.answer.as_ref().is_ok_and(is_written) {
        ledger.acknowledged(&key);
    }
    outcome
}

/// Sends an operation and tells what became of it.
pub async fn sent(
    client: &reqwest::Client,
    url: &str,
    token: &str,
    query: &str,
    variables: Value,
) -> Outcome {
    let sent = Instant::now();
    let answer = ask(client, url, token, query, variables).await;
    Outcome {
        sent,
        took: sent.elapsed(),
        answer: answer.map_err(|error| format!("{error:?}")),
    }
}

/// Fails unless each request was answered, and with nothing worse than that the service cannot serve right now and when
/// to come again.
#[track_caller]
pub fn assert_clean(outcomes: &[Outcome]) {
    for outcome in outcomes {
        match &outcome.answer {
            Ok(answer) if answer.is_good() => {}
            Ok(answer) => {
                let at = (answer.status.as_u16(), answer.code());
                assert!(
                    [(503, "UNAVAILABLE"), (504, "TIMEOUT")].contains(&at),
                    "{answer:?}"
                );
                assert!(answer.retry_after.is_some() || at.0 == 504, "{answer:?}");
            }
            Err(error) => panic!("no answer: {error}"),
        }
    }
}

/// How long the slowest in a hundred took, and the slowest of all.
pub struct Times {
    /// 95 in a hundred took no longer.
    pub p95: Duration,
    /// 99 in a hundred took no longer.
    pub p99: Duration,
    /// Nothing took longer.
    pub most: Duration,
    count: usize,
}

impl Times {
    /// Of these.
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut all: Vec<Duration> = times.into_iter().collect();
        all.sort();
        let at = |percent: usize| all[(all.len() * percent / 100).min(all.len() - 1)];
        Self {
            p95: at(95),
            p99: at(99),
            most: at(100),
            count: all.len(),
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            p95,
            p99,
            most,
            count,
        } = self;
        write!(
            f,
            "of {count}: p95 {p95:.1?}, p99 {p99:.1?}, most {most:.1?}"
        )
    }
}
