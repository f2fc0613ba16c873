//! The basis ATTRIBUTED of KPIs, through both doors.

use serde_json::{Value, json};

use super::{journeys, may};
use crate::{
    fixtures::{global_id, range, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const METRICS: &str = "query ($input: MetricsInput!) { metrics(first: 1000, input: $input) {
    totals { values { value } }
    nodes { dimensions { label } values { value undefinedReason { code }
        provenance { basis dateBasis attribution lookbackDays halfLifeDays } } } } }";

fn question(metrics: &[&str], by: &[&str], options: Value) -> Value {
    let groups: Vec<Value> = by
        .iter()
        .map(|name| match name.split_once(':') {
            Some((dimension, grain)) => json!({ "dimension": dimension, "grain": grain }),
            None => json!({ "dimension": name }),
        })
        .collect();
    json!({ "metrics": metrics, "groupBy": groups, "period": may(), "fill": "NONE", "options": options })
}

async fn metrics(app: &App, token: &str, input: Value) -> Value {
    let answer = app.graphql(token, METRICS, json!({ "input": input })).await;
    path(&answer, "data.metrics").clone()
}

/// Rows as `label: values`, reasons in place of missing values.
fn rows(answer: &Value) -> Vec<String> {
    let rows = answer["nodes"].as_array().unwrap().iter();
    rows.map(|row| {
        let labels: Vec<&str> = row["dimensions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["label"].as_str().unwrap())
            .collect();
        let values: Vec<&str> = row["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| {
                value["value"]
                    .as_str()
                    .or(value["undefinedReason"]["code"].as_str())
                    .unwrap()
            })
            .collect();
        format!("{}: {}", labels.join("/"), values.join(" "))
    })
    .collect()
}

fn linear() -> Value {
    json!({ "basis": "ATTRIBUTED", "attribution": { "model": "LINEAR" } })
}

