//! What holds of the first groups and the rest, of the currency asked and of the team's own metrics, for any data.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{
    ADDITIVE, RATIOS,
    cases::{FIRST_DAY, for_cases, team},
    list, number,
};
use crate::{
    fixtures::{clock, range},
    support::{App, TestDatabase, json::path},
};

const QUERY: &str = "query ($input: MetricsInput!, $first: Int, $after: String) {
    metrics(input: $input, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        meta { comparedTo { from to } } totals { values { ...v comparison { baseline { ...v } } } }
        nodes { isOthers dimensions { key label } values { ...v comparison { baseline { ...v } } } } } }
    fragment v on KpiValue { metric { id } value numerator denominator undefinedReason { code }
        quality { estimated } }";

async fn asked(app: &App, token: &str, input: &Value, first: u32, after: Value) -> Value {
    let variables = json!({ "input": input, "first": first, "after": after });
    let answer = app.graphql(token, QUERY, variables).await;
    path(&answer, "data.metrics").clone()
}

fn question(keys: &[&str], groups: Value, n: u32) -> Value {
    json!({ "metrics": keys, "groupBy": groups, "period": range(FIRST_DAY, "2026-04-30"),
        "options": { "compareTo": { "to": "PREVIOUS_PERIOD" }, "currency": "GBP" },
        "top": { "n": n, "by": "SPEND" } })
}

