//! Metrics that a team defines: saved, asked through both doors, changed, put away.

use kpigraph::auth::Role;
use serde_json::{Value, json};

use super::{expect, may, shop, table};
use crate::{
    fixtures::{global_id, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const DEFINE: &str = "mutation ($input: DefineMetricInput!) { defineMetric(input: $input) {
    metric { id key name description formula requires measures kind unit direction stage cadence additivity vanity
        dimensions version archived earlierVersions { version } }
    errors { code path message } } }";

const UPDATE: &str = "mutation ($input: UpdateMetricInput!) { updateMetric(input: $input) {
    metric { name formula unit version archived earlierVersions { name formula version unit } }
    errors { code path message ... on ConflictError { currentVersion } } } }";

async fn define(app: &App, token: &str, name: &str, expression: &str) -> Value {
    let input = json!({ "name": name, "expression": expression, "direction": "HIGHER", "stage": "CONVERSION" });
    let answer = app.graphql(token, DEFINE, json!({ "input": input })).await;
    path(&answer, "data.defineMetric").clone()
}

async fn defined(app: &App, token: &str, name: &str, expression: &str) -> String {
    let payload = define(app, token, name, expression).await;
    assert_eq!(payload["errors"], json!([]));
    text(&payload, "metric.id").to_owned()
}

/// The message of the only mistake.
async fn mistake(app: &App, token: &str, query: &str, input: Value) -> (String, String) {
    let answer = app.graphql(token, query, json!({ "input": input })).await;
    let data = path(&answer, "data").as_object().expect("an object");
    let payload = data.values().next().expect("a payload");
    assert!(payload["metric"].is_null(), "{payload:#}");
    (
        text(payload, "errors.0.code").to_owned(),
        text(payload, "errors.0.message").to_owned(),
    )
}

const ROWS: &str = "query ($input: MetricsInput!, $id: ID!) { metrics(input: $input) {
    totals { custom: customValue(id: $id) { value numerator denominator } }
    nodes { dimensions { label } values { value undefinedReason { code } metric { id key name } }
        custom: customValue(id: $id) { value } } } }";

