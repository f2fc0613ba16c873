//! Customers: upserted by the ids of a CRM; filtered; their stages and orders.

use entity::values::LifecycleStage;
use serde_json::{Value, json};

use crate::{
    fixtures::{customer, fill, global_id, order, refusal, stage, start, units},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const UPSERT: &str =
    "mutation ($input: UpsertCustomersInput!) { done: upsertCustomers(input: $input) {
    results { index outcome externalRef { system id } errors { code path }
        customer { id email name country lifecycle lifecycleHistory { from to at source } } }
    counts { created updated unchanged skipped failed } errors { code path } } }";

async fn upsert(app: &App, token: &str, options: Value, items: Value) -> Value {
    let items = items
        .as_array()
        .expect("items are a list")
        .iter()
        .map(named);
    let mut input = json!({ "source": "crm", "items": items.collect::<Vec<_>>() });
    let fields = input.as_object_mut().expect("an object");
    fields.extend(options.as_object().cloned().unwrap_or_default());
    let answer = app.graphql(token, UPSERT, json!({ "input": input })).await;
    path(&answer, "data.done").clone()
}

/// The item with its `id` as the name that the CRM has for the customer.
fn named(item: &Value) -> Value {
    let mut item = item.clone();
    let fields = item.as_object_mut().expect("an item is an object");
    if let Some(id) = fields.remove("id") {
        fields.insert(
            "ref".to_owned(),
            json!({ "external": { "system": "crm", "id": id } }),
        );
    }
    item
}

fn outcomes(done: &Value) -> Vec<&str> {
    let results = path(done, "results")
        .as_array()
        .expect("results are a list");
    let indexes: Vec<_> = results
        .iter()
        .map(|result| result["index"].as_u64())
        .collect();
    assert_eq!(
        indexes,
        (0..results.len() as u64).map(Some).collect::<Vec<_>>(),
        "one result per item, in order"
    );
    results
        .iter()
        .map(|result| text(result, "outcome"))
        .collect()
}

async fn count(app: &App, token: &str, filter: Value) -> Value {
    let query = "query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }";
    let answer = app.graphql(token, query, json!({ "filter": filter })).await;
    path(&answer, "data.customers.totalCount").clone()
}

