//! The rows of `metrics` as a list: orders and pages.

use entity::ad_day;
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use super::{may, metrics, shop, table};
use crate::{
    fixtures::{ads, deliver_all, range, refusal, start, units},
    support::{App, TestDatabase, json::path, on_both_databases},
};

/// Clicks and spend of 12 countries in May, and of some in April; every third has no spend.
pub(super) async fn countries(team: &TeamStore) {
    let row = |place: i64, on: &str, clicks, spend| ad_day::Model {
        country: format!("C{place:02}"),
        clicks,
        spend: units(spend),
        ..ads(0, 0, on)
    };
    let mut rows = Vec::new();
    for place in 0..12 {
        rows.push(row(place, "2026-05-05", place % 4, place));
        if place % 3 == 0 {
            rows.push(row(place, "2026-04-05", 2, 1));
        }
    }
    let writer = team.begin("fixture").await.expect("a transaction begins");
    writer
        .insert::<ad_day::Entity>(rows)
        .await
        .expect("facts are written");
    deliver_all(&writer, "ads", "2026-04-01", "2026-05-31").await;
    writer.commit().await.expect("the transaction commits");
}

const PAGE: &str = "query ($input: MetricsInput!, $first: Int, $after: String, $last: Int, $before: String) {
    metrics(input: $input, first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { cursor node { dimensions { key } values { value } } } nodes { dimensions { key } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn page(app: &App, token: &str, input: &Value, mut arguments: Value) -> Value {
    arguments["input"] = input.clone();
    let answer = app.graphql(token, PAGE, arguments).await;
    path(&answer, "data.metrics").clone()
}

fn rows(page: &Value) -> Vec<Value> {
    path(page, "edges")
        .as_array()
        .expect("edges are a list")
        .clone()
}

on_both_databases! {
    async fn rows_are_ordered_by_values_keys_and_changes_with_nulls_where_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        countries(&team).await;
        let ordered = async |orders: Value| {
            let input = json!({ "metrics": ["CLICKS", "CPC"], "period": may(), "orderBy": orders,
                "options": { "compareTo": { "to": "PREVIOUS_PERIOD" } }, "groupBy": [{ "dimension": "COUNTRY" }] });
            let rows = table(&metrics(&app, &token, input).await);
            rows.into_iter().map(|(label, _)| label[1..].parse::<i64>().expect("a number")).collect::<Vec<_>>()
        };
        let by = |by: Value, direction: &str, nulls: &str| json!([{ "by": by, "direction": direction, "nulls": nulls }]);
        let (clicks, cpc) = (json!({ "metric": "CLICKS" }), json!({ "metric": "CPC" }));
        let (delta, key) = (json!({ "delta": "CLICKS" }), json!({ "dimension": "COUNTRY" }));
        assert_eq!(ordered(json!(null)).await, (0..12).collect::<Vec<_>>());
        assert_eq!(ordered(json!([{ "by": clicks }])).await, [3, 7, 11, 2, 6, 10, 1, 5, 9, 0, 4, 8], "ties by key");
        assert_eq!(ordered(by(clicks.clone(), "ASC", "LAST")).await, [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
        assert_eq!(ordered(by(key, "DESC", "LAST")).await, (0..12).rev().collect::<Vec<_>>());
        // Cost per click: spend n over clicks n % 4; none where n % 4 is 0.
        assert_eq!(ordered(by(cpc.clone(), "ASC", "LAST")).await, [1, 2, 3, 7, 6, 11, 5, 10, 9, 0, 4, 8]);
        assert_eq!(ordered(by(cpc, "DESC", "FIRST")).await, [0, 4, 8, 9, 5, 10, 11, 6, 7, 1, 2, 3][..]);
        // Clicks less those of April: 2 for 0, 3, 6 and 9, otherwise 0.
        assert_eq!(ordered(by(delta, "DESC", "LAST")).await, [7, 11, 2, 10, 1, 3, 5, 4, 6, 8, 9, 0]);
        let two = json!([{ "by": clicks, "direction": "ASC" }, { "by": { "metric": "CPC" }, "direction": "DESC" }]);
        assert_eq!(ordered(two).await, [0, 4, 8, 9, 5, 1, 10, 6, 2, 11, 7, 3]);
    }

    async fn orders_by_what_is_not_asked_are_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (by, word) in [
            (json!({ "metric": "CPC" }), "input.orderBy[0].by: 'CPC'"),
            (json!({ "delta": "CLICKS" }), "input.orderBy[0].by.delta"),
            (json!({ "dimension": "DEVICE" }), "it must be in input.groupBy"),
        ] {
            let input = json!({ "metrics": ["CLICKS"], "period": may(), "orderBy": [{ "by": by }],
                "groupBy": [{ "dimension": "COUNTRY" }] });
            let (code, message) = refusal(&app, &token, PAGE, json!({ "input": input })).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.contains(word), "{message}");
        }
    }

    async fn pages_give_each_row_once_and_in_order_both_ways(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let days = json!({ "metrics": ["CLICKS", "ORDERS"], "period": range("2026-05-01", "2026-06-14"),
            "groupBy": [{ "dimension": "TIME", "grain": "DAY" }] });
        let mut by_value = days.clone();
        by_value["orderBy"] = json!([{ "by": { "metric": "ORDERS" } }]);
        for input in [days, by_value] {
            let whole = page(&app, &token, &input, json!({ "first": 1000 })).await;
            let expected = rows(&whole);
            assert_eq!(whole["totalCount"], 45);
            assert_eq!(expected.len(), 45);

            let (mut seen, mut arguments) = (Vec::new(), json!({ "first": 7 }));
            loop {
                let part = page(&app, &token, &input, arguments).await;
                assert_eq!(part["totalCount"], 45);
                seen.extend(rows(&part));
                if part["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                arguments = json!({ "first": 7, "after": part["pageInfo"]["endCursor"] });
            }
            assert_eq!(seen, expected);

            let (mut seen, mut arguments) = (Vec::new(), json!({ "last": 7 }));
            loop {
                let part = page(&app, &token, &input, arguments).await;
                let mut start = rows(&part);
                start.extend(seen);
                seen = start;
                if part["pageInfo"]["hasPreviousPage"] == false {
                    break;
                }
                arguments = json!({ "last": 7, "before": part["pageInfo"]["startCursor"] });
            }
            assert_eq!(seen, expected);
        }
    }

    async fn page_sizes_have_bounds_and_foreign_cursors_are_refused(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        countries(&team).await;
        let input = json!({ "metrics": ["CLICKS"], "period": may(), "groupBy": [{ "dimension": "COUNTRY" }] });
        for (arguments, code, start) in [
            (json!({ "first": 0 }), "LIMIT_EXCEEDED", "first: 0 "),
            (json!({ "first": 1001 }), "LIMIT_EXCEEDED", "first: 1001 "),
            (json!({ "last": -1 }), "LIMIT_EXCEEDED", "last: -1 "),
            (json!({ "first": 1, "last": 1 }), "BAD_USER_INPUT", "first and last: "),
            (json!({ "after": "broken" }), "BAD_USER_INPUT", "after: 'broken' "),
        ] {
            let mut variables = arguments;
            variables["input"] = input.clone();
            let (told, message) = refusal(&app, &token, PAGE, variables).await;
            assert_eq!(told, code);
            assert!(message.starts_with(start), "{message}");
        }
        let all = page(&app, &token, &input, json!({})).await;
        let mut other = input.clone();
        other["groupBy"] = json!([{ "dimension": "DEVICE" }]);
        let variables = json!({ "input": other, "after": all["pageInfo"]["endCursor"] });
        assert_eq!(refusal(&app, &token, PAGE, variables).await.0, "BAD_USER_INPUT");
    }
}
