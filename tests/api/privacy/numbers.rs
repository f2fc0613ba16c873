//! All that is counted, so that it can be compared before and after.

use serde_json::{Value, json};

use super::{FIRST, LATER, today};
use crate::{as_of::Then, fixtures::range, support::json::path};

const METRICS: &str =
    "query ($input: MetricsInput!) { metrics(first: 1000, input: $input) { totalCount
    totals { values { ...v } } nodes { dimensions { key } values { ...v } } } }
    fragment v on KpiValue { value numerator denominator undefinedReason { code } }";
const REPORTS: &str = "query ($cohorts: CohortInput!, $funnel: FunnelInput!, $value: LifetimeValueInput!,
        $touches: AttributionReportInput!) {
    cohorts(input: $cohorts) { cohorts { start size cells { retained { value } revenue { value } cumulativeLtv { value } } } }
    funnel(input: $funnel) { steps { key entered converted rate { value } medianTimeToNext } overall { value } }
    lifetimeValue(input: $value) { total { customers } }
    attribution(input: $touches) { rows { dimension { key } credits { model conversions revenue { amount } } }
        unattributed { conversions revenue { amount } }
        reconciliation { attributed unattributed total platformClaimed } } }";

/// Every KPI of the catalogue, whole and in parts, as of now and of earlier days; cohorts, funnel, attribution.
pub async fn numbers(then: &Then) -> Vec<String> {
    let keys = then
        .app
        .graphql(&then.token, "{ metricCatalog { key } }", json!({}))
        .await;
    let keys = path(&keys, "data.metricCatalog")
        .as_array()
        .expect("a list");
    let keys: Vec<&Value> = keys.iter().map(|entry| &entry["key"]).collect();
    let by = |dimension: &str| json!([{ "dimension": dimension }]);
    let mut told = Vec::new();
    for as_of in [None, Some(FIRST), Some(LATER)] {
        let mut groupings = vec![json!([]), by("CUSTOMER"), by("COUNTRY"), by("CAMPAIGN")];
        if as_of.is_none() {
            let week = json!([{ "dimension": "TIME", "grain": "WEEK" }]);
            groupings.extend([week, by("LIFECYCLE"), by("SOURCE"), by("CHANNEL_KIND")]);
        }
        for groups in groupings {
            for keys in keys.chunks(40) {
                let input = json!({ "metrics": keys, "groupBy": groups, "period": range("2026-05-01", "2026-06-14"),
                    "options": { "asOf": as_of } });
                let answer = then
                    .app
                    .graphql(&then.token, METRICS, json!({ "input": input }))
                    .await;
                told.push(format!("{as_of:?} {groups}: {answer}"));
            }
        }
    }
    let period = range("2026-05-01", &today().to_string());
    for models in [
        json!(["FIRST_TOUCH", "LINEAR"]),
        json!(["LAST_NON_DIRECT", "SHAPLEY"]),
    ] {
        let variables = json!({ "cohorts": { "period": period, "grain": "MONTH", "periods": 3 },
            "funnel": { "period": period, "steps": ["LEAD", "MQL", "CUSTOMER"] },
            "value": { "period": period },
            "touches": { "period": period, "models": models, "groupBy": "CHANNEL_KIND" } });
        let answer = then.app.graphql(&then.token, REPORTS, variables).await;
        told.push(answer.to_string());
    }
    told
}

/// Fails at the first number that differs.
#[track_caller]
pub fn assert_same(before: &[String], after: &[String]) {
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(after) {
        assert_eq!(before, after);
    }
}
