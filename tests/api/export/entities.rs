//! Every entity can be had in both formats, and nothing is left out.

use std::{collections::BTreeSet, fs, path::Path};

use kpigraph::export::{Entity, NOT_EXPORTED, table_of};
use serde_json::{Value, json};

use super::{cells, file, lines, send_everything};
use crate::{
    fixtures::{fill, start},
    support::{TestDatabase, on_both_databases},
};

/// What no bulk call writes.
const SETTINGS: [(&str, &str); 6] = [
    ("createCampaign", "mutation { done: createCampaign(input: { name: \"Budgeted\", objective: SALES, startsOn: \"2026-06-01\",
        endsOn: \"2026-06-30\", budget: \"300\" }) { errors { message } } }"),
    ("setGoal", "mutation { done: setGoal(input: { name: \"More\", metric: SPEND, target: \"5\", startsOn: \"2026-06-01\",
        deadline: \"2026-06-30\", owner: \"Ada\" }) { errors { message } } }"),
    ("setBenchmark", "mutation { done: setBenchmark(input: { metric: CTR, p50: \"0.02\", industry: \"retail\", source: \"survey\",
        asOf: \"2026-01-01\" }) { errors { message } } }"),
    ("defineMetric", "mutation { done: defineMetric(input: { name: \"twice\", expression: \"SPEND * 2\", direction: NEUTRAL }) { errors { message } } }"),
    ("setAlertRule", "mutation { done: setAlertRule(input: { name: \"low\", metric: CTR, condition: VALUE, op: LT,
        threshold: \"0.01\" }) { errors { message } } }"),
    ("setDashboard", "mutation { done: setDashboard(input: { audience: EXECUTIVE, metrics: [CTR], version: 0 }) { errors { message } } }"),
];

#[test]
fn every_table_of_a_team_is_exported_or_named_with_a_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("entity/src");
    let exported: Vec<&str> = Entity::ALL.iter().map(|entity| table_of(*entity)).collect();
    let mut tables = Vec::new();
    for file in fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
    {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.contains("impl TeamOwned for") {
            let name = text.split("table_name = \"").nth(1).unwrap();
            tables.push(name.split('"').next().unwrap().to_owned());
        }
    }
    assert!(tables.len() > 30, "{tables:?}");
    for table in &tables {
        let named = NOT_EXPORTED
            .iter()
            .filter(|(name, why)| name == table && !why.is_empty());
        let places = named.count() + exported.iter().filter(|name| *name == table).count();
        assert_eq!(places, 1, "{table}: list it in Entity or in NOT_EXPORTED");
    }
    let known = |name: &str| tables.iter().any(|table| table == name);
    assert!(NOT_EXPORTED.iter().all(|(name, _)| known(name)));
}

