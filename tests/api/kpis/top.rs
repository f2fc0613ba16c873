//! `top`: the first groups by a metric, and the rest in a row that is made from facts.

use entity::{customer, orders};
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use super::{expect, may, metrics, rows::countries, shop, shown, table};
use crate::{
    fixtures::{customer, deliver_all, order, range, refusal, start, units},
    support::{App, TestDatabase, json::path, on_both_databases},
};

async fn asked(app: &App, token: &str, groups: Value, keys: &[&str], more: Value) -> Value {
    let mut input = json!({ "metrics": keys, "period": may(), "groupBy": groups });
    for (key, value) in more.as_object().expect("an object") {
        input[key] = value.clone();
    }
    metrics(app, token, input).await
}

fn by(dimension: &str) -> Value {
    json!({ "dimension": dimension })
}

fn months() -> Value {
    json!({ "dimension": "TIME", "grain": "MONTH" })
}

/// Customers 1 to 3, who order in May from three countries: 1 in all of them, 2 in France, 3 twice in Germany.
async fn travellers(team: &TeamStore) {
    let bought = |id, customer: i64, country: &str| orders::Model {
        country: Some(country.to_owned()),
        ..order(id, Some(customer), "2026-05-05", units(10))
    };
    let rows = vec![
        bought(1, 1, "DE"),
        bought(2, 3, "DE"),
        bought(3, 3, "DE"),
        bought(4, 1, "FR"),
        bought(5, 2, "FR"),
        bought(6, 1, "IT"),
    ];
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let done = async {
        writer
            .insert::<customer::Entity>((1..4).map(customer).collect())
            .await?;
        writer.insert::<orders::Entity>(rows).await?;
        writer.refresh_order_days(&[1, 2, 3]).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "shop", "2026-04-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}

on_both_databases! {
    async fn the_first_groups_stay_and_the_rest_is_one_row_of_their_facts(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        countries(&team).await;
        let keys = ["CLICKS", "SPEND", "CPC"];
        let two = json!({ "top": { "n": 2, "by": "SPEND" }, "options": { "compareTo": { "to": "PREVIOUS_PERIOD" } } });
        let answer = asked(&app, &token, json!([by("COUNTRY")]), &keys, two).await;
        // Ten countries are left, with clicks n % 4 and spend n: 13 and 45.
        assert_eq!(table(&answer), expect(&[
            ("C10", "2 10 5"),
            ("C11", "3 11 3.666666666666667"),
            ("(others)", "13 45 3.461538461538462"),
        ]));
        // In April four of them had 2 clicks for 1 each.
        let clicks = path(&answer, "nodes.2.values.0.comparison");
        assert_eq!((shown(&clicks["baseline"]), clicks["absolute"].as_str()), ("8".to_owned(), Some("5")));
        assert_eq!(shown(path(&answer, "nodes.2.values.2.comparison.baseline")), "0.5");
        let totals: Vec<_> = path(&answer, "totals.values").as_array().expect("a list").iter().map(shown).collect();
        assert_eq!(totals, ["18", "66", "3.666666666666667"]);
    }

    async fn ties_go_by_key_groups_without_a_value_come_last_and_others_can_be_left_out(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        countries(&team).await;
        let first = async |n: u32, key: &str| {
            let more = json!({ "top": { "n": n, "by": key, "others": false } });
            let answer = asked(&app, &token, json!([by("COUNTRY")]), &["CLICKS"], more).await;
            table(&answer).into_iter().map(|(label, _)| label).collect::<Vec<_>>()
        };
        assert_eq!(first(2, "CLICKS").await, ["C03", "C07"], "C11 has as many");
        // Three countries have no clicks, so no cost per click.
        assert_eq!(first(10, "CPC").await.len(), 10);
        assert!(!first(9, "CPC").await.contains(&"C08".to_owned()));
        assert_eq!(first(1000, "CLICKS").await.len(), 12);
    }

    async fn conditions_apply_before_and_orders_after_with_the_rest_at_the_end(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        countries(&team).await;
        let more = json!({ "top": { "n": 2, "by": "SPEND" }, "orderBy": [{ "by": { "metric": "CLICKS" } }],
            "having": { "metric": { "metric": "SPEND", "op": "LT", "value": "8" } } });
        let answer = asked(&app, &token, json!([by("COUNTRY")]), &["CLICKS"], more).await;
        // The rest: countries 0 to 5.
        assert_eq!(table(&answer), expect(&[("C07", "3"), ("C06", "2"), ("(others)", "7")]));
    }

    async fn each_value_of_per_has_its_own_first_groups_and_its_own_rest(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let spring = json!({ "period": range("2026-04-01", "2026-05-31") });
        let asked = async |groups: Value, key: &str, top: Value| {
            let mut more = spring.clone();
            more["top"] = top;
            asked(&app, &token, groups, &[key], more).await
        };
        let groups = json!([by("CAMPAIGN"), months()]);
        let answer = asked(groups.clone(), "CLICKS", json!({ "n": 1, "by": "CLICKS", "per": "TIME" })).await;
        assert_eq!(table(&answer), expect(&[
            ("One/2026-04", "250"),
            ("Two/2026-05", "300"),
            ("(others)/2026-04", "0"),
            ("(others)/2026-05", "200"),
        ]));
        assert_eq!(path(&answer, "nodes.3.bucket.label"), "2026-05");
        let whole = asked(groups.clone(), "CLICKS", json!({ "n": 1, "by": "CLICKS" })).await;
        assert_eq!(table(&whole), expect(&[("Two/2026-05", "300"), ("(others)/(others)", "450")]));
        assert!(path(&whole, "nodes.1")["bucket"].is_null());
        // May: customers 1 and 2 came by One, 3 by Two, and an order has no customer. April: customer 1.
        let people = asked(groups, "ACTIVE_CUSTOMERS", json!({ "n": 1, "by": "ACTIVE_CUSTOMERS", "per": "TIME" })).await;
        assert_eq!(table(&people), expect(&[
            ("One/2026-04", "1"),
            ("One/2026-05", "2"),
            ("(others)/2026-04", "0"),
            ("(others)/2026-05", "1"),
        ]));
    }

    async fn people_of_the_rest_are_counted_again_never_added_up(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        travellers(&team).await;
        let keys = ["ORDERS", "ACTIVE_CUSTOMERS", "REVENUE"];
        let top = json!({ "top": { "n": 1, "by": "ORDERS" }, "options": { "compareTo": { "to": "PREVIOUS_PERIOD" } } });
        let answer = asked(&app, &token, json!([by("COUNTRY")]), &keys, top.clone()).await;
        // France has two customers and Italy one of them.
        assert_eq!(table(&answer), expect(&[("DE", "3 2 30"), ("(others)", "3 2 30")]));
        assert_eq!(shown(path(&answer, "nodes.1.values.1.comparison.baseline")), "0");
        let groups = json!([months(), by("COUNTRY")]);
        let by_month = asked(&app, &token, groups, &["ACTIVE_CUSTOMERS", "REPEAT_PURCHASE_RATE"], top).await;
        assert_eq!(table(&by_month), expect(&[
            ("2026-05/DE", "2 ZERO_DENOMINATOR"),
            ("(others)/(others)", "2 NOT_ADDITIVE_AT_THIS_GRAIN"),
        ]));
    }

    async fn counts_up_to_a_date_are_not_put_together_over_several_buckets(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let more = json!({ "period": range("2026-04-01", "2026-05-31"), "top": { "n": 1, "by": "ORDERS" } });
        let keys = ["ORDERS", "REPEAT_PURCHASE_RATE"];
        let answer = asked(&app, &token, json!([by("CAMPAIGN"), months()]), &keys, more).await;
        let rows = table(&answer);
        assert_eq!(rows.last().map(|(_, values)| values.as_str()), Some("3 NOT_ADDITIVE_AT_THIS_GRAIN"));
    }

    async fn what_cannot_be_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let groups = json!([by("COUNTRY")]);
        for (groups, top, words) in [
            (json!([]), json!({ "n": 1, "by": "CLICKS" }), "input.top: it needs input.groupBy"),
            (groups.clone(), json!({ "n": 0, "by": "CLICKS" }), "input.top.n: 0 asked; 1 to 1000"),
            (groups.clone(), json!({ "n": 1001, "by": "CLICKS" }), "input.top.n: 1001 asked"),
            (groups.clone(), json!({ "n": 1 }), "exactly one of by and byCustom"),
            (groups.clone(), json!({ "n": 1, "by": "CLICKS", "per": "DEVICE" }), "input.top.per: 'DEVICE'"),
            (groups, json!({ "n": 1, "by": "CLICKS", "per": "COUNTRY" }), "input.top.per: it needs another"),
        ] {
            let input = json!({ "metrics": ["CLICKS"], "period": may(), "groupBy": groups, "top": top });
            let query = "query ($input: MetricsInput!) { metrics(input: $input) { totalCount } }";
            let (_, message) = refusal(&app, &token, query, json!({ "input": input })).await;
            assert!(message.contains(words), "{message}");
        }
    }
}
