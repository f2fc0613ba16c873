//! When failed deliveries are tried again, and when nothing is sent any more.

use chrono::TimeDelta;
use entity::{
    webhook_delivery::{Failure, State},
    webhook_endpoint::DisabledReason,
};

use super::{
    bench::{Bench, deliveries, send, tell},
    receiver::Reply,
};
use crate::{
    fixtures::clock,
    support::{TestDatabase, on_both_databases},
};

/// The documented pauses, in seconds.
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

on_both_databases! {
    async fn a_delivery_is_tried_ten_times_over_more_than_three_days(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        receiver.reply(Reply::status(503, "", "later"));
        bench.tell().await;
        let mut now = clock().now();
        for pause in PAUSES {
            let at = now - clock().now();
            assert_eq!(bench.send_later(at).await, 1);
            let delivery = bench.delivery(endpoint).await;
            assert_eq!(delivery.state, State::Pending);
            let waits = (delivery.next_attempt_at - now).num_milliseconds();
            // PostgreSQL keeps microseconds.
            let allowed = pause * 1_000 - 1..=pause * 1_200 + 1;
            assert!(allowed.contains(&waits), "{waits} ms, not {pause} s");
            let early = delivery.next_attempt_at - clock().now() - TimeDelta::milliseconds(2);
            assert_eq!(bench.send_later(early).await, 0, "not a moment before");
            now = delivery.next_attempt_at + TimeDelta::milliseconds(1);
        }
        assert_eq!(bench.send_later(now - clock().now()).await, 1);
        let failed = bench.delivery(endpoint).await;
        assert_eq!((failed.state, failed.attempts), (State::Failed, 10));
        assert!(failed.finished_at.is_some());
        assert_eq!(bench.send_later(TimeDelta::days(29)).await, 0, "it is over");
        let received = receiver.received();
        assert_eq!(received.len(), 10);
        assert!(received.iter().all(|one| one.id() == received[0].id() && one.body == received[0].body));
        assert!(received[0].headers["webhook-timestamp"] < received[9].headers["webhook-timestamp"]);
        assert!(bench.stored(endpoint).await.enabled, "three days are not enough to disable it");
    }

    async fn an_endpoint_can_ask_for_patience(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        receiver.reply(Reply::status(429, "retry-after: 3600\r\n", ""));
        bench.tell().await;
        bench.send().await;
        let delivery = bench.delivery(endpoint).await;
        assert_eq!(delivery.next_attempt_at - clock().now(), TimeDelta::hours(1));
        receiver.reply(Reply::status(503, "retry-after: 31536000\r\n", ""));
        assert_eq!(bench.send_later(TimeDelta::hours(1)).await, 1);
        let delivery = bench.delivery(endpoint).await;
        assert_eq!(delivery.next_attempt_at - clock().now(), TimeDelta::hours(25), "a day at most");
    }

    async fn an_endpoint_that_is_gone_is_disabled_at_once_and_goes_on_when_enabled(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        receiver.reply(Reply::status(410, "", ""));
        bench.tell().await;
        bench.send().await;
        let gone = bench.stored(endpoint).await;
        assert!(!gone.enabled);
        assert_eq!((gone.disabled_reason, gone.disabled_at), (Some(DisabledReason::Gone), Some(clock().now())));
        bench.tell().await;
        assert_eq!(bench.send_later(TimeDelta::hours(1)).await, 0);
        assert_eq!(bench.delivery(endpoint).await.state, State::Pending, "what happens while it is off is not kept");
        let told = bench.database.rows("SELECT actor_kind || ' ' || operation || ' ' || changed FROM audit_entry \
            WHERE operation = 'disableWebhookEndpoint'").await.unwrap();
        let line = "SERVICE disableWebhookEndpoint [\"disabledAt\",\"disabledReason\",\"enabled\"]";
        assert_eq!(told, [[line]]);
        receiver.reply(Reply::status(200, "", ""));
        bench.enable(endpoint).await;
        assert_eq!(bench.failing_since(endpoint).await, None);
        assert_eq!(bench.send_later(TimeDelta::hours(1)).await, 1);
        assert_eq!(bench.delivery(endpoint).await.state, State::Delivered);
    }

    async fn an_endpoint_is_disabled_after_five_days_of_nothing_but_failures(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        let mut expected = true;
        receiver.reply(Reply::status(500, "", ""));
        for hours in [0, 50, 119, 121] {
            let (store, team) = bench.later(TimeDelta::hours(hours)).await;
            assert_eq!(bench.stored(endpoint).await.enabled, expected, "{hours}");
            tell(&team, 1).await;
            send(&store).await;
            expected = hours < 120;
        }
        let disabled = bench.stored(endpoint).await;
        assert_eq!(disabled.disabled_reason, Some(DisabledReason::Failing));
        assert_eq!(disabled.version, 2);
    }

    async fn a_single_success_starts_the_five_days_anew(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        for (hours, status) in [(0, 500), (100, 200), (101, 500), (220, 500)] {
            let (store, team) = bench.later(TimeDelta::hours(hours)).await;
            receiver.reply(Reply::status(status, "", ""));
            tell(&team, 1).await;
            send(&store).await;
        }
        assert!(bench.stored(endpoint).await.enabled);
        let since = bench.failing_since(endpoint).await.unwrap();
        assert_eq!(since - clock().now(), TimeDelta::hours(101));
    }

    async fn a_dead_endpoint_does_not_keep_others_waiting(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (dead, dead_endpoint) = bench.receiver().await;
        let (alive, alive_endpoint) = bench.receiver().await;
        dead.reply(Reply::Never);
        // Far more than fit in at once.
        tell(&bench.team, 90).await;
        let mut rounds = 0;
        while alive.received().len() < 90 {
            bench.send_hastily().await;
            rounds += 1;
            assert!(rounds <= 12, "{} of 90 after {rounds} rounds", alive.received().len());
        }
        let taken = deliveries(&bench.team, alive_endpoint).await;
        assert!(taken.iter().all(|delivery| delivery.state == State::Delivered));
        // In the first round nobody knew; after it, one attempt at a time.
        let tried = dead.received().len();
        assert!(tried <= 8 + rounds, "{tried} attempts at a dead endpoint in {rounds} rounds");
        let waiting = deliveries(&bench.team, dead_endpoint).await;
        assert!(waiting.iter().any(|delivery| delivery.last_failure == Some(Failure::Timeout)));
        assert!(waiting.iter().all(|delivery| delivery.state == State::Pending));
    }
}
