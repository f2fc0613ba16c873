//! The log of deliveries, sending again by hand, and forgetting.

use chrono::TimeDelta;
use entity::webhook_delivery::State;
use kpigraph::webhooks::KEPT_FOR;
use serde_json::{Value, json};

use super::{
    bench::{Bench, deliveries, tell},
    endpoints::{REDELIVER, TEST, UPDATE, endpoint_on, run},
    events::app,
    receiver::{Receiver, Reply},
};
use crate::support::{
    App, TestDatabase,
    json::{path, text},
    on_both_databases,
};

const LOG: &str = "query ($id: ID!, $state: WebhookDeliveryState, $first: Int, $after: String) {
    webhookDeliveries(endpointId: $id, state: $state, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
        nodes { id endpointId webhookId eventType payload state attemptCount nextAttemptAt lastStatus lastFailure
            createdAt finishedAt attempts { number at latencyMs status failure responseHead } } }
    webhookEndpoint(id: $id) { failingSince lastSuccessAt enabled version } }";

/// The log once it has so many entries in a state.
async fn log(app: &App, token: &str, endpoint: &str, state: &str, count: u64) -> Value {
    let ask = json!({ "id": endpoint, "state": state });
    for _ in 0..1_200 {
        let answer = app.graphql(token, LOG, ask.clone()).await;
        if path(&answer, "data.webhookDeliveries.totalCount") == &json!(count) {
            return answer["data"].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!(
        "never {count} deliveries {state}: {:#}",
        app.graphql(token, LOG, ask).await
    )
}

on_both_databases! {
    async fn the_log_tells_what_became_of_a_delivery_and_it_can_be_sent_again(database: TestDatabase) {
        let (app, token) = app(&database).await;
        let receiver = Receiver::start().await;
        receiver.reply(Reply::status(500, "", "out of order"));
        let (endpoint, _) = endpoint_on(&app, &token, &receiver.url()).await;
        let test = run(&app, &token, TEST, json!({ "id": endpoint })).await;
        assert_eq!(text(&test, "webhookDelivery.eventType"), "webhook.test");
        receiver.wait_for(1).await;
        let mut answer = log(&app, &token, &endpoint, "PENDING", 1).await;
        while answer["webhookDeliveries"]["nodes"][0]["attemptCount"] == json!(0) {
            answer = log(&app, &token, &endpoint, "PENDING", 1).await;
        }
        // The fields of one answer are not read at one instant.
        let answer = log(&app, &token, &endpoint, "PENDING", 1).await;
        let node = path(&answer, "webhookDeliveries.nodes.0").clone();
        let id = text(&node, "id");
        assert_eq!(id, text(&test, "webhookDelivery.id"));
        assert_eq!(node["webhookId"], json!(receiver.received()[0].id()));
        assert_eq!(node["payload"], receiver.received()[0].json());
        assert_eq!(node["payload"]["data"], json!({ "endpointId": endpoint }));
        assert_eq!((&node["lastStatus"], &node["lastFailure"]), (&json!(500), &json!("STATUS")));
        assert_eq!(node["endpointId"], json!(endpoint));
        let mut attempt = path(&node, "attempts.0").clone();
        assert!(attempt["latencyMs"].as_i64().unwrap() < 15_000);
        attempt["latencyMs"] = json!(0);
        assert_eq!(attempt, json!({ "number": 1, "at": "2026-06-15T12:00:00+00:00", "latencyMs": 0, "status": 500,
            "failure": "STATUS", "responseHead": "out of order" }));
        assert_eq!(answer["webhookEndpoint"]["failingSince"], json!("2026-06-15T12:00:00+00:00"));
        // The clock stands still, so nothing but the redelivery makes it due.
        receiver.reply(Reply::status(200, "", ""));
        let again = run(&app, &token, REDELIVER, json!({ "id": id })).await;
        assert_eq!(path(&again, "webhookDelivery.webhookId"), &node["webhookId"]);
        receiver.wait_for(2).await;
        log(&app, &token, &endpoint, "DELIVERED", 1).await;
        let answer = log(&app, &token, &endpoint, "DELIVERED", 1).await;
        let done = path(&answer, "webhookDeliveries.nodes.0");
        assert_eq!((&done["attemptCount"], &done["nextAttemptAt"]), (&json!(2), &Value::Null));
        assert_eq!(done["finishedAt"], json!("2026-06-15T12:00:00+00:00"));
        let health = json!({ "failingSince": null, "lastSuccessAt": "2026-06-15T12:00:00+00:00", "enabled": true, "version": 1 });
        assert_eq!(answer["webhookEndpoint"], health);
        // What was delivered can be sent again, too, by the same id.
        run(&app, &token, REDELIVER, json!({ "id": id })).await;
        let received = receiver.wait_for(3).await;
        assert!(received.iter().all(|one| one.id() == received[0].id() && one.body == received[0].body));
        let off = json!({ "id": endpoint, "version": 1, "enabled": false });
        assert_eq!(run(&app, &token, UPDATE, off).await["errors"], json!([]));
        let refused = run(&app, &token, REDELIVER, json!({ "id": id })).await;
        assert!(text(&refused, "errors.0.message").contains("disabled"), "{refused}");
    }

    async fn a_redelivery_after_the_last_attempt_begins_the_schedule_anew(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        receiver.reply(Reply::status(500, "", ""));
        bench.tell().await;
        let mut at = TimeDelta::zero();
        while bench.delivery(endpoint).await.state == State::Pending {
            assert_eq!(bench.send_later(at).await, 1);
            let due = bench.delivery(endpoint).await.next_attempt_at;
            at = due - crate::fixtures::clock().now() + TimeDelta::milliseconds(1);
        }
        let failed = bench.delivery(endpoint).await;
        let (_, team) = bench.later(at).await;
        let writer = team.begin("test").await.unwrap();
        writer.redeliver_webhook(failed.id).await.unwrap();
        writer.commit().await.unwrap();
        assert_eq!(bench.send_later(at).await, 1);
        let again = bench.delivery(endpoint).await;
        assert_eq!((again.state, again.tries, again.attempts), (State::Pending, 1, failed.attempts + 1));
        let pause = again.next_attempt_at - crate::webhooks::bench::later(at).now();
        assert!(pause <= TimeDelta::seconds(6), "{pause}");
    }

    async fn a_page_of_the_log_takes_as_many_statements_as_one_entry(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, endpoint) = bench.receiver().await;
        let app = App::start(&bench.database, crate::fixtures::clock()).await;
        let token = app.token("acme", kpigraph::auth::Role::Owner);
        receiver.reply(Reply::status(500, "", ""));
        tell(&bench.team, 30).await;
        while bench.send().await > 0 {}
        let id = crate::fixtures::global_id("WebhookEndpoint", endpoint);
        let mut statements = Vec::new();
        for first in [1, 25] {
            let ask = json!({ "id": id, "first": first });
            let (answer, count) = app.graphql_counted(&token, LOG, ask).await;
            assert_eq!(path(&answer, "data.webhookDeliveries.nodes").as_array().unwrap().len(), first);
            statements.push(count);
        }
        assert_eq!(statements[0], statements[1]);
        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let ask = json!({ "id": id, "first": 7, "after": after });
            let answer = app.graphql(&token, LOG, ask).await;
            let page = path(&answer, "data.webhookDeliveries");
            seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| text(node, "id").to_owned()));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        seen.dedup();
        assert_eq!(seen.len(), 30);
    }

    async fn deliveries_are_forgotten_after_thirty_days_unless_they_are_still_tried(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (_receiver, endpoint) = bench.receiver().await;
        bench.tell().await;
        bench.send().await;
        let (store, recent) = bench.later(TimeDelta::days(29)).await;
        tell(&recent, 1).await;
        crate::webhooks::bench::send(&store).await;
        assert_eq!(recent.forget_webhook_deliveries(KEPT_FOR).await.unwrap(), 0);
        let (_, team) = bench.later(TimeDelta::days(31)).await;
        assert_eq!(team.forget_webhook_deliveries(KEPT_FOR).await.unwrap(), 1);
        let left = deliveries(&bench.team, endpoint).await;
        assert_eq!(left.len(), 1);
        let attempts = bench.database.rows("SELECT CAST(COUNT(*) AS TEXT) FROM webhook_attempt").await.unwrap();
        assert_eq!(attempts, [["1"]]);
        // An old one that somebody sends again is kept while it is tried.
        let (_, much_later) = bench.later(TimeDelta::days(90)).await;
        let writer = much_later.begin("test").await.unwrap();
        writer.redeliver_webhook(left[0].id).await.unwrap();
        writer.commit().await.unwrap();
        assert_eq!(much_later.forget_webhook_deliveries(KEPT_FOR).await.unwrap(), 0);
    }
}
