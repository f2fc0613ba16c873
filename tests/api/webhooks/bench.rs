//! Teams with endpoints, and workers on any clock.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{webhook_attempt, webhook_delivery, webhook_endpoint};
use kpigraph::{
    store::{Event, NewWebhookEndpoint, PageAsk, Store, TeamStore},
    time::Clock,
    webhooks::{Reach, Secret, Sender, Worker},
};

use super::receiver::Receiver;
use crate::{
    fixtures::clock,
    support::{TestDatabase, new_team},
};

/// How long workers of tests wait for an answer: longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long those wait that shall get none.
const HASTE: Duration = Duration::from_secs(2);

/// The instant of the tests' clock, so much later.
pub fn later(by: TimeDelta) -> Clock {
    Clock::fixed(clock().now() + by)
}

/// A sender that reaches this machine.
pub fn sender() -> Arc<Sender> {
    sender_with(Reach::new("127.0.0.0/8".parse().unwrap()))
}

/// A sender that reaches so far.
pub fn sender_with(reach: Reach) -> Arc<Sender> {
    Arc::new(Sender::new(Arc::new(reach), PATIENCE).unwrap())
}

/// A sender that reaches this machine and soon gives an answer up.
pub fn hasty_sender() -> Arc<Sender> {
    let reach = Reach::new("127.0.0.0/8".parse().unwrap());
    Arc::new(Sender::new(Arc::new(reach), HASTE).unwrap())
}

/// A team, without a service around it.
pub struct Bench {
    pub database: TestDatabase,
    pub store: Store,
    pub team: TeamStore,
}

impl Bench {
    pub async fn new(database: TestDatabase) -> Self {
        let store = database.store(clock()).await;
        let administration = store.administer();
        let team = administration.create_team(&new_team("acme")).await.unwrap();
        Self {
            database,
            store,
            team,
        }
    }

    /// The database on a later clock, and its team.
    pub async fn later(&self, by: TimeDelta) -> (Store, TeamStore) {
        let store = self.database.store(later(by)).await;
        let team = store.administer().team("acme").await.unwrap();
        (store, team)
    }

    /// An endpoint that is told of everything, and its secret.
    pub async fn endpoint(&self, url: &str) -> (i64, Secret) {
        let secret = Secret::generate().unwrap();
        let writer = self.team.begin("test").await.unwrap();
        let new = NewWebhookEndpoint {
            url: url.to_owned(),
            description: String::new(),
            types: vec![],
            secret: secret.reveal().to_owned(),
        };
        let endpoint = writer.create_webhook_endpoint(new).await.unwrap();
        writer.commit().await.unwrap();
        (endpoint.id, secret)
    }

    /// A receiver, and the endpoint that it is.
    pub async fn receiver(&self) -> (Receiver, i64) {
        let receiver = Receiver::start().await;
        let (endpoint, _) = self.endpoint(&receiver.url()).await;
        (receiver, endpoint)
    }

    /// Something happens.
    pub async fn tell(&self) {
        tell(&self.team, 1).await;
    }

    /// Sends what is due now.
    pub async fn send(&self) -> usize {
        send(&self.store).await
    }

    /// Sends what is due now and soon gives an answer up.
    pub async fn send_hastily(&self) -> usize {
        send_by(&self.store, hasty_sender()).await
    }

    /// Sends what is due so much later.
    pub async fn send_later(&self, by: TimeDelta) -> usize {
        send(&self.later(by).await.0).await
    }

    /// The only delivery.
    pub async fn delivery(&self, endpoint: i64) -> webhook_delivery::Model {
        let mut all = deliveries(&self.team, endpoint).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// The attempts at a delivery.
    pub async fn attempts(&self, delivery: i64) -> Vec<webhook_attempt::Model> {
        let mut found = self.team.webhook_attempts_of(&[delivery]).await.unwrap();
        found.remove(&delivery).unwrap_or_default()
    }

    /// An endpoint as it is stored.
    pub async fn stored(&self, endpoint: i64) -> webhook_endpoint::Model {
        let found = self.team.webhook_endpoints_by_id(&[endpoint]).await;
        found.unwrap().remove(&endpoint).unwrap()
    }

    /// Since when attempts at an endpoint fail.
    pub async fn failing_since(&self, endpoint: i64) -> Option<DateTime<Utc>> {
        let found = self.team.webhook_health_of(&[endpoint]).await.unwrap();
        found[&endpoint].failing_since
    }

    /// Enables an endpoint again.
    pub async fn enable(&self, endpoint: i64) {
        let writer = self.team.begin("test").await.unwrap();
        let mut row = self.stored(endpoint).await;
        let known = row.version;
        (row.enabled, row.disabled_reason, row.disabled_at) = (true, None, None);
        row.version += 1;
        assert!(
            writer
                .update_webhook_endpoint(row, known, true)
                .await
                .unwrap()
        );
        writer.commit().await.unwrap();
    }
}

/// So many goals change their status in one transaction.
pub async fn tell(team: &TeamStore, goals: i64) {
    let writer = team.begin("test").await.unwrap();
    for goal in 1..=goals {
        let to = "OFF_TRACK".to_owned();
        writer.emit(Event::GoalStatusChanged {
            goal,
            from: None,
            to,
        });
    }
    writer.commit().await.unwrap();
}

/// Begins what is due and waits for its end; says how many attempts that were.
pub async fn send(store: &Store) -> usize {
    send_by(store, sender()).await
}

async fn send_by(store: &Store, sender: Arc<Sender>) -> usize {
    let mut worker = Worker::new(store.clone(), sender);
    let begun = worker.round().await.unwrap();
    worker.settle().await;
    begun
}

/// The deliveries to an endpoint, the newest first.
pub async fn deliveries(team: &TeamStore, endpoint: i64) -> Vec<webhook_delivery::Model> {
    let ask = PageAsk::new(Some(100), None, None, None).unwrap();
    let page = team.webhook_deliveries(endpoint, None, &ask).await.unwrap();
    page.rows.into_iter().map(|(_, row)| row).collect()
}
