//! The questions that each audience would ask, answered on the demo team.

use kpigraph::{auth::Role, demo, time::Clock};
use serde_json::{Value, json};

use crate::support::{App, TestDatabase, json::path, on_both_databases};

const CMO: &str = r#"query Cmo { metrics(first: 10, input: { metrics: [SPEND, CAC, ROAS],
    groupBy: [{ dimension: CHANNEL }, { dimension: TIME, grain: MONTH }],
    period: { trailing: { count: 6, grain: MONTH } },
    options: { compareTo: { to: PREVIOUS_YEAR, matchWeekday: true }, basis: ATTRIBUTED,
        attribution: { model: POSITION_BASED, lookbackDays: 30 }, currency: "EUR" },
    filter: { and: [{ dimension: { dimension: COUNTRY, op: IN, values: ["IT", "DE"] } },
        { dimension: { dimension: DEVICE, op: EQ, values: ["MOBILE"] } }] },
    having: { metric: { metric: SPEND, op: GT, value: "100" } },
    orderBy: [{ by: { metric: CAC }, direction: ASC }], top: { n: 5, by: SPEND, others: true } }) {
    nodes { isOthers dimensions { dimension label }
        spend: value(key: SPEND) { value money { amount currency } comparison { relative verdict period { from to } } }
        cac: value(key: CAC) { value money { amount currency } numerator denominator undefinedReason { code }
            comparison { relative verdict period { from to } } quality { complete provisional } } }
    totals { roas: value(key: ROAS) { value } }
    meta { cost warnings { code message } freshness { source dataThrough } } } }"#;
const FRONT_END: &str = "query FrontEnd { campaigns(first: 5) { nodes { name budget { pacing }
    kpis(period: { preset: LAST_MONTH }, options: { compareTo: { to: PREVIOUS_PERIOD } }) {
        roas { value comparison { relative verdict } }
        cac { money { amount currency } undefinedReason { code message } } } } pageInfo { hasNextPage endCursor } } }";

on_both_databases! {
    async fn each_audience_gets_an_answer(database: TestDatabase) {
        let clock = Clock::fixed("2026-05-15T12:00:00Z".parse().unwrap());
        let app = App::start(&database, clock).await;
        demo::fill(&app.store, clock).await.unwrap();
        let token = app.token(demo::SLUG, Role::Owner);

        let answer = app.graphql(&token, CMO, Value::Null).await;
        let rows = path(&answer, "data.metrics.nodes").as_array().expect("a list").clone();
        assert_eq!(rows.len(), 6, "{answer:#}");
        assert_eq!(rows.iter().map(|row| row["isOthers"] == true).collect::<Vec<_>>(), [false, false, false, false, false, true]);
        for row in &rows {
            assert_eq!(path(row, "spend.money.currency"), "EUR");
            // Costs beside media know neither country nor device.
            assert_eq!(path(row, "cac.undefinedReason.code"), "INCOMPATIBLE_DIMENSION");
        }
        assert_eq!(path(&answer, "data.metrics.meta.warnings.0.code"), "INCOMPATIBLE_DIMENSION");

        let answer = app.graphql(&token, FRONT_END, Value::Null).await;
        let campaigns = path(&answer, "data.campaigns.nodes").as_array().expect("a list");
        assert_eq!(campaigns.len(), 5);
        let told = campaigns.iter().filter(|campaign| !path(campaign, "kpis.roas")["value"].is_null());
        assert!(told.count() > 0);
    }

    async fn the_questions_of_the_manual_run(database: TestDatabase) {
        let clock = Clock::fixed("2026-05-15T12:00:00Z".parse().unwrap());
        let app = App::start(&database, clock).await;
        demo::fill(&app.store, clock).await.unwrap();
        let token = app.token(demo::SLUG, Role::Owner);
        let manual = include_str!("../../docs/metrics.md");
        let queries: Vec<&str> = manual.split("```graphql\n").skip(1)
            .filter_map(|part| part.split("\n```").next())
            .collect();
        assert!(queries.len() >= 5);
        let mut metric = Value::Null;
        for query in queries {
            let answer = app.graphql(&token, query, json!({ "id": metric })).await;
            if let Some(payload) = answer["data"].get("defineMetric") {
                assert_eq!(payload["errors"], json!([]), "{query}");
                metric = payload["metric"]["id"].clone();
            }
        }
    }
}
