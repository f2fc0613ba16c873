//! Benchmarks that a team supplies with their source.

use serde_json::{Value, json};

use super::named;
use crate::{
    fixtures::start,
    support::{App, TestDatabase, json::path, on_both_databases},
};

async fn set(app: &App, token: &str, input: Value) -> Value {
    let query = "mutation ($input: SetBenchmarkInput!) { setBenchmark(input: $input) { benchmark { id metric { key } industry
        p25 p50 p75 currency source asOf version } errors { code path message } } }";
    let answer = app.graphql(token, query, json!({ "input": input })).await;
    path(&answer, "data.setBenchmark").clone()
}

fn benchmark() -> Value {
    json!({ "metric": "CPC", "industry": "retail", "p25": "0.40", "p50": "0.60", "p75": "0.9",
        "source": "Yearbook of advertising, page 12", "asOf": "2026-01-01" })
}

on_both_databases! {
    async fn there_is_none_before_a_team_supplies_one(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "{ benchmarks(metric: CPC) { p50 } }";
        assert_eq!(path(&app.graphql(&token, query, json!({})).await, "data.benchmarks"), &json!([]));
    }

    async fn benchmarks_are_set_changed_listed_and_removed(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let made = set(&app, &token, benchmark()).await;
        let id = made["benchmark"]["id"].clone();
        assert_eq!(made, json!({ "errors": [], "benchmark": { "id": id, "metric": { "key": "CPC" }, "industry": "retail",
            "p25": "0.4", "p50": "0.6", "p75": "0.9", "currency": "EUR", "source": "Yearbook of advertising, page 12",
            "asOf": "2026-01-01", "version": 1 } }));
        assert_eq!(named(&set(&app, &token, benchmark()).await), ["TAKEN input.source"]);
        let mut newer = benchmark();
        newer["asOf"] = json!("2026-02-01");
        set(&app, &token, newer).await;
        let mut other = benchmark();
        other["industry"] = json!("software");
        set(&app, &token, other).await;
        let changed = set(&app, &token, json!({ "id": id, "version": 1, "p50": "0.7", "p25": null })).await;
        assert_eq!((path(&changed, "benchmark.p50"), path(&changed, "benchmark.p25")), (&json!("0.7"), &Value::Null));
        assert_eq!(named(&set(&app, &token, json!({ "id": id, "version": 1, "p50": "0.8" })).await), ["CONFLICT input.version"]);
        let query = "query ($industry: String) { benchmarks(metric: CPC, industry: $industry) { industry p50 asOf } }";
        let all = app.graphql(&token, query, json!({})).await;
        assert_eq!(path(&all, "data.benchmarks"), &json!([
            { "industry": "retail", "p50": "0.6", "asOf": "2026-02-01" },
            { "industry": "software", "p50": "0.6", "asOf": "2026-01-01" },
            { "industry": "retail", "p50": "0.7", "asOf": "2026-01-01" },
        ]));
        let some = app.graphql(&token, query, json!({ "industry": "software" })).await;
        assert_eq!(path(&some, "data.benchmarks").as_array().map(Vec::len), Some(1));
        let delete = "mutation ($id: ID!) { deleteBenchmark(input: { id: $id, version: 2 }) { benchmark { p50 } errors { code path } } }";
        let gone = app.graphql(&token, delete, json!({ "id": id })).await;
        assert_eq!(path(&gone, "data.deleteBenchmark"), &json!({ "benchmark": { "p50": "0.7" }, "errors": [] }));
        let again = app.graphql(&token, delete, json!({ "id": id })).await;
        assert_eq!(named(path(&again, "data.deleteBenchmark")), ["NOT_FOUND input.id"]);
    }

    async fn mistakes_name_the_field(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (field, value, expected) in [
            ("source", json!(" "), "INVALID input.source"), ("source", Value::Null, "INVALID input.source"),
            ("industry", json!(""), "INVALID input.industry"), ("industry", json!("x".repeat(121)), "INVALID input.industry"),
            ("metric", Value::Null, "INVALID input.metric"), ("asOf", Value::Null, "INVALID input.asOf"),
            ("p50", Value::Null, "INVALID input.p50"), ("p50", json!("0.3"), "INVALID input.p50"),
            ("p75", json!("0.5"), "INVALID input.p75"), ("p25", json!("9999999999999"), "INVALID input.p25"),
        ] {
            let mut input = benchmark();
            input[field] = value.clone();
            let found = named(&set(&app, &token, input).await);
            assert!(found.contains(&expected.to_owned()), "{field} {value}: {found:?}");
        }
    }
}
