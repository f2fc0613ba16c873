//! `mergeCustomers` and `unmergeCustomers`.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{
    MERGE, change, customer, dump, id_of, merge, must,
    numbers::{assert_same, numbers},
    order, touch, unmerge, world,
};
use crate::{
    as_of::Then,
    bulk::{named, outcomes, send},
    fixtures::refusal,
    support::{
        TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// What a merge writes, but for the merge itself and the log.
const TABLES: [&str; 8] = [
    "customer",
    "external_ref",
    "orders",
    "opportunity",
    "touchpoint",
    "conversion",
    "stage_event",
    "survey_response",
];

async fn ids(then: &Then) -> [Value; 3] {
    [
        id_of(then, named("contact-ada")).await,
        id_of(then, named("b")).await,
        id_of(then, named("e")).await,
    ]
}

fn refused(payload: &Value) -> (&str, &str) {
    assert!(payload["merge"].is_null(), "{payload:#}");
    (
        text(payload, "errors.0.code"),
        text(payload, "errors.0.message"),
    )
}

on_both_databases! {
    async fn all_that_belongs_to_one_is_the_other_s(database: TestDatabase) {
        let now = world(&database).await;
        let [ada, bob, _] = ids(&now).await;
        let earlier = numbers(&now).await;
        let done = merge(&now, named("b"), named("contact-ada")).await;
        assert_eq!(done["errors"], json!([]));
        let made = &done["merge"];
        assert_eq!((&made["keptId"], &made["mergedId"], &made["reason"], path(made, "customer.id")),
            (&bob, &ada, &json!("MANUAL"), &bob));
        for id in [&ada, &bob] {
            let one = customer(&now, id).await;
            assert_eq!((&one["id"], &one["name"], &one["email"]), (&bob, &json!("Bob"), &json!("bob@x.example")));
            assert_eq!(path(&one, "orders.totalCount"), 4);
            assert_eq!(one["externalRefs"], json!([{ "system": "crm", "id": "b" }, { "system": "crm", "id": "contact-ada" },
                { "system": "shop", "id": "shop-ada" }]));
            assert_eq!(one["merges"].as_array().map(Vec::len), Some(2), "{one:#}");
        }
        let rows = database.rows("SELECT CAST(first_order_day AS TEXT), CAST(second_order_day AS TEXT), lifecycle FROM customer
            WHERE name = 'Bob'").await.unwrap();
        assert_eq!(rows, [["2026-05-10", "2026-05-11", "MQL"]]);
        // The acquisition of the one who came first, by the touch that was first.
        let acquired = database.rows("SELECT CAST(acquired_at AS TEXT) FROM customer WHERE name = 'Bob'").await.unwrap();
        assert!(acquired[0][0].starts_with("2026-05-08"), "{acquired:?}");
        // What was known before is told as it was told before.
        let later = numbers(&now).await;
        let past = |numbers: &[String]| numbers.iter().filter(|line| line.starts_with("Some")).cloned().collect::<Vec<_>>();
        assert_eq!(past(&earlier), past(&later));
        assert_ne!(earlier, later);
    }

    async fn undone_at_once_every_row_and_every_number_is_what_it_was(database: TestDatabase) {
        let now = world(&database).await;
        let (rows, before) = (dump(&database, &TABLES).await, numbers(&now).await);
        let pairs = [("b", "contact-ada"), ("contact-ada", "b"), ("e", "contact-ada"), ("b", "e")];
        for (keep, other) in pairs {
            let done = merge(&now, named(keep), named(other)).await;
            assert_ne!(dump(&database, &TABLES).await, rows);
            let undone = unmerge(&now, &done["merge"]["id"]).await;
            assert_eq!(undone["errors"], json!([]));
            assert_eq!(path(&undone, "merge.undoneAt"), "2026-06-15T12:00:00+00:00");
            assert_eq!(path(&undone, "merge.customer.id"), path(&undone, "merge.mergedId"));
            let found = dump(&database, &TABLES).await;
            for (found, row) in found.iter().zip(&rows) {
                assert_eq!(found, row, "{other} into {keep}");
            }
            assert_eq!(found.len(), rows.len());
        }
        assert_same(&before, &numbers(&now).await);
    }

    async fn a_stage_that_both_entered_at_once_is_one_and_comes_back(database: TestDatabase) {
        let now = world(&database).await;
        let both = |who: &str| json!({ "customer": named(who), "stage": "SQL", "enteredAt": "2026-05-06T08:00:00Z" });
        must(&now, "upsertStageEvents", json!([both("contact-ada"), both("b")])).await;
        let rows = dump(&database, &TABLES).await;
        let done = merge(&now, named("b"), named("contact-ada")).await;
        let entries = dump(&database, &["stage_event"]).await;
        assert_eq!(entries.iter().filter(|row| row.contains("| SQL")).count(), 1, "{entries:#?}");
        unmerge(&now, &done["merge"]["id"]).await;
        assert_eq!(dump(&database, &TABLES).await, rows);
    }

    async fn what_was_written_since_stays_with_the_kept_one(database: TestDatabase) {
        let now = world(&database).await;
        let [ada, bob, _] = ids(&now).await;
        let done = merge(&now, named("b"), named("contact-ada")).await;
        // By the name and by the id of the one that went away.
        must(&now, "upsertOrders", json!([order("5010", named("contact-ada"), "2026-06-09", "5", "new"),
            order("5011", json!({ "id": ada }), "2026-06-10", "6", "new")])).await;
        must(&now, "upsertCustomers", json!([{ "ref": named("shop-b"), "name": "Other" },
            { "ref": json!({ "id": ada }), "country": "FR" }])).await;
        must(&now, "upsertTouchpoints", json!([touch("t9", named("contact-ada"), "2026-05-02", "https://x.example/")])).await;
        unmerge(&now, &done["merge"]["id"]).await;
        let (one, other) = (customer(&now, &bob).await, customer(&now, &ada).await);
        assert_eq!((path(&one, "orders.totalCount"), path(&other, "orders.totalCount")), (&json!(3), &json!(3)));
        assert_eq!((&one["country"], &other["country"]), (&json!("FR"), &json!("GB")));
        assert_eq!((&one["name"], &other["name"]), (&json!("Bob"), &json!("Countess Lovelace")));
        assert_eq!(one["externalRefs"], json!([{ "system": "crm", "id": "b" }]));
        let days = database.rows("SELECT CAST(first_order_day AS TEXT), CAST(second_order_day AS TEXT) FROM customer
            WHERE name = 'Bob'").await.unwrap();
        assert_eq!(days, [["2026-05-11", "2026-06-09"]]);
        assert_eq!(one["merges"].as_array().map(|merges| merges.iter().filter(|merge| merge["undoneAt"].is_string()).count()),
            Some(1));
    }

    async fn chains_are_undone_from_their_end(database: TestDatabase) {
        let now = world(&database).await;
        let rows = dump(&database, &TABLES).await;
        let [ada, bob, eve] = ids(&now).await;
        let first = merge(&now, json!({ "id": bob }), json!({ "id": ada })).await;
        let second = merge(&now, json!({ "id": eve }), json!({ "id": bob })).await;
        for id in [&ada, &bob, &eve] {
            assert_eq!(customer(&now, id).await["id"], eve);
        }
        let again = merge(&now, json!({ "id": ada }), json!({ "id": eve })).await;
        assert_eq!(refused(&again), ("INVALID", "input.merge: this is the customer of input.keep already"), "no cycle");
        let early = unmerge(&now, &first["merge"]["id"]).await;
        let id = text(&second, "merge.id");
        assert_eq!(refused(&early).1, format!("input.mergeId: the customer was merged again since; undo {id} first"));
        unmerge(&now, &second["merge"]["id"]).await;
        assert_eq!((&customer(&now, &ada).await["id"], &customer(&now, &bob).await["id"]), (&bob, &bob));
        unmerge(&now, &first["merge"]["id"]).await;
        assert_eq!(dump(&database, &TABLES).await, rows);
        for id in [&ada, &bob, &eve] {
            assert_eq!(&customer(&now, id).await["id"], id);
        }
        let twice = unmerge(&now, &first["merge"]["id"]).await;
        assert_eq!(refused(&twice), ("INVALID", "input.mergeId: this merge was undone before"));
    }

    async fn two_merges_into_one_customer_are_undone_the_last_first(database: TestDatabase) {
        let now = world(&database).await;
        let rows = dump(&database, &TABLES).await;
        let first = merge(&now, named("e"), named("contact-ada")).await;
        let second = merge(&now, named("e"), named("b")).await;
        assert!(refused(&unmerge(&now, &first["merge"]["id"]).await).1.contains("undo"));
        for done in [second, first] {
            assert_eq!(unmerge(&now, &done["merge"]["id"]).await["errors"], json!([]));
        }
        assert_eq!(dump(&database, &TABLES).await, rows);
    }

    async fn mistakes_change_nothing(database: TestDatabase) {
        let now = world(&database).await;
        let rows = dump(&database, &TABLES).await;
        let same = merge(&now, named("b"), named("b")).await;
        assert_eq!(refused(&same), ("INVALID", "input.merge: this is the customer of input.keep already"));
        let nobody = merge(&now, named("b"), named("nobody")).await;
        assert_eq!((refused(&nobody).0, &nobody["errors"][0]["path"]), ("NOT_FOUND", &json!(["input", "merge", "external"])));
        let both = merge(&now, json!({ "id": "x" }), named("nobody")).await;
        assert_eq!(both["errors"].as_array().map(Vec::len), Some(2));
        let input = json!({ "keep": named("b"), "merge": named("e"), "version": 7 });
        let stale = change(&now.app, &now.token, "mergeCustomers", MERGE, input).await;
        assert_eq!((refused(&stale).0, path(&stale, "errors.0.currentVersion")), ("CONFLICT", &json!(1)));
        let unknown = unmerge(&now, &json!("nonsense")).await;
        assert_eq!(refused(&unknown).0, "NOT_FOUND");
        let token = now.app.token_with("acme", Role::Owner, [Scope::CustomersRead, Scope::Ingest], TimeDelta::hours(1));
        let query = "mutation ($keep: RefInput!, $merge: RefInput!) { mergeCustomers(input: { keep: $keep, merge: $merge }) {
            errors { code } } }";
        let variables = json!({ "keep": named("b"), "merge": named("e") });
        assert_eq!(refusal(&now.app, &token, query, variables).await.0, "FORBIDDEN");
        assert_eq!(dump(&database, &TABLES).await, rows);
    }

    async fn rows_that_name_a_merged_customer_twice_in_a_call_count_once(database: TestDatabase) {
        let now = world(&database).await;
        merge(&now, named("b"), named("e")).await;
        let rows = json!([{ "ref": named("b"), "country": "DE" }, { "ref": named("e"), "country": "FR" }]);
        let done = send(&now.app, &now.token, "upsertCustomers", rows, json!({})).await;
        assert_eq!(outcomes(&done), ["FAILED", "UPDATED"], "both are one customer: {done:#}");
        let file = "lead_id,created_at,email\nb,2026-05-02T09:00:00Z,bob@x.example\ne,2026-05-02T10:00:00Z,\n";
        let report = now.team_leads(file).await;
        assert!(report, "a file may name both");
        let [_, bob, _] = ids(&now).await;
        let one = customer(&now, &bob).await;
        assert_eq!((&one["name"], &one["country"]), (&json!("Bob"), &json!("FR")));
    }

    async fn lists_ask_once_for_all_merges_and_erasures(database: TestDatabase) {
        let now = world(&database).await;
        let query = "query ($first: Int) { customers(first: $first) { nodes { erasedAt merges { id customer { id } } } } }";
        let few = now.app.graphql_counted(&now.token, query, json!({ "first": 2 })).await.1;
        let all = now.app.graphql_counted(&now.token, query, json!({ "first": 100 })).await.1;
        assert_eq!(few, all);
    }
}

trait Leads {
    async fn team_leads(&self, file: &str) -> bool;
}

impl Leads for Then {
    /// Imports leads of the CRM; says whether they were taken.
    async fn team_leads(&self, file: &str) -> bool {
        use kpigraph::import::{Format, ImportAsk, import};
        let mut ask = ImportAsk::new(Format::Leads);
        ask.source = "crm".to_owned();
        let report = import(&self.team, &ask, file.as_bytes(), &|_| ()).await;
        report.is_ok_and(|report| report.committed)
    }
}
