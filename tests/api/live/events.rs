//! What is told of goals, anomalies and customers: with the caller's rights, and as things are when it is told.

use chrono::TimeDelta;
use kpigraph::{
    auth::{Role, Scope},
    store::Event,
};
use serde_json::json;

use super::{Socket, now};
use crate::{
    fixtures::{day, fill, global_id, start},
    support::{TestDatabase, json::path, json::text, on_both_databases},
};

const GOALS: &str =
    "subscription ($after: String) { event: goalStatusChanged(after: $after) { cursor from to
    goal { name progress { status } } } }";
const ANOMALIES: &str = "subscription ($after: String) { event: anomalyDetected(after: $after) { metric { key } scope day rule { name } anomaly { id } } }";

on_both_databases! {
    async fn a_goal_s_status_is_told_soon_after_the_goal_was_set(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut socket = Socket::greeted(&app, &token).await;
        socket.subscribe("a", GOALS, json!({ "after": now(&app, &token).await })).await;
        let rows = json!([{ "date": "2026-06-10", "campaign": { "external": { "system": "crm", "id": "spring" } },
            "clicks": 10, "spend": "1" }]);
        crate::bulk::send(&app, &token, "upsertAdDays", rows, json!({})).await;
        let set = "mutation ($input: SetGoalInput!) { setGoal(input: $input) { goal { id } errors { message } } }";
        let input = json!({ "name": "Clicks", "kind": "ACCUMULATE", "metric": "CLICKS", "target": "1000",
            "baseline": "0", "startsOn": "2026-06-01", "deadline": "2026-06-30" });
        let made = app.graphql(&token, set, json!({ "input": input })).await;
        assert_eq!(path(&made, "data.setGoal.errors"), &json!([]));
        let event = socket.data("a").await;
        assert_eq!(text(&event, "event.goal.name"), "Clicks");
        assert_eq!(path(&event, "event.from"), &json!(null));
        assert_eq!(text(&event, "event.to"), "OFF_TRACK");
        assert_eq!(path(&event, "event.goal.progress.status"), path(&event, "event.to"));
    }

    async fn amounts_of_money_are_not_told_without_their_scope(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let set = "mutation ($input: SetGoalInput!) { setGoal(input: $input) { goal { id } errors { message } } }";
        let mut ids = Vec::new();
        for (name, metric) in [("Spend", "SPEND"), ("Clicks", "CLICKS")] {
            let input = json!({ "name": name, "kind": "ACCUMULATE", "metric": metric, "target": "1000",
                "baseline": "0", "startsOn": "2026-06-01", "deadline": "2026-06-30" });
            app.graphql(&token, set, json!({ "input": input })).await;
        }
        for goal in team.all_goals(false).await.unwrap() {
            ids.push((goal.name, goal.id));
        }
        ids.sort();
        ids.reverse();
        let scopes = [Scope::MetricsRead];
        let narrow = app.token_with("acme", Role::Viewer, scopes, TimeDelta::hours(1));
        let mut socket = Socket::greeted(&app, &narrow).await;
        socket.subscribe("goals", GOALS, json!({ "after": now(&app, &token).await })).await;
        let writer = team.begin("test").await.unwrap();
        for (_, goal) in &ids {
            let to = "AT_RISK".to_owned();
            writer.emit(Event::GoalStatusChanged { goal: *goal, from: Some("ON_TRACK".into()), to });
        }
        writer.commit().await.unwrap();
        // The store of the test is another program to the service, which looks every three seconds.
        loop {
            let event = socket.data("goals").await;
            assert_eq!(text(&event, "event.goal.name"), "Clicks", "spend is money");
            if path(&event, "event.from") == "ON_TRACK" {
                break;
            }
        }
        let mut socket = Socket::greeted(&app, &narrow).await;
        socket.subscribe("a", ANOMALIES, json!({ "after": now(&app, &token).await })).await;
        let writer = team.begin("test").await.unwrap();
        for kpi in ["CPC", "CTR"] {
            writer.emit(Event::AnomalyDetected { rule: None, kpi: kpi.into(), scope: "CHANNEL Search".into(),
                day: day("2026-06-14"), anomaly: None });
        }
        writer.commit().await.unwrap();
        let event = socket.data("a").await;
        assert_eq!(event["event"], json!({ "metric": { "key": "CTR" }, "scope": "CHANNEL Search",
            "day": "2026-06-14", "rule": null, "anomaly": null }));
    }

    async fn a_customer_s_stage_is_told_to_those_who_may_read_customers(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let customer = fill(&team, "c", 1).await.customers[0];
        let query = "subscription ($after: String) { event: customerStageChanged(after: $after) { stage customer { id name } } }";
        let scopes = [Scope::CustomersRead];
        let narrow = app.token_with("acme", Role::Owner, scopes, TimeDelta::hours(1));
        let mut seeing = Socket::greeted(&app, &token).await;
        let mut blind = Socket::greeted(&app, &narrow).await;
        let after = json!({ "after": now(&app, &token).await });
        seeing.subscribe("a", query, after.clone()).await;
        blind.subscribe("a", query, after).await;
        let writer = team.begin("test").await.unwrap();
        writer.emit(Event::CustomerStageChanged { customer, stage: "MQL".into() });
        writer.commit().await.unwrap();
        let event = seeing.data("a").await;
        assert_eq!(text(&event, "event.stage"), "MQL");
        assert_eq!(text(&event, "event.customer.id"), global_id("Customer", customer));
        assert!(event["event"]["customer"]["name"].is_string());
        let hidden = blind.next().await;
        assert_eq!(path(&hidden, "payload.errors.0.extensions.code"), "FORBIDDEN", "{hidden}");
        assert!(path(&hidden, "payload.data.event.customer.name").is_null());
    }
}
