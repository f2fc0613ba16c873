//! `options.currency`: every amount at its own day's rate into the currency asked.

use serde_json::{Value, json};

use super::{
    may, metrics,
    money::{rate, spend},
    shop, shown,
};
use crate::{
    fixtures::{range, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

/// SPEND over some days of March in a currency, and whether it is estimated.
async fn spent(app: &App, token: &str, currency: &str, from: u32, to: u32) -> (String, Value) {
    let days = range(&format!("2026-03-{from:02}"), &format!("2026-03-{to:02}"));
    let input =
        json!({ "metrics": ["SPEND"], "period": days, "options": { "currency": currency } });
    let answer = metrics(app, token, input).await;
    let value = path(&answer, "nodes.0.values.0");
    assert_eq!(path(value, "provenance.currency"), currency);
    (shown(value), path(value, "quality.estimated").clone())
}

on_both_databases! {
    async fn amounts_go_directly_or_by_way_of_the_teams_currency(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        spend(&team, "EUR", &["2026-03-02"]).await;
        spend(&team, "GBP", &["2026-03-02", "2026-03-03"]).await;
        spend(&team, "CHF", &["2026-03-20"]).await;
        rate(&team, "EUR", "USD", "2026-03-02", 1_250_000_000).await;
        rate(&team, "GBP", "EUR", "2026-03-02", 1_200_000_000).await;
        // EUR 100 at 1.25; GBP 100 at 1.2 and then at 1.25.
        assert_eq!(spent(&app, &token, "USD", 2, 2).await, ("275".to_owned(), json!(false)));
        assert_eq!(spent(&app, &token, "USD", 3, 3).await, ("150".to_owned(), json!(true)), "rates of the day before");
        assert_eq!(spent(&app, &token, "EUR", 2, 2).await, ("220".to_owned(), json!(false)));
        assert_eq!(spent(&app, &token, "USD", 20, 20).await.0, "MISSING_FX_RATE");

        rate(&team, "GBP", "USD", "2026-03-02", 1_600_000_000).await;
        assert_eq!(spent(&app, &token, "USD", 2, 2).await.0, "285", "a direct rate wins");
        rate(&team, "GBP", "EUR", "2026-03-03", 1_100_000_000).await;
        rate(&team, "EUR", "USD", "2026-03-03", 1_300_000_000).await;
        assert_eq!(spent(&app, &token, "USD", 3, 3).await, ("143".to_owned(), json!(false)), "of its own day");
    }

    async fn counts_stay_and_both_sides_of_a_ratio_are_converted(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        rate(&team, "EUR", "USD", "2026-05-01", 2_000_000_000).await;
        rate(&team, "EUR", "USD", "2026-05-02", 4_000_000_000).await;
        let input = json!({ "metrics": ["CLICKS", "SPEND", "ROAS", "CPC"], "period": may(),
            "options": { "currency": "USD" } });
        let answer = metrics(&app, &token, input).await;
        let values: Vec<_> = path(&answer, "nodes.0.values").as_array().expect("a list").iter().map(shown).collect();
        // Spend 100 × 2 + 150 × 4; conversion value 300 × 2 + 450 × 4.
        assert_eq!(values, ["500", "800", "3", "1.6"]);
    }

    async fn the_typed_door_takes_it_too_and_keeps_currencies_apart(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        rate(&team, "EUR", "USD", "2026-05-01", 2_000_000_000).await;
        rate(&team, "EUR", "USD", "2026-05-02", 2_000_000_000).await;
        let query = "query ($may: PeriodInput!) { campaigns { nodes {
            team: kpis(period: $may) { spend { formatted } }
            usd: kpis(period: $may, options: { currency: \"USD\" }) { spend { formatted money { currency } } } } } }";
        let answer = app.graphql(&token, query, json!({ "may": may() })).await;
        assert_eq!(path(&answer, "data.campaigns.nodes"), &json!([
            { "team": { "spend": { "formatted": "€100.00" } },
              "usd": { "spend": { "formatted": "$200.00", "money": { "currency": "USD" } } } },
            { "team": { "spend": { "formatted": "€150.00" } },
              "usd": { "spend": { "formatted": "$300.00", "money": { "currency": "USD" } } } },
        ]));
    }

    async fn a_code_that_is_no_currency_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for code in ["usd", "XYZ", "", "EURO"] {
            let query = "query ($code: CurrencyCode) { viewer { team {
                kpis(period: { preset: TODAY }, options: { currency: $code }) { spend { value } } } } }";
            let (told, message) = refusal(&app, &token, query, json!({ "code": code })).await;
            assert_eq!(told, "BAD_USER_INPUT");
            assert!(message.contains(&format!("options.currency: '{code}'")), "{message}");
        }
    }
}