on_both_databases! {
    async fn results_count_for_the_touches_before_them_and_the_rest_for_none(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let keys = ["CONVERSIONS", "CONVERSION_VALUE", "REVENUE", "NEW_CUSTOMERS", "ORDERS"];
        let answer = metrics(&app, &token, question(&keys, &["CHANNEL"], linear())).await;
        assert_eq!(rows(&answer), [
            "(none): 2 70 0 0 0",
            "Search: 0.5 50 40 0.5 0.5",
            "Social: 1.25 55 20 0.25 0.25",
            "Direct: 0.25 25 20 0.25 0.25",
        ]);
        let totals = path(&answer, "totals.values").as_array().unwrap().iter().map(|value| value["value"].as_str().unwrap());
        assert_eq!(totals.collect::<Vec<_>>(), ["4", "200", "80", "1", "1"]);
        assert_eq!(path(&answer, "nodes.1.values.0.provenance"), &json!({ "basis": "ATTRIBUTED",
            "dateBasis": "EVENT_DATE", "attribution": "LINEAR", "lookbackDays": 30, "halfLifeDays": null }));
        // What was given back of the order is taken from those who brought it, when it is given back.
        let mut june = question(&["REVENUE"], &["CHANNEL"], linear());
        june["period"] = range("2026-06-01", "2026-06-14");
        assert_eq!(rows(&metrics(&app, &token, june).await), ["Search: -4", "Social: -2", "Direct: -2"]);
    }

    async fn efforts_meet_what_they_brought_on_the_day_of_the_touch(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        // Search spent 50 in May and got 50 by touches in May; Social spent 20 in April and 10 in May.
        let mut input = question(&["ROAS", "CPA", "CAC", "CONVERSIONS"], &["CHANNEL", "TIME:MONTH"], linear());
        input["period"] = range("2026-04-01", "2026-05-31");
        let answer = metrics(&app, &token, input.clone()).await;
        assert_eq!(rows(&answer), [
            "(none)/2026-05: ZERO_DENOMINATOR 0 ZERO_DENOMINATOR 2",
            "Search/2026-05: 1 100 100 0.5",
            "Social/2026-04: 1.5 20 ZERO_DENOMINATOR 0",
            "Social/2026-05: 2.5 40 40 1.25",
            "Direct/2026-05: ZERO_DENOMINATOR 0 0 0.25",
        ]);
        assert_eq!(path(&answer, "nodes.1.values.0.provenance.dateBasis"), "TOUCH_DATE");
        assert_eq!(path(&answer, "nodes.1.values.3.provenance.dateBasis"), "EVENT_DATE");
        input["options"]["dateBasis"] = json!("EVENT_DATE");
        let by_event = rows(&metrics(&app, &token, input).await);
        assert!(by_event.contains(&"Social/2026-05: 5.5 8 40 1.25".to_owned()), "{by_event:?}");
    }

    async fn both_doors_give_the_same_credits(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let query = "query ($period: PeriodInput!, $options: KpiOptions) { channels { nodes { name kpis(period: $period, options: $options) {
            conversions { value provenance { basis attribution } } roas { value } newCustomers { value } } } }
            viewer { team { kpis(period: $period, options: $options) { conversions { value } conversionValue { value } } } } }";
        let answer = app.graphql(&token, query, json!({ "period": may(), "options": linear() })).await;
        let channels = path(&answer, "data.channels.nodes").as_array().unwrap().iter();
        let found: Vec<String> = channels.map(|channel| {
            let value = |kpi: &str| channel["kpis"][kpi]["value"].as_str().unwrap_or("null").to_owned();
            format!("{}: {} {} {}", channel["name"].as_str().unwrap(), value("conversions"), value("roas"), value("newCustomers"))
        }).collect();
        assert_eq!(found, ["Direct: 0.25 null 0.25", "Search: 0.5 1 0.5", "Social: 1.25 2.5 0.25"]);
        assert_eq!(path(&answer, "data.viewer.team.kpis.conversions.value"), "4");
        assert_eq!(path(&answer, "data.viewer.team.kpis.conversionValue.value"), "200");
    }

    async fn credits_can_be_filtered_by_what_touches_and_what_facts_tell(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let is = |dimension: &str, op: &str, values: Value| json!({ "dimension": { "dimension": dimension, "op": op, "values": values } });
        for (filter, expected) in [
            (is("CHANNEL_KIND", "EQ", json!(["PAID_SOCIAL"])), "1.25"),
            (is("CAMPAIGN", "IN", json!([global_id("Campaign", 1)])), "0.5"),
            (is("CAMPAIGN", "IS_NULL", json!([])), "2.25"),
            (is("CHANNEL", "CONTAINS", json!(["SEA"])), "0.5"),
            (is("UTM_CAMPAIGN", "NOT_IN", json!(["a", "b"])), "2.5"),
            (is("COUNTRY", "EQ", json!(["DE"])), "1"),
            (json!({ "or": [is("COUNTRY", "EQ", json!(["DE"])), is("CHANNEL_KIND", "EQ", json!(["DIRECT"]))] }), "1.25"),
            (json!({ "and": [is("COUNTRY", "EQ", json!(["IT"])), { "not": is("CHANNEL_KIND", "EQ", json!(["DIRECT"])) }] }), "1.75"),
        ] {
            let mut input = question(&["CONVERSIONS"], &[], linear());
            input["filter"] = filter.clone();
            let answer = metrics(&app, &token, input).await;
            assert_eq!(rows(&answer), [format!(": {expected}")], "{filter}");
        }
        let by_both = metrics(&app, &token, question(&["CONVERSIONS"], &["COUNTRY", "CHANNEL_KIND"], linear())).await;
        assert_eq!(rows(&by_both), ["(none)/(none): 1", "DE/PAID_SOCIAL: 1", "IT/(none): 1",
            "IT/DIRECT: 0.25", "IT/PAID_SEARCH: 0.5", "IT/PAID_SOCIAL: 0.25"]);
    }

    async fn kpis_of_distinct_people_are_not_divided(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let answer = metrics(&app, &token, question(&["ACTIVE_CUSTOMERS", "SPEND"], &[], linear())).await;
        assert_eq!(rows(&answer), [": 1 60"]);
        assert_eq!(path(&answer, "nodes.0.values.0.provenance.basis"), "BLENDED");
        assert_eq!(path(&answer, "nodes.0.values.0.provenance.attribution"), &Value::Null);
    }

    async fn attribution_without_its_basis_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (options, text) in [
            (json!({ "attribution": { "model": "LINEAR" } }), "options.attribution: it needs the basis ATTRIBUTED"),
            (json!({ "dateBasis": "TOUCH_DATE", "basis": "BLENDED" }), "options.dateBasis: 'TOUCH_DATE'"),
            (json!({ "basis": "ATTRIBUTED", "attribution": { "lookbackDays": 731 } }), "options.attribution.lookbackDays: '731'"),
        ] {
            let input = question(&["ROAS"], &[], options);
            let (code, message) = refusal(&app, &token, METRICS, json!({ "input": input })).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.starts_with(text), "{message}");
        }
    }
}
