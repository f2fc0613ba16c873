//! What operators see of the queue.

use chrono::TimeDelta;
use kpigraph::time::Clock;
use serde_json::json;

use super::{idle, orders, start_import};
use crate::{
    fixtures::clock,
    support::{TestDatabase, on_both_databases},
};

on_both_databases! {
    async fn imports_that_wait_are_counted_with_the_age_of_the_oldest(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let later = database.store(Clock::fixed(clock().now() + TimeDelta::minutes(5))).await;
        let told = async || {
            let backlog = later.background().backlog().await.unwrap();
            (backlog.imports_queued, backlog.imports_running, backlog.oldest_import_seconds)
        };
        assert_eq!(told().await, (0, 0, 0.0));
        for name in ["a.csv", "b.csv"] {
            start_import(&app, &token, name, orders(0..5).as_bytes(), json!({})).await;
        }
        assert_eq!(told().await, (2, 0, 300.0));
        let taken = "UPDATE import_job SET state = 'PUBLISHING' WHERE file_name = 'a.csv'";
        database.execute(taken).await.unwrap();
        assert_eq!(told().await, (1, 1, 300.0));
    }
}
