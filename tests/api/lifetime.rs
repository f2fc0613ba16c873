//! Lifetime values: numbers computed by hand, what is refused, and whose rows count.

use entity::{ad_day, channel, customer, orders};
use kpigraph::{
    auth::{Role, Scope},
    store::TeamStore,
};
use serde_json::{Value, json};

use crate::{
    fixtures::{
        ads, campaign, customer, day, deliver_all, fill, order, range, refusal, start, units,
    },
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const QUERY: &str = "query ($input: LifetimeValueInput!, $first: Int, $after: String) { lifetimeValue(input: $input) {
    through horizonMonths discountRate basis
    purchaseModel { r undefinedReason { code message } } spendingModel { p customers undefinedReason { code } }
    expectedPurchasesOfNewCustomer { ...f } total { ...s }
    segments(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
        nodes { dimension { key label } ...s } } } }
fragment s on LifetimeSegment { customers repeatCustomers estimated costCoverage { ...f } historic { ...f }
    historicPerCustomer { ...f } predicted { ...f } predictedPerCustomer { ...f } lifetimeValue { ...f }
    expectedPurchases { ...f } alive { ...f } cac { value undefinedReason { code } } ltvToCac { ...f }
    paybackMonths { ...f } }
fragment f on Figure { value formatted money { amount currency } undefinedReason { code message } }";
const CUSTOMERS: &str = "query ($first: Int, $options: CustomerValueOptions) { customers(first: $first) { nodes {
    value(options: $options) { historicRevenue { ...f } historicMargin { ...f } predicted { ...f } alive { ...f }
        expectedPurchases { ...f } lifetimeValue { ...f } ltvToCac { ...f }
        rfm { recencyDays frequency monetary { ...f } scores { recency frequency monetary } } } } } }
fragment f on Figure { value undefinedReason { code } }";

async fn lifetime(app: &App, token: &str, input: Value) -> Value {
    let answer = app.graphql(token, QUERY, json!({ "input": input })).await;
    path(&answer, "data.lifetimeValue").clone()
}

/// A figure as a text, or the code of the reason why there is none.
fn shown<'a>(value: &'a Value, at: &str) -> &'a str {
    let figure = path(value, at);
    match figure["value"].as_str() {
        Some(number) => number,
        None => text(figure, "undefinedReason.code"),
    }
}

