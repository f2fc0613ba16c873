//! Persons: their data in one document, their erasure, customers who are one person.

mod data;
mod erase;
mod identity;
mod merge;
mod numbers;
mod tables;

use serde_json::{Value, json};

use crate::{
    as_of::Then,
    bulk::{named, outcomes, send},
    fixtures::day,
    imports::import_file,
    support::{App, TestDatabase, json::path},
};

/// When the data comes, when it is corrected, and when somebody asks.
const FIRST: &str = "2026-06-04T12:00:00Z";
const LATER: &str = "2026-06-08T12:00:00Z";
const NOW: &str = "2026-06-15T12:00:00Z";

/// Texts that tell who Ada is, each somewhere else in the store.
const ADA: [&str; 10] = [
    "lovelace",
    "Countess",
    "contact-ada",
    "shop-ada",
    "gclid-of-ada",
    "gift for mother",
    "Ada's machine",
    "reset=token",
    "ada@old.example",
    "analytical",
];

/// Three customers of the CRM with facts of every kind, some corrected later, some of which hold personal texts: the
/// service at the last instant. Who is asked for is `contact-ada`, whom the shop calls `shop-ada`.
async fn world(database: &TestDatabase) -> Then {
    let first = Then::on(database, FIRST).await;
    let ada = || named("contact-ada");
    let person = |who: Value, email: &str, name: &str, on: &str| {
        json!({ "ref": who, "email": email, "name": name,
        "country": "GB", "lifecycle": "LEAD", "lifecycleAt": format!("2026-05-{on}T08:00:00Z") })
    };
    let rows = [
        (
            "upsertCustomers",
            json!([
                person(ada(), "ada@old.example", "Ada Lovelace", "01"),
                person(named("b"), "bob@x.example", "Bob", "02"),
                person(named("e"), "eve@x.example", "Eve", "03"),
            ]),
        ),
        (
            "upsertStageEvents",
            json!([
                { "customer": ada(), "stage": "MQL", "enteredAt": "2026-05-03T08:00:00Z" },
                { "customer": named("b"), "stage": "MQL", "enteredAt": "2026-05-04T08:00:00Z" },
            ]),
        ),
        (
            "upsertOrders",
            json!([
                order("5001", ada(), "2026-05-10", "100", "gift for mother"),
                order("5002", ada(), "2026-06-01", "50", "ada@old.example"),
                order("5003", named("b"), "2026-05-11", "70", "none"),
                order("5004", named("e"), "2026-06-02", "30", "none"),
            ]),
        ),
        (
            "upsertRefunds",
            json!([
                { "id": "r1", "orderId": "5001", "refundedAt": "2026-06-03T10:00:00Z", "amount": "10" },
                { "id": "refund-ada@lovelace.example", "orderId": "5001", "refundedAt": "2026-06-03T11:00:00Z", "amount": "1" },
            ]),
        ),
        (
            "upsertTouchpoints",
            json!([
                touch(
                    "t1",
                    ada(),
                    "2026-05-09",
                    "https://www.google.com/search?q=analytical+engine"
                ),
                touch(
                    "t2",
                    named("b"),
                    "2026-05-09",
                    "https://www.facebook.com/groups/x"
                ),
                touch(
                    "visit-ada@lovelace.example",
                    ada(),
                    "2026-05-31",
                    "https://mail.example/?reset=token"
                ),
            ]),
        ),
        (
            "upsertConversions",
            json!([
                { "id": "v1", "customer": ada(), "kind": "signup", "occurredAt": "2026-05-10T10:00:00Z", "value": "5" },
                { "id": "v2", "customer": named("e"), "kind": "signup", "occurredAt": "2026-05-12T10:00:00Z", "value": "3" },
            ]),
        ),
        (
            "upsertOpportunities",
            json!([
                { "id": "d1", "customer": ada(), "openedOn": "2026-05-05", "closedAt": "2026-05-20T10:00:00Z", "outcome": "WON",
                    "amount": "900", "stage": "won", "properties": [{ "key": "name", "value": "Ada's machine" }] },
                { "id": "d2", "customer": named("b"), "openedOn": "2026-05-06", "outcome": "OPEN", "amount": "20" },
            ]),
        ),
        (
            "upsertSurveyAnswers",
            json!([
                { "id": "s1", "kind": "NPS", "customer": ada(), "score": 9, "answeredAt": "2026-06-02T10:00:00Z" },
                { "id": "s2", "kind": "NPS", "customer": named("b"), "score": 3, "answeredAt": "2026-06-02T10:00:00Z" },
            ]),
        ),
        (
            "upsertAdDays",
            json!([{ "date": "2026-05-09", "campaign": named("spring"), "campaignName": "Spring",
            "channel": named("ads"), "spend": "40", "impressions": 1000, "clicks": 10, "platformConversions": "2" }]),
        ),
    ];
    for (mutation, items) in rows {
        must(&first, mutation, items).await;
    }
    // What the shop knows of Ada comes with her address, so it means the same customer.
    let later = Then::on(database, LATER).await;
    for row in [
        json!({ "ref": { "external": { "system": "shop", "id": "shop-ada" } }, "email": "ada@old.example" }),
        json!({ "ref": ada(), "email": "Ada@Lovelace.example", "name": "Countess Lovelace" }),
    ] {
        must(&later, "upsertCustomers", json!([row])).await;
    }
    must(
        &later,
        "upsertOrders",
        json!([
            order("5002", ada(), "2026-06-01", "60", "Countess"),
            order(
                "order of ada@lovelace.example",
                ada(),
                "2026-06-05",
                "8",
                "none"
            ),
        ]),
    )
    .await;
    must(
        &later,
        "upsertTouchpoints",
        json!([touch(
            "t1",
            ada(),
            "2026-05-08",
            "https://www.google.com/search?q=lovelace"
        ),]),
    )
    .await;
    let refused =
        json!([{ "ref": ada(), "email": "ada.lovelace" }, { "ref": named("b"), "name": "Bob" }]);
    let done = send(
        &later.app,
        &later.token,
        "upsertCustomers",
        refused,
        json!({ "idempotencyKey": "k1" }),
    )
    .await;
    assert_eq!(outcomes(&done), ["FAILED", "UNCHANGED"]);
    // A file whose columns were mixed up: what is refused is kept with its value.
    let file = b"order_id,ordered_at,amount\n7,2026-06-01,ada@lovelace.example\n";
    let import = import_file(&later.app, &later.token, "o.csv", file, json!({})).await;
    let told = &import["errors"]["nodes"][0]["message"];
    assert!(
        told.as_str()
            .is_some_and(|told| told.contains("ada@lovelace.example")),
        "{import:#}"
    );
    Then::on(database, NOW).await
}

