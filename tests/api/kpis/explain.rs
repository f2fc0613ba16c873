//! `explainMetrics`: the plan of a question, for which no fact is read.

use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{may, shop};
use crate::{
    fixtures::{refusal, start},
    support::{TestDatabase, json::path, on_both_databases},
};

const EXPLAIN: &str = "query ($input: MetricsInput!) { explainMetrics(input: $input) {
    cost statements currency period { from to } comparedTo { from to } definitions { id formula version }
    values { metric { key } basis dateBasis } scans { table measures }
    warnings { metric { key } code message } } }";

fn question() -> Value {
    json!({ "metrics": ["CTR", "REVENUE"], "groupBy": [{ "dimension": "COUNTRY" }, { "dimension": "TIME", "grain":
        "MONTH" }], "period": { "trailing": { "count": 6, "grain": "MONTH" } },
        "options": { "compareTo": { "to": "PREVIOUS_YEAR" }, "currency": "USD" },
        "having": { "metric": { "metric": "SPEND", "op": "GT", "value": "1" } } })
}

on_both_databases! {
    async fn the_plan_tells_what_will_be_read_and_reads_nothing(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let (answer, statements) = app.graphql_counted(&token, EXPLAIN, json!({ "input": question() })).await;
        assert_eq!(statements, 2, "the team, and which days the sources have delivered");
        let plan = path(&answer, "data.explainMetrics");
        // Three scans × six months × ten countries × two periods.
        assert_eq!((&plan["cost"], &plan["statements"]), (&json!(360), &json!(6)));
        assert_eq!(plan["currency"], "USD");
        assert_eq!(plan["period"], json!({ "from": "2025-12-01", "to": "2026-05-31" }));
        assert_eq!(plan["comparedTo"], json!({ "from": "2024-12-01", "to": "2025-05-31" }));
        assert_eq!(plan["definitions"], json!([
            { "id": "CTR", "formula": "clicks / impressions", "version": 1 },
            { "id": "REVENUE", "formula": "net_sales - refunds", "version": 1 },
            { "id": "SPEND", "formula": "spend", "version": 1 },
        ]));
        assert_eq!(plan["values"], json!([
            { "metric": { "key": "CTR" }, "basis": "PLATFORM_REPORTED", "dateBasis": "EVENT_DATE" },
            { "metric": { "key": "REVENUE" }, "basis": "BLENDED", "dateBasis": "EVENT_DATE" },
            { "metric": { "key": "SPEND" }, "basis": "PLATFORM_REPORTED", "dateBasis": "EVENT_DATE" },
        ]));
        assert_eq!(plan["scans"], json!([
            { "table": "ad_day", "measures": ["spend", "impressions", "clicks"] },
            { "table": "orders", "measures": ["net_sales"] },
            { "table": "refund", "measures": ["refunds"] },
        ]));
        assert_eq!(plan["warnings"], json!([]));
    }

    async fn the_answer_takes_the_statements_and_costs_what_the_plan_said(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let mut input = question();
        input["options"]["currency"] = Value::Null;
        let query = "query ($input: MetricsInput!) { metrics(input: $input) { nodes { values { value } } meta { cost } } }";
        let (answer, statements) = app.graphql_counted(&token, query, json!({ "input": input })).await;
        assert_eq!(statements, 2 + 6);
        assert_eq!(path(&answer, "data.metrics.meta.cost"), 360);
    }

    async fn what_will_have_no_value_is_told_before_and_after(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let input = json!({ "metrics": ["CAC", "CLICKS", "LEADS"], "groupBy": [{ "dimension": "DEVICE" }],
            "period": may() });
        let answer = app.graphql(&token, EXPLAIN, json!({ "input": input })).await;
        let told = path(&answer, "data.explainMetrics.warnings").clone();
        let cases: Vec<_> = told.as_array().expect("a list").iter()
            .map(|warning| (warning["metric"]["key"].as_str(), warning["code"].as_str())).collect();
        let incompatible = Some("INCOMPATIBLE_DIMENSION");
        assert_eq!(cases, [(Some("CAC"), incompatible), (Some("LEADS"), incompatible)]);
        let query = "query ($input: MetricsInput!) { metrics(input: $input, first: 1) {
            meta { warnings { metric { key } code message } } } }";
        let answer = app.graphql(&token, query, json!({ "input": input })).await;
        assert_eq!(path(&answer, "data.metrics.meta.warnings"), &told);
    }

    async fn what_a_question_would_be_refused_for_its_plan_is_refused_for(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (field, value, words) in [
            ("metrics", json!([]), "input.metrics"),
            ("orderBy", json!([{ "by": { "metric": "CPC" } }]), "input.orderBy[0].by: 'CPC'"),
            ("period", json!({ "range": { "from": "2026-02-01", "to": "2026-01-01" } }), "period.range"),
        ] {
            let mut input = question();
            input[field] = value;
            let (_, message) = refusal(&app, &token, EXPLAIN, json!({ "input": input })).await;
            assert!(message.contains(words), "{message}");
        }
        let narrow = app.token_with("acme", Role::Owner, [Scope::CampaignsRead], chrono::TimeDelta::hours(1));
        assert_eq!(refusal(&app, &narrow, EXPLAIN, json!({ "input": question() })).await.0, "FORBIDDEN");
    }
}
