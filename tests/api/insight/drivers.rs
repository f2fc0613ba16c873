//! Drivers: rate, mix and residual against numbers computed by hand, and that they add up.

use entity::{ad_day, customer};
use kpigraph::{auth::Role, store::TeamStore};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    fixtures::{
        ads, campaign, channel, customer, deliver_all, order, range, refusal, start, units,
    },
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const DRIVERS: &str = "query ($input: DriversInput!) { drivers(input: $input) {
    value { value undefinedReason { code } comparison { absolute relative verdict period { from to } } }
    components { metric { key } value comparison { relative } } recommendation
    breakdowns { dimension rateEffect mixEffect residual undefinedReason { code }
        drivers { dimension { key label } contribution rateEffect mixEffect residual
            value { value comparison { baseline { value } } } } } } }";

async fn drivers(app: &App, token: &str, input: Value) -> Value {
    let answer = app.graphql(token, DRIVERS, json!({ "input": input })).await;
    path(&answer, "data.drivers").clone()
}

/// Search and display in April and May 2026: impressions, clicks and spend of each; and new customers of search, 10 in
/// each month, and of display, 10 in April and 0 in May.
async fn two_months(team: &TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let ad = |id, on: &str, impressions, clicks, spend| ad_day::Model {
        impressions,
        clicks,
        spend: units(spend),
        ..ads(id, id, on)
    };
    let rows = vec![
        ad(1, "2026-04-10", 1_000, 50, 100),
        ad(2, "2026-04-11", 1_000, 10, 60),
        ad(1, "2026-05-10", 1_000, 60, 120),
        ad(2, "2026-05-11", 3_000, 30, 90),
    ];
    let bought: Vec<(i64, i64, &str)> = (1..=30)
        .map(|id| match id {
            1..=10 => (id, 1, "2026-04-20"),
            11..=20 => (id, 2, "2026-04-21"),
            _ => (id, 1, "2026-05-20"),
        })
        .collect();
    let people = bought.iter().map(|(id, channel, _)| customer::Model {
        acquired_channel_id: Some(*channel),
        ..customer(*id)
    });
    let orders = bought
        .iter()
        .map(|(id, _, on)| order(*id, Some(*id), on, units(20)));
    let ids: Vec<i64> = (1..=30).collect();
    let done = async {
        let channels = vec![channel(1, "Search"), channel(2, "Display")];
        writer.insert::<entity::channel::Entity>(channels).await?;
        let campaigns = vec![campaign(1, "Search"), campaign(2, "Display")];
        writer.insert::<entity::campaign::Entity>(campaigns).await?;
        writer.insert::<customer::Entity>(people.collect()).await?;
        writer.insert::<ad_day::Entity>(rows).await?;
        writer
            .insert::<entity::orders::Entity>(orders.collect())
            .await?;
        writer.refresh_order_days(&ids).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "all", "2026-01-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}

fn may(metric: &str) -> Value {
    json!({ "metric": metric, "period": range("2026-05-01", "2026-05-31") })
}

fn effects(value: &Value) -> [&str; 3] {
    ["rateEffect", "mixEffect", "residual"].map(|field| text(value, field))
}

on_both_databases! {
    async fn a_ratio_is_split_into_rate_and_mix(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        two_months(&team).await;
        // 60 / 2 000 = 0.03, then 90 / 4 000 = 0.0225. Search: rate 1/4 × 0.01, mix (1/4 - 1/2) × (0.05 - 0.03);
        // display: rate 0, mix (3/4 - 1/2) × (0.01 - 0.03).
        let told = drivers(&app, &token, may("CTR")).await;
        assert_eq!(told["value"], json!({ "value": "0.0225", "undefinedReason": null, "comparison":
            { "absolute": "-0.0075", "relative": "-0.25", "verdict": "WORSE",
            "period": { "from": "2026-04-01", "to": "2026-04-30" } } }));
        let channels = path(&told, "breakdowns.0");
        assert_eq!(effects(channels), ["0.0025", "-0.01", "0"]);
        let named: Vec<_> = path(channels, "drivers").as_array().expect("a list").iter()
            .map(|driver| (text(driver, "dimension.label"), text(driver, "contribution"), effects(driver))).collect();
        assert_eq!(named, [
            ("Display", "-0.005", ["0", "-0.005", "0"]),
            ("Search", "-0.0025", ["0.0025", "-0.005", "0"]),
        ]);
        assert_eq!(text(channels, "drivers.1.value.comparison.baseline.value"), "0.05");
        assert_eq!(text(&told, "recommendation"), "Click-through rate −25\u{a0}%: clicks +50\u{a0}%, impressions \
            +100\u{a0}%; mostly the weight of Display; renew the ads and check whom they reach.");
    }

    async fn spend_that_won_nobody_is_residual_and_the_parts_are_the_change(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        two_months(&team).await;
        // 160 / 20 = 8, then 210 / 10 = 21. Search: rate 1 × (12 - 10), mix (1 - 1/2) × (10 - 8). Display: gone with a
        // cost of 6 at half the weight: mix (0 - 1/2) × (6 - 8); and 90 for nobody: 90 / 10.
        let told = drivers(&app, &token, may("CAC")).await;
        assert_eq!(text(&told, "value.comparison.absolute"), "13");
        let channels = path(&told, "breakdowns.0");
        assert_eq!(effects(channels), ["2", "2", "9"]);
        assert_eq!(effects(path(channels, "drivers.0")), ["0", "1", "9"]);
        assert_eq!(effects(path(channels, "drivers.1")), ["2", "1", "0"]);
        for metric in ["CTR", "CPC", "CPM", "CAC", "CPA", "ROAS", "AOV", "SPEND", "CLICKS", "ORDERS", "REVENUE"] {
            let mut input = may(metric);
            input["by"] = json!(["CHANNEL", "CAMPAIGN", "COUNTRY"]);
            let told = drivers(&app, &token, input).await;
            let Some(change) = path(&told, "value.comparison.absolute").as_str() else { continue };
            for breakdown in path(&told, "breakdowns").as_array().expect("a list") {
                let part = |field: &str| breakdown[field].as_str().map(|part| part.parse::<Decimal>().expect("a number"));
                let Some(mix) = part("mixEffect") else {
                    assert_eq!(text(breakdown, "undefinedReason.code"), "INCOMPATIBLE_DIMENSION", "{metric}");
                    continue;
                };
                let sum = part("rateEffect").unwrap_or_default() + mix + part("residual").expect("a residual");
                assert_eq!(sum, change.parse().expect("a number"), "{metric} {breakdown:#}");
            }
        }
    }

    async fn a_sum_is_the_sum_of_its_segments(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        two_months(&team).await;
        let mut input = may("SPEND");
        input["top"] = json!(1);
        let told = drivers(&app, &token, input).await;
        let channels = path(&told, "breakdowns.0");
        assert_eq!((&channels["rateEffect"], text(channels, "mixEffect"), text(channels, "residual")),
            (&Value::Null, "50", "0"));
        let named = path(channels, "drivers").as_array().expect("a list");
        assert_eq!(named.len(), 1);
        assert_eq!((text(&named[0], "dimension.label"), text(&named[0], "contribution")), ("Display", "30"));
        assert!(named[0]["rateEffect"].is_null());
    }

    async fn what_has_no_value_has_no_drivers_but_a_reason(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        two_months(&team).await;
        let empty = json!({ "metric": "CTR", "period": range("2026-06-01", "2026-06-10") });
        let told = drivers(&app, &token, empty).await;
        assert_eq!(text(&told, "breakdowns.0.undefinedReason.code"), "ZERO_DENOMINATOR");
        assert_eq!((&told["recommendation"], path(&told, "breakdowns.0.drivers")), (&Value::Null, &json!([])));
        let viewer = app.token("acme", Role::Viewer);
        let hidden = drivers(&app, &viewer, may("CAC")).await;
        assert_eq!(text(&hidden, "breakdowns.0.undefinedReason.code"), "NOT_PERMITTED");
        assert_eq!(path(&hidden, "breakdowns.0.rateEffect"), &Value::Null);
        let by = |by: &str| json!({ "metric": "CTR", "period": range("2026-05-01", "2026-05-31"), "by": [by] });
        let target = json!({ "metric": "CTR", "period": range("2026-05-01", "2026-05-31"), "compareTo": { "to": "TARGET" } });
        for (input, code) in [(target, "BAD_USER_INPUT"), (by("TIME"), "BAD_USER_INPUT"), (by("CUSTOMER"), "BAD_USER_INPUT"),
            (json!({ "metric": "CTR", "period": range("2026-05-01", "2026-05-31"), "top": 21 }), "LIMIT_EXCEEDED")] {
            assert_eq!(refusal(&app, &token, DRIVERS, json!({ "input": input })).await.0, code, "{input}");
        }
    }

    async fn filters_and_comparisons_are_those_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        two_months(&team).await;
        let mut input = may("CLICKS");
        input["compareTo"] = json!({ "to": "CUSTOM", "range": { "from": "2026-03-01", "to": "2026-03-31" } });
        input["filter"] = json!({ "dimension": { "dimension": "CHANNEL", "op": "CONTAINS", "values": ["search"] } });
        let told = drivers(&app, &token, input).await;
        assert_eq!((text(&told, "value.value"), text(&told, "value.comparison.absolute")), ("60", "60"));
        assert_eq!(path(&told, "breakdowns.0.drivers").as_array().map(Vec::len), Some(1));
    }
}