fn order(id: &str, customer: Value, on: &str, net: &str, note: &str) -> Value {
    json!({ "id": id, "customer": customer, "orderedAt": format!("{on}T10:00:00Z"), "net": net, "costOfGoods": "2",
        "country": "GB", "device": "MOBILE", "properties": [{ "key": "note", "value": note }] })
}

fn touch(id: &str, customer: Value, on: &str, referrer: &str) -> Value {
    let whose = if id == "t2" { "bob" } else { "ada" };
    json!({ "id": id, "customer": customer, "occurredAt": format!("{on}T10:00:00Z"), "campaign": named("spring"),
        "referrer": referrer, "utmSource": "news",
        "properties": [{ "key": "click", "value": format!("gclid-of-{whose}") }] })
}

/// Sends rows all of which are taken.
async fn must(then: &Then, mutation: &str, items: Value) {
    let done = send(&then.app, &then.token, mutation, items, json!({})).await;
    for outcome in outcomes(&done) {
        assert_ne!(outcome, "FAILED", "{mutation}: {done:#}");
    }
}

/// A payload of a mutation about customers.
async fn change(app: &App, token: &str, mutation: &str, asked: &str, input: Value) -> Value {
    let input_type = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation ($input: {input_type}!) {{ done: {mutation}(input: $input) {{ {asked}
            errors {{ code path message ... on ConflictError {{ currentVersion }} }} }} }}"
    );
    let answer = app.graphql(token, &query, json!({ "input": input })).await;
    path(&answer, "data.done").clone()
}

async fn erase(then: &Then, customer: Value) -> Value {
    let asked = "erasure { customerId erasedAt alreadyErased }";
    let input = json!({ "customer": customer });
    change(&then.app, &then.token, "eraseCustomer", asked, input).await
}

const MERGE: &str = "merge { id keptId mergedId reason undoneAt customer { id } }";

async fn merge(then: &Then, keep: Value, other: Value) -> Value {
    let input = json!({ "keep": keep, "merge": other });
    change(&then.app, &then.token, "mergeCustomers", MERGE, input).await
}

async fn unmerge(then: &Then, id: &Value) -> Value {
    let input = json!({ "mergeId": id });
    change(&then.app, &then.token, "unmergeCustomers", MERGE, input).await
}

/// A customer by its id; null when there is none.
async fn customer(then: &Then, id: &Value) -> Value {
    let query = "query ($id: ID!) { node(id: $id) { ... on Customer { id email name country lifecycle version erasedAt
        externalRefs { system id } orders { totalCount } merges { id reason undoneAt mergedId } } } }";
    let answer = then
        .app
        .graphql(&then.token, query, json!({ "id": id }))
        .await;
    path(&answer, "data.node").clone()
}

/// The id of the customer whom a system names so.
async fn id_of(then: &Then, who: Value) -> Value {
    let query = "query ($who: RefInput!) { customerData(customer: $who) { customer { id } } }";
    let answer = then
        .app
        .graphql(&then.token, query, json!({ "who": who }))
        .await;
    let found = path(&answer, "data.customerData");
    found
        .get("customer")
        .map_or(Value::Null, |customer| customer["id"].clone())
}

/// Every row of these tables as a text, with all columns but those of versions.
async fn dump(database: &TestDatabase, tables: &[&str]) -> Vec<String> {
    let mut rows = Vec::new();
    for table in tables {
        let columns = tables::columns(database, table).await;
        let columns = columns.iter().filter(|column| *column != "recorded_at");
        let casts = columns.map(|column| format!("COALESCE(CAST({column} AS TEXT), 'null')"));
        let sql = format!(
            "SELECT {} FROM {table}",
            casts.collect::<Vec<_>>().join(", ")
        );
        let found = database.rows(&sql).await.expect("the table can be read");
        rows.extend(
            found
                .into_iter()
                .map(|row| format!("{table}: {}", row.join(" | "))),
        );
    }
    rows.sort();
    rows
}

fn today() -> chrono::NaiveDate {
    day("2026-06-15")
}
