//! Money: other currencies at the rate of their day, and refunds by the day of their payment or of their order.

use entity::{ad_day, fx_rate, orders};
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use super::{expect, may, metrics, shop, shown, table};
use crate::{
    fixtures::{ads, day, deliver_all, order, range, start, units},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// Advertising of 100 a day in a currency, on these days of March 2026.
pub(super) async fn spend(team: &TeamStore, currency: &str, days: &[&str]) {
    let rows = days.iter().map(|on| ad_day::Model {
        spend: units(100),
        clicks: 50,
        currency: currency.to_owned(),
        source: currency.to_owned(),
        ..ads(0, 0, on)
    });
    let writer = team.begin("fixture").await.expect("a transaction begins");
    writer
        .insert::<ad_day::Entity>(rows.collect())
        .await
        .expect("facts are written");
    deliver_all(&writer, "ads", "2026-03-01", "2026-03-31").await;
    writer.commit().await.expect("the transaction commits");
}

pub(super) async fn rate(team: &TeamStore, from: &str, to: &str, on: &str, rate_nanos: i64) {
    let row = fx_rate::Model {
        team_id: 0,
        from_currency: from.to_owned(),
        to_currency: to.to_owned(),
        day: day(on),
        rate_nanos,
        source: "test".to_owned(),
    };
    let writer = team.begin("fixture").await.expect("a transaction begins");
    writer
        .insert::<fx_rate::Entity>(vec![row])
        .await
        .expect("a rate is written");
    writer.commit().await.expect("the transaction commits");
}

/// The value of SPEND over some days of March, and whether it is estimated.
async fn spent(app: &App, token: &str, from: u32, to: u32) -> (String, Value) {
    let days = range(&format!("2026-03-{from:02}"), &format!("2026-03-{to:02}"));
    let answer = metrics(app, token, json!({ "metrics": ["SPEND"], "period": days })).await;
    let value = path(&answer, "nodes.0.values.0");
    (shown(value), path(value, "quality.estimated").clone())
}

on_both_databases! {
    async fn an_amount_is_converted_at_the_rate_of_its_day_or_of_the_week_before(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let days = ["2026-03-01", "2026-03-05", "2026-03-08", "2026-03-09", "2026-03-20"];
        spend(&team, "USD", &days).await;
        spend(&team, "EUR", &["2026-03-05"]).await;
        rate(&team, "USD", "EUR", "2026-03-01", 900_000_000).await;
        rate(&team, "USD", "EUR", "2026-03-20", 950_000_000).await;
        for (from, to, value, estimated) in [
            (1, 1, "90", false),
            (5, 5, "190", true),
            (1, 8, "370", true),
            (8, 8, "90", true),
            (9, 9, "MISSING_FX_RATE", false),
            (1, 31, "MISSING_FX_RATE", true),
            (20, 20, "95", false),
            (21, 31, "0", false),
        ] {
            assert_eq!(spent(&app, &token, from, to).await, (value.to_owned(), json!(estimated)), "{from} to {to}");
        }
        let answer = metrics(&app, &token, json!({ "metrics": ["SPEND", "CPC", "CLICKS"], "period":
            range("2026-03-01", "2026-03-31"), "fill": "NONE", "groupBy": [{ "dimension": "TIME", "grain": "DAY" }] }));
        let answer = answer.await;
        assert_eq!(table(&answer), expect(&[
            ("2026-03-01", "90 1.8 50"),
            ("2026-03-05", "190 1.9 100"),
            ("2026-03-08", "90 1.8 50"),
            ("2026-03-09", "MISSING_FX_RATE MISSING_FX_RATE 50"),
            ("2026-03-20", "95 1.9 50"),
        ]));
        let message = text(&answer, "nodes.3.values.0.undefinedReason.message");
        assert!(message.contains("USD"), "{message}");
    }

    async fn a_rate_is_read_the_other_way_round_where_there_is_no_direct_one(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        spend(&team, "USD", &["2026-03-02", "2026-03-03"]).await;
        rate(&team, "EUR", "USD", "2026-03-02", 1_250_000_000).await;
        assert_eq!(spent(&app, &token, 2, 2).await, ("80".to_owned(), json!(false)));
        rate(&team, "USD", "EUR", "2026-03-02", 810_000_000).await;
        assert_eq!(spent(&app, &token, 2, 2).await.0, "81", "a direct rate wins");
        assert_eq!(spent(&app, &token, 2, 3).await, ("162".to_owned(), json!(true)));
    }

    async fn amounts_of_other_currencies_join_the_groups_and_the_parts_of_ratios(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        rate(&team, "USD", "EUR", "2026-05-07", 500_000_000).await;
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let foreign = orders::Model {
            currency: "USD".to_owned(),
            cost_of_goods: Some(units(20)),
            country: Some("US".to_owned()),
            ..order(20, Some(4), "2026-05-07", units(100))
        };
        writer.insert::<orders::Entity>(vec![foreign]).await.expect("an order is written");
        writer.commit().await.expect("the transaction commits");
        let answer = metrics(&app, &token, json!({ "metrics": ["REVENUE", "GROSS_MARGIN", "AOV", "ACTIVE_CUSTOMERS"],
            "period": may(), "groupBy": [{ "dimension": "COUNTRY" }] })).await;
        assert_eq!(table(&answer), expect(&[("(none)", "430 210 97.5 3"), ("US", "50 40 50 1")]));
        let totals: Vec<_> = path(&answer, "totals.values").as_array().expect("a list").iter().map(shown).collect();
        assert_eq!(totals, ["480", "250", "88", "4"]);
    }

    async fn refunds_count_when_paid_in_revenue_and_with_their_order_in_aov_and_roi(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let answer = metrics(&app, &token, json!({ "metrics": ["REVENUE", "AOV", "GROSS_MARGIN", "ORDERS"],
            "period": range("2026-04-01", "2026-06-14"), "groupBy": [{ "dimension": "TIME", "grain": "MONTH" }] })).await;
        assert_eq!(table(&answer), expect(&[
            ("2026-04", "40 30 10 1"),
            ("2026-05", "430 97.5 210 5"),
            ("2026-06", "-50 ZERO_DENOMINATOR 0 0"),
        ]));
        for (place, basis) in ["EVENT_DATE", "ORDER_DATE", "ORDER_DATE", "EVENT_DATE"].iter().enumerate() {
            assert_eq!(text(&answer, &format!("nodes.0.values.{place}.provenance.dateBasis")), *basis);
        }
    }

    async fn amounts_are_formatted_in_the_teams_currency(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let query = "{ viewer { team { kpis(period: { range: { from: \"2026-05-01\", to: \"2026-05-31\" } }) {
            spend { formatted unit float money { amount currency amountMicros } } ctr { formatted unit money { amount } }
            roas { formatted unit } impressions { formatted unit } cpl { formatted money { amountMicros } } } } } }";
        let answer = app.graphql(&token, query, json!({})).await;
        assert_eq!(path(&answer, "data.viewer.team.kpis"), &json!({
            "spend": { "formatted": "€250.00", "unit": "CURRENCY", "float": 250.0,
                "money": { "amount": "250", "currency": "EUR", "amountMicros": "250000000" } },
            "ctr": { "formatted": "1.25%", "unit": "RATE", "money": null },
            "roas": { "formatted": "3.00×", "unit": "RATIO" },
            "impressions": { "formatted": "40,000", "unit": "COUNT" },
            "cpl": { "formatted": "€83.33", "money": { "amountMicros": "83333333" } },
        }));
    }
}