on_both_databases! {
    async fn each_item_says_what_became_of_it_and_a_repeat_changes_nothing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let items = json!([
            { "id": "1", "email": "Ada@Example.org", "name": "Ada", "country": "GB", "lifecycle": "LEAD",
                "lifecycleAt": "2026-06-01T08:00:00Z", "sourceUpdatedAt": "2026-06-02T00:00:00Z" },
            { "id": "2", "name": "Bob", "lifecycle": "MQL" },
        ]);
        let done = upsert(&app, &token, json!({}), items.clone()).await;
        assert_eq!(outcomes(&done), ["CREATED", "CREATED"]);
        let ada = path(&done, "results.0.customer");
        assert_eq!(ada, &json!({ "id": ada["id"], "email": "ada@example.org", "name": "Ada", "country": "GB",
            "lifecycle": "LEAD", "lifecycleHistory": [{ "from": null, "to": "LEAD",
                "at": "2026-06-01T08:00:00+00:00", "source": "crm" }] }));
        let again = upsert(&app, &token, json!({}), items).await;
        assert_eq!(outcomes(&again), ["UNCHANGED", "UNCHANGED"]);
        assert_eq!(again["results"][0]["customer"], *ada);
        let changes = json!([
            { "id": "1", "name": "Old Ada", "sourceUpdatedAt": "2026-06-01T00:00:00Z" },
            { "id": "2", "lifecycle": "CUSTOMER" },
            { "id": "3", "email": "no address" },
            { "id": "4" },
        ]);
        let done = upsert(&app, &token, json!({}), changes).await;
        assert_eq!(outcomes(&done), ["SKIPPED_STALE", "UPDATED", "FAILED", "CREATED"]);
        assert_eq!(done["counts"], json!({ "created": 1, "updated": 1, "unchanged": 0, "skipped": 1, "failed": 1 }));
        assert_eq!(text(&done, "results.0.customer.name"), "Ada");
        assert_eq!(text(&done, "results.1.customer.name"), "Bob", "what is left out stays");
        let stages = path(&done, "results.1.customer.lifecycleHistory").as_array().expect("a list");
        assert_eq!(stages.len(), 2);
        assert_eq!(stages[1]["from"], "MQL");
        assert!(done["results"][2]["customer"].is_null());
        assert_eq!(done["results"][2]["errors"], json!([{ "code": "INVALID",
            "path": ["input", "items", "2", "email"] }]));
        assert_eq!(count(&app, &token, json!(null)).await, 3);
    }

    async fn all_or_none_writes_nothing_when_one_item_is_bad(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let items = json!([{ "id": "1" }, { "id": " " }, { "id": "3", "country": "" }]);
        let done = upsert(&app, &token, json!({ "mode": "ALL_OR_NONE" }), items.clone()).await;
        assert_eq!(outcomes(&done), ["FAILED"; 3]);
        assert_eq!(done["results"][0]["errors"], json!([]), "this one was good");
        assert_eq!(count(&app, &token, json!(null)).await, 0);
        let done = upsert(&app, &token, json!({ "mode": "PARTIAL" }), items).await;
        assert_eq!(outcomes(&done), ["CREATED", "FAILED", "FAILED"]);
        assert_eq!(count(&app, &token, json!(null)).await, 1);
        let good = json!([{ "id": "1", "name": "n" }, { "id": "2" }]);
        let done = upsert(&app, &token, json!({ "mode": "ALL_OR_NONE" }), good).await;
        assert_eq!(outcomes(&done), ["UPDATED", "CREATED"]);
    }

    async fn a_dry_run_tells_the_outcomes_and_writes_nothing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        upsert(&app, &token, json!({}), json!([{ "id": "1", "name": "Ada" }])).await;
        let items = json!([{ "id": "1", "name": "Eve" }, { "id": "2" }, { "id": "3", "email": "@" }]);
        let dry = upsert(&app, &token, json!({ "dryRun": true }), items.clone()).await;
        assert_eq!(outcomes(&dry), ["UPDATED", "CREATED", "FAILED"]);
        assert!((0..3).all(|place| dry["results"][place]["customer"].is_null()));
        assert_eq!(count(&app, &token, json!({ "nameContains": "Eve" })).await, 0);
        let wet = upsert(&app, &token, json!({ "dryRun": false }), items).await;
        assert_eq!(outcomes(&wet), outcomes(&dry));
        assert_eq!(count(&app, &token, json!({ "nameContains": "Eve" })).await, 1);
    }

    async fn of_two_items_with_one_id_the_last_counts(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let items = json!([{ "id": "1", "name": "first" }, { "id": "2" }, { "id": "1", "name": "last" }]);
        let done = upsert(&app, &token, json!({}), items).await;
        assert_eq!(outcomes(&done), ["FAILED", "CREATED", "CREATED"]);
        assert_eq!(text(&done, "results.2.customer.name"), "last");
        assert_eq!(done["results"][0]["errors"], json!([{ "code": "DUPLICATE", "path": ["input", "items", "0"] }]));
        assert_eq!(count(&app, &token, json!(null)).await, 2);
    }

    async fn a_customer_can_be_meant_by_id_or_by_name_and_a_failed_one_is_not_shown(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let made = upsert(&app, &token, json!({}), json!([{ "id": "1", "name": "Ada" }])).await;
        let id = text(&made, "results.0.customer.id");
        let nobody = global_id("Customer", 7);
        let items = json!([{ "id": "1", "name": "Eve" }, { "ref": { "id": id }, "name": "Ida" },
            { "ref": { "id": nobody }, "name": "Bob" }, { "ref": { "id": "nonsense" } }]);
        let done = upsert(&app, &token, json!({}), items).await;
        assert_eq!(outcomes(&done), ["FAILED", "UPDATED", "FAILED", "FAILED"], "both mean the same customer");
        assert_eq!(text(&done, "results.1.customer.name"), "Ida");
        assert!(done["results"][1]["externalRef"].is_null());
        for place in [2, 3] {
            let path = json!(["input", "items", place.to_string(), "ref", "id"]);
            assert_eq!(done["results"][place]["errors"], json!([{ "code": "NOT_FOUND", "path": path }]));
        }
        let failed = upsert(&app, &token, json!({}), json!([{ "ref": { "id": id }, "email": "@" }])).await;
        assert_eq!(outcomes(&failed), ["FAILED"]);
        assert!(failed["results"][0]["customer"].is_null(), "{failed:#}");
        assert_eq!(count(&app, &token, json!(null)).await, 1);
    }

    async fn calls_that_are_wrong_as_a_whole_are_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let blank = upsert(&app, &token, json!({ "source": "" }), json!([{ "id": "1" }])).await;
        assert_eq!(blank["errors"], json!([{ "code": "INVALID", "path": ["input", "source"] }]));
        assert_eq!(blank["results"], json!([]));
        let item = json!({ "ref": { "id": "1" } });
        for items in [json!([]), Value::Array(vec![item; 5_001])] {
            let input = json!({ "input": { "source": "crm", "items": items } });
            let (code, message) = refusal(&app, &token, UPSERT, input).await;
            assert_eq!(code, "LIMIT_EXCEEDED");
            assert!(message.contains("1 to 5000 are allowed"), "{message}");
        }
        assert_eq!(count(&app, &token, json!(null)).await, 0);
    }

    async fn filters_narrow_by_every_part(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "own", 3).await;
        upsert(&app, &token, json!({}), json!([{ "id": "1", "name": "Zoë", "email": "zoe@x.org",
            "lifecycle": "MQL" }])).await;
        for (filter, expected) in [
            (json!({}), 4),
            (json!({ "email": "ZOE@x.org" }), 1),
            (json!({ "email": "zoe" }), 0),
            (json!({ "nameContains": "OWN person" }), 3),
            (json!({ "lifecycle": ["LEAD"] }), 3),
            (json!({ "lifecycle": ["MQL", "LEAD"] }), 4),
            (json!({ "acquiredBy": global_id("Campaign", rows.campaigns[1]) }), 1),
            (json!({ "acquiredThrough": global_id("Channel", rows.channels[2]) }), 1),
            (json!({ "acquiredThrough": global_id("Channel", rows.channels[2]), "lifecycle": ["MQL"] }), 0),
        ] {
            assert_eq!(count(&app, &token, filter.clone()).await, expected, "{filter}");
        }
    }

    async fn customers_are_found_and_grouped_by_the_stage_that_is_told_of_them(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let writer = team.begin("fixture").await.unwrap();
        let people = (1..=3).map(customer).collect();
        writer.insert::<entity::customer::Entity>(people).await.unwrap();
        let bought = [(1, 1, "2026-05-01"), (2, 1, "2026-05-09"), (3, 2, "2026-05-02")];
        let bought = bought.map(|(id, customer, on)| order(id, Some(customer), on, 1)).into();
        writer.insert::<entity::orders::Entity>(bought).await.unwrap();
        writer.refresh_order_days(&[1, 2, 3]).await.unwrap();
        crate::fixtures::deliver_all(&writer, "shop", "2026-05-01", "2026-05-31").await;
        writer.commit().await.unwrap();
        for (stage, expected) in [("REPEAT", 1), ("CUSTOMER", 1), ("VISITOR", 1), ("LEAD", 0)] {
            let found = count(&app, &token, json!({ "lifecycle": [stage] })).await;
            assert_eq!(found, expected, "{stage}");
        }
        let query = "query ($input: MetricsInput!) { metrics(input: $input) { nodes { dimensions { key } values { value } } } }";
        let input = json!({ "metrics": ["ORDERS"], "groupBy": [{ "dimension": "LIFECYCLE" }],
            "period": crate::fixtures::range("2026-05-01", "2026-05-31") });
        let answer = app.graphql(&token, query, json!({ "input": input })).await;
        let rows: Vec<_> = path(&answer, "data.metrics.nodes").as_array().unwrap().iter()
            .map(|row| (row["dimensions"][0]["key"].clone(), row["values"][0]["value"].clone())).collect();
        assert_eq!(rows, [(json!("CUSTOMER"), json!("1")), (json!("REPEAT"), json!("2"))]);
    }

    async fn a_customers_stage_follows_its_history_or_else_its_orders(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let writer = team.begin("fixture").await.expect("a transaction begins");
        writer.insert::<entity::customer::Entity>((1..=4).map(customer).collect()).await.expect("written");
        let orders = [(1, 2, "2026-05-01"), (2, 3, "2026-05-02"), (3, 3, "2026-05-01")];
        let orders = orders.map(|(id, customer, on)| order(id, Some(customer), on, units(id)));
        writer.insert::<entity::orders::Entity>(orders.into()).await.expect("written");
        let stages = [(1, LifecycleStage::Mql, "2026-05-09"), (2, LifecycleStage::Lead, "2026-05-02")];
        let stages = stages.map(|(id, to, on)| stage(id, 4, to, on));
        writer.insert::<entity::stage_event::Entity>(stages.into()).await.expect("written");
        writer.refresh_order_days(&[1, 2, 3, 4]).await.expect("written");
        writer.refresh_stages(&[4]).await.expect("written");
        writer.commit().await.expect("the transaction commits");
        let query = "{ customers { nodes { lifecycle lifecycleHistory { from to }
            orders(first: 1) { totalCount pageInfo { hasNextPage } nodes { day net { amount currency amountMicros } } } } } }";
        let answer = app.graphql(&token, query, json!({})).await;
        let stages: Vec<_> = (0..4).map(|at| text(&answer, &format!("data.customers.nodes.{at}.lifecycle"))).collect();
        assert_eq!(stages, ["VISITOR", "CUSTOMER", "REPEAT", "MQL"]);
        assert_eq!(path(&answer, "data.customers.nodes.3.lifecycleHistory"),
            &json!([{ "from": null, "to": "LEAD" }, { "from": "LEAD", "to": "MQL" }]));
        assert_eq!(path(&answer, "data.customers.nodes.2.orders"), &json!({ "totalCount": 2,
            "pageInfo": { "hasNextPage": true },
            "nodes": [{ "day": "2026-05-01", "net": { "amount": "3", "currency": "EUR", "amountMicros": "3000000" } }] }));
    }
}
