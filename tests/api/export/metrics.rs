//! Answers of `metrics` as files.

use kpigraph::auth::{Role, Scope};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{cells, lines};
use crate::{
    fixtures::{fill, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

async fn post(app: &App, token: &str, file: &str, body: &Value) -> (StatusCode, String) {
    let request = app.client.post(app.url(&format!("/export/{file}")));
    let answer = request.bearer_auth(token).json(body).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

fn question() -> Value {
    json!({ "metrics": ["SPEND", "CTR", "ROAS"],
        "groupBy": [{ "dimension": "CAMPAIGN" }, { "dimension": "TIME", "grain": "MONTH" }],
        "period": { "range": { "from": "2026-04-01", "to": "2026-06-14" } } })
}

const METRICS: &str =
    "query ($input: MetricsInput!) { metrics(input: $input, first: 1000) { nodes {
    dimensions { key label } values { value undefinedReason { code } } } } }";

on_both_databases! {
    async fn a_file_has_the_rows_of_the_field(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "filled", 4).await;
        let answer = app.graphql(&token, METRICS, json!({ "input": question() })).await;
        let nodes = path(&answer, "data.metrics.nodes").as_array().unwrap();
        let body = json!({ "input": question() });
        let (status, text) = post(&app, &token, "metrics.ndjson", &body).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        let (rows, _) = lines(&text);
        assert_eq!(rows.len(), nodes.len());
        assert!(rows.len() >= 12);
        for (row, node) in rows.iter().zip(nodes) {
            assert_eq!(row["campaign"], node["dimensions"][0]["key"]);
            assert_eq!(row["campaign_label"], node["dimensions"][0]["label"]);
            assert_eq!(row["time_label"], node["dimensions"][1]["label"]);
            for (place, name) in ["spend", "ctr", "roas"].iter().enumerate() {
                let value = &node["values"][place];
                let shown = row[name].as_number().map(ToString::to_string);
                assert_eq!(shown.map(|text| text.parse::<f64>().unwrap()),
                    value["value"].as_str().map(|text| text.parse::<f64>().unwrap()), "{row} {node}");
                assert_eq!(row[format!("{name}_undefined")], value["undefinedReason"].get("code").cloned().unwrap_or_default());
            }
        }
        let (status, text) = post(&app, &token, "metrics.csv", &body).await;
        assert_eq!((status, cells(&text).1.len()), (StatusCode::OK, nodes.len()));
        let whole: Vec<&str> = text.split_inclusive("\r\n").collect();
        let after = cells(&text).1[4].last().unwrap().clone();
        let (_, rest) = post(&app, &token, "metrics.csv", &json!({ "input": question(), "after": after })).await;
        assert_eq!(whole[..6].concat() + &rest, text);
    }

    async fn what_the_field_refuses_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut wrong = question();
        wrong["filters"] = json!([]);
        let mut long = question();
        long["period"]["range"]["to"] = json!("2020-01-01");
        for (body, code) in [
            (json!({ "input": wrong }), "GRAPHQL_VALIDATION_FAILED"),
            (json!({ "input": long }), "BAD_USER_INPUT"),
            (json!({ "query": "x" }), "BAD_USER_INPUT"),
            (json!({ "input": question(), "after": "x" }), "BAD_USER_INPUT"),
        ] {
            let (status, text) = post(&app, &token, "metrics.csv", &body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
            assert!(text.contains(code), "{body}: {text}");
        }
        let few = app.token_with("acme", Role::Owner, [Scope::CustomersRead], chrono::TimeDelta::hours(1));
        let (status, text) = post(&app, &few, "metrics.csv", &json!({ "input": question() })).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{text}");
        let (status, _) = post(&app, &token, "orders.csv", &json!({ "input": question() })).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}
