//! What becomes of rows: each is told in its place, and bad ones keep others from being written only when asked.

use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{MUTATIONS, item, items, mistakes, operation, outcomes, send};
use crate::{
    fixtures::{refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

async fn orders(app: &App, token: &str) -> String {
    let query = "{ viewer { team { kpis(period: { preset: ALL_TIME }) { orders { value } revenue { value } } } } }";
    let answer = app.graphql(token, query, json!({})).await;
    let kpi = |name: &str| path(&answer, &format!("data.viewer.team.kpis.{name}.value")).clone();
    format!("{} {}", kpi("orders"), kpi("revenue")).replace('"', "")
}

fn order(id: &str, more: Value) -> Value {
    let mut order = json!({ "id": id, "orderedAt": "2026-06-01T10:00:00Z", "net": "100" });
    let fields = order.as_object_mut().expect("an object");
    fields.extend(more.as_object().cloned().unwrap_or_default());
    order
}

on_both_databases! {
    async fn each_order_says_what_became_of_it(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let told = |at: &str| json!({ "sourceUpdatedAt": at });
        let first = vec![order("1", told("2026-06-02T00:00:00Z")), order("2", json!({})), order("3", json!({}))];
        send(&app, &token, "upsertOrders", first, json!({})).await;
        let rows = vec![
            order("1", json!({ "net": "1", "sourceUpdatedAt": "2026-06-01T00:00:00Z" })),
            order("2", json!({})),
            order("3", json!({ "net": "50" })),
            order("4", json!({})),
            order("5", json!({ "net": "-1" })),
            order("6", json!({ "currency": "EURO" })),
            order("7", json!({ "gross": "10" })),
            order(" ", json!({})),
            order("4", json!({ "net": "7" })),
            order("8", json!({ "customer": { "external": { "system": "", "id": "1" } } })),
        ];
        let done = send(&app, &token, "upsertOrders", rows, json!({})).await;
        assert_eq!(outcomes(&done), ["SKIPPED_STALE", "UNCHANGED", "UPDATED", "FAILED", "FAILED", "FAILED", "FAILED",
            "FAILED", "CREATED", "FAILED"], "{done:#}");
        assert_eq!(mistakes(&done), ["", "", "", "DUPLICATE input.items.3", "INVALID input.items.4.net",
            "INVALID input.items.5.currency", "INVALID input.items.6.net", "INVALID input.items.7.id", "",
            "INVALID input.items.9.customer.external.system"]);
        assert_eq!(done["counts"], json!({ "created": 1, "updated": 1, "unchanged": 1, "skipped": 1, "failed": 6,
            "deleted": 0 }));
        assert_eq!(done["results"][4]["errors"][0]["message"], "input.items[4].net: '-1' is negative");
        assert_eq!(orders(&app, &token).await, "4 257");
        let newer = vec![order("1", json!({ "net": "90", "sourceUpdatedAt": "2026-06-03T00:00:00Z" }))];
        assert_eq!(outcomes(&send(&app, &token, "upsertOrders", newer, json!({})).await), ["UPDATED"]);
        let older = vec![order("1", told("2026-06-02T12:00:00Z"))];
        assert_eq!(outcomes(&send(&app, &token, "upsertOrders", older, json!({})).await), ["SKIPPED_STALE"]);
        assert_eq!(orders(&app, &token).await, "4 247");
    }

    async fn all_or_none_writes_nothing_when_one_row_is_bad(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let rows = vec![order("1", json!({})), order("2", json!({ "net": "-1" }))];
        let done = send(&app, &token, "upsertOrders", rows.clone(), json!({ "mode": "ALL_OR_NONE" })).await;
        assert_eq!(outcomes(&done), ["FAILED", "FAILED"]);
        assert_eq!(mistakes(&done), ["", "INVALID input.items.1.net"], "the first was good");
        assert_eq!(orders(&app, &token).await, "null null", "nobody has delivered anything");
        send(&app, &token, "upsertOrders", rows, json!({ "mode": "PARTIAL" })).await;
        assert_eq!(orders(&app, &token).await, "1 100");
    }

    async fn a_value_that_cannot_be_read_is_its_row_s_mistake(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let rows = vec![
            order("1", json!({})),
            order("2", json!({ "net": "12,50" })),
            order("3", json!({ "orderedAt": "yesterday" })),
            order("4", json!({ "net": 12.5, "tax": "", "sourceUpdatedAt": 20_260_601 })),
        ];
        let done = send(&app, &token, "upsertOrders", rows, json!({})).await;
        assert_eq!(outcomes(&done), ["CREATED", "FAILED", "FAILED", "FAILED"], "{done:#}");
        assert_eq!(mistakes(&done), ["", "INVALID input.items.1.net", "INVALID input.items.2.orderedAt",
            "INVALID input.items.3.tax"]);
        let told = &done["results"][1]["errors"][0]["message"];
        assert_eq!(told, "input.items[1].net: '12,50'; a decimal number such as 1234.5 is needed, without separators of thousands");
        let told = &done["results"][2]["errors"][0]["message"];
        assert_eq!(told, "input.items[2].orderedAt: 'yesterday'; an instant with its offset is needed, such as 2026-05-01T10:00:00Z");
        assert_eq!(orders(&app, &token).await, "1 100");
        let day = json!({ "date": "1.6.2026", "from": "USD", "rate": "0.9" });
        let done = send(&app, &token, "upsertExchangeRates", vec![day], json!({})).await;
        assert_eq!(mistakes(&done), ["INVALID input.items.0.date"]);
        // What is no text and no number is not the schema's.
        let flag = json!({ "input": { "source": "crm", "items": [order("5", json!({ "net": true }))] } });
        let (code, _) = refusal(&app, &token, &operation("upsertOrders"), flag).await;
        assert_eq!(code, "BAD_USER_INPUT");
    }

    async fn a_dry_run_tells_the_same_and_writes_nothing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for mutation in MUTATIONS {
            if mutation == "upsertRefunds" {
                send(&app, &token, "upsertOrders", items("upsertOrders", 0..2), json!({})).await;
            }
            let rows = items(mutation, 0..2);
            let dry = send(&app, &token, mutation, rows.clone(), json!({ "dryRun": true })).await;
            let wet = send(&app, &token, mutation, rows.clone(), json!({})).await;
            assert_eq!(outcomes(&dry), outcomes(&wet), "{mutation}");
            let again = send(&app, &token, mutation, rows, json!({ "dryRun": true })).await;
            assert_eq!(outcomes(&again), ["UNCHANGED"; 2], "{mutation}");
        }
    }

    async fn a_refund_needs_its_order_and_the_order_s_currency(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send(&app, &token, "upsertOrders", vec![order("1", json!({}))], json!({})).await;
        let refund = |id: &str, order: &str, currency: &str| json!({ "id": id, "orderId": order, "amount": "30",
            "currency": currency, "refundedAt": "2026-06-03T00:00:00Z" });
        let rows = vec![refund("a", "1", "EUR"), refund("b", "2", "EUR"), refund("c", "1", "USD")];
        let done = send(&app, &token, "upsertRefunds", rows, json!({})).await;
        assert_eq!(outcomes(&done), ["CREATED", "FAILED", "FAILED"]);
        assert_eq!(mistakes(&done), ["", "INVALID input.items.1.orderId", "INVALID input.items.2.currency"]);
        assert_eq!(orders(&app, &token).await, "1 70");
    }

    async fn a_call_that_is_wrong_as_a_whole_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for mutation in MUTATIONS {
            let counts = if mutation == "upsertOrders" { vec![0, 5_001] } else { vec![0] };
            for count in counts {
                let input = json!({ "input": { "source": "crm", "items": vec![item(mutation, 1); count] } });
                let (code, message) = refusal(&app, &token, &operation(mutation), input).await;
                assert_eq!(code, "LIMIT_EXCEEDED", "{mutation}");
                assert!(message.contains("1 to 5000 are allowed"), "{message}");
            }
            let rows = items(mutation, 0..1);
            let options = json!({ "source": " crm", "idempotencyKey": " " });
            let done = send(&app, &token, mutation, rows, options).await;
            assert_eq!(done["results"], json!([]));
            let paths = [&done["errors"][0]["path"], &done["errors"][1]["path"]];
            assert_eq!(paths, [&json!(["input", "source"]), &json!(["input", "idempotencyKey"])], "{mutation}");
        }
    }

    async fn a_token_without_the_scope_sends_nothing(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let scopes = [Scope::CampaignsWrite, Scope::CustomersRead, Scope::MetricsRead];
        let token = app.token_with("acme", Role::Owner, scopes, chrono::TimeDelta::hours(1));
        for mutation in MUTATIONS {
            let input = json!({ "input": { "source": "crm", "items": items(mutation, 0..1) } });
            let (code, _) = refusal(&app, &token, &operation(mutation), input).await;
            assert_eq!(code, "FORBIDDEN", "{mutation}");
        }
    }
}
