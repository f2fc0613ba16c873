//! What endpoints are told of, whichever way it came about.

use kpigraph::{auth::Role, store::Event};
use serde_json::{Value, json};

use super::{
    bench::{Bench, deliveries, send, tell},
    endpoints::{CREATE, endpoint_on, run},
    receiver::Receiver,
};
use crate::{
    bulk::named,
    fixtures::{clock, global_id},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const CUSTOMERS: &str =
    "mutation ($input: UpsertCustomersInput!) { done: upsertCustomers(input: $input) {
    results { outcome } } }";
const STAGES: &str =
    "mutation ($input: UpsertStageEventsInput!) { done: upsertStageEvents(input: $input) {
    results { outcome } } }";

/// A service that may send to this machine, and a token of the owner of its team `acme`.
pub async fn app(database: &TestDatabase) -> (App, String) {
    let networks = "127.0.0.0/8".parse().unwrap();
    let app = App::start_with(database, clock(), |settings| {
        settings.webhook_private_networks = networks
    })
    .await;
    app.team("acme").await;
    let token = app.token("acme", Role::Owner);
    (app, token)
}

async fn bulk(app: &App, token: &str, mutation: &str, more: Value, items: Vec<Value>) {
    let mut input = json!({ "source": "crm", "items": items });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let done = run(app, token, mutation, input).await;
    assert!(!done["results"].to_string().contains("FAILED"), "{done}");
}

/// The payloads without timestamps, in the order of their texts.
fn payloads(received: &[super::receiver::Received]) -> Vec<Value> {
    let mut all: Vec<Value> = received
        .iter()
        .map(super::receiver::Received::json)
        .collect();
    for payload in &mut all {
        payload.as_object_mut().unwrap().remove("timestamp");
    }
    all.sort_by_key(Value::to_string);
    all
}

