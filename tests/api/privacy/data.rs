//! `customerData`: all that is held on a person.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{ADA, erase, id_of, merge, world};
use crate::{
    bulk::named,
    fixtures::refusal,
    support::{
        TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const QUERY: &str = "query ($who: RefInput!) { customerData(customer: $who) { generatedAt customer { id } document } }";

fn count(document: &Value, part: &str) -> usize {
    path(document, part).as_array().map_or(usize::MAX, Vec::len)
}

on_both_databases! {
    async fn the_document_tells_all_that_is_held(database: TestDatabase) {
        let now = world(&database).await;
        let answer = now.app.graphql(&now.token, QUERY, json!({ "who": named("contact-ada") })).await;
        let data = path(&answer, "data.customerData");
        assert_eq!(data["generatedAt"], "2026-06-15T12:00:00+00:00");
        let document = &data["document"];
        assert_eq!((path(document, "customer.email"), path(document, "customer.name")),
            (&json!("ada@lovelace.example"), &json!("Countess Lovelace")));
        let parts = ["externalRefs", "orders", "opportunities", "touchpoints", "conversions", "stageEvents", "surveyAnswers",
            "merges", "auditLog"];
        assert_eq!(parts.map(|part| count(document, part)), [2, 3, 1, 2, 1, 2, 1, 1, 2], "{document:#}");
        let first = path(document, "orders.0");
        assert_eq!((&first["net"], &first["currency"], &first["properties"]["note"]), (&json!("100"), &json!("EUR"),
            &json!("gift for mother")));
        assert_eq!((path(first, "externalRefs.0.id"), path(first, "refunds.0.amount")), (&json!("5001"), &json!("10")));
        assert_eq!(path(document, "touchpoints.0.campaign"), "spring");
        // What it was before its correction.
        assert_eq!(count(document, "formerVersions.orders"), 2);
        let former = path(document, "formerVersions.orders").as_array().unwrap();
        let first = former.iter().find(|order| order["net"] == "50").expect("the order before its correction");
        assert_eq!(first["properties"]["note"], "ada@old.example");
        // Each write of a team has an instant of its own, so some are a few microseconds after the clock.
        assert!(text(first, "recordedAt").starts_with("2026-06-04T12:00:00"), "{first}");
        assert!(text(first, "supersededAt").starts_with("2026-06-08T12:00:00"), "{first}");
        assert_eq!(count(document, "formerVersions.touchpoints"), 1);
        assert!(count(document, "formerVersions.customer") > 0);
        let text = document.to_string().to_lowercase();
        let missing: Vec<_> = ADA.iter().filter(|told| !text.contains(&told.to_lowercase())).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(!text.contains("bob"));
    }

    async fn of_who_was_merged_it_tells_both_and_of_who_was_erased_the_rest(database: TestDatabase) {
        let now = world(&database).await;
        let id = id_of(&now, named("contact-ada")).await;
        merge(&now, named("b"), named("contact-ada")).await;
        let answer = now.app.graphql(&now.token, QUERY, json!({ "who": { "id": id } })).await;
        let document = path(&answer, "data.customerData.document");
        assert_eq!((count(document, "orders"), count(document, "merges")), (4, 2));
        let before = path(document, "merges").as_array().unwrap().iter().find(|merge| merge["mergedId"].is_string()
            && merge["before"]["before"].is_object()).unwrap();
        assert_eq!(path(before, "before.merged.name"), "Countess Lovelace");
        erase(&now, named("b")).await;
        let answer = now.app.graphql(&now.token, QUERY, json!({ "who": { "id": id } })).await;
        let document = path(&answer, "data.customerData.document");
        assert_eq!((count(document, "orders"), document["erasedAt"].is_string()), (4, true));
        let text = document.to_string().to_lowercase();
        assert!(ADA.iter().all(|told| !text.contains(&told.to_lowercase())), "{document:#}");
    }

    async fn it_takes_the_scopes_of_all_that_is_in_it(database: TestDatabase) {
        let now = world(&database).await;
        let all = [Scope::CustomersRead, Scope::PersonalDataRead, Scope::MoneyRead];
        for missing in all {
            let scopes = all.into_iter().filter(|scope| *scope != missing);
            let token = now.app.token_with("acme", Role::Owner, scopes, TimeDelta::hours(1));
            let refused = refusal(&now.app, &token, QUERY, json!({ "who": named("contact-ada") })).await;
            assert_eq!(refused.0, "FORBIDDEN", "{missing}");
        }
        let token = now.app.token_with("acme", Role::Owner, all, TimeDelta::hours(1));
        let answer = now.app.graphql(&token, QUERY, json!({ "who": named("nobody") })).await;
        assert!(path(&answer, "data.customerData").is_null());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_tell_the_same_to_the_byte() {
    let Some(postgres) = TestDatabase::postgres().await else {
        return;
    };
    let mut told = Vec::new();
    for database in [TestDatabase::sqlite(), postgres] {
        let now = world(&database).await;
        let answer = now
            .app
            .graphql(&now.token, QUERY, json!({ "who": named("contact-ada") }))
            .await;
        let mut document = path(&answer, "data.customerData.document").clone();
        without_ids(&mut document);
        told.push(document.to_string());
    }
    assert_eq!(told[0], told[1]);
}

/// Ids are made anew on each database.
fn without_ids(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_ids),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(_) | Value::Number(_) if name.to_lowercase().ends_with("id") => {
                        let made = field.to_string().trim_matches('"').len() > 15;
                        if made {
                            *field = Value::Null;
                        }
                    }
                    field => without_ids(field),
                }
            }
        }
        _ => {}
    }
}
