//! Values held against targets and benchmarks, on rows and totals, through both doors.

use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{advertise, deliver, made, mistakes};
use crate::{
    fixtures::{campaign, global_id, range, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const METRICS: &str = "query ($input: MetricsInput!) { metrics(input: $input) {
    totals { values { ...v } } nodes { dimensions { label } values { ...v } } meta { comparedTo { from to } } } }
    fragment v on KpiValue { value comparison { baseline { value undefinedReason { code } provenance { basis } }
        period { from to } absolute relative trend verdict } }";

async fn held(
    app: &App,
    token: &str,
    metrics: Value,
    period: Value,
    group: Value,
    to: Value,
) -> Value {
    let input = json!({ "metrics": metrics, "period": period, "groupBy": group, "options": { "compareTo": to } });
    let answer = app.graphql(token, METRICS, json!({ "input": input })).await;
    path(&answer, "data.metrics").clone()
}

/// The values of rows and their baselines, as `value against baseline verdict`.
fn rows(metrics: &Value) -> Vec<String> {
    let nodes = metrics["nodes"].as_array().expect("a list").iter();
    nodes.map(|row| shown(&row["values"][0])).collect()
}

fn shown(value: &Value) -> String {
    let comparison = &value["comparison"];
    let baseline = &comparison["baseline"];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let against = match baseline["value"].as_str() {
        Some(number) => number.to_owned(),
        None => text(&baseline["undefinedReason"]["code"]),
    };
    format!(
        "{} against {against} {}",
        text(&value["value"]),
        text(&comparison["verdict"])
    )
}

/// Two campaigns with clicks and spend in May and June 2026.
async fn advertising(team: &kpigraph::store::TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let rows = vec![campaign(1, "One"), campaign(2, "Two")];
    writer
        .insert::<entity::campaign::Entity>(rows)
        .await
        .expect("campaigns are written");
    writer.commit().await.expect("the transaction commits");
    advertise(
        team,
        1,
        &[("2026-05-02", 1_000, 60, 30), ("2026-06-02", 1_000, 40, 30)],
    )
    .await;
    advertise(
        team,
        2,
        &[("2026-05-02", 1_000, 10, 30), ("2026-06-02", 1_000, 20, 30)],
    )
    .await;
    deliver(team, "2026-04-01", "2026-06-14").await;
}

fn goal(metric: &str, target: &str, from: &str, to: &str, campaign: Option<i64>) -> Value {
    let scope: Vec<Value> = campaign
        .iter()
        .map(|id| json!({ "dimension": "CAMPAIGN", "values": [global_id("Campaign", *id)] }))
        .collect();
    json!({ "name": metric, "metric": metric, "target": target, "baseline": "0.001", "startsOn": from, "deadline": to,
        "scope": scope })
}

