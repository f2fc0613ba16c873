//! Several instances at once, and instances that die.

use std::{collections::HashSet, time::Duration};

use chrono::TimeDelta;
use entity::webhook_delivery::State;
use kpigraph::webhooks::Worker;
use tokio_util::sync::CancellationToken;

use super::{
    bench::{Bench, deliveries, hasty_sender, send, sender, tell},
    receiver::Reply,
};
use crate::{
    fixtures::clock,
    support::{TestDatabase, on_both_databases},
};

on_both_databases! {
    async fn two_instances_never_try_a_delivery_at_once(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        tell(&bench.team, 60).await;
        let stop = CancellationToken::new();
        let mut instances = Vec::new();
        for _ in 0..3 {
            let store = bench.database.store(clock()).await;
            instances.push(tokio::spawn(Worker::new(store, sender()).run(stop.clone())));
        }
        receiver.wait_for(60).await;
        // Time enough for a second round, should there be anything left.
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.cancel();
        for instance in instances {
            instance.await.unwrap();
        }
        let received = receiver.received();
        let ids: HashSet<&str> = received.iter().map(|one| one.id()).collect();
        assert_eq!((received.len(), ids.len()), (60, 60));
        let all = deliveries(&bench.team, endpoint).await;
        assert!(all.iter().all(|one| one.state == State::Delivered && one.attempts == 1));
    }

    async fn who_dies_between_sending_and_noting_leaves_a_repeat_with_the_same_id(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        receiver.reply(Reply::Never);
        bench.tell().await;
        let mut worker = Worker::new(bench.store.clone(), sender());
        assert_eq!(worker.round().await.unwrap(), 1);
        receiver.wait_for(1).await;
        // Its attempts end with it.
        drop(worker);
        receiver.reply(Reply::status(200, "", ""));
        assert_eq!(bench.send_later(TimeDelta::seconds(59)).await, 0, "it could still be at it");
        assert_eq!(bench.send_later(TimeDelta::seconds(61)).await, 1);
        let done = bench.delivery(endpoint).await;
        assert_eq!((done.state, done.attempts), (State::Delivered, 1));
        let received = receiver.received();
        assert_eq!(received.len(), 2);
        assert_eq!((received[0].id(), &received[0].body), (received[1].id(), &received[1].body));
    }

    async fn who_comes_too_late_does_not_undo_what_another_noted(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        receiver.reply(Reply::Never);
        bench.tell().await;
        let (another, _) = bench.later(TimeDelta::seconds(61)).await;
        let mut slow = Worker::new(bench.store.clone(), hasty_sender());
        assert_eq!(slow.round().await.unwrap(), 1);
        receiver.wait_for(1).await;
        receiver.reply(Reply::status(200, "", ""));
        assert_eq!(send(&another).await, 1);
        // Its time is over only now, and its failure is nobody's any more.
        slow.settle().await;
        let done = bench.delivery(endpoint).await;
        assert_eq!((done.state, done.attempts), (State::Delivered, 1));
        assert_eq!(bench.failing_since(endpoint).await, None);
    }

    async fn an_import_under_way_does_not_hold_deliveries_up(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        bench.tell().await;
        // SQLite lets one write at a time; there the outcome is noted when the import is over.
        if !bench.database.is_postgres() {
            return;
        }
        let import = bench.team.begin_bulk("import").await.unwrap();
        assert_eq!(bench.send().await, 1);
        assert_eq!(bench.delivery(endpoint).await.state, State::Delivered);
        assert_eq!(receiver.received().len(), 1);
        drop(import);
    }

    async fn the_news_of_a_commit_wakes_the_worker(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, _) = bench.receiver().await;
        let stop = CancellationToken::new();
        let worker = Worker::new(bench.store.clone(), sender());
        let running = tokio::spawn(worker.run(stop.clone()));
        for told in 1..=3 {
            bench.tell().await;
            receiver.wait_for(told).await;
        }
        stop.cancel();
        running.await.unwrap();
    }
}
