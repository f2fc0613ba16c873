//! What operators see of the deliveries that wait.

use chrono::TimeDelta;

use super::{bench::Bench, receiver::Reply};
use crate::support::{TestDatabase, on_both_databases};

on_both_databases! {
    async fn deliveries_that_are_due_are_counted_and_how_late_they_are(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        let told = async |minutes| {
            let (store, _) = bench.later(TimeDelta::minutes(minutes)).await;
            let backlog = store.background().backlog().await.unwrap();
            (backlog.webhooks_due, backlog.webhook_lag_seconds)
        };
        assert_eq!(told(5).await, (0, 0.0));
        bench.tell().await;
        assert_eq!(told(0).await, (1, 0.0));
        assert_eq!(told(5).await, (1, 300.0));
        // What failed is due when it is to be tried again, and not before.
        receiver.reply(Reply::status(500, "", ""));
        assert_eq!(bench.send().await, 1);
        let next = bench.delivery(endpoint).await.next_attempt_at;
        assert_eq!(told(0).await, (0, 0.0));
        let late = (crate::fixtures::clock().now() + TimeDelta::minutes(5) - next).as_seconds_f64();
        assert!(late > 0.0);
        assert_eq!(told(5).await, (1, late));
        receiver.reply(Reply::status(204, "", ""));
        assert_eq!(bench.send_later(TimeDelta::minutes(5)).await, 1);
        assert_eq!(told(5).await, (0, 0.0));
    }
}