/// Channel 1 wins customers 1 and 2 in March for 100 each, channel 2 wins 3 in May for 500; 4 came by itself.
async fn shop(team: &TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let won = |id, channel: Option<i64>| customer::Model {
        acquired_channel_id: channel,
        country: Some("DE".to_owned()),
        ..customer(id)
    };
    let sold = |id, customer, on: &str, net: i64, cost: i64| orders::Model {
        cost_of_goods: Some(units(cost)),
        ..order(id, Some(customer), on, units(net))
    };
    let rows = vec![
        // Margins of 60 and 40 in March, 50 in April, 80 in May: half of each per customer of channel 1.
        sold(1, 1, "2026-03-02", 100, 40),
        sold(2, 2, "2026-03-20", 90, 50),
        orders::Model {
            refunded: units(10),
            ..sold(3, 1, "2026-04-10", 100, 40)
        },
        sold(4, 1, "2026-04-10", 0, 0),
        sold(5, 2, "2026-05-05", 110, 30),
        sold(6, 3, "2026-05-06", 70, 20),
        sold(7, 4, "2026-04-01", 33, 11),
        orders::Model {
            counted: false,
            ..sold(8, 4, "2026-04-02", 999, 0)
        },
        // After the period.
        sold(9, 3, "2026-06-03", 500, 100),
    ];
    let spent = |channel, on: &str, amount| ad_day::Model {
        spend: units(amount),
        ..ads(0, channel, on)
    };
    let channels = vec![
        crate::fixtures::channel(1, "Search"),
        crate::fixtures::channel(2, "Social"),
    ];
    let people = vec![
        won(1, Some(1)),
        won(2, Some(1)),
        won(3, Some(2)),
        won(4, None),
    ];
    let spending = vec![spent(1, "2026-03-01", 200), spent(2, "2026-05-01", 500)];
    let done = async {
        writer
            .insert::<entity::campaign::Entity>(vec![campaign(1, "One")])
            .await?;
        writer.insert::<channel::Entity>(channels).await?;
        writer.insert::<customer::Entity>(people).await?;
        writer.insert::<ad_day::Entity>(spending).await?;
        writer.insert::<orders::Entity>(rows).await?;
        writer.refresh_order_days(&[1, 2, 3, 4]).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "shop", "2026-01-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}

fn spring() -> Value {
    range("2026-03-01", "2026-05-31")
}

on_both_databases! {
    async fn what_customers_brought_stands_beside_what_they_cost(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let answer = lifetime(&app, &token, json!({ "period": spring(), "splitBy": "CHANNEL" })).await;
        assert_eq!(answer["through"], "2026-05-31");
        assert_eq!((&answer["horizonMonths"], &answer["discountRate"]), (&json!(12), &json!("0.1")));
        let total = &answer["total"];
        assert_eq!((&total["customers"], &total["repeatCustomers"]), (&json!(4), &json!(2)));
        // 60 + 40 + (90 - 40) + 0 + 80 + 50 + 22.
        assert_eq!(path(total, "historic.money"), &json!({ "amount": "302", "currency": "EUR" }));
        assert_eq!(shown(total, "historicPerCustomer"), "75.5");
        assert_eq!(shown(total, "costCoverage"), "1");
        assert_eq!(shown(total, "cac"), "175");
        let rows = path(&answer, "segments.nodes").as_array().expect("a list");
        let rows: Vec<_> = rows.iter().map(|row| {
            let shown = ["historic", "cac", "paybackMonths"].map(|at| shown(row, at));
            (text(row, "dimension.label"), row["customers"].as_u64(), shown)
        }).collect();
        // Channel 1: 50 in March, 25 in April, 40 in May: 115 covers 100 in the second month after the first.
        assert_eq!(rows, [
            ("(none)", Some(1), ["22", "0", "0"]),
            ("Search", Some(2), ["230", "100", "2"]),
            ("Social", Some(1), ["50", "500", "NOT_PAID_BACK"]),
        ]);
        let social = path(&answer, "segments.nodes.2.paybackMonths.undefinedReason.message");
        assert_eq!(social, "the cost is not paid back yet: it takes more than 0 months");
        let revenue = json!({ "period": spring(), "basis": "REVENUE" });
        let revenue = lifetime(&app, &token, revenue).await;
        // 100 + 90 + 90 + 0 + 110 + 70 + 33.
        assert_eq!(shown(&revenue, "total.historic"), "493");
        assert_eq!(revenue["segments"]["totalCount"], 0);
    }

    async fn too_few_customers_are_refused_a_prediction_and_keep_their_history(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let answer = lifetime(&app, &token, json!({ "period": spring() })).await;
        let reason = path(&answer, "purchaseModel.undefinedReason");
        assert_eq!(reason["code"], "SAMPLE_TOO_SMALL");
        assert_eq!(reason["message"], "there are 2 customers to learn from; 30 are needed");
        assert!(answer["purchaseModel"]["r"].is_null());
        for at in ["predicted", "lifetimeValue", "ltvToCac", "alive", "expectedPurchases"] {
            assert_eq!(shown(&answer["total"], at), "SAMPLE_TOO_SMALL", "{at}");
        }
        assert_eq!(shown(&answer["total"], "historic"), "302");
        // No orders were delivered of these days, so nothing is known of them, which is not nothing.
        let before = lifetime(&app, &token, json!({ "period": range("2020-01-01", "2020-12-31") })).await;
        assert!(before["through"].is_null());
        assert_eq!(shown(&before["total"], "historic"), "NO_DATA");
        assert_eq!(before["total"]["customers"], 0);
    }

    async fn an_unknown_cost_or_rate_makes_a_value_unknown(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let rows = vec![
            orders::Model { cost_of_goods: None, ..order(20, Some(4), "2026-04-20", units(10)) },
            orders::Model { currency: "USD".to_owned(), ..order(21, Some(3), "2026-05-20", units(10)) },
        ];
        writer.insert::<orders::Entity>(rows).await.expect("written");
        writer.refresh_order_days(&[3, 4]).await.expect("written");
        writer.commit().await.expect("the transaction commits");
        let by = |basis: &str| json!({ "period": spring(), "splitBy": "CHANNEL", "basis": basis });
        let margin = lifetime(&app, &token, by("MARGIN")).await;
        let shown_of = |answer: &Value| ["(none)", "Search", "Social"].iter().enumerate()
            .map(|(place, _)| shown(answer, &format!("segments.nodes.{place}.historic")).to_owned())
            .collect::<Vec<_>>();
        assert_eq!(shown_of(&margin), ["MISSING_COST", "230", "MISSING_FX_RATE"]);
        assert_eq!(shown(&margin, "segments.nodes.0.costCoverage"), "0.5");
        let revenue = lifetime(&app, &token, by("REVENUE")).await;
        assert_eq!(shown_of(&revenue), ["43", "390", "MISSING_FX_RATE"]);
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let rate = entity::fx_rate::Model { team_id: 0, day: day("2026-05-18"), from_currency: "USD".to_owned(),
            to_currency: "EUR".to_owned(), source: "ecb".to_owned(), rate_nanos: 900_000_000 };
        writer.insert::<entity::fx_rate::Entity>(vec![rate]).await.expect("written");
        writer.commit().await.expect("the transaction commits");
        // 70 + 10 at the rate of two days before.
        let revenue = lifetime(&app, &token, by("REVENUE")).await;
        assert_eq!(shown_of(&revenue), ["43", "390", "79"]);
        assert_eq!(path(&revenue, "segments.nodes.2.estimated"), true);
        let answer = app.graphql(&token, CUSTOMERS, json!({})).await;
        assert_eq!(shown(&answer, "data.customers.nodes.2.value.historicRevenue"), "579");
        assert_eq!(shown(&answer, "data.customers.nodes.3.value.historicMargin"), "MISSING_COST");
    }

    async fn a_customers_own_numbers_are_those_of_the_orders(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let answer = app.graphql(&token, CUSTOMERS, json!({ "options": { "period": spring() } })).await;
        let one = path(&answer, "data.customers.nodes.0.value");
        assert_eq!(shown(one, "historicRevenue"), "190");
        assert_eq!(shown(one, "historicMargin"), "110");
        assert_eq!(shown(one, "predicted"), "SAMPLE_TOO_SMALL");
        // Four customers, last orders 51, 26, 25 and 60 days before the end; 3, 2, 1 and 1 orders.
        assert_eq!(one["rfm"], json!({ "recencyDays": 51, "frequency": 3,
            "monetary": { "value": "190", "undefinedReason": null },
            "scores": { "recency": 2, "frequency": 4, "monetary": 3 } }));
        let all = app.graphql(&token, CUSTOMERS, json!({})).await;
        assert_eq!(shown(&all, "data.customers.nodes.2.value.historicRevenue"), "570", "June counts without a period");
        // Whoever ordered first outside of the period is not what the model speaks of.
        let late = json!({ "options": { "period": range("2026-05-01", "2026-05-31") } });
        let late = app.graphql(&token, CUSTOMERS, late).await;
        assert_eq!(shown(&late, "data.customers.nodes.0.value.predicted"), "NO_DATA");
        assert_eq!(shown(&late, "data.customers.nodes.0.value.historicRevenue"), "190", "history is all of it");
    }

    async fn amounts_need_the_scope_and_counts_do_not(database: TestDatabase) {
        let (app, team, _) = start(&database).await;
        shop(&team).await;
        let scopes = [Scope::MetricsRead, Scope::CustomersRead, Scope::CampaignsRead];
        let token = app.token_with("acme", Role::Owner, scopes, chrono::TimeDelta::hours(1));
        let answer = lifetime(&app, &token, json!({ "period": spring(), "splitBy": "CHANNEL" })).await;
        assert_eq!(answer["spendingModel"]["undefinedReason"]["code"], "NOT_PERMITTED");
        for segment in [&answer["total"], path(&answer, "segments.nodes.1")] {
            for at in ["historic", "predicted", "lifetimeValue", "cac", "ltvToCac", "paybackMonths"] {
                assert_eq!(shown(segment, at), "NOT_PERMITTED", "{at}");
            }
        }
        assert_eq!(answer["total"]["customers"], 4);
        assert_eq!(shown(&answer["total"], "alive"), "SAMPLE_TOO_SMALL");
        let answer = app.graphql(&token, CUSTOMERS, json!({})).await;
        let one = path(&answer, "data.customers.nodes.0.value");
        for at in ["historicRevenue", "historicMargin", "predicted", "lifetimeValue", "ltvToCac", "rfm.monetary"] {
            assert_eq!(shown(one, at), "NOT_PERMITTED", "{at}");
        }
        assert!(path(one, "rfm.scores.monetary").is_null());
        let token = app.token_with("acme", Role::Owner, [Scope::CustomersRead], chrono::TimeDelta::hours(1));
        let (code, _) = refusal(&app, &token, QUERY, json!({ "input": { "period": spring() } })).await;
        assert_eq!(code, "FORBIDDEN");
    }

    async fn wrong_arguments_name_what_is_allowed(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (field, value, allowed) in [
            ("horizonMonths", json!(0), "1 to 120"),
            ("horizonMonths", json!(121), "1 to 120"),
            ("discountRate", json!("-0.01"), "0 to 1"),
            ("discountRate", json!("1.5"), "0 to 1"),
        ] {
            let input = json!({ "period": spring(), field: value });
            let (code, message) = refusal(&app, &token, QUERY, json!({ "input": input })).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.starts_with(&format!("input.{field}: ")) && message.contains(allowed), "{message}");
        }
    }

    async fn other_teams_change_nothing_and_lists_cost_no_more_statements(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "own", 60).await;
        let input = json!({ "period": range("2026-05-01", "2026-06-14"), "splitBy": "CHANNEL" });
        let ask = async |first: u32| {
            app.graphql_counted(&token, QUERY, json!({ "input": input, "first": first })).await
        };
        let (before, few) = ask(2).await;
        let other = app.team("other").await;
        fill(&other, "other", 40).await;
        shop(&other).await;
        let (after, again) = ask(2).await;
        assert_eq!((&before, few), (&after, again));
        let (all, many) = ask(60).await;
        assert_eq!(few, many);
        assert_eq!(path(&all, "data.lifetimeValue.segments.nodes").as_array().map(Vec::len), Some(60));
        assert_eq!(path(&before, "data.lifetimeValue.segments.pageInfo.hasNextPage"), true);
        let customers = async |first: u32| {
            app.graphql_counted(&token, CUSTOMERS, json!({ "first": first })).await.1
        };
        assert_eq!(customers(2).await, customers(60).await);
    }

    async fn a_fit_says_the_same_of_a_customer_and_of_all(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        crowd(&team, 400).await;
        let period = range("2025-01-01", "2026-05-31");
        let answer = lifetime(&app, &token, json!({ "period": period, "splitBy": "COUNTRY" })).await;
        assert!(answer["purchaseModel"]["undefinedReason"].is_null(), "{:#}", answer["purchaseModel"]);
        assert!(answer["spendingModel"]["undefinedReason"].is_null(), "{:#}", answer["spendingModel"]);
        let number = |text: &str| text.parse::<rust_decimal::Decimal>().expect("a number");
        let total = &answer["total"];
        let sum = |at: &str| {
            let rows = path(&answer, "segments.nodes").as_array().expect("a list");
            rows.iter().map(|row| number(shown(row, at))).sum::<rust_decimal::Decimal>()
        };
        for at in ["historic", "predicted"] {
            assert_eq!(sum(at), number(shown(total, at)), "segments make up the total: {at}");
        }
        let each = number(shown(total, "historicPerCustomer")) + number(shown(total, "predictedPerCustomer"));
        assert_eq!(each.round_dp(9), number(shown(total, "lifetimeValue")).round_dp(9));
        let mut predicted = rust_decimal::Decimal::ZERO;
        let mut after = Value::Null;
        let query = "query ($after: String, $options: CustomerValueOptions) { customers(first: 100, after: $after) {
            pageInfo { hasNextPage endCursor } nodes { value(options: $options) { predicted { value } } } } }";
        loop {
            let variables = json!({ "after": after, "options": { "period": period } });
            let page = app.graphql(&token, query, variables).await;
            let page = path(&page, "data.customers");
            for node in page["nodes"].as_array().expect("a list") {
                predicted += number(text(node, "value.predicted.value"));
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(predicted, number(shown(total, "predicted")));
        // A longer horizon brings more, a discount less.
        let more = |months: i32, rate: &str| json!({ "period": period, "horizonMonths": months, "discountRate": rate });
        let mut values = Vec::new();
        for (months, rate) in [(6, "0.1"), (12, "0.1"), (12, "0"), (36, "0")] {
            let answer = lifetime(&app, &token, more(months, rate)).await;
            values.push(number(shown(&answer["total"], "predicted")));
        }
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{values:?}");
    }
}