fn by(dimension: &str) -> Value {
    json!({ "dimension": dimension })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_groups_and_the_rest_add_up_to_the_total_in_any_currency() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    for_cases(async |case_number, case| {
        let (_, token) = team(&app, case_number, &case).await;
        let week = json!({ "dimension": "TIME", "grain": "WEEK" });
        for (groups, per) in [
            (json!([by("CAMPAIGN")]), Value::Null),
            (json!([by("COUNTRY"), week]), json!("TIME")),
            (json!([by("COUNTRY"), week]), Value::Null),
            (
                json!([week, by("CAMPAIGN"), by("COUNTRY")]),
                json!("COUNTRY"),
            ),
        ] {
            let mut input = question(&ADDITIVE, groups, case.3);
            input["top"]["per"] = per;
            let answer = asked(&app, &token, &input, 1000, Value::Null).await;
            for (place, key) in ADDITIVE.iter().enumerate() {
                let rows = list(&answer, "nodes").iter();
                let sum: Decimal = rows.map(|row| number(&row["values"][place]["value"])).sum();
                let total = number(&answer["totals"]["values"][place]["value"]);
                assert_eq!(sum, total, "{key}: {input}");
            }
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_and_the_total_are_what_plain_questions_for_them_answer() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    let keys: Vec<_> = ADDITIVE
        .into_iter()
        .chain(RATIOS)
        .chain(["ACTIVE_CUSTOMERS"])
        .collect();
    for_cases(async |case_number, case| {
        let (_, token) = team(&app, case_number, &case).await;
        let input = question(&keys, json!([by("COUNTRY")]), 1);
        let answer = asked(&app, &token, &input, 1000, Value::Null).await;
        let (others, singled): (Vec<_>, Vec<_>) = list(&answer, "nodes")
            .iter()
            .partition(|row| row["isOthers"] == true);
        let before = path(&answer, "meta.comparedTo");
        let before = json!({ "range": { "from": before["from"], "to": before["to"] } });
        let singled: Vec<&str> = singled
            .iter()
            .map(|row| row["dimensions"][0]["key"].as_str().unwrap_or_default())
            .collect();
        let rest = json!({ "not": { "dimension": { "dimension": "COUNTRY", "op": "IN", "values": singled } } });
        let total = std::slice::from_ref(&answer["totals"]);
        let others: Vec<Value> = others.into_iter().cloned().collect();
        for (rows, filter) in [(total, Value::Null), (&others[..], rest)] {
            for row in rows {
                let plain = async |period: &Value| {
                    let input = json!({ "metrics": keys, "period": period, "filter": filter,
                        "options": { "currency": "GBP" } });
                    asked(&app, &token, &input, 1, Value::Null).await["nodes"][0]["values"].clone()
                };
                let (now, then) = (plain(&input["period"]).await, plain(&before).await);
                for (place, key) in keys.iter().enumerate() {
                    for part in ["value", "numerator", "denominator", "undefinedReason"] {
                        let value = &row["values"][place];
                        assert_eq!(value[part], now[place][part], "{key} {part}");
                        let baseline = &value["comparison"]["baseline"];
                        assert_eq!(baseline[part], then[place][part], "{key} {part} before");
                    }
                }
            }
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_other_metrics_nor_pages_change_what_is_kept_or_its_values() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    for_cases(async |case_number, case| {
        let (_, token) = team(&app, case_number, &case).await;
        let define = "mutation { defineMetric(input: { name: \"Gain\", expression: \"(CONVERSION_VALUE - SPEND) / CLICKS\" })
            { metric { id } } }";
        let answer = app.graphql(&token, define, json!({})).await;
        let gain = path(&answer, "data.defineMetric.metric.id").clone();
        let groups = json!([by("CAMPAIGN"), { "dimension": "TIME", "grain": "DAY" }]);
        let usual = ADDITIVE.into_iter().chain(RATIOS);
        let all: Vec<_> = usual.chain(case.2.iter().copied()).collect();
        let mut whole = question(&all, groups, 20);
        whole["customMetrics"] = json!([gain]);
        whole["having"] = json!({ "customMetric": { "id": gain, "op": "GT", "value": "0" } });
        let mut part = whole.clone();
        part["metrics"] = json!(case.2);
        part["customMetrics"] = json!([]);
        let answer = asked(&app, &token, &whole, 1000, Value::Null).await;
        let some = asked(&app, &token, &part, 1000, Value::Null).await;
        assert_eq!(answer["totalCount"], some["totalCount"]);
        for (row, other) in list(&answer, "nodes").iter().zip(list(&some, "nodes")) {
            let chosen = list(row, "values").iter();
            let chosen: Vec<_> = chosen
                .filter(|value| case.2.iter().any(|key| value["metric"]["id"] == *key))
                .collect();
            assert_eq!(chosen, list(other, "values").iter().collect::<Vec<_>>());
            assert_eq!(row["dimensions"], other["dimensions"]);
        }
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = asked(&app, &token, &whole, case.3, after).await;
            seen.extend_from_slice(list(&page, "nodes"));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, list(&answer, "nodes"));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_answer_alike_about_the_rest() {
    let Some(postgres) = TestDatabase::postgres().await else {
        return;
    };
    let sqlite = TestDatabase::sqlite();
    let apps = [
        App::start(&sqlite, clock()).await,
        App::start(&postgres, clock()).await,
    ];
    let keys: Vec<_> = ADDITIVE
        .into_iter()
        .chain(RATIOS)
        .chain(["ACTIVE_CUSTOMERS", "REPEAT_PURCHASE_RATE"])
        .collect();
    for_cases(async |case_number, case| {
        let mut answers = Vec::new();
        for app in &apps {
            let (_, token) = team(app, case_number, &case).await;
            let mut told = Vec::new();
            let week = json!({ "dimension": "TIME", "grain": "WEEK" });
            for (groups, per) in [
                (json!([by("CAMPAIGN"), by("COUNTRY")]), Value::Null),
                (json!([by("COUNTRY"), week]), json!("TIME")),
                (
                    json!([{ "dimension": "COHORT", "grain": "MONTH" }, week]),
                    Value::Null,
                ),
            ] {
                let mut input = question(&keys, groups, case.3);
                input["top"]["per"] = per;
                told.push(asked(app, &token, &input, 1000, Value::Null).await);
            }
            answers.push(Value::Array(told).to_string());
        }
        assert_eq!(answers[0], answers[1]);
    });
}