on_both_databases! {
    async fn a_metric_is_checked_when_it_is_saved_and_its_unit_inferred(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let payload = define(&app, &token, "Profit per order", " (REVENUE - SPEND) / ORDERS ").await;
        let metric = &payload["metric"];
        assert_eq!(metric["id"].as_str().map(str::is_empty), Some(false));
        for (field, value) in [
            ("key", Value::Null),
            ("name", json!("Profit per order")),
            ("formula", json!("(REVENUE - SPEND) / ORDERS")),
            ("requires", json!(["SPEND", "ORDERS", "REVENUE"])),
            ("measures", json!(["spend", "orders", "net_sales", "refunds"])),
            ("kind", json!("RATIO")),
            ("unit", json!("CURRENCY")),
            ("direction", json!("HIGHER")),
            ("stage", json!("CONVERSION")),
            ("cadence", json!("TACTICAL")),
            ("additivity", json!("NON_ADDITIVE")),
            ("version", json!(1)),
            ("earlierVersions", json!([])),
        ] {
            assert_eq!(metric[field], value, "{field}");
        }
        for (expression, words) in [
            ("REVENUE + ORDERS", "an amount of money and a count cannot be added"),
            ("REVENU / ORDERS", "REVENU is no metric key; did you mean REVENUE?"),
            ("REVENUE / ", "is not understood"),
            ("1 + 1", "it names no metric key"),
        ] {
            let (code, message) = mistake(&app, &token, DEFINE, json!({ "name": "x", "expression": expression })).await;
            assert_eq!(code, "INVALID");
            assert!(message.starts_with("input.expression: ") && message.contains(words), "{message}");
        }
        let taken = json!({ "name": "Profit per order", "expression": "SPEND" });
        assert_eq!(mistake(&app, &token, DEFINE, taken).await.0, "TAKEN");
        let unit = json!({ "name": "x", "expression": "SPEND", "unit": "RATE" });
        let (_, message) = mistake(&app, &token, DEFINE, unit).await;
        assert_eq!(message, "input.unit: 'RATE' is not allowed; the expression gives CURRENCY");
        let share = json!({ "name": "Share", "expression": "CLICKS / IMPRESSIONS", "unit": "RATE" });
        let answer = app.graphql(&token, DEFINE, json!({ "input": share })).await;
        assert_eq!(text(&answer, "data.defineMetric.metric.unit"), "RATE");
    }

    async fn both_doors_compute_it_from_sums_at_the_grain_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let profit = defined(&app, &token, "Profit per order", "(REVENUE - SPEND) / ORDERS").await;
        let back = defined(&app, &token, "Return", "ROAS - 1").await;
        let query = "query ($may: PeriodInput!, $a: ID!, $b: ID!) { viewer { team { kpis(period: $may) {
            spend { value } a: customMetric(id: $a) { value numerator denominator formatted provenance
                { definitionVersion } metric { id key name } }
            b: customMetric(id: $b) { value formatted } } } } }";
        let answer = app.graphql(&token, query, json!({ "may": may(), "a": profit, "b": back })).await;
        // Revenue 430, spend 250, orders 5; return on ad spend 3.
        assert_eq!(path(&answer, "data.viewer.team.kpis"), &json!({
            "spend": { "value": "250" },
            "a": { "value": "36", "numerator": "180", "denominator": "5", "formatted": "€36.00",
                "provenance": { "definitionVersion": 1 },
                "metric": { "id": profit, "key": null, "name": "Profit per order" } },
            "b": { "value": "2", "formatted": "2.00×" },
        }));
        let input = json!({ "metrics": ["CLICKS"], "customMetrics": [back, profit], "period": may(),
            "groupBy": [{ "dimension": "TIME", "grain": "DAY" }], "fill": "NONE" });
        let answer = app.graphql(&token, ROWS, json!({ "input": input, "id": profit })).await;
        let metrics = path(&answer, "data.metrics");
        assert_eq!(metrics["totals"]["custom"], json!({ "value": "36", "numerator": "180", "denominator": "5" }));
        assert_eq!(table(metrics)[..4], expect(&[
            ("2026-05-01", "200 2 ZERO_DENOMINATOR"),
            ("2026-05-02", "300 2 ZERO_DENOMINATOR"),
            ("2026-05-03", "0 ZERO_DENOMINATOR 100"),
            ("2026-05-04", "0 ZERO_DENOMINATOR 200"),
        ]));
        assert_eq!(path(metrics, "nodes.2.custom.value"), "100");
        assert_eq!(path(metrics, "nodes.2.values.2.metric"), &json!({ "id": profit, "key": null, "name": "Profit per order" }));
        let campaigns = "query ($may: PeriodInput!, $b: ID!) { campaigns { nodes { kpis(period: $may) {
            customMetric(id: $b) { value } } } } }";
        let (answer, statements) = app.graphql_counted(&token, campaigns, json!({ "may": may(), "b": back })).await;
        assert_eq!(path(&answer, "data.campaigns.nodes.1.kpis.customMetric.value"), "2");
        assert_eq!(statements, 5, "the team, the page, the metric, the loads, advertising");
    }

    async fn orders_conditions_and_first_groups_go_by_it(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let gain = defined(&app, &token, "Gain", "CONVERSION_VALUE - SPEND").await;
        let other = defined(&app, &token, "Other", "CLICKS * 2").await;
        let asked = async |more: Value| {
            let mut input = json!({ "metrics": ["CLICKS"], "customMetrics": [gain], "period": may(),
                "groupBy": [{ "dimension": "COUNTRY" }] });
            for (key, value) in more.as_object().expect("an object") {
                input[key] = value.clone();
            }
            let answer = app.graphql(&token, ROWS, json!({ "input": input, "id": gain })).await;
            table(path(&answer, "data.metrics"))
        };
        let (de, fr) = (("DE", "200 200"), ("FR", "300 300"));
        assert_eq!(asked(json!({ "orderBy": [{ "by": { "customMetric": gain } }] })).await, expect(&[fr, de]));
        let least = json!({ "having": { "customMetric": { "id": other, "op": "GT", "value": "400" } } });
        assert_eq!(asked(least).await, expect(&[fr]));
        let top = json!({ "top": { "n": 1, "byCustom": gain } });
        assert_eq!(asked(top).await, expect(&[fr, ("(others)", "200 200")]));
        let query = "query ($input: MetricsInput!) { explainMetrics(input: $input) { definitions { id } } }";
        let input = json!({ "metrics": ["CLICKS"], "period": may(), "customMetrics": [gain],
            "orderBy": [{ "by": { "customDelta": gain } }] });
        let (_, message) = refusal(&app, &token, query, json!({ "input": input })).await;
        assert!(message.contains("customDelta: it needs options.compareTo"), "{message}");
    }

    async fn a_change_keeps_the_version_before_readable(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let id = defined(&app, &token, "Gain", "CONVERSION_VALUE - SPEND").await;
        let change = json!({ "id": id, "version": 1, "name": "Net gain", "expression": "REVENUE / SPEND" });
        let answer = app.graphql(&token, UPDATE, json!({ "input": change })).await;
        let gain = json!({ "name": "Gain", "formula": "CONVERSION_VALUE - SPEND", "version": 1, "unit": "CURRENCY" });
        assert_eq!(path(&answer, "data.updateMetric"), &json!({ "errors": [], "metric": { "name": "Net gain",
            "formula": "REVENUE / SPEND", "unit": "RATIO", "version": 2, "archived": false, "earlierVersions": [gain] } }));
        let (code, message) = mistake(&app, &token, UPDATE, change).await;
        assert_eq!(code, "CONFLICT");
        assert!(message.contains("the row is at 2"), "{message}");
        let query = "query ($id: ID!) { node(id: $id) { ... on MetricDefinition { name earlierVersions { name } } } }";
        let answer = app.graphql(&token, query, json!({ "id": id })).await;
        assert_eq!(path(&answer, "data.node"), &json!({ "name": "Net gain", "earlierVersions": [{ "name": "Gain" }] }));
        let answer = app.graphql(&token, query, json!({ "id": "SPEND" })).await;
        assert_eq!(path(&answer, "data.node"), &json!({ "name": "Ad spend", "earlierVersions": [] }));
    }

    async fn the_catalogue_lists_what_is_not_put_away_and_the_rest_still_answers(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let gain = defined(&app, &token, "Gain", "CONVERSION_VALUE - SPEND").await;
        defined(&app, &token, "Spend twice", "SPEND * 2").await;
        let listed = async |arguments: &str| {
            let query = format!("{{ metricCatalog{arguments} {{ key name }} }}");
            let answer = app.graphql(&token, &query, json!({})).await;
            let all = path(&answer, "data.metricCatalog").as_array().expect("a list").clone();
            let own = all.iter().filter(|metric| metric["key"].is_null());
            own.map(|metric| text(metric, "name").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(listed("").await, ["Gain", "Spend twice"]);
        assert_eq!(listed("(stage: LOYALTY)").await, [""; 0]);
        let archive = "mutation ($id: ID!) { archiveMetric(input: { id: $id, version: 1 }) {
            metric { archived version } errors { message } } }";
        let answer = app.graphql(&token, archive, json!({ "id": gain })).await;
        assert_eq!(path(&answer, "data.archiveMetric.metric"), &json!({ "archived": true, "version": 2 }));
        assert_eq!(listed("").await, ["Spend twice"]);
        let input = json!({ "metrics": [], "customMetrics": [gain], "period": may() });
        let answer = app.graphql(&token, ROWS, json!({ "input": input, "id": gain })).await;
        assert_eq!(path(&answer, "data.metrics.nodes.0.custom.value"), "500");
        defined(&app, &token, "Gain", "SPEND").await;
    }

    async fn other_teams_metrics_are_like_unknown_ones(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("rival").await;
        let rival = app.token("rival", Role::Owner);
        let theirs = defined(&app, &rival, "Theirs", "SPEND").await;
        let asked = async |id: &str| {
            let input = json!({ "metrics": [], "customMetrics": [id], "period": may() });
            refusal(&app, &token, ROWS, json!({ "input": input, "id": id })).await.1.replace(id, "ID")
        };
        let unknown = global_id("MetricDefinition", 7);
        assert_eq!(asked(&theirs).await, asked(&unknown).await);
        let typed = "query ($id: ID!) { viewer { team { kpis(period: { preset: TODAY }) { customMetric(id: $id) {
            value } spend { value } } } } }";
        let answer = async |id: &str| {
            let mut answer = app.graphql_raw(&token, typed, json!({ "id": id })).await.2;
            // What is left becomes less with each question.
            answer["extensions"]["cost"]["remaining"].take();
            answer
        };
        let told = answer(&theirs).await;
        assert_eq!(told, answer(&unknown).await);
        assert_eq!(path(&told, "errors.0.extensions.code"), "BAD_USER_INPUT");
        assert!(path(&told, "data.viewer.team.kpis")["spend"].is_object(), "its sibling is told: {told:#}");
        for query in [UPDATE, &UPDATE.replace("UpdateMetricInput", "ArchiveInput").replace("updateMetric", "archiveMetric")] {
            let told = async |id: &str| mistake(&app, &token, query, json!({ "id": id, "version": 1 })).await;
            assert_eq!(told(&theirs).await, told(&unknown).await);
            assert_eq!(told(&theirs).await.0, "NOT_FOUND");
        }
        let node = "query ($id: ID!) { node(id: $id) { id } metricCatalog { key } }";
        let answer = app.graphql(&token, node, json!({ "id": theirs })).await;
        assert!(answer["data"]["node"].is_null());
        let catalogue = path(&answer, "data.metricCatalog").as_array().expect("a list");
        assert!(catalogue.iter().all(|metric| !metric["key"].is_null()));
    }

    async fn numbers_too_large_are_told_and_not_cut_off(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for (expression, expected) in [
            ("CLICKS * 1000000000000000000000000000 * 10", "OUT_OF_RANGE"),
            ("CLICKS / 0.0000000000000000000000000001", "OUT_OF_RANGE"),
            ("CLICKS * 10000000000000000000000 / 10000000000000000000000", "500"),
            ("(ORDERS - 1000) * 70000000000000000000000000", "-69650000000000000000000000000"),
        ] {
            let id = defined(&app, &token, expression, expression).await;
            // With a comparison: the difference, too, may be too large.
            let input = json!({ "metrics": ["CLICKS"], "customMetrics": [id], "period": may(),
                "options": { "compareTo": { "to": "PREVIOUS_PERIOD" } } });
            let query = "query ($input: MetricsInput!, $id: ID!) { metrics(input: $input) { totals { customValue(id: $id) {
                value undefinedReason { code } comparison { absolute } } } } }";
            let answer = app.graphql(&token, query, json!({ "input": input, "id": id })).await;
            assert_eq!(crate::kpis::shown(path(&answer, "data.metrics.totals.customValue")), expected, "{expression}");
        }
    }

    async fn only_administrators_define_and_money_needs_its_scope(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let ratio = defined(&app, &token, "Return", "CONVERSION_VALUE / SPEND").await;
        let manager = app.token("acme", Role::Manager);
        let input = json!({ "name": "x", "expression": "SPEND" });
        assert_eq!(refusal(&app, &manager, DEFINE, json!({ "input": input })).await.0, "FORBIDDEN");
        let viewer = app.token("acme", Role::Viewer);
        let input = json!({ "metrics": ["CLICKS"], "customMetrics": [ratio], "period": may() });
        let answer = app.graphql(&viewer, ROWS, json!({ "input": input, "id": ratio })).await;
        assert_eq!(table(path(&answer, "data.metrics")), expect(&[("", "500 NOT_PERMITTED")]));
        let totals = path(&answer, "data.metrics.totals.custom");
        assert!(totals["value"].is_null() && totals["numerator"].is_null());
    }
}