on_both_databases! {
    async fn every_entity_exports_in_both_formats_and_both_agree_with_the_tables(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "filled", 2).await;
        send_everything(&app, &token, 30).await;
        for (name, mutation) in SETTINGS {
            let answer = app.graphql(&token, mutation, json!({})).await;
            assert_eq!(answer["data"]["done"]["errors"], json!([]), "{name}");
        }
        let other = app.team("other").await;
        fill(&other, "others", 3).await;
        let mut empty = Vec::new();
        for entity in Entity::ALL {
            let table = table_of(*entity);
            let sql = format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table} WHERE team_id = {}", team.team().id);
            let mut stored: usize = database.rows(&sql).await.unwrap()[0][0].parse().unwrap();
            // Those that stand for "none".
            stored -= usize::from(["campaign", "channel"].contains(&table));
            let (rows, end) = lines(&file(&app, &token, &format!("{entity}.ndjson")).await);
            let (header, records, last) = cells(&file(&app, &token, &format!("{entity}.csv")).await);
            assert_eq!((rows.len(), records.len()), (stored, stored), "{entity}");
            let cursors: BTreeSet<&str> = rows.iter().map(|row| row["kpigraph_cursor"].as_str().unwrap()).collect();
            assert_eq!(cursors.len(), stored, "{entity}");
            if stored == 0 {
                empty.push(entity.name());
            }
            for (row, record) in rows.iter().zip(&records) {
                let names: Vec<&String> = row.as_object().unwrap().keys().collect();
                assert_eq!(names.len(), header.len(), "{entity}");
                for (name, cell) in header.iter().zip(record) {
                    let value = match &row[name] {
                        Value::Null => String::new(),
                        Value::String(text) => text.clone(),
                        Value::Array(_) | Value::Object(_) => continue,
                        other => other.to_string(),
                    };
                    assert_eq!(&value, cell, "{entity} {name}");
                }
            }
            let told = rows.last().map_or(Value::Null, |row| row["kpigraph_cursor"].clone());
            assert_eq!(end["cursor"], told, "{entity}");
            assert!(last[0].ends_with(&format!("changes={}", end["changes"].as_str().unwrap())), "{last:?}");
            assert!(!file(&app, &token, &format!("{entity}.ndjson")).await.contains("others"), "{entity}");
        }
        assert_eq!(empty, ["experiments", "experiment-variants"]);
    }

    async fn totals_are_those_of_the_answers(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 2_500).await;
        let sum = |rows: &[Value], name: &str| -> f64 {
            rows.iter().map(|row| row[name].as_f64().unwrap()).sum()
        };
        let query = "{ viewer { team { kpis(period: { range: { from: \"2026-01-01\", to: \"2026-12-31\" } }) {
            revenue { float } spend { float } sessions { float } } } } }";
        let answer = app.graphql(&token, query, json!({})).await;
        let kpis = &answer["data"]["viewer"]["team"]["kpis"];
        let (orders, _) = lines(&file(&app, &token, "orders.ndjson").await);
        let (ads, _) = lines(&file(&app, &token, "ad-days.ndjson").await);
        let (web, _) = lines(&file(&app, &token, "web-days.ndjson").await);
        // Several pages.
        assert_eq!((orders.len(), ads.len(), web.len()), (2_500, 2_500, 2_500));
        assert_eq!(sum(&orders, "amount") - sum(&orders, "kpigraph_refunded"), kpis["revenue"]["float"].as_f64().unwrap());
        assert_eq!(sum(&ads, "spend"), kpis["spend"]["float"].as_f64().unwrap());
        assert_eq!(sum(&web, "sessions"), kpis["sessions"]["float"].as_f64().unwrap());
    }

    async fn rows_can_be_narrowed_to_days_and_to_a_system(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 60).await;
        let (may, _) = lines(&file(&app, &token, "orders.ndjson?from=2026-02-01&to=2026-02-28").await);
        assert_eq!(may.len(), 28);
        assert!(may.iter().all(|row| row["kpigraph_day"].as_str().unwrap().starts_with("2026-02")));
        let (crm, _) = lines(&file(&app, &token, "orders.ndjson?system=crm").await);
        assert_eq!(crm.len(), 60);
        assert_eq!(crm[0]["kpigraph_refs"], json!([{ "system": "crm", "id": crm[0]["order_id"] }]));
        for entity in ["orders", "ad-days", "stage-events"] {
            let (none, end) = lines(&file(&app, &token, &format!("{entity}.ndjson?system=shop")).await);
            assert_eq!((none.len(), &end["cursor"]), (0, &Value::Null));
        }
    }

    async fn a_compressed_file_holds_the_same(database: TestDatabase) {
        use std::io::Read;
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 40).await;
        for name in ["orders.csv", "web-days.ndjson"] {
            let plain = file(&app, &token, name).await;
            let request = app.client.get(app.url(&format!("/export/{name}.gz"))).bearer_auth(&token);
            let bytes = request.send().await.unwrap().bytes().await.unwrap();
            let mut text = String::new();
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
            assert_eq!(text, plain, "{name}");
        }
    }
}
