//! Comparisons: the baseline is what a plain question for its days gives, and the verdict knows which way is better.

use serde_json::{Value, json};

use super::{expect, may, metrics, plain, shop, shown, table};
use crate::{
    fixtures::{range, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const KEYS: [&str; 8] = [
    "CAC",
    "CTR",
    "SPEND",
    "REVENUE",
    "LEADS",
    "CONVERSIONS",
    "LOST_DEALS",
    "BUDGET_PACING",
];

async fn compared(app: &App, token: &str, to: Value) -> Value {
    metrics(
        app,
        token,
        json!({ "metrics": KEYS, "period": may(), "options": { "compareTo": to } }),
    )
    .await
}

/// Checks that each value's baseline is the value of a plain question for these days.
async fn check_baselines(app: &App, token: &str, answer: &Value, from: &str, to: &str) {
    let days = json!({ "from": from, "to": to });
    assert_eq!(path(answer, "meta.comparedTo"), &days);
    let plain = metrics(
        app,
        token,
        json!({ "metrics": KEYS, "period": range(from, to) }),
    )
    .await;
    for (place, key) in KEYS.iter().enumerate() {
        let comparison = path(answer, &format!("nodes.0.values.{place}.comparison"));
        assert_eq!(comparison["period"], days);
        let mut expected = path(&plain, &format!("nodes.0.values.{place}")).clone();
        expected
            .as_object_mut()
            .expect("an object")
            .remove("comparison");
        assert_eq!(comparison["baseline"], expected, "{key}");
    }
}

on_both_databases! {
    async fn the_month_before_is_compared_and_a_rising_cost_is_worse(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let answer = compared(&app, &token, json!({ "to": "PREVIOUS_PERIOD" })).await;
        check_baselines(&app, &token, &answer, "2026-04-01", "2026-04-30").await;
        let expected = [
            // CAC 140 after 100 for one customer.
            ("40", "0.4", "UP", "WORSE"),
            // CTR 0.0125 after 250 / 10 000.
            ("-0.0125", "-0.5", "DOWN", "WORSE"),
            ("150", "1.5", "UP", "NEUTRAL"),
            ("390", "9.75", "UP", "BETTER"),
            ("3", "null", "UP", "BETTER"),
            ("5", "1", "UP", "BETTER"),
            ("1", "null", "UP", "WORSE"),
            ("null", "null", "UNKNOWN", "UNKNOWN"),
        ];
        for (place, (absolute, relative, trend, verdict)) in expected.into_iter().enumerate() {
            let comparison = path(&answer, &format!("nodes.0.values.{place}.comparison"));
            let told = ["absolute", "relative", "trend", "verdict"].map(|field| plain(&comparison[field]));
            assert_eq!(told, [absolute, relative, trend, verdict], "{}", KEYS[place]);
        }
    }

    async fn the_year_before_and_any_other_days_can_be_compared(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let year = compared(&app, &token, json!({ "to": "PREVIOUS_YEAR" })).await;
        check_baselines(&app, &token, &year, "2025-05-01", "2025-05-31").await;
        assert_eq!(text(&year, "nodes.0.values.1.comparison.baseline.value"), "0.02");
        let weekdays = compared(&app, &token, json!({ "to": "PREVIOUS_YEAR", "matchWeekday": true })).await;
        check_baselines(&app, &token, &weekdays, "2025-05-02", "2025-06-01").await;
        let days = json!({ "from": "2026-04-01", "to": "2026-04-10" });
        let custom = compared(&app, &token, json!({ "to": "CUSTOM", "range": days })).await;
        check_baselines(&app, &token, &custom, "2026-04-01", "2026-04-10").await;
        let same = json!({ "from": "2026-05-01", "to": "2026-05-31" });
        let same = compared(&app, &token, json!({ "to": "CUSTOM", "range": same })).await;
        for value in path(&same, "nodes.0.values").as_array().expect("a list") {
            assert_eq!((text(value, "comparison.absolute"), text(value, "comparison.trend")), ("0", "FLAT"));
            assert!(["SAME", "NEUTRAL"].contains(&text(value, "comparison.verdict")), "{value:#}");
        }
    }

    async fn an_unfinished_period_is_compared_with_as_many_days(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for (align, to) in [(json!(null), "2026-05-14"), (json!(true), "2026-05-14"), (json!(false), "2026-05-31")] {
            let answer = metrics(&app, &token, json!({ "metrics": ["ORDERS"], "period": { "preset": "THIS_MONTH" },
                "options": { "compareTo": { "to": "PREVIOUS_PERIOD", "alignElapsed": align } } })).await;
            assert_eq!(path(&answer, "meta.comparedTo"), &json!({ "from": "2026-05-01", "to": to }));
        }
    }

    async fn groups_and_buckets_meet_their_counterparts(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let baselines = async |period: Value, group: Value| {
            let answer = metrics(&app, &token, json!({ "metrics": ["CLICKS"], "period": period, "groupBy": [group],
                "options": { "compareTo": { "to": "PREVIOUS_PERIOD" } } })).await;
            let nodes = path(&answer, "nodes").as_array().expect("a list").clone();
            let baseline = |row: &Value| shown(path(row, "values.0.comparison.baseline"));
            let rows = table(&answer).into_iter().zip(nodes.iter().map(baseline));
            rows.map(|((label, value), before)| (label, format!("{value} after {before}"))).collect::<Vec<_>>()
        };
        let campaigns = baselines(may(), json!({ "dimension": "CAMPAIGN" })).await;
        assert_eq!(campaigns, expect(&[("One", "200 after 250"), ("Two", "300 after 0")]));
        let vanished = baselines(range("2026-06-01", "2026-06-14"), json!({ "dimension": "COUNTRY" })).await;
        assert_eq!(vanished, [], "nothing in June nor in the fourteen days before");
        let gone = baselines(range("2026-05-03", "2026-05-04"), json!({ "dimension": "COUNTRY" })).await;
        assert_eq!(gone, expect(&[("DE", "0 after 200"), ("FR", "0 after 300")]), "what fell to nothing is a row");
        let months = baselines(range("2026-04-01", "2026-05-31"), json!({ "dimension": "TIME", "grain": "MONTH" })).await;
        assert_eq!(months, expect(&[("2026-04", "250 after 0"), ("2026-05", "500 after 0")]));
    }

    async fn lists_compare_like_single_campaigns(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let kpis = "kpis(period: { preset: LAST_MONTH }, options: { compareTo: { to: PREVIOUS_PERIOD } }) {
            clicks { value comparison { absolute relative verdict baseline { value } } } }";
        let list = app.graphql(&token, &format!("{{ campaigns {{ nodes {{ id {kpis} }} }} }}"), json!({})).await;
        assert_eq!(path(&list, "data.campaigns.nodes.0.kpis.clicks"), &json!({ "value": "200", "comparison":
            { "absolute": "-50", "relative": "-0.2", "verdict": "WORSE", "baseline": { "value": "250" } } }));
        for node in path(&list, "data.campaigns.nodes").as_array().expect("a list") {
            let query = format!("{{ node(id: {}) {{ ... on Campaign {{ id {kpis} }} }} }}", node["id"]);
            let single = app.graphql(&token, &query, json!({})).await;
            assert_eq!(path(&single, "data.node"), node);
        }
    }

    async fn comparisons_that_make_no_sense_are_refused_by_name(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "query ($to: CompareInput!, $period: PeriodInput!) { metrics(input: { metrics: [CLICKS],
            period: $period, options: { compareTo: $to } }) { totalCount } }";
        let days = |from: &str, to: &str| json!({ "from": from, "to": to });
        for (to, period, word) in [
            (json!({ "to": "CUSTOM" }), may(), "compareTo.range is missing"),
            (json!({ "to": "PREVIOUS_YEAR", "range": days("2026-01-01", "2026-01-02") }), may(), "only when"),
            (json!({ "to": "CUSTOM", "range": days("2026-01-02", "2026-01-01") }), may(), "compareTo.range.from"),
            (json!({ "to": "PREVIOUS_YEAR" }), range("2026-02-02", "2026-02-01"), "period.range.from"),
            (json!({ "to": "PREVIOUS_YEAR" }), json!({ "trailing": { "count": 0, "grain": "DAY" } }), "1 to 1000"),
        ] {
            let (code, message) = refusal(&app, &token, query, json!({ "to": to, "period": period })).await;
            assert_eq!(code, "BAD_USER_INPUT", "{to} {period}");
            assert!(message.contains(word), "{message}");
        }
        let early = json!({ "to": { "to": "PREVIOUS_YEAR" }, "period": range("1969-12-31", "2026-02-01") });
        let (_, _, body) = app.graphql_raw(&token, query, early).await;
        assert!(body["data"].is_null() && text(&body, "errors.0.message").contains("1970"), "{body:#}");
    }
}
