//! By which day refunds count, and how far a period that is not over is compared, bucket by bucket.

use serde_json::{Value, json};

use super::{expect, may, metrics, shop, shown, table};
use crate::{
    fixtures::{range, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

/// Values and by which day their refunds counted.
async fn dated(app: &App, token: &str, keys: &[&str], by: Option<&str>) -> Vec<String> {
    let query = "query ($input: MetricsInput!) { metrics(input: $input) { nodes { values {
        value undefinedReason { code } provenance { dateBasis } } } } }";
    let input = json!({ "metrics": keys, "period": may(), "options": { "basis": "BLENDED", "dateBasis": by } });
    let answer = app.graphql(token, query, json!({ "input": input })).await;
    let values = path(&answer, "data.metrics.nodes.0.values").as_array();
    let told = values.expect("a list").iter().map(|value| {
        let basis = path(value, "provenance.dateBasis").as_str();
        format!("{} {}", shown(value), basis.expect("a text"))
    });
    told.collect()
}

on_both_databases! {
    // Orders of May: 500 net. In May 70 were paid back, of which 10 for an order of April; of May's orders 110 in all.
    async fn refunds_count_on_their_own_day_or_on_that_of_their_order_as_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let keys = ["REVENUE", "GROSS_MARGIN", "AOV"];
        assert_eq!(dated(&app, &token, &keys, None).await, ["430 EVENT_DATE", "210 ORDER_DATE", "97.5 ORDER_DATE"]);
        assert_eq!(dated(&app, &token, &keys, Some("ORDER_DATE")).await, ["390 ORDER_DATE", "210 ORDER_DATE", "97.5 ORDER_DATE"]);
        assert_eq!(dated(&app, &token, &keys, Some("EVENT_DATE")).await, ["430 EVENT_DATE", "250 EVENT_DATE", "107.5 EVENT_DATE"]);
        // April had an order of 40, of which 10 was paid back in May: 390 after 30, or 430 after 40.
        assert_eq!(dated(&app, &token, &["REVENUE_GROWTH"], Some("ORDER_DATE")).await, ["12 ORDER_DATE"]);
        assert_eq!(dated(&app, &token, &["REVENUE_GROWTH"], None).await, ["9.75 EVENT_DATE"]);
    }

    async fn a_date_basis_that_the_basis_does_not_know_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "query ($input: MetricsInput!) { metrics(input: $input) { totalCount } }";
        let input = json!({ "metrics": ["ROAS"], "period": may(), "options": { "basis": "ATTRIBUTED", "dateBasis": "ORDER_DATE" } });
        let (code, message) = refusal(&app, &token, query, json!({ "input": input })).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.starts_with("options.dateBasis: 'ORDER_DATE'"), "{message}");
    }

    // Today is 15 June. Whole months stand against whole months, and what is over of June against as much of March.
    async fn months_of_a_period_that_is_not_over_meet_like_months(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let input = json!({ "metrics": ["SPEND"], "period": range("2026-04-01", "2026-06-30"),
            "groupBy": [{ "dimension": "TIME", "grain": "MONTH" }], "options": { "compareTo": { "to": "PREVIOUS_PERIOD" } } });
        let query = "query ($input: MetricsInput!) { metrics(input: $input) { meta { comparedTo { from to } }
            nodes { values { comparison { period { from to } } } } } }";
        let answer = app.graphql(&token, query, json!({ "input": input })).await;
        let days = |at: &str| path(&answer, &format!("data.metrics.{at}")).clone();
        assert_eq!(days("meta.comparedTo"), json!({ "from": "2026-01-01", "to": "2026-03-14" }));
        for (place, from, to) in [(0, "2026-01-01", "2026-01-31"), (1, "2026-02-01", "2026-02-28"), (2, "2026-03-01", "2026-03-14")] {
            assert_eq!(days(&format!("nodes.{place}.values.0.comparison.period")), json!({ "from": from, "to": to }));
        }
    }

    // Signups: one, worth 15. Spend in May: 250; clicks: 500.
    async fn a_conversion_type_narrows_conversions_and_what_is_set_beside_them_and_nothing_else(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let signup = json!({ "dimension": { "dimension": "CONVERSION_TYPE", "op": "EQ", "values": ["signup"] } });
        let german = json!({ "dimension": { "dimension": "COUNTRY", "op": "EQ", "values": ["DE"] } });
        let ask = |filter: Value| json!({ "metrics": ["CONVERSIONS", "CPA", "ROAS", "ORDERS", "REVENUE", "LEADS", "SPEND"],
            "period": may(), "filter": filter, "options": { "basis": "BLENDED" } });
        let told = table(&metrics(&app, &token, ask(signup.clone())).await);
        let refused = "INCOMPATIBLE_DIMENSION";
        assert_eq!(told, expect(&[("", &format!("1 250 0.06 {}", [refused; 4].join(" ")))]));
        let either = table(&metrics(&app, &token, ask(json!({ "or": [signup, german] }))).await);
        assert!(either[0].1.ends_with(&[refused; 6].join(" ")), "{either:?}");
    }
}
