//! What holds for any data: parts add up, ratios are made of their parts, and neither the other KPIs asked, nor the
//! size of a page, nor the database changes a number.

mod cases;
mod cohorts;
mod door;
mod steadfast;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, range},
    support::{App, TestDatabase, json::path},
};
use cases::{FIRST_DAY, for_cases, team};

const ADDITIVE: [&str; 8] = [
    "SPEND",
    "IMPRESSIONS",
    "CLICKS",
    "CONVERSIONS",
    "CONVERSION_VALUE",
    "ORDERS",
    "REVENUE",
    "NEW_CUSTOMERS",
];
/// What is neither, but the same however it is asked.
const OTHERS: [&str; 10] = [
    "ROI",
    "REPEAT_PURCHASE_RATE",
    "REPEAT_PURCHASE_RATE_30",
    "RETENTION_RATE",
    "CHURN_RATE",
    "LAPSED_RATE",
    "CLV_HISTORIC",
    "CLV_COHORT",
    "LTV_TO_CAC",
    "CAC_PAYBACK",
];
const RATIOS: [&str; 6] = ["CTR", "CPC", "CPM", "ROAS", "AOV", "CPA"];

fn groupings() -> [Value; 6] {
    let time = |grain: &str| json!({ "dimension": "TIME", "grain": grain });
    let by = |dimension: &str| json!({ "dimension": dimension });
    [
        json!([]),
        json!([by("CAMPAIGN")]),
        json!([by("COUNTRY"), time("WEEK")]),
        json!([time("DAY")]),
        json!([by("CAMPAIGN"), by("COUNTRY"), time("MONTH")]),
        json!([by("CHANNEL")]),
    ]
}

const QUERY: &str = "query ($input: MetricsInput!, $first: Int, $after: String) {
    metrics(input: $input, first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
        totals { values { ...v } } nodes { dimensions { key label } values { ...v } } } }
    fragment v on KpiValue { metric { key } value float formatted numerator denominator
        undefinedReason { code message } quality { complete estimated } }";

async fn ask(
    app: &App,
    token: &str,
    keys: &[&str],
    groups: &Value,
    first: u32,
    after: Value,
) -> Value {
    let input = json!({ "metrics": keys, "groupBy": groups, "period": range(FIRST_DAY, "2026-04-30"),
        "options": { "compareTo": { "to": "PREVIOUS_PERIOD" } } });
    let answer = app
        .graphql(
            token,
            QUERY,
            json!({ "input": input, "first": first, "after": after }),
        )
        .await;
    path(&answer, "data.metrics").clone()
}

/// The answer over a period, with what each value is compared with.
async fn asked_over(
    app: &App,
    token: &str,
    keys: &[&str],
    groups: &Value,
    period: &Value,
    options: Value,
) -> Value {
    let query = "query ($input: MetricsInput!) { metrics(input: $input) { totals { values { ...v } }
        nodes { values { ...v } } } }
        fragment v on KpiValue { metric { key } ...n comparison { period { from to } baseline { ...n } } }
        fragment n on KpiValue { value numerator denominator undefinedReason { code } }";
    let input = json!({ "metrics": keys, "groupBy": groups, "period": period, "options": options });
    let answer = app.graphql(token, query, json!({ "input": input })).await;
    path(&answer, "data.metrics").clone()
}

fn list<'a>(value: &'a Value, at: &str) -> &'a [Value] {
    path(value, at).as_array().expect("a list")
}

fn number(value: &Value) -> Decimal {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no number"))
        .parse()
        .expect("a decimal number")
}

/// The sum over the rows of a part of the value at a place.
fn sum(answer: &Value, place: usize, part: &str) -> Decimal {
    list(answer, "nodes")
        .iter()
        .map(|row| number(&row["values"][place][part]))
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_any_partition_add_up_and_ratios_are_made_of_their_parts() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    for_cases(async |number, case| {
        let (_, token) = team(&app, number, &case).await;
        for groups in groupings() {
            let sums = ask(&app, &token, &ADDITIVE, &groups, 1000, Value::Null).await;
            for (place, key) in ADDITIVE.iter().enumerate() {
                let total = self::number(&sums["totals"]["values"][place]["value"]);
                assert_eq!(sum(&sums, place, "value"), total, "{key} by {groups}");
            }
            let ratios = ask(&app, &token, &RATIOS, &groups, 1000, Value::Null).await;
            for (place, key) in RATIOS.iter().enumerate() {
                let (above, below) = (
                    sum(&ratios, place, "numerator"),
                    sum(&ratios, place, "denominator"),
                );
                let recombined = above.checked_div(below).map(|ratio| ratio.round_dp(15));
                let total = &ratios["totals"]["values"][place];
                assert_eq!(
                    recombined,
                    total["value"]
                        .as_str()
                        .map(|_| self::number(&total["value"])),
                    "{key} by {groups}"
                );
            }
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_other_kpis_asked_nor_the_size_of_a_page_changes_a_number() {
    let database = TestDatabase::sqlite();
    let app = App::start(&database, clock()).await;
    let all: Vec<_> = ADDITIVE.into_iter().chain(RATIOS).chain(OTHERS).collect();
    for_cases(async |number, case| {
        let (_, token) = team(&app, number, &case).await;
        let (_, _, some, size) = &case;
        let by_day = json!([{ "dimension": "TIME", "grain": "DAY" }]);
        let whole = ask(&app, &token, &all, &by_day, 1000, Value::Null).await;
        let part = ask(&app, &token, some, &by_day, 1000, Value::Null).await;
        for (whole, part) in list(&whole, "nodes").iter().zip(list(&part, "nodes")) {
            let chosen = list(whole, "values")
                .iter()
                .filter(|value| some.iter().any(|key| value["metric"]["key"] == *key));
            assert_eq!(
                chosen.collect::<Vec<_>>(),
                list(part, "values").iter().collect::<Vec<_>>()
            );
        }
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = ask(&app, &token, &all, &by_day, 8 * size, after).await;
            seen.extend_from_slice(list(&page, "nodes"));
            assert_eq!(page["totals"], whole["totals"]);
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, list(&whole, "nodes"));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_answer_alike_to_the_byte() {
    let Some(postgres) = TestDatabase::postgres().await else {
        return;
    };
    let sqlite = TestDatabase::sqlite();
    let apps = [
        App::start(&sqlite, clock()).await,
        App::start(&postgres, clock()).await,
    ];
    let all: Vec<_> = ADDITIVE.into_iter().chain(RATIOS).chain(OTHERS).collect();
    for_cases(async |number, case| {
        let mut answers = Vec::new();
        for app in &apps {
            let (_, token) = team(app, number, &case).await;
            let mut told = Vec::new();
            for groups in groupings() {
                told.push(ask(app, &token, &all, &groups, 1000, Value::Null).await);
            }
            let list = "{ campaigns(orderBy: { kpi: { metric: CPC, period: { preset: ALL_TIME } } }) { edges { cursor
                node { id name kpis(period: { preset: ALL_TIME }) { spend { value } cpc { value formatted } } } } }
                customers { edges { cursor node { id lifecycle orders { nodes { id day net { amount } } } } } } }";
            told.push(app.graphql(&token, list, json!({})).await);
            answers.push(Value::Array(told).to_string());
        }
        assert_eq!(answers[0], answers[1]);
    });
}
