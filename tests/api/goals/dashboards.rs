//! Dashboards: the usual KPIs of an audience, those that a team chose, and what speaks against them.

use serde_json::{Value, json};

use super::named;
use crate::{
    fixtures::{fill, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const DASHBOARD: &str = "fragment d on Dashboard { audience chosen version metrics { key } lint { code metric stage }
    period { from to } kpis { metric { key } value comparison { trend } }
    breakdown { totalCount nodes { dimensions { dimension label } values { metric { key } value } } totals { values { value } } } }";

async fn shown(app: &App, token: &str, arguments: &str) -> Value {
    let query = format!("{{ dashboard({arguments}) {{ ...d }} }} {DASHBOARD}");
    path(
        &app.graphql(token, &query, json!({})).await,
        "data.dashboard",
    )
    .clone()
}

async fn choose(app: &App, token: &str, metrics: Value, version: i32) -> Value {
    let query = format!(
        "mutation ($input: SetDashboardInput!) {{ setDashboard(input: $input) {{ dashboard {{ ...d }} errors {{ code path }} }} }}
            {DASHBOARD}"
    );
    let input = json!({ "audience": "MANAGER", "metrics": metrics, "version": version });
    let answer = app.graphql(token, &query, json!({ "input": input })).await;
    path(&answer, "data.setDashboard").clone()
}

on_both_databases! {
    async fn each_audience_has_its_usual_dashboard(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "shop", 2).await;
        for (audience, metric, dimension) in [("EXECUTIVE", "ROI", "CHANNEL"), ("MANAGER", "CPL", "CAMPAIGN"),
            ("SPECIALIST", "ENGAGEMENT_RATE", "CHANNEL")] {
            let found = shown(&app, &token, &format!("audience: {audience}")).await;
            assert_eq!((&found["audience"], &found["chosen"], &found["version"]), (&json!(audience), &json!(false), &json!(0)));
            assert_eq!(found["lint"], json!([]));
            assert_eq!(found["period"], json!({ "from": "2026-05-16", "to": "2026-06-14" }));
            let keys: Vec<&Value> = found["metrics"].as_array().unwrap().iter().map(|metric| &metric["key"]).collect();
            assert!(keys.len() <= 7 && keys.contains(&&json!(metric)), "{keys:?}");
            let values: Vec<&Value> = found["kpis"].as_array().unwrap().iter().map(|value| &value["metric"]["key"]).collect();
            assert_eq!(keys, values);
            assert_eq!(path(&found, "breakdown.nodes.0.dimensions.0.dimension"), dimension);
        }
        let executive = shown(&app, &token, "audience: EXECUTIVE, period: { preset: THIS_MONTH },
            options: { compareTo: { to: PREVIOUS_PERIOD } }").await;
        // Two orders of 40 and 41 less refunds of 3 each in June; sales by channel, the greatest first.
        assert_eq!(path(&executive, "kpis.0.value"), "75");
        assert_eq!(path(&executive, "kpis.0.comparison.trend"), "UP");
        let sales: Vec<_> = path(&executive, "breakdown.nodes").as_array().unwrap().iter()
            .map(|row| (row["dimensions"][0]["label"].as_str().unwrap(), row["values"][0]["value"].as_str().unwrap())).collect();
        assert_eq!(sales, [("shop channel 001", "38"), ("shop channel 000", "37"), ("(none)", "0")]);
        assert_eq!(path(&executive, "breakdown.totals.values.0.value"), "75");
    }

    async fn a_team_chooses_its_own_and_is_told_what_speaks_against_it(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "shop", 1).await;
        let chosen = choose(&app, &token, json!(["CLICKS", "IMPRESSIONS", "SPEND"]), 0).await;
        assert_eq!(chosen["errors"], json!([]));
        let dashboard = &chosen["dashboard"];
        assert_eq!(dashboard["metrics"], json!([{ "key": "CLICKS" }, { "key": "IMPRESSIONS" }, { "key": "SPEND" }]));
        assert_eq!(dashboard["lint"], json!([
            { "code": "STAGE_LEFT_OUT", "metric": null, "stage": "CONVERSION" },
            { "code": "STAGE_LEFT_OUT", "metric": null, "stage": "LOYALTY" },
            { "code": "VANITY_METRIC", "metric": "IMPRESSIONS", "stage": null },
        ]));
        assert_eq!((&dashboard["chosen"], &dashboard["version"]), (&json!(true), &json!(1)));
        let found = shown(&app, &token, "audience: MANAGER").await;
        assert_eq!(found["metrics"], dashboard["metrics"]);
        assert_eq!(path(&found, "kpis.0.value"), "10");
        let many = json!(["CLICKS", "SPEND", "CTR", "CPC", "CPM", "CPA", "CPL", "ROAS"]);
        assert_eq!(named(&choose(&app, &token, many.clone(), 0).await), ["CONFLICT input.version"]);
        let found = choose(&app, &token, many, 1).await;
        assert_eq!(path(&found, "dashboard.lint.0.code"), "TOO_MANY_KPIS");
        assert_eq!(named(&choose(&app, &token, json!(["CTR", "CTR"]), 2).await), ["INVALID input.metrics.1"]);
        // Nothing chosen is the usual again.
        let found = choose(&app, &token, json!([]), 2).await;
        assert_eq!(path(&found, "dashboard.metrics.0.key"), "CPL");
        assert_eq!(shown(&app, &token, "audience: SPECIALIST").await["chosen"], json!(false));
    }

    async fn every_objective_has_metrics_that_tell_of_it(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (objective, metric) in [("AWARENESS", "REACH"), ("TRAFFIC", "SESSIONS"), ("LEADS", "MQLS"), ("SALES", "AOV"),
            ("RETENTION", "RETENTION_RATE")] {
            let query = format!("{{ recommendedMetrics(objective: {objective}) {{ key }} }}");
            let answer = app.graphql(&token, &query, json!({})).await;
            assert_eq!(path(&answer, "data.recommendedMetrics.0.key"), metric);
        }
    }
}
