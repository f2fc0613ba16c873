//! Which customer a row means: by reference first, else by e-mail address, by every way in alike.

use kpigraph::import::{Format, ImportAsk, import};
use serde_json::{Value, json};

use super::{change, customer, id_of, must, unmerge};
use crate::{
    as_of::Then,
    bulk::{mistakes, named, send},
    support::{TestDatabase, json::path, on_both_databases},
};

const NOW: &str = "2026-06-15T12:00:00Z";

fn by(system: &str, id: &str) -> Value {
    json!({ "external": { "system": system, "id": id } })
}

fn person(who: Value, email: &str) -> Value {
    json!({ "ref": who, "email": email })
}

async fn leads(then: &Then, source: &str, text: &str) {
    let mut ask = ImportAsk::new(Format::Leads);
    ask.source = source.to_owned();
    let report = import(&then.team, &ask, text.as_bytes(), &|_| ())
        .await
        .unwrap();
    assert!(report.committed, "{report}");
}

async fn count(then: &Then) -> Value {
    let answer = then
        .app
        .graphql(&then.token, "{ customers { totalCount } }", json!({}))
        .await;
    path(&answer, "data.customers.totalCount").clone()
}

on_both_databases! {
    async fn a_new_name_with_the_address_of_one_customer_means_that_customer_by_every_way(database: TestDatabase) {
        let now = Then::on(&database, NOW).await;
        must(&now, "upsertCustomers", json!([person(named("1"), "ada@x.example")])).await;
        let ada = id_of(&now, named("1")).await;
        // By a call that names another system, by a call of another source, by a file.
        must(&now, "upsertCustomers", json!([person(by("shop", "s1"), " ADA@X.example ")])).await;
        let call = json!({ "source": "news", "items": [person(by("news", "n1"), "Ada@x.example")] });
        let query = "mutation ($input: UpsertCustomersInput!) { upsertCustomers(input: $input) { results { outcome } } }";
        let answer = now.app.graphql(&now.token, query, json!({ "input": call })).await;
        assert_eq!(path(&answer, "data.upsertCustomers.results.0.outcome"), "UNCHANGED");
        leads(&now, "forms", "lead_id,created_at,email,name\nf1,2026-06-01T10:00:00Z,ADA@x.example,Ada\n").await;
        for who in [by("shop", "s1"), by("news", "n1"), by("forms", "f1")] {
            assert_eq!(id_of(&now, who).await, ada);
        }
        let found = customer(&now, &ada).await;
        assert_eq!((&found["name"], found["externalRefs"].as_array().map(Vec::len)), (&json!("Ada"), Some(4)));
        let reasons: Vec<_> = found["merges"].as_array().unwrap().iter().map(|merge| merge["reason"].clone()).collect();
        assert_eq!(reasons, ["EMAIL", "EMAIL", "EMAIL"]);
        assert_eq!(count(&now).await, 1);
    }

    async fn one_system_s_two_names_are_two_customers_though_they_share_a_mailbox(database: TestDatabase) {
        let now = Then::on(&database, NOW).await;
        must(&now, "upsertCustomers", json!([person(named("1"), "info@firm.example"), person(named("2"), "info@firm.example")]))
            .await;
        must(&now, "upsertCustomers", json!([person(named("3"), "info@firm.example")])).await;
        leads(&now, "crm", "lead_id,created_at,email\n4,2026-06-01T10:00:00Z,info@firm.example\n").await;
        assert_eq!(count(&now).await, 4);
        // Several customers have the address: it tells nobody apart.
        must(&now, "upsertCustomers", json!([person(by("shop", "s1"), "info@firm.example")])).await;
        assert_eq!(count(&now).await, 5);
    }

    async fn a_known_name_is_followed_and_a_shared_address_is_told(database: TestDatabase) {
        let now = Then::on(&database, NOW).await;
        must(&now, "upsertCustomers", json!([person(named("1"), "ada@x.example"), person(by("shop", "s2"), "bob@x.example")]))
            .await;
        // The reference is Bob's, the address Ada's: the reference counts, and nothing is merged.
        let done = send(&now.app, &now.token, "upsertCustomers", json!([person(by("shop", "s2"), "ada@x.example")]), json!({}))
            .await;
        assert_eq!(mistakes(&done), [""]);
        assert_eq!(count(&now).await, 2);
        let query = "query ($shares: Boolean) { customers(filter: { sharesEmail: $shares }) { nodes { id } totalCount } }";
        let told = async |shares: bool| {
            let answer = now.app.graphql(&now.token, query, json!({ "shares": shares })).await;
            path(&answer, "data.customers.totalCount").clone()
        };
        assert_eq!((told(true).await, told(false).await), (json!(2), json!(0)));
    }

    async fn a_match_is_undone_for_good(database: TestDatabase) {
        let now = Then::on(&database, NOW).await;
        must(&now, "upsertCustomers", json!([person(named("1"), "info@firm.example")])).await;
        must(&now, "upsertCustomers", json!([person(by("shop", "s1"), "info@firm.example")])).await;
        let first = id_of(&now, named("1")).await;
        let merge = path(&customer(&now, &first).await, "merges.0").clone();
        let undone = unmerge(&now, &merge["id"]).await;
        assert_eq!(undone["errors"], json!([]));
        let other = id_of(&now, by("shop", "s1")).await;
        assert_eq!(&other, &merge["mergedId"]);
        assert_ne!(other, first);
        must(&now, "upsertCustomers", json!([{ "ref": by("shop", "s1"), "email": "info@firm.example", "name": "Shop" }])).await;
        assert_eq!(customer(&now, &other).await["name"], "Shop");
        assert!(customer(&now, &first).await["name"].is_null());
        assert_eq!(count(&now).await, 2);
    }

    async fn a_team_can_turn_matching_by_address_off(database: TestDatabase) {
        let now = Then::on(&database, NOW).await;
        let asked = "team { settings { matchByEmail version } }";
        let off = change(&now.app, &now.token, "updateTeamSettings", asked, json!({ "version": 1, "matchByEmail": false })).await;
        assert_eq!(path(&off, "team.settings"), &json!({ "matchByEmail": false, "version": 2 }));
        must(&now, "upsertCustomers", json!([person(named("1"), "ada@x.example")])).await;
        must(&now, "upsertCustomers", json!([person(by("shop", "s1"), "ada@x.example")])).await;
        leads(&now, "forms", "lead_id,created_at,email\nf1,2026-06-01T10:00:00Z,ada@x.example\n").await;
        assert_eq!(count(&now).await, 3);
    }

    async fn two_systems_in_one_call_make_one_customer_and_the_last_row_counts(database: TestDatabase) {
        let now = Then::on(&database, NOW).await;
        let rows = json!([person(by("a", "1"), "ada@x.example"), person(by("b", "1"), "ada@x.example")]);
        let done = send(&now.app, &now.token, "upsertCustomers", rows, json!({})).await;
        assert_eq!(mistakes(&done), ["DUPLICATE input.items.0", ""]);
        assert_eq!(count(&now).await, 1);
        assert_eq!(id_of(&now, by("a", "1")).await, id_of(&now, by("b", "1")).await);
    }
}