/// So many customers who buy at different rates, spend different amounts and leave at different times.
async fn crowd(team: &TeamStore, count: i64) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let mut chance = 7_u64;
    let mut next = || {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((chance >> 33) as f64 + 0.5) / (1_u64 << 31) as f64
    };
    let (mut people, mut rows) = (vec![], vec![]);
    for id in 1..=count {
        let country = Some(if id % 3 == 0 { "DE" } else { "FR" }.to_owned());
        people.push(customer::Model {
            country,
            ..customer(id)
        });
        let (gap, leaves, spends) = (
            -60.0 / next().ln(),
            next() * 0.6,
            -40.0 * (next() * next()).ln(),
        );
        let mut at = next() * 200.0;
        while at < 510.0 {
            let on = day("2025-01-01") + chrono::Days::new(at as u64);
            let net = (spends * -(next() * next() * next()).ln() * 1e6) as i64 + 1;
            rows.push(order(
                1_000 + rows.len() as i64,
                Some(id),
                &on.to_string(),
                net,
            ));
            at += -gap * next().ln() + 0.5;
            if rows.last().is_some_and(|row| row.customer_id == Some(id)) && next() < leaves {
                break;
            }
        }
    }
    let ids: Vec<i64> = people.iter().map(|person| person.id).collect();
    let done = async {
        writer.insert::<customer::Entity>(people).await?;
        writer.insert::<orders::Entity>(rows).await?;
        writer.refresh_order_days(&ids).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "shop", "2025-01-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}