on_both_databases! {
    async fn a_sum_is_held_against_the_part_of_the_target_that_falls_to_the_days(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertising(&team).await;
        // 610 clicks in the 61 days of May and June: 310 in May.
        made(&app, &token, goal("CLICKS", "610", "2026-05-01", "2026-06-30", None)).await;
        made(&app, &token, goal("CLICKS", "122", "2026-05-01", "2026-06-30", Some(2))).await;
        let target = json!({ "to": "TARGET" });
        let may = range("2026-05-01", "2026-05-31");
        let answer = held(&app, &token, json!(["CLICKS"]), may.clone(), json!([]), target.clone()).await;
        assert_eq!(rows(&answer), ["70 against 310 WORSE"]);
        let comparison = path(&answer, "nodes.0.values.0.comparison");
        assert_eq!((&comparison["absolute"], &comparison["trend"]), (&json!("-240"), &json!("DOWN")));
        assert_eq!(comparison["period"], json!({ "from": "2026-05-01", "to": "2026-05-31" }));
        assert_eq!(path(&answer, "meta.comparedTo"), &comparison["period"]);
        // Each campaign has its own goal or none; the total has the team's.
        let by_campaign = json!([{ "dimension": "CAMPAIGN" }]);
        let answer = held(&app, &token, json!(["CLICKS"]), may.clone(), by_campaign, target.clone()).await;
        assert_eq!(rows(&answer), ["60 against NO_TARGET UNKNOWN", "10 against 62 WORSE"]);
        assert_eq!(shown(path(&answer, "totals.values.0")), "70 against 310 WORSE");
        // Weeks and single days have their part, days outside of the window none.
        let weeks = json!([{ "dimension": "TIME", "grain": "WEEK" }]);
        let answer = held(&app, &token, json!(["CLICKS"]), range("2026-04-27", "2026-05-17"), weeks, target.clone()).await;
        assert_eq!(rows(&answer), ["70 against NO_TARGET UNKNOWN", "0 against 70 WORSE", "0 against 70 WORSE"]);
        // Of June 14 days are over: 140, or 300 for all of it.
        let june = json!({ "preset": "THIS_MONTH" });
        let answer = held(&app, &token, json!(["CLICKS"]), june.clone(), json!([]), target.clone()).await;
        assert_eq!(rows(&answer), ["60 against 140 WORSE"]);
        let whole = json!({ "to": "TARGET", "alignElapsed": false });
        let answer = held(&app, &token, json!(["CLICKS"]), june, json!([]), whole).await;
        assert_eq!(rows(&answer), ["60 against 300 WORSE"]);
        // The other door says the same.
        let query = "{ campaigns { nodes { kpis(period: { range: { from: \"2026-05-01\", to: \"2026-05-31\" } },
            options: { compareTo: { to: TARGET } }) { clicks { value comparison { verdict baseline { value
                undefinedReason { code message } } } } } } } }";
        let answer = app.graphql(&token, query, json!({})).await;
        assert_eq!(shown(path(&answer, "data.campaigns.nodes.0.kpis.clicks")), "60 against NO_TARGET UNKNOWN");
        assert_eq!(shown(path(&answer, "data.campaigns.nodes.1.kpis.clicks")), "10 against 62 WORSE");
        // A filter that names the campaign is its scope; any other condition is nobody's.
        let one = |op: &str| json!({ "dimension": { "dimension": "CAMPAIGN", "op": op, "values": [global_id("Campaign", 2)] } });
        for (op, expected) in [("EQ", "10 against 62 WORSE"), ("NOT_IN", "60 against NO_TARGET UNKNOWN")] {
            let input = json!({ "metrics": ["CLICKS"], "period": may, "filter": one(op), "options": { "compareTo": target } });
            let answer = app.graphql(&token, METRICS, json!({ "input": input })).await;
            assert_eq!(rows(path(&answer, "data.metrics")), [expected], "{op}");
        }
    }

    async fn a_level_is_held_against_the_level(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertising(&team).await;
        let level = |metric: &str, target: &str| {
            let mut input = goal(metric, target, "2026-05-01", "2026-06-30", None);
            input["kind"] = json!("REACH_LEVEL");
            input["grain"] = json!("MONTH");
            input
        };
        made(&app, &token, level("CTR", "0.04")).await;
        made(&app, &token, level("CPC", "0.5")).await;
        made(&app, &token, level("CLICKS", "60")).await;
        let metrics = json!(["CTR", "CPC", "CLICKS", "SPEND"]);
        let may = range("2026-05-01", "2026-05-31");
        let answer = held(&app, &token, metrics.clone(), may, json!([]), json!({ "to": "TARGET" })).await;
        let values: Vec<String> = path(&answer, "nodes.0.values").as_array().unwrap().iter().map(shown).collect();
        assert_eq!(values, ["0.035 against 0.04 WORSE", "0.857142857142857 against 0.5 WORSE",
            "70 against 60 BETTER", "60 against NO_TARGET NEUTRAL"].map(|text| text.replace("NO_TARGET NEUTRAL", "NO_TARGET UNKNOWN")));
        // Sixty a month are a hundred and twenty in two, and 28 in 14 of June's 30 days.
        let both = held(&app, &token, json!(["CLICKS"]), range("2026-05-01", "2026-06-14"), json!([]), json!({ "to": "TARGET" })).await;
        assert_eq!(rows(&both), ["130 against 88 BETTER"]);
        // The newest goal counts.
        let mut newer = level("CTR", "0.03");
        newer["startsOn"] = json!("2026-05-02");
        newer["grain"] = json!("WEEK");
        made(&app, &token, newer).await;
        let may = range("2026-05-01", "2026-05-31");
        let answer = held(&app, &token, json!(["CTR"]), may, json!([]), json!({ "to": "TARGET" })).await;
        assert_eq!(rows(&answer), ["0.035 against 0.03 BETTER"]);
    }

    async fn benchmarks_are_the_median_of_the_newest(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertising(&team).await;
        let add = "mutation ($input: SetBenchmarkInput!) { setBenchmark(input: $input) { errors { message } } }";
        for (industry, median, on) in [("retail", "0.02", "2025-01-01"), ("retail", "0.03", "2026-01-01"),
            ("software", "0.05", "2026-03-01")] {
            let input = json!({ "metric": "CTR", "industry": industry, "p50": median, "source": "a report", "asOf": on });
            let answer = app.graphql(&token, add, json!({ "input": input })).await;
            assert_eq!(path(&answer, "data.setBenchmark.errors"), &json!([]));
        }
        let may = range("2026-05-01", "2026-05-31");
        let groups = json!([{ "dimension": "CAMPAIGN" }]);
        for (industry, expected) in [(Value::Null, ["0.06 against 0.05 BETTER", "0.01 against 0.05 WORSE"]),
            (json!("retail"), ["0.06 against 0.03 BETTER", "0.01 against 0.03 WORSE"]),
            (json!("mining"), ["0.06 against NO_BENCHMARK UNKNOWN", "0.01 against NO_BENCHMARK UNKNOWN"])] {
            let to = json!({ "to": "BENCHMARK", "industry": industry });
            let answer = held(&app, &token, json!(["CTR"]), may.clone(), groups.clone(), to).await;
            assert_eq!(rows(&answer), expected);
        }
        let answer = held(&app, &token, json!(["CPC"]), may, json!([]), json!({ "to": "BENCHMARK" })).await;
        assert_eq!(rows(&answer), ["0.857142857142857 against NO_BENCHMARK UNKNOWN"]);
    }

    async fn a_comparison_without_a_period_takes_no_dates_and_others_no_industry(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let days = json!({ "from": "2026-05-01", "to": "2026-05-31" });
        for to in [json!({ "to": "TARGET", "range": days }), json!({ "to": "BENCHMARK", "matchWeekday": true }),
            json!({ "to": "TARGET", "industry": "retail" }), json!({ "to": "PREVIOUS_YEAR", "industry": "retail" }),
            json!({ "to": "BENCHMARK", "industry": "x".repeat(121) })] {
            let input = json!({ "metrics": ["CTR"], "period": range("2026-05-01", "2026-05-31"), "options": { "compareTo": to } });
            let (code, text) = refusal(&app, &token, METRICS, json!({ "input": input })).await;
            assert_eq!(code, "BAD_USER_INPUT", "{to}");
            assert!(text.starts_with("compareTo."), "{text}");
        }
    }

    async fn whoever_may_not_see_money_sees_no_target_of_it(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertising(&team).await;
        made(&app, &token, goal("CPC", "0.5", "2026-05-01", "2026-06-30", None)).await;
        made(&app, &token, goal("CTR", "0.04", "2026-05-01", "2026-06-30", None)).await;
        let add = "mutation { setBenchmark(input: { metric: CPC, industry: \"retail\", p25: \"0.4\", p50: \"0.6\",
            source: \"a report\", asOf: \"2026-01-01\" }) { errors { message } } }";
        app.graphql(&token, add, json!({})).await;
        let viewer = app.token("acme", Role::Viewer);
        let may = range("2026-05-01", "2026-05-31");
        for to in ["TARGET", "BENCHMARK"] {
            let answer = held(&app, &viewer, json!(["CPC"]), may.clone(), json!([]), json!({ "to": to })).await;
            assert_eq!(rows(&answer), ["- against NOT_PERMITTED UNKNOWN"]);
            assert!(!answer.to_string().contains("0.5") && !answer.to_string().contains("0.6"), "{answer:#}");
        }
        let query = "{ goals { nodes { metric { key } baseline target warnings { code } progress { status attained projected
            current { value undefinedReason { code } } } } } benchmarks(metric: CPC) { p25 p50 p75 source } }";
        let answer = app.graphql(&viewer, query, json!({})).await;
        assert_eq!(path(&answer, "data.benchmarks"), &json!([{ "p25": null, "p50": null, "p75": null, "source": "a report" }]));
        let goals = path(&answer, "data.goals.nodes");
        assert_eq!(goals[0], json!({ "metric": { "key": "CPC" }, "baseline": null, "target": null, "warnings": [],
            "progress": { "status": "UNKNOWN", "attained": null, "projected": null,
                "current": { "value": null, "undefinedReason": { "code": "NOT_PERMITTED" } } } }));
        assert_eq!(goals[1]["target"], "0.04");
        // With the right to set goals, but not to see money, history tells nothing of it either.
        let scopes = [Scope::GoalsWrite, Scope::MetricsRead];
        let blind = app.token_with("acme", Role::Owner, scopes, chrono::TimeDelta::hours(1));
        let mut input = goal("CPC", "0.5", "2026-05-01", "2026-06-30", None);
        input["baseline"] = Value::Null;
        assert_eq!(mistakes(&app, &blind, input).await, ["INVALID input.baseline"]);
    }
}
