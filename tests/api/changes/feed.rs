//! What comes in the feed, in which order, and how it fits to exports.

use kpigraph::import::{Format, ImportAsk, import};
use serde_json::{Value, json};

use super::{CHANGES, Copy, page};
use crate::{
    export::{file, lines, send_everything},
    fixtures::{fill, global_id, start},
    support::{TestDatabase, on_both_databases},
};

const KINDS: [(&str, &str); 10] = [
    ("CHANNEL", "channels"),
    ("CAMPAIGN", "campaigns"),
    ("CUSTOMER", "customers"),
    ("STAGE_EVENT", "stage-events"),
    ("OPPORTUNITY", "opportunities"),
    ("ORDER", "orders"),
    ("REFUND", "refunds"),
    ("TOUCHPOINT", "touchpoints"),
    ("CONVERSION", "conversions"),
    ("GOAL", "goals"),
];

on_both_databases! {
    async fn without_a_cursor_every_row_comes_once_whatever_the_pages(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "filled", 2).await;
        send_everything(&app, &token, 20).await;
        let all = Copy::anew(&app, &token).await;
        for (kind, entity) in KINDS {
            let (rows, _) = lines(&file(&app, &token, &format!("{entity}.ndjson")).await);
            let mut ids: Vec<String> = rows.iter().map(|row| format!("{kind} {}", row["kpigraph_id"].as_str().unwrap())).collect();
            ids.sort_unstable();
            let told: Vec<&String> = all.rows.keys().filter(|key| key.starts_with(&format!("{kind} "))).collect();
            assert_eq!(told, ids.iter().collect::<Vec<_>>(), "{kind}");
        }
        for first in [1, 7, 64] {
            let mut copy = Copy::default();
            copy.catch_up(&app, &token, first).await;
            assert_eq!(copy.rows, all.rows);
        }
        // Nothing has changed since.
        let end = page(&app, &token, &all.cursor, 10).await;
        assert_eq!((&end["nodes"], &end["cursor"]), (&json!([]), &all.cursor));
        assert_eq!(end["pageInfo"], json!({ "hasNextPage": false, "endCursor": null }));
    }

    async fn a_change_comes_once_with_its_row_and_its_names(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 5).await;
        let before = Copy::anew(&app, &token).await;
        let order = json!({ "id": "3", "customer": { "external": { "system": "crm", "id": "c3" } },
            "orderedAt": "2026-01-04T10:00:00Z", "gross": "500" });
        let mutation = "mutation ($input: UpsertOrdersInput!) { done: upsertOrders(input: $input) { counts { updated } } }";
        for _ in 0..2 {
            app.graphql(&token, mutation, json!({ "input": { "source": "crm", "items": [order] } })).await;
        }
        let changed = page(&app, &token, &before.cursor, 10).await;
        let nodes = changed["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 1, "{changed:#}");
        assert_eq!(nodes[0]["kind"], "ORDER");
        assert_eq!(nodes[0]["operation"], "UPSERTED");
        assert_eq!(nodes[0]["externalRefs"], json!([{ "system": "crm", "id": "3" }]));
        assert_eq!(nodes[0]["node"]["net"]["amount"], "500");
        assert_eq!(changed["cursor"], nodes[0]["cursor"]);
    }

    async fn what_follows_from_a_change_comes_too(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let filled = fill(&team, "filled", 1).await;
        let before = Copy::anew(&app, &token).await;
        let ask = ImportAsk { source: "filled".into(), ..ImportAsk::new(Format::Orders) };
        let text = "order_id,customer_id,ordered_at,amount\nearly,0,2026-01-01,5\n";
        import(&team, &ask, text.as_bytes(), &|_| ()).await.unwrap();
        let changed = page(&app, &token, &before.cursor, 10).await;
        let kinds: Vec<&Value> = changed["nodes"].as_array().unwrap().iter().map(|node| &node["kind"]).collect();
        assert_eq!(kinds, ["CUSTOMER", "ORDER"], "the first order made the customer's first day another");
        assert_eq!(changed["nodes"][0]["id"], global_id("Customer", filled.customers[0]));
    }

    async fn an_export_and_the_changes_after_it_are_complete(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 10).await;
        let (rows, end) = lines(&file(&app, &token, "conversions.ndjson").await);
        let ids: Vec<&str> = rows.iter().map(|row| row["kpigraph_id"].as_str().unwrap()).collect();
        let team = app.store.administer().team("acme").await.unwrap();
        let stored = database.rows(&format!("SELECT CAST(id AS TEXT) FROM conversion WHERE team_id = {} ORDER BY id", team.team().id)).await;
        let gone: i64 = stored.unwrap()[4][0].parse().unwrap();
        let writer = team.begin("fixture").await.unwrap();
        writer.delete_conversions(&[gone]).await.unwrap();
        writer.commit().await.unwrap();
        send_everything(&app, &token, 12).await;
        let mut copy = Copy { cursor: end["changes"].clone(), ..Copy::default() };
        copy.rows = ids.iter().map(|id| (format!("CONVERSION {id}"), Value::Null)).collect();
        copy.catch_up(&app, &token, 3).await;
        let all = Copy::anew(&app, &token).await;
        let conversions = |copy: &Copy| -> Vec<String> {
            copy.rows.keys().filter(|key| key.starts_with("CONVERSION")).cloned().collect()
        };
        assert_eq!(conversions(&copy), conversions(&all));
        assert!(!conversions(&all).contains(&format!("CONVERSION {}", global_id("Conversion", gone))));
    }

    async fn a_page_takes_few_statements_however_long_it_is(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 200).await;
        let mut seen = Vec::new();
        for first in [500, 1_000] {
            let (_, statements) = app.graphql_counted(&token, CHANGES, json!({ "first": first })).await;
            seen.push(statements);
        }
        assert!(seen[1] <= 40, "{seen:?}");
    }
}
