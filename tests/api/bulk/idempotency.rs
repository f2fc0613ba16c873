//! Idempotency keys: a call has one effect, however often it is sent.

use std::pin::pin;

use chrono::TimeDelta;
use futures_util::future::{Either, join, join_all, select};
use kpigraph::{auth::Role, time::Clock};
use serde_json::{Value, json};

use super::{items, outcomes, send};
use crate::{
    fixtures::{clock, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

async fn keyed(app: &App, token: &str, key: &str, places: std::ops::Range<usize>) -> Value {
    let rows = items("upsertOrders", places);
    send(
        app,
        token,
        "upsertOrders",
        rows,
        json!({ "idempotencyKey": key }),
    )
    .await
}

fn codes(done: &Value) -> Vec<&str> {
    let errors = path(done, "errors").as_array().expect("a list");
    errors
        .iter()
        .filter_map(|error| error["code"].as_str())
        .collect()
}

async fn orders(database: &TestDatabase) -> String {
    let rows = database
        .rows("SELECT CAST(COUNT(*) AS TEXT) FROM orders")
        .await;
    rows.expect("a count")[0][0].clone()
}

on_both_databases! {
    async fn the_same_call_again_is_answered_as_the_first(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut rows = items("upsertOrders", 0..3);
        rows[1]["gross"] = json!("-1");
        let options = json!({ "idempotencyKey": "monday" });
        let first = send(&app, &token, "upsertOrders", rows.clone(), options.clone()).await;
        assert_eq!(outcomes(&first), ["CREATED", "FAILED", "CREATED"]);
        assert_eq!(first["replayed"], false);
        let again = send(&app, &token, "upsertOrders", rows, options).await;
        assert_eq!(again["replayed"], true);
        assert_eq!((&again["results"], &again["counts"]), (&first["results"], &first["counts"]));
    }

    async fn a_key_stands_for_one_content_of_one_mutation_of_one_team(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        keyed(&app, &token, "k", 0..2).await;
        let other = keyed(&app, &token, "k", 0..3).await;
        assert_eq!(codes(&other), ["CONFLICT"]);
        assert_eq!(path(&other, "errors.0.path"), &json!(["input", "idempotencyKey"]));
        assert_eq!(other["results"], json!([]));
        let options = json!({ "idempotencyKey": "k", "mode": "ALL_OR_NONE" });
        let mode = send(&app, &token, "upsertOrders", items("upsertOrders", 0..2), options).await;
        assert_eq!(codes(&mode), ["CONFLICT"]);
        assert_eq!(orders(&database).await, "2");
        let options = json!({ "idempotencyKey": "k" });
        let conversions = send(&app, &token, "upsertConversions", items("upsertConversions", 0..1), options).await;
        assert_eq!(outcomes(&conversions), ["CREATED"]);
        app.team("other").await;
        let theirs = keyed(&app, &app.token("other", Role::Owner), "k", 0..3).await;
        assert_eq!((outcomes(&theirs), &theirs["replayed"]), (vec!["CREATED"; 3], &json!(false)));
    }

    async fn what_writes_nothing_leaves_no_key(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut bad = items("upsertOrders", 0..2);
        bad[0]["gross"] = json!("-1");
        let options = json!({ "idempotencyKey": "k", "mode": "ALL_OR_NONE" });
        let failed = send(&app, &token, "upsertOrders", bad, options).await;
        assert_eq!(outcomes(&failed), ["FAILED", "FAILED"]);
        let options = json!({ "idempotencyKey": "k", "dryRun": true });
        let dry = send(&app, &token, "upsertOrders", items("upsertOrders", 5..6), options).await;
        assert_eq!(outcomes(&dry), ["CREATED"]);
        let done = keyed(&app, &token, "k", 0..2).await;
        assert_eq!((outcomes(&done), &done["replayed"]), (vec!["CREATED", "CREATED"], &json!(false)));
    }

    async fn a_key_is_forgotten_after_seven_days(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        keyed(&app, &token, "k", 0..2).await;
        for (days, codes_then) in [(6, vec!["CONFLICT"]), (8, vec![])] {
            let later = Clock::fixed(clock().now() + TimeDelta::days(days));
            let app = App::start(&database, later).await;
            // Each service has a key of its own to sign with.
            let token = app.token("acme", Role::Owner);
            assert_eq!(codes(&keyed(&app, &token, "k", 0..3).await), codes_then, "after {days} days");
        }
        let kept = database.rows("SELECT CAST(COUNT(*) AS TEXT) FROM idempotency_key").await;
        assert_eq!(kept.expect("a count")[0][0], "1", "the old one is gone");
    }

    async fn a_call_that_is_being_worked_on_says_so(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        // Whoever comes first has to wait for this writer.
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let (one, two) = (keyed(&app, &token, "k", 0..2), keyed(&app, &token, "k", 0..2));
        let (one, two) = (pin!(one), pin!(two));
        let (running, waiting) = match select(one, two).await {
            Either::Left((running, waiting)) | Either::Right((running, waiting)) => (running, waiting),
        };
        assert_eq!(codes(&running), ["RUNNING"]);
        assert_eq!(path(&running, "errors.0.retryAfterMs"), 1_000);
        drop(writer);
        assert_eq!(outcomes(&waiting.await), ["CREATED", "CREATED"]);
        assert_eq!(keyed(&app, &token, "k", 0..2).await["replayed"], true);
    }

    async fn of_two_services_that_get_one_key_one_does_the_work(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let other = App::start(&database, clock()).await;
        let other_token = other.token("acme", Role::Owner);
        let race = async |number: usize| {
            let (key, places) = (format!("k{number}"), 2 * number..2 * number + 2);
            let calls = join(
                keyed(&app, &token, &key, places.clone()),
                keyed(&other, &other_token, &key, places),
            );
            let (one, two) = calls.await;
            let workers = [&one, &two].into_iter().filter(|done| {
                let worked = done["replayed"] == false && codes(done).is_empty();
                assert!(worked || done["replayed"] == true || codes(done) == ["RUNNING"], "{done:#}");
                worked
            });
            assert_eq!(workers.count(), 1, "{one:#} {two:#}");
        };
        join_all((0..10).map(race)).await;
        assert_eq!(orders(&database).await, "20");
        let kept = database.rows("SELECT CAST(COUNT(*) AS TEXT) FROM idempotency_key").await;
        assert_eq!(kept.expect("a count")[0][0], "10");
    }
}