on_both_databases! {
    async fn the_service_tells_of_new_stages_and_of_data_by_thin_payloads(database: TestDatabase) {
        let (app, token) = app(&database).await;
        let customer = json!({ "ref": named("c1"), "name": "Ada", "email": "ada@example.org" });
        bulk(&app, &token, CUSTOMERS, json!({}), vec![customer]).await;
        let receiver = Receiver::start().await;
        endpoint_on(&app, &token, &receiver.url()).await;
        let stage = json!({ "customer": named("c1"), "stage": "MQL", "enteredAt": "2026-06-02T10:00:00Z" });
        bulk(&app, &token, STAGES, json!({}), vec![stage.clone()]).await;
        let received = receiver.wait_for(2).await;
        let customers = app.graphql(&token, "{ customers { nodes { id } } }", json!({})).await;
        let id = text(&customers, "data.customers.nodes.0.id");
        let expected = [
            json!({ "type": "customer.stage_changed", "data": { "customerId": id, "stage": "MQL" } }),
            json!({ "type": "data.refreshed", "data": { "source": "crm", "from": "2026-06-02", "to": "2026-06-02" } }),
        ];
        let mut told = payloads(&received);
        told.sort_by_key(|payload| payload["type"].to_string());
        assert_eq!(told, expected);
        assert_eq!(received[0].json()["timestamp"], "2026-06-15T12:00:00.000Z");
        assert_eq!(received[0].headers["content-type"], "application/json");
        assert!(received[0].headers["user-agent"].starts_with("kpigraph/"));
        // A repeat changes nothing, and so is not told of.
        bulk(&app, &token, STAGES, json!({}), vec![stage]).await;
        let later = json!({ "customer": named("c1"), "stage": "SQL", "enteredAt": "2026-06-03T10:00:00Z" });
        let dry = json!({ "dryRun": true });
        bulk(&app, &token, STAGES, dry, vec![later.clone()]).await;
        bulk(&app, &token, STAGES, json!({}), vec![later]).await;
        let received = receiver.wait_for(4).await;
        let told = payloads(&received[2..]);
        assert!(told.contains(&json!({ "type": "customer.stage_changed", "data": { "customerId": id, "stage": "SQL" } })), "{told:?}");
        assert_eq!(received.len(), 4);
    }

    async fn of_a_load_that_changes_very_many_customers_the_data_alone_is_told(database: TestDatabase) {
        let (app, token) = app(&database).await;
        let team = app.store.administer().team("acme").await.unwrap();
        let receiver = Receiver::start().await;
        let (id, _) = endpoint_on(&app, &token, &receiver.url()).await;
        let entries = |customers: std::ops::Range<usize>, stage: &str| -> Vec<Value> {
            let entry = |place| json!({ "customer": named(format!("c{place}")), "stage": stage, "enteredAt": "2026-06-02T10:00:00Z" });
            customers.map(entry).collect()
        };
        let customers = (0..1_001).map(|place| json!({ "ref": named(format!("c{place}")), "name": "Ada" }));
        bulk(&app, &token, CUSTOMERS, json!({}), customers.collect()).await;
        bulk(&app, &token, STAGES, json!({}), entries(0..1_001, "LEAD")).await;
        let kinds = |limit: usize| {
            let team = team.clone();
            async move {
                let events = team.events_after(0, &[], 5_000).await.unwrap();
                assert!(events.len() <= limit, "{}", events.len());
                let stages = events.iter().filter(|one| matches!(one.event, Event::CustomerStageChanged { .. }));
                stages.count()
            }
        };
        assert_eq!(kinds(3).await, 0);
        bulk(&app, &token, STAGES, json!({}), entries(0..1_000, "MQL")).await;
        assert_eq!(kinds(1_010).await, 1_000);
        let addressed = app.graphql(&token, "query ($id: ID!) { webhookDeliveries(endpointId: $id) { totalCount } }",
            json!({ "id": id })).await;
        let told = team.events_after(0, &[], 5_000).await.unwrap().len();
        assert_eq!(path(&addressed, "data.webhookDeliveries.totalCount"), &json!(told));
    }

    async fn an_endpoint_is_told_of_its_types_alone(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let app = App::start(&bench.database, clock()).await;
        let token = app.token("acme", Role::Owner);
        let made = run(&app, &token, CREATE, json!({ "url": "https://1.1.1.1/", "eventTypes": ["DATA_REFRESHED"] })).await;
        let some: i64 = bench.database.rows("SELECT CAST(id AS TEXT) FROM webhook_endpoint").await.unwrap()[0][0].parse().unwrap();
        assert_eq!(text(&made, "webhookEndpoint.id"), global_id("WebhookEndpoint", some));
        let (all, _) = bench.endpoint("https://1.1.1.1/").await;
        let writer = bench.team.begin("test").await.unwrap();
        let source = "ads".to_owned();
        writer.emit(Event::DataRefreshed { source, from: None, to: None });
        writer.emit(Event::ImportProgressed { import: 1 });
        writer.emit(Event::ImportFinished { import: 1, state: "DONE".into() });
        writer.commit().await.unwrap();
        let types = |rows: Vec<entity::webhook_delivery::Model>| {
            let mut types: Vec<String> = rows.into_iter().map(|row| row.event_type).collect();
            types.sort();
            types
        };
        assert_eq!(types(deliveries(&bench.team, some).await), ["data.refreshed"]);
        assert_eq!(types(deliveries(&bench.team, all).await), ["data.refreshed", "import.finished"]);
    }

    async fn what_is_rolled_back_is_not_told(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, _) = bench.receiver().await;
        let writer = bench.team.begin("test").await.unwrap();
        writer.emit(Event::ImportFinished { import: 1, state: "DONE".into() });
        drop(writer);
        assert_eq!(bench.send().await, 0);
        assert!(receiver.received().is_empty());
    }

    async fn one_team_s_events_do_not_reach_another_s_endpoints(database: TestDatabase) {
        let bench = Bench::new(database).await;
        let (receiver, _) = bench.receiver().await;
        let globex = crate::support::new_team("globex");
        let globex = bench.store.administer().create_team(&globex).await.unwrap();
        tell(&globex, 3).await;
        assert_eq!(send(&bench.store).await, 0);
        assert!(receiver.received().is_empty());
    }
}
