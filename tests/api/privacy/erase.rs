//! `eraseCustomer`: the person is gone, the numbers stay.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{
    ADA, change, customer, dump, erase, id_of, merge, must,
    numbers::{assert_same, numbers},
    order, touch, unmerge, world,
};
use crate::{
    as_of::Then,
    bulk::{mistakes, named, outcomes, send},
    fixtures::{fill, global_id, refusal, start},
    support::{
        TestDatabase,
        json::{path, text},
        on_both_databases, schema_keys,
    },
};

/// What in the database tells who Ada is.
async fn traces(database: &TestDatabase) -> Vec<String> {
    let tables = schema_keys(database).await;
    let tables: Vec<&str> = tables.iter().map(|(table, _)| table.as_str()).collect();
    let rows = dump(database, &tables).await;
    let tells = |row: &String| {
        ADA.iter()
            .any(|text| row.to_lowercase().contains(&text.to_lowercase()))
    };
    rows.into_iter().filter(tells).collect()
}

on_both_databases! {
    async fn every_number_stays_and_nothing_tells_who_it_was(database: TestDatabase) {
        let now = world(&database).await;
        let before = numbers(&now).await;
        assert!(traces(&database).await.len() > 12, "the test has something to find");
        let id = id_of(&now, named("contact-ada")).await;
        let done = erase(&now, named("contact-ada")).await;
        assert_eq!(done, json!({ "erasure": { "customerId": id, "erasedAt": "2026-06-15T12:00:00+00:00",
            "alreadyErased": false }, "errors": [] }));
        assert_eq!(traces(&database).await, [""; 0]);
        assert_same(&before, &numbers(&now).await);
        let gone = customer(&now, &id).await;
        assert_eq!((&gone["email"], &gone["name"], &gone["externalRefs"]), (&Value::Null, &Value::Null, &json!([])));
        assert_eq!((&gone["country"], &gone["erasedAt"]), (&json!("GB"), &json!("2026-06-15T12:00:00+00:00")));
        assert_eq!(path(&gone, "orders.totalCount"), 3);
    }

    async fn a_repeat_says_so_by_id_and_finds_nobody_by_name(database: TestDatabase) {
        let now = world(&database).await;
        let id = id_of(&now, named("contact-ada")).await;
        erase(&now, json!({ "id": id })).await;
        let rows = dump(&database, &["customer", "audit_entry", "orders"]).await;
        let again = erase(&now, json!({ "id": id })).await;
        assert_eq!(again["erasure"]["alreadyErased"], true);
        assert_eq!(again["erasure"]["erasedAt"], "2026-06-15T12:00:00+00:00");
        let by_name = erase(&now, named("contact-ada")).await;
        assert!(by_name["erasure"].is_null());
        assert_eq!((text(&by_name, "errors.0.code"), path(&by_name, "errors.0.path.2")), ("NOT_FOUND", &json!("external")));
        assert_eq!(dump(&database, &["customer", "audit_entry", "orders"]).await, rows, "neither wrote anything");
    }

    async fn the_audit_log_tells_that_and_not_who(database: TestDatabase) {
        let now = world(&database).await;
        let id = id_of(&now, named("contact-ada")).await;
        erase(&now, json!({ "id": id })).await;
        let query = "{ auditLog(filter: { operation: \"eraseCustomer\" }) { nodes { entity entityId action actor changedFields
            before after } } }";
        let answer = now.app.graphql(&now.token, query, json!({})).await;
        let log = path(&answer, "data.auditLog.nodes");
        let entry = log.as_array().unwrap().iter().find(|entry| entry["entity"] == "CUSTOMER").unwrap();
        assert_eq!((&entry["entityId"], &entry["action"], &entry["actor"]), (&id, &json!("CHANGED"), &json!("tester")));
        assert_eq!((&entry["before"], &entry["after"]), (&Value::Null, &Value::Null));
        assert!(log.to_string().contains("customerErasure"), "{log:#}");
    }

    async fn a_later_delivery_finds_the_facts_and_does_not_tell_again_whose_they_were(database: TestDatabase) {
        let now = world(&database).await;
        let id = id_of(&now, named("contact-ada")).await;
        erase(&now, json!({ "id": id })).await;
        let before = numbers(&now).await;
        let again = json!([order("5001", named("contact-ada"), "2026-05-10", "100", "gift for mother")]);
        let done = send(&now.app, &now.token, "upsertOrders", again, json!({})).await;
        assert_eq!(outcomes(&done), ["UNCHANGED"]);
        let again = json!([touch("t1", named("contact-ada"), "2026-05-08", "https://www.google.com/search?q=lovelace")]);
        let done = send(&now.app, &now.token, "upsertTouchpoints", again, json!({})).await;
        assert_eq!(outcomes(&done), ["UNCHANGED"]);
        let gone = customer(&now, &id).await;
        assert_eq!((path(&gone, "orders.totalCount"), &gone["externalRefs"]), (&json!(3), &json!([])));
        // Who came under the old name is somebody new, without facts.
        let somebody = id_of(&now, named("contact-ada")).await;
        assert_ne!(somebody, id);
        let somebody = customer(&now, &somebody).await;
        assert_eq!(path(&somebody, "orders.totalCount"), 0);
        let orders = |numbers: &[String]| numbers.iter().find(|line| line.starts_with("None []")).cloned();
        assert_eq!(orders(&before), orders(&numbers(&now).await));
        let corrected = json!([order("5001", named("contact-ada"), "2026-05-10", "90", "gift for mother")]);
        let done = send(&now.app, &now.token, "upsertOrders", corrected, json!({})).await;
        assert_eq!(outcomes(&done), ["UPDATED"]);
        assert!(!dump(&database, &["orders", "orders_history"]).await.concat().contains("gift"));
        assert_eq!(path(&customer(&now, &id).await, "orders.totalCount"), 3);
    }

    async fn the_address_and_the_names_of_an_erased_customer_are_free_and_its_id_takes_nothing(database: TestDatabase) {
        let now = world(&database).await;
        let id = id_of(&now, named("contact-ada")).await;
        erase(&now, json!({ "id": id })).await;
        let row = json!([{ "ref": { "id": id }, "email": "ada@lovelace.example" }]);
        let done = send(&now.app, &now.token, "upsertCustomers", row, json!({})).await;
        assert_eq!(mistakes(&done), ["NOT_FOUND input.items.0.ref.id"]);
        let row = json!([order("5009", json!({ "id": id }), "2026-06-10", "1", "none")]);
        let done = send(&now.app, &now.token, "upsertOrders", row, json!({})).await;
        assert_eq!(mistakes(&done), ["NOT_FOUND input.items.0.customer.id"]);
        must(&now, "upsertCustomers", json!([{ "ref": named("contact-ada"), "email": "ada@lovelace.example" }])).await;
        let new = id_of(&now, named("contact-ada")).await;
        assert_ne!(new, id);
        assert!(customer(&now, &id).await["email"].is_null());
    }

    async fn a_merged_person_is_erased_with_what_both_were(database: TestDatabase) {
        let now = world(&database).await;
        let [ada, bob] = [named("contact-ada"), named("b")];
        let id = id_of(&now, ada.clone()).await;
        let merged = merge(&now, bob.clone(), ada).await;
        let before = numbers(&now).await;
        assert_eq!(erase(&now, json!({ "id": id })).await["erasure"]["alreadyErased"], false, "the merged id means the kept one");
        assert_eq!(traces(&database).await, [""; 0]);
        assert_same(&before, &numbers(&now).await);
        let refused = unmerge(&now, &merged["merge"]["id"]).await;
        assert!(text(&refused, "errors.0.message").ends_with("the person was erased, and with it what the two were"));
        for (keep, other, path) in [(json!({ "id": id }), named("e"), "keep"), (named("e"), json!({ "id": id }), "merge")] {
            let refused = merge(&now, keep, other).await;
            assert_eq!((text(&refused, "errors.0.code"), &refused["errors"][0]["path"]), ("INVALID", &json!(["input", path])));
        }
    }

    async fn it_takes_the_scopes_to_write_customers_and_to_see_who_they_are(database: TestDatabase) {
        let (app, team, _) = start(&database).await;
        let rows = fill(&team, "acme", 1).await;
        let query = "mutation ($id: ID!) { eraseCustomer(input: { customer: { id: $id } }) { erasure { alreadyErased } errors { message } } }";
        let id = json!({ "id": global_id("Customer", rows.customers[0]) });
        for scopes in [vec![Scope::CustomersWrite], vec![Scope::PersonalDataRead, Scope::CustomersRead], vec![]] {
            let token = app.token_with("acme", Role::Owner, scopes, TimeDelta::hours(1));
            assert_eq!(refusal(&app, &token, query, id.clone()).await.0, "FORBIDDEN");
        }
        let both = [Scope::CustomersWrite, Scope::PersonalDataRead];
        let token = app.token_with("acme", Role::Integration, both, TimeDelta::hours(1));
        let answer = app.graphql(&token, query, id).await;
        assert_eq!(path(&answer, "data.eraseCustomer.erasure.alreadyErased"), false);
    }

    async fn another_team_s_customer_is_nobody(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let other = app.team("other").await;
        let theirs = fill(&other, "other", 1).await.customers[0];
        let tables = ["customer", "orders", "external_ref"];
        let rows = dump(&database, &tables).await;
        let mut answers = Vec::new();
        for id in [global_id("Customer", theirs), global_id("Customer", 12_345), "nonsense".to_owned()] {
            for (mutation, asked, input) in [
                ("eraseCustomer", "erasure { alreadyErased }", json!({ "customer": { "id": id } })),
                ("mergeCustomers", "merge { id }", json!({ "keep": { "id": id }, "merge": { "id": id } })),
                ("unmergeCustomers", "merge { id }", json!({ "mergeId": id })),
            ] {
                answers.push(change(&app, &token, mutation, asked, input).await.to_string());
            }
            let query = "query ($id: ID!) { customerData(customer: { id: $id }) { generatedAt } }";
            answers.push(app.graphql(&token, query, json!({ "id": id })).await.to_string());
        }
        assert_eq!((&answers[..4], &answers[4..8]), (&answers[4..8], &answers[8..]));
        assert!(answers[0].contains("NOT_FOUND") && answers[3].contains("null"), "{answers:?}");
        assert_eq!(dump(&database, &tables).await, rows);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_person_is_left_in_sqlite_s_files() {
    let database = TestDatabase::sqlite();
    let now: Then = world(&database).await;
    let file = database.url.trim_start_matches("sqlite://").to_owned();
    let found = || {
        let mut found: Vec<&str> = Vec::new();
        for part in ["", "-wal"] {
            let bytes = std::fs::read(format!("{file}{part}")).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            found.extend(
                ADA.iter()
                    .filter(|told| text.contains(&told.to_lowercase())),
            );
        }
        found
    };
    assert!(found().len() >= ADA.len());
    erase(&now, named("contact-ada")).await;
    assert_eq!(found(), [""; 0]);
}
