//! `upsertCustomers` as a CRM would call it.

use serde_json::json;

use super::named;
use crate::{
    fixtures::start,
    support::{TestDatabase, json::path, on_both_databases},
};

/// The operation of the design, as it stands there.
const CRM: &str = r#"mutation Crm($items: [CustomerUpsert!]!) { upsertCustomers(input: {idempotencyKey: "k1", source: "hubspot", items: $items}) {
    replayed counts { created updated unchanged failed } results { index outcome errors { code path message } } errors { code message ... on QuotaError { retryAfterMs } } } }"#;

const SHOWN: &str =
    "mutation ($input: UpsertCustomersInput!) { done: upsertCustomers(input: $input) { replayed
    results { outcome customer { name lifecycle } externalRef { id } } } }";

on_both_databases! {
    async fn a_crm_sends_its_contacts(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let items = json!({ "items": [{ "ref": named("1"), "email": "ada@x.org" }, { "ref": named("2"), "email": "no" }] });
        let answer = app.graphql(&token, CRM, items.clone()).await;
        let done = path(&answer, "data.upsertCustomers");
        assert_eq!(done, &json!({ "replayed": false,
            "counts": { "created": 1, "updated": 0, "unchanged": 0, "failed": 1 },
            "results": [{ "index": 0, "outcome": "CREATED", "errors": [] }, { "index": 1, "outcome": "FAILED",
                "errors": [{ "code": "INVALID", "path": ["input", "items", "1", "email"],
                    "message": "input.items[1].email: 'no' is no e-mail address" }] }],
            "errors": [] }));
        let again = app.graphql(&token, CRM, items).await;
        assert_eq!(path(&again, "data.upsertCustomers.replayed"), true);
    }

    async fn a_replay_shows_the_customers_as_they_are_now(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let send = async |key: &str, name: &str| {
            let items = json!([{ "ref": named("1"), "name": name, "lifecycle": "LEAD" }]);
            let input = json!({ "source": "crm", "idempotencyKey": key, "items": items });
            let answer = app.graphql(&token, SHOWN, json!({ "input": input })).await;
            path(&answer, "data.done").clone()
        };
        let result = |outcome: &str, name: &str| json!([{ "outcome": outcome, "externalRef": { "id": "1" },
            "customer": { "name": name, "lifecycle": "LEAD" } }]);
        assert_eq!(send("a", "Ada").await["results"], result("CREATED", "Ada"));
        assert_eq!(send("b", "Ida").await["results"], result("UPDATED", "Ida"));
        let replay = send("a", "Ada").await;
        assert_eq!((&replay["replayed"], &replay["results"]), (&json!(true), &result("CREATED", "Ida")));
    }
}
