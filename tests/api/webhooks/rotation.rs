//! Secrets: rotated with overlap, and never told again.

use chrono::TimeDelta;
use kpigraph::webhooks::Secret;
use standardwebhooks::Webhook;

use super::{bench::Bench, receiver::Received};
use crate::{
    fixtures::clock,
    support::{TestDatabase, on_both_databases},
};

/// Whether a secret signed what arrived so much later than the clock of the tests.
fn verifies(secret: &Secret, received: &Received, by: TimeDelta) -> bool {
    let timestamp = (clock().now() + by).timestamp();
    assert_eq!(received.headers["webhook-timestamp"], timestamp.to_string());
    let webhook = Webhook::new(secret.reveal()).unwrap();
    let signature = webhook
        .sign(received.id(), timestamp, received.body.as_bytes())
        .unwrap();
    received.headers["webhook-signature"]
        .split(' ')
        .any(|one| one == signature)
}

on_both_databases! {
    async fn both_secrets_sign_during_the_overlap_and_one_after_it(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let receiver = crate::webhooks::receiver::Receiver::start().await;
        let (endpoint, old) = bench.endpoint(&receiver.url()).await;
        let new = Secret::generate().unwrap();
        let writer = bench.team.begin("test").await.unwrap();
        let text = new.reveal().to_owned();
        assert!(writer.rotate_webhook_secret(endpoint, text, TimeDelta::hours(24)).await.unwrap());
        writer.commit().await.unwrap();
        for hours in [0, 23, 24, 48] {
            let by = TimeDelta::hours(hours);
            let (store, team) = bench.later(by).await;
            crate::webhooks::bench::tell(&team, 1).await;
            assert_eq!(crate::webhooks::bench::send(&store).await, 1);
            let received = receiver.received().pop().unwrap();
            let overlap = hours < 24;
            assert!(verifies(&new, &received, by), "{hours}");
            assert_eq!(verifies(&old, &received, by), overlap, "{hours}");
            let signatures = received.headers["webhook-signature"].split(' ').count();
            assert_eq!(signatures, if overlap { 2 } else { 1 });
            let changed = Received { body: received.body.replace("OFF", "ON"), ..received };
            assert!(!verifies(&new, &changed, by));
        }
    }

    async fn each_endpoint_has_a_secret_of_its_own(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (first, second) = (crate::webhooks::receiver::Receiver::start().await, crate::webhooks::receiver::Receiver::start().await);
        let (_, one) = bench.endpoint(&first.url()).await;
        let (_, other) = bench.endpoint(&second.url()).await;
        bench.tell().await;
        assert_eq!(bench.send().await, 2);
        let (first, second) = (&first.received()[0], &second.received()[0]);
        assert!(verifies(&one, first, TimeDelta::zero()) && verifies(&other, second, TimeDelta::zero()));
        assert!(!verifies(&one, second, TimeDelta::zero()) && !verifies(&other, first, TimeDelta::zero()));
        assert_ne!(first.id(), second.id(), "an id is one event's at one endpoint");
    }
}
