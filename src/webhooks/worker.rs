//! Takes deliveries that are due, tries them, and notes what came of it, again and again.
//!
//! Any number of instances may do so at once. A delivery is taken for a time: whoever dies between sending and noting
//! leaves it to be sent again, under the same id.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::webhook_endpoint::DisabledReason;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Message, Reach, Secret, Sender, TIMEOUT,
    schedule::{self, FAILING_FOR},
    share::{Key, UnderWay, key},
};
use crate::{
    error::Result,
    store::{LeasedWebhook, Store, TeamStore, WebhookAttempt},
};

/// For how long a delivery is taken: an attempt and some patience with a busy database.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// How long the queue is left alone when nobody says that there is news.
const IDLE: Duration = Duration::from_secs(2);
/// The least time between two looks at the queue.
const BREATH: Duration = Duration::from_millis(50);
/// The status by which an endpoint says that it wants nothing more.
const GONE: u16 = 410;
/// How often noting an outcome is tried before it is left to the end of the lease.
const NOTING: u32 = 5;

/// Sends what is due until told to stop.
pub async fn run(store: Store, reach: Arc<Reach>, stop: CancellationToken) {
    match Sender::new(reach, TIMEOUT) {
        Ok(sender) => Worker::new(store, Arc::new(sender)).run(stop).await,
        Err(error) => tracing::error!(%error, "no webhooks are sent"),
    }
}

/// Sends deliveries of all teams.
pub struct Worker {
    store: Store,
    sender: Arc<Sender>,
    under_way: UnderWay,
    attempts: JoinSet<()>,
    endpoints: HashMap<Id, Key>,
}

impl Worker {
    /// A worker that has not begun.
    pub fn new(store: Store, sender: Arc<Sender>) -> Self {
        Self {
            store,
            sender,
            under_way: UnderWay::default(),
            attempts: JoinSet::new(),
            endpoints: HashMap::new(),
        }
    }

    /// Works until told to stop, then waits for what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut news = self.store.wakeups().listen();
        loop {
            let begun = self.round().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "deliveries of webhooks could not be read");
                0
            });
            let pause = if begun > 0 { BREATH } else { IDLE };
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
                // Who lags behind has missed news, which is news as well.
                _ = news.recv() => tokio::time::sleep(BREATH).await,
                Some(ended) = self.attempts.join_next_with_id() => {
                    self.ended(ended);
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
        self.settle().await;
    }

    /// Begins attempts at what is due, as many as fit in now; says how many.
    pub async fn round(&mut self) -> Result<usize> {
        while let Some(ended) = self.attempts.try_join_next_with_id() {
            self.ended(ended);
        }
        let due = self.store.background().due_webhooks().await?;
        let mut begun = 0;
        let mut teams: HashMap<i64, TeamStore> = HashMap::new();
        for (due, places) in self.under_way.share_out(&due) {
            let team = match teams.get(&due.team) {
                Some(team) => team.clone(),
                None => match self.store.background().team(due.team).await? {
                    Some(team) => teams.entry(due.team).or_insert(team).clone(),
                    None => continue,
                },
            };
            let places = u64::try_from(places).unwrap_or(1);
            let leased = match team.lease_webhooks(due.endpoint, places, LEASE).await {
                Ok(leased) => leased,
                // The other endpoints are not kept waiting for it.
                Err(error) => {
                    tracing::warn!(%error, endpoint = due.endpoint, "webhooks of an endpoint stay where they are");
                    continue;
                }
            };
            self.under_way.begin(due, leased.len());
            begun += leased.len();
            for leased in leased {
                let attempt = attempt(team.clone(), self.sender.clone(), leased);
                let task = self.attempts.spawn(attempt);
                self.endpoints.insert(task.id(), key(due));
            }
        }
        Ok(begun)
    }

    /// Waits for all attempts under way.
    pub async fn settle(&mut self) {
        while let Some(ended) = self.attempts.join_next_with_id().await {
            self.ended(ended);
        }
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "an attempt at a webhook broke off");
                error.id()
            }
        };
        if let Some(endpoint) = self.endpoints.remove(&id) {
            self.under_way.end(endpoint);
        }
    }
}

/// Makes one attempt and notes what came of it.
async fn attempt(team: TeamStore, sender: Arc<Sender>, leased: LeasedWebhook) {
    let message = Message {
        url: leased.url.clone(),
        id: leased.delivery.webhook_id.clone(),
        body: leased.delivery.payload.clone(),
        secrets: leased.secrets.iter().cloned().map(Secret::stored).collect(),
    };
    let at = team.clock().now();
    let outcome = sender.send(&message, at).await;
    tracing::debug!(
        team = team.team().slug,
        webhook = message.id,
        status = outcome.status,
        failure = ?outcome.failure,
        "a webhook was sent"
    );
    let random = getrandom::u32().unwrap_or(0);
    let tries = leased.delivery.tries + 1;
    let next = schedule::next(tries, team.clock().now(), outcome.retry_after, random);
    let gone = outcome.status == Some(GONE);
    let noted = WebhookAttempt {
        at,
        latency_ms: i32::try_from(outcome.latency.as_millis()).unwrap_or(i32::MAX),
        status: outcome.status,
        failure: outcome.failure,
        head: outcome.head,
    };
    let mut pause = Duration::from_secs(1);
    for tried in 1..=NOTING {
        match team.note_webhook_attempt(&leased, &noted, next).await {
            Ok(failing_since) => {
                let now = team.clock().now();
                let long = failing_since.is_some_and(|since| now - since >= FAILING_FOR);
                let reason = match (gone, long) {
                    (true, _) => DisabledReason::Gone,
                    (false, true) => DisabledReason::Failing,
                    (false, false) => return,
                };
                return disable(&team, &leased, reason).await;
            }
            Err(error) if tried == NOTING => {
                tracing::warn!(%error, webhook = message.id, "an attempt is not noted and will be made again");
            }
            Err(_) => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
    }
}

/// Disables the endpoint of a delivery, unless it has got another URL since.
async fn disable(team: &TeamStore, leased: &LeasedWebhook, reason: DisabledReason) {
    let slug = &team.team().slug;
    let endpoint = leased.delivery.endpoint_id;
    let disabled = team.disable_webhook_endpoint(endpoint, &leased.url, reason);
    match disabled.await {
        Ok(()) => tracing::warn!(
            team = slug,
            endpoint,
            ?reason,
            "a webhook endpoint is disabled"
        ),
        // The next failure brings this up again.
        Err(error) => {
            tracing::warn!(%error, team = slug, endpoint, "a webhook endpoint stays enabled")
        }
    }
}
