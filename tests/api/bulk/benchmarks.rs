//! Benchmarks in bulk: the same rules as for one.

use serde_json::{Value, json};

use super::{mistakes, outcomes, send};
use crate::{
    fixtures::start,
    support::{App, TestDatabase, json::path, on_both_databases},
};

async fn benchmarks(app: &App, token: &str, metric: &str) -> Value {
    let query = "query ($metric: MetricKey!) { benchmarks(metric: $metric) {
        industry p25 p50 p75 currency source asOf version } }";
    let answer = app.graphql(token, query, json!({ "metric": metric })).await;
    path(&answer, "data.benchmarks").clone()
}

fn row(industry: &str, more: Value) -> Value {
    let mut row =
        json!({ "metric": "CTR", "industry": industry, "p50": "0.0200", "asOf": "2026-01-01" });
    let fields = row.as_object_mut().expect("an object");
    fields.extend(more.as_object().cloned().unwrap_or_default());
    row
}

on_both_databases! {
    async fn benchmarks_are_made_changed_and_left_as_they_are(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let rows = vec![
            row("retail", json!({ "p25": "0.01", "source": "a report" })),
            row("travel", json!({})),
            row("retail", json!({ "metric": "CAC", "p50": 40 })),
        ];
        let done = send(&app, &token, "upsertBenchmarks", rows.clone(), json!({})).await;
        assert_eq!(outcomes(&done), ["CREATED"; 3], "{done:#}");
        assert_eq!(outcomes(&send(&app, &token, "upsertBenchmarks", rows, json!({})).await), ["UNCHANGED"; 3]);
        let rows = vec![row("retail", json!({ "p50": "0.03", "p75": "0.05", "source": "a report" }))];
        assert_eq!(outcomes(&send(&app, &token, "upsertBenchmarks", rows, json!({})).await), ["UPDATED"]);
        let mut ctr = benchmarks(&app, &token, "CTR").await.as_array().unwrap().clone();
        ctr.sort_by_key(|row| row["industry"].to_string());
        assert_eq!(ctr, [
            json!({ "industry": "retail", "p25": null, "p50": "0.03", "p75": "0.05", "currency": null,
                "source": "a report", "asOf": "2026-01-01", "version": 2 }),
            json!({ "industry": "travel", "p25": null, "p50": "0.02", "p75": null, "currency": null,
                "source": "crm", "asOf": "2026-01-01", "version": 1 }),
        ]);
        let cac = benchmarks(&app, &token, "CAC").await;
        assert_eq!((&cac[0]["p50"], &cac[0]["currency"]), (&json!("40"), &json!("EUR")));
    }

    async fn what_is_no_benchmark_is_refused_by_its_row(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let rows = vec![
            row("a", json!({ "p25": "0.03" })),
            row("b", json!({ "p75": "0.01" })),
            row(&"x".repeat(121), json!({})),
            row("c", json!({ "p50": "0.0000000000001" })),
            row("d", json!({ "p50": "two" })),
            row("e", json!({ "asOf": "2026" })),
            row("f", json!({ "source": "s".repeat(501) })),
            row("g", json!({})),
            row("g", json!({ "p50": "0.04" })),
        ];
        let done = send(&app, &token, "upsertBenchmarks", rows, json!({})).await;
        assert_eq!(mistakes(&done), ["INVALID input.items.0.p50", "INVALID input.items.1.p75",
            "INVALID input.items.2.industry", "INVALID input.items.3.p50", "INVALID input.items.4.p50",
            "INVALID input.items.5.asOf", "INVALID input.items.6.source", "DUPLICATE input.items.7", ""], "{done:#}");
        assert_eq!(benchmarks(&app, &token, "CTR").await[0]["p50"], "0.04");
        let many = (0..100).map(|place| row(&format!("trade {place}"), json!({})));
        let done = send(&app, &token, "upsertBenchmarks", many.collect::<Vec<_>>(), json!({})).await;
        assert_eq!((&done["counts"]["created"], &done["counts"]["failed"]), (&json!(99), &json!(1)));
        assert_eq!(mistakes(&done)[99], "INVALID input.items.99.metric");
    }
}
