//! What counts as taken, and what as a failure.

use chrono::TimeDelta;
use entity::webhook_delivery::{Failure, State};

use super::{
    bench::Bench,
    receiver::{Receiver, Reply},
};
use crate::support::{TestDatabase, on_both_databases};

/// After the first pause with its jitter.
fn second_attempt() -> TimeDelta {
    TimeDelta::seconds(7)
}

/// That a reply is a failure of this kind, and that the same delivery is taken later.
async fn fails(database: TestDatabase, reply: Reply, failure: Failure, status: Option<i32>) {
    let bench = Bench::new(database).await;
    let (receiver, endpoint) = bench.receiver().await;
    let hasty = matches!(reply, Reply::Never);
    receiver.reply(reply);
    bench.tell().await;
    let sent = match hasty {
        true => bench.send_hastily().await,
        false => bench.send().await,
    };
    assert_eq!(sent, 1);
    let failed = bench.delivery(endpoint).await;
    assert_eq!(failed.state, State::Pending);
    assert_eq!(
        (failed.last_failure, failed.last_status),
        (Some(failure), status)
    );
    assert!(bench.failing_since(endpoint).await.is_some());
    assert_eq!(bench.send().await, 0, "it is not due yet");
    receiver.reply(Reply::status(200, "", "thanks"));
    assert_eq!(bench.send_later(second_attempt()).await, 1);
    let done = bench.delivery(endpoint).await;
    assert_eq!(
        (done.state, done.last_failure, done.last_status),
        (State::Delivered, None, Some(200))
    );
    assert_eq!(bench.failing_since(endpoint).await, None);
    let received = receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].id(), received[1].id());
    assert_eq!(received[0].body, received[1].body);
    let attempts = bench.attempts(done.id).await;
    let heads: Vec<_> = attempts
        .iter()
        .map(|attempt| attempt.response_head.as_deref())
        .collect();
    assert_eq!(heads[1], Some("thanks"));
    assert_eq!(attempts[0].failure, Some(failure));
}

on_both_databases! {
    async fn every_2xx_is_a_success(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        for status in [200, 201, 202, 204, 299] {
            receiver.reply(Reply::status(status, "", ""));
            bench.tell().await;
            assert_eq!(bench.send().await, 1);
        }
        let all = crate::webhooks::bench::deliveries(&bench.team, endpoint).await;
        assert!(all.iter().all(|delivery| delivery.state == State::Delivered), "{all:?}");
        assert_eq!(bench.send_later(TimeDelta::days(9)).await, 0);
    }

    async fn an_error_status_is_retried(database: TestDatabase) {
        fails(database, Reply::status(500, "", "no\0good"), Failure::Status, Some(500)).await;
    }

    async fn a_missing_answer_is_retried(database: TestDatabase) {
        fails(database, Reply::Never, Failure::Timeout, None).await;
    }

    async fn a_connection_that_breaks_is_retried(database: TestDatabase) {
        fails(database, Reply::Close, Failure::Connection, None).await;
    }

    async fn half_an_answer_is_retried(database: TestDatabase) {
        fails(database, Reply::half(), Failure::Incomplete, Some(200)).await;
    }

    async fn half_a_head_is_retried(database: TestDatabase) {
        let half = Reply::Bytes("HTTP/1.1 200 OK\r\ncontent-le".into());
        fails(database, half, Failure::Connection, None).await;
    }

    async fn a_redirect_is_a_failure_and_is_not_followed(database: TestDatabase) {
        let elsewhere = Receiver::start().await;
        for status in [301, 302, 307, 308] {
            let location = format!("location: {}\r\n", elsewhere.url());
            let reply = Reply::status(status, &location, "");
            if status == 308 {
                fails(database, reply, Failure::Redirect, Some(308)).await;
                break;
            }
            let bench = Bench::new(TestDatabase::sqlite()).await;
            let (receiver, endpoint) = bench.receiver().await;
            receiver.reply(reply);
            bench.tell().await;
            bench.send().await;
            assert_eq!(bench.delivery(endpoint).await.last_failure, Some(Failure::Redirect));
        }
        assert!(elsewhere.received().is_empty());
    }

    async fn a_port_where_nobody_listens_is_retried(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        drop(receiver);
        tokio::task::yield_now().await;
        bench.tell().await;
        assert_eq!(bench.send().await, 1);
        let failed = bench.delivery(endpoint).await;
        assert_eq!((failed.state, failed.last_status), (State::Pending, None));
        assert_eq!(failed.last_failure, Some(Failure::Connection));
    }

    async fn of_a_long_answer_the_beginning_is_kept(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        receiver.reply(Reply::status(200, "", &"é".repeat(200_000)));
        bench.tell().await;
        bench.send().await;
        let done = bench.delivery(endpoint).await;
        assert_eq!(done.state, State::Delivered);
        let attempts = bench.attempts(done.id).await;
        let head = attempts[0].response_head.as_deref().unwrap();
        assert_eq!(head, "é".repeat(512));
    }
}
