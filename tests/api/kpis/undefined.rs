//! Why a KPI has no value: each reason, and that its neighbours still have theirs.

use entity::orders;
use serde_json::{Value, json};

use super::{expect, may, metrics, shop, shown, table};
use crate::{
    fixtures::{noon, order, range, start, units},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// The values of one row, and the reasons' messages.
async fn values(
    app: &App,
    token: &str,
    keys: &[&str],
    period: Value,
    options: Value,
) -> (Vec<String>, Vec<String>) {
    let input = json!({ "metrics": keys, "period": period, "options": options });
    let answer = metrics(app, token, input).await;
    let values = path(&answer, "nodes.0.values").as_array().expect("a list");
    let message = |value: &Value| {
        value["undefinedReason"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (
        values.iter().map(shown).collect(),
        values.iter().map(message).collect(),
    )
}

on_both_databases! {
    async fn nothing_delivered_is_no_data_and_nothing_happened_is_zero(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let keys = ["SPEND", "CTR", "ORDERS", "REVENUE", "AOV", "LEADS", "REPEAT_PURCHASE_RATE", "MARKETING_COST"];
        let (empty, messages) = values(&app, &token, &keys, may(), json!(null)).await;
        assert_eq!(empty, ["NO_DATA"; 8], "a team without any data");
        assert_eq!(messages[0], "no source has delivered spend for this period");
        for key in ["ORDERS", "NEW_CUSTOMERS", "ACTIVE_CUSTOMERS", "LEADS"] {
            let (alone, _) = values(&app, &token, &[key], may(), json!(null)).await;
            assert_eq!(alone, ["NO_DATA"], "{key} asked alone");
        }
        shop(&team).await;
        let february = range("2026-02-01", "2026-02-28");
        let (quiet, _) = values(&app, &token, &keys, february, json!(null)).await;
        assert_eq!(quiet, ["0", "ZERO_DENOMINATOR", "0", "0", "ZERO_DENOMINATOR", "0", "ZERO_DENOMINATOR", "0"]);
        let (before, _) = values(&app, &token, &keys, range("2024-02-01", "2024-02-28"), json!(null)).await;
        assert_eq!(before, ["NO_DATA"; 8], "before the first delivery");
        let (budget, _) = values(&app, &token, &["BUDGET_PACING"], range("2026-04-01", "2026-04-30"), json!(null)).await;
        assert_eq!(budget, ["ZERO_DENOMINATOR"]);
    }

    async fn a_ratio_over_zero_keeps_its_parts(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let input = json!({ "metrics": ["CTR"], "period": range("2026-02-01", "2026-02-28") });
        let answer = metrics(&app, &token, input).await;
        let value = path(&answer, "nodes.0.values.0");
        assert_eq!((text(value, "numerator"), text(value, "denominator")), ("0", "0"));
        assert_eq!(text(value, "undefinedReason.message"), "the denominator is zero");
    }

    async fn an_unknown_cost_of_goods_leaves_margins_open_and_nothing_else(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let unknown = [(11, "2026-05-11"), (12, "2026-05-12")].map(|(id, on)| orders::Model {
            cost_of_goods: None,
            ..order(id, None, on, units(10))
        });
        writer.insert::<orders::Entity>(unknown.into()).await.expect("orders are written");
        writer.commit().await.expect("the transaction commits");
        let keys = ["GROSS_MARGIN", "ROI", "REVENUE", "ROI_REVENUE", "ORDERS"];
        let (found, messages) = values(&app, &token, &keys, may(), json!(null)).await;
        assert_eq!(found, ["MISSING_COST", "MISSING_COST", "450", "0.242424242424242", "7"]);
        assert_eq!(messages[0], "the cost of goods is unknown for 2 orders");
        let (april, _) = values(&app, &token, &["GROSS_MARGIN"], range("2026-04-01", "2026-04-30"), json!(null)).await;
        assert_eq!(april, ["10"], "another month's costs are known");
    }

    async fn a_kpi_that_a_dimension_does_not_fit_says_so_beside_those_it_fits(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let input = json!({ "metrics": ["CLICKS", "CAC", "ORDERS", "BUDGET_PACING"], "period": may(),
            "groupBy": [{ "dimension": "DEVICE" }] });
        let answer = metrics(&app, &token, input).await;
        let found = table(&answer);
        let incompatible = "INCOMPATIBLE_DIMENSION";
        assert_eq!(found, expect(&[
            ("(none)", &format!("0 {incompatible} 5 {incompatible}")),
            ("DESKTOP", &format!("200 {incompatible} 0 {incompatible}")),
            ("MOBILE", &format!("300 {incompatible} 0 {incompatible}")),
        ]));
        let message = text(path(&answer, "nodes.0.values.1"), "undefinedReason.message");
        assert!(message.contains("DEVICE"), "{message}");
        let totals = path(&answer, "totals.values").as_array().expect("a list");
        assert_eq!(totals.iter().map(shown).collect::<Vec<_>>(), ["500", "140", "5", "0.32258064516129"]);
        let filtered = json!({ "metrics": ["CLICKS", "CAC"], "period": may(),
            "filter": { "dimension": { "dimension": "DEVICE", "op": "EQ", "values": ["MOBILE"] } } });
        let answer = metrics(&app, &token, filtered).await;
        assert_eq!(table(&answer), expect(&[("", "300 INCOMPATIBLE_DIMENSION")]));
    }

    async fn nobody_is_credited_on_the_blended_basis(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let input = json!({ "metrics": ["SPEND", "NEW_CUSTOMERS", "REVENUE"], "period": may(),
            "options": { "basis": "BLENDED" }, "groupBy": [{ "dimension": "CAMPAIGN" }] });
        let answer = metrics(&app, &token, input).await;
        let (one, two) = ("100 INCOMPATIBLE_DIMENSION INCOMPATIBLE_DIMENSION", "150 INCOMPATIBLE_DIMENSION INCOMPATIBLE_DIMENSION");
        assert_eq!(table(&answer), expect(&[("One", one), ("Two", two)]));
        let totals = path(&answer, "totals.values").as_array().expect("a list");
        assert_eq!(totals.iter().map(shown).collect::<Vec<_>>(), ["250", "2", "430"]);
    }

    async fn a_period_that_is_not_over_is_incomplete(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        assert_eq!(app.clock.now(), noon("2026-06-15"));
        for (period, complete) in [
            (may(), true),
            (json!({ "preset": "YESTERDAY" }), true),
            (json!({ "preset": "TODAY" }), false),
            (json!({ "preset": "THIS_MONTH" }), false),
            (range("2026-06-01", "2026-06-15"), false),
            (range("2026-06-01", "2026-06-14"), true),
        ] {
            let input = json!({ "metrics": ["CLICKS"], "period": period });
            let answer = metrics(&app, &token, input).await;
            assert_eq!(path(&answer, "nodes.0.values.0.quality.complete"), complete, "{period}");
        }
    }
}
