//! The report: each model against credits computed by hand, what it says besides, and what it refuses.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{REPORT, conversion, credits, expect, journeys, may, report};
use crate::{
    fixtures::{fill, refusal, start},
    support::{TestDatabase, json::path, on_both_databases},
};

fn ask(models: &[&str], by: &str) -> Value {
    json!({ "period": may(), "models": models, "groupBy": by })
}

on_both_databases! {
    async fn each_model_credits_the_journeys_as_its_definition_says(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let models = ["FIRST_TOUCH", "LAST_TOUCH", "LAST_NON_DIRECT", "LINEAR", "POSITION_BASED", "SHAPLEY"];
        let answer = report(&app, &token, ask(&models, "CHANNEL")).await;
        assert_eq!(credits(&answer), expect(&[
            ("Search", "1/100 0/0 1/100 0.5/50 0.5/50 0.333333333333334/33.3333333333334"),
            ("Social", "1/30 1/30 1/30 1.25/55 1.1/40 1.333333333333333/63.3333333333333"),
            ("Direct", "0/0 1/100 0/0 0.25/25 0.4/40 0.333333333333333/33.3333333333333"),
        ]));
        assert_eq!(answer["unattributed"]["conversions"], "2");
        assert_eq!(answer["unattributed"]["revenue"]["amount"], "70");
        assert_eq!(answer["models"], json!(models));
        let reconciled = |at: &str| {
            ["attributed", "unattributed", "total", "platformClaimed", "overClaim"]
                .map(|part| path(&answer, &format!("{at}.{part}")).as_str().unwrap_or("null").to_owned())
        };
        assert_eq!(reconciled("reconciliation"), ["2", "2", "4", "6", "1.5"]);
        assert_eq!(reconciled("valueReconciliation"), ["130", "70", "200", "360", "1.8"]);
    }

    async fn models_are_told_in_the_order_in_which_they_are_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let answer = report(&app, &token, ask(&["SHAPLEY", "LAST_TOUCH", "SHAPLEY", "FIRST_TOUCH"], "CHANNEL")).await;
        assert_eq!(answer["models"], json!(["SHAPLEY", "LAST_TOUCH", "FIRST_TOUCH"]));
        // Groups come by the credit of the first of them.
        assert_eq!(credits(&answer)[0].0, "Social");
    }

    async fn time_decay_halves_a_touch_for_every_week_of_its_age(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let mut input = ask(&["TIME_DECAY"], "UTM_CAMPAIGN");
        input["filter"] = json!({ "dimension": { "dimension": "CUSTOMER", "op": "EQ",
            "values": [crate::fixtures::global_id("Customer", 1)] } });
        let answer = report(&app, &token, input).await;
        let found: Vec<(String, String)> = answer["rows"].as_array().unwrap().iter().filter_map(|row| {
            let amount = row["credits"][0]["revenue"]["amount"].as_str()?;
            let amount: rust_decimal::Decimal = amount.parse().unwrap();
            (!amount.is_zero()).then(|| (row["dimension"]["label"].as_str().unwrap().to_owned(), amount.round_dp(2).to_string()))
        }).collect();
        assert_eq!(found, expect(&[("d", "53.33"), ("c", "26.67"), ("b", "13.33"), ("a", "6.67")]));
    }

    async fn w_shaped_credits_the_touches_of_becoming_a_lead_and_an_opportunity(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        // Customer 1: touches a, b (lead), c (opportunity), d. Customer 3: one touch, b.
        let answer = report(&app, &token, ask(&["W_SHAPED"], "UTM_CAMPAIGN")).await;
        assert_eq!(credits(&answer), expect(&[("b", "1.3/60"), ("a", "0.3/30"), ("c", "0.3/30"), ("d", "0.1/10"), ("(none)", "0/0")]));
    }

    async fn markov_credits_channels_by_what_would_be_lost_without_them(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        // Paths: Search Social Search Direct → conversion; Social → conversion; Search → null (after it converted);
        // Direct → null. From Search: 1/3 Social, 1/3 Direct, 1/3 null. From Social: 1/2 Search, 1/2 conversion.
        // From Direct: 1/2 conversion, 1/2 null. x = P(conversion): Direct 1/2, Search 1/3·Social + 1/6,
        // Social 1/2 + 1/2·Search: Search 2/5, Social 7/10. Start: Search 2/4, Social 1/4, Direct 1/4: P = 1/2.
        // Without Search: 1/4·1/2 + 1/4·1/2 = 1/4, effect 1/2. Without Social: 1/2·1/6 + 1/4·1/2 = 5/24, effect 7/12.
        // Without Direct: Search = 1/3·Social, Social = 1/2 + 1/2·Search: 3/5 and 1/5: 1/10 + 3/20 = 1/4, effect 1/2.
        // Shares 6/19, 7/19, 6/19 of 2 conversions worth 130.
        let answer = report(&app, &token, ask(&["MARKOV"], "CHANNEL")).await;
        let expected = [("Social", 14.0 / 19.0, 910.0 / 19.0), ("Search", 12.0 / 19.0, 780.0 / 19.0), ("Direct", 12.0 / 19.0, 780.0 / 19.0)];
        let rows: std::collections::BTreeMap<_, _> = credits(&answer).into_iter().collect();
        assert_eq!(rows.len(), 3);
        for (label, count, value) in expected {
            let credit = &rows[label];
            let (conversions, amount) = credit.split_once('/').unwrap();
            assert!((conversions.parse::<f64>().unwrap() - count).abs() < 1e-11, "{label}: {credit}");
            assert!((amount.parse::<f64>().unwrap() - value).abs() < 1e-9, "{label}: {credit}");
        }
    }

    async fn returns_and_costs_of_customers_are_told_for_each_model(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let query = "query ($input: AttributionReportInput!) { attribution(input: $input) { rows {
            dimension { label } spend { value comparison { absolute } }
            first: roas(model: FIRST_TOUCH) { value provenance { basis attribution dateBasis lookbackDays } }
            linear: roas(model: LINEAR) { value undefinedReason { code } comparison { baseline { value } } }
            cac(model: LINEAR) { value undefinedReason { code } } } } }";
        let mut input = ask(&["FIRST_TOUCH", "LINEAR"], "CHANNEL");
        input["options"] = json!({ "compareTo": { "to": "PREVIOUS_PERIOD" } });
        let answer = app.graphql(&token, query, json!({ "input": input })).await;
        let rows = path(&answer, "data.attribution.rows").as_array().unwrap().clone();
        let row = |label: &str| rows.iter().find(|row| row["dimension"]["label"] == label).unwrap().clone();
        let (search, social, direct) = (row("Search"), row("Social"), row("Direct"));
        assert_eq!(search["spend"]["value"], "50");
        assert_eq!((&search["first"]["value"], &search["linear"]["value"]), (&json!("2"), &json!("1")));
        assert_eq!(search["first"]["provenance"], json!({ "basis": "ATTRIBUTED", "attribution": "FIRST_TOUCH",
            "dateBasis": "EVENT_DATE", "lookbackDays": 30 }));
        // Half of one new customer for 50.
        assert_eq!(search["cac"]["value"], "100");
        assert_eq!(social["linear"]["value"], "5.5");
        assert_eq!(social["linear"]["comparison"]["baseline"]["value"], "0");
        assert_eq!(direct["linear"]["undefinedReason"]["code"], "ZERO_DENOMINATOR");
    }

    async fn orders_can_be_credited_instead_and_the_period_before_stands_beside(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let mut input = ask(&["LINEAR"], "CHANNEL_KIND");
        input["credit"] = json!("ORDERS");
        input["options"] = json!({ "compareTo": { "to": "PREVIOUS_PERIOD" } });
        let answer = report(&app, &token, input).await;
        assert_eq!(credits(&answer), expect(&[("PAID_SEARCH", "0.5/40"), ("DIRECT", "0.25/20"), ("PAID_SOCIAL", "0.25/20")]));
        assert_eq!(path(&answer, "rows.0.credits.0.before"), &json!({ "conversions": "0", "revenue": { "amount": "0" } }));
        assert_eq!(answer["comparedTo"]["from"], "2026-04-01");
        assert_eq!(answer["unattributed"]["before"]["conversions"], "0");
    }

    async fn lookback_exclusions_types_and_touch_dates_change_who_is_credited(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let with = |options: Value| { let mut input = ask(&["LINEAR"], "CHANNEL"); input["options"] = options; input };
        let short = report(&app, &token, with(json!({ "attribution": { "lookbackDays": 8 } }))).await;
        assert_eq!(credits(&short)[..2], expect(&[("Search", "0.5/50"), ("Direct", "0.5/50")]));
        assert_eq!(short["unattributed"]["conversions"], "3");

        let excluded = json!({ "attribution": { "excludeChannels": ["DIRECT", "PAID_SEARCH"] } });
        let excluded = report(&app, &token, with(excluded)).await;
        assert_eq!(credits(&excluded)[0], expect(&[("Social", "2/130")])[0]);

        let by_touch = report(&app, &token, with(json!({ "dateBasis": "TOUCH_DATE" }))).await;
        assert_eq!(credits(&by_touch), expect(&[("Search", "0.5/50"), ("Social", "0.25/25"), ("Direct", "0.25/25")]));
        let mut april = with(json!({ "dateBasis": "TOUCH_DATE" }));
        april["period"] = crate::fixtures::range("2026-04-01", "2026-04-30");
        assert_eq!(credits(&report(&app, &token, april).await), expect(&[("Social", "1/30")]));

        let mut other = ask(&["LINEAR"], "CHANNEL");
        other["conversionType"] = json!("signup");
        let other = report(&app, &token, other).await;
        assert_eq!(other["reconciliation"]["total"], "0");
        // What platforms claim is of no type that they tell.
        assert_eq!(other["reconciliation"]["platformClaimed"], Value::Null);
        let mut italian = ask(&["LINEAR"], "CHANNEL");
        italian["filter"] = json!({ "dimension": { "dimension": "COUNTRY", "op": "EQ", "values": ["IT"] } });
        assert_eq!(report(&app, &token, italian).await["reconciliation"]["total"], "2");
    }

    async fn a_foreign_value_without_a_rate_is_told_and_the_counts_stand(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let writer = team.begin("fixture").await.unwrap();
        let foreign = conversion::Model { currency: "USD".into(), ..conversion(9, Some(3), "2026-05-09", 10) };
        writer.insert::<conversion::Entity>(vec![foreign]).await.unwrap();
        writer.commit().await.unwrap();
        let answer = report(&app, &token, ask(&["LAST_TOUCH"], "CHANNEL")).await;
        assert_eq!(credits(&answer), expect(&[("Social", "2/null"), ("Direct", "1/100"), ("Search", "0/0")]));
        assert_eq!(path(&answer, "rows.0.credits.0.undefinedReason.code"), "MISSING_FX_RATE");
        assert_eq!(path(&answer, "valueReconciliation.undefinedReason.code"), "MISSING_FX_RATE");

        let writer = team.begin("fixture").await.unwrap();
        let rate = entity::fx_rate::Model { team_id: 0, from_currency: "USD".into(), to_currency: "EUR".into(),
            day: crate::fixtures::day("2026-05-08"), rate_nanos: 500_000_000, source: "bank".into() };
        writer.insert::<entity::fx_rate::Entity>(vec![rate]).await.unwrap();
        writer.commit().await.unwrap();
        let answer = report(&app, &token, ask(&["LAST_TOUCH"], "CHANNEL")).await;
        assert_eq!(credits(&answer)[0], expect(&[("Social", "2/35")])[0]);
    }

    async fn who_may_not_read_amounts_sees_counts_alone(database: TestDatabase) {
        let (app, team, _) = start(&database).await;
        journeys(&team).await;
        let token = app.token_with("acme", Role::Viewer, [Scope::MetricsRead], TimeDelta::hours(1));
        let answer = report(&app, &token, ask(&["LINEAR"], "CHANNEL")).await;
        assert_eq!(credits(&answer)[0], expect(&[("Social", "1.25/null")])[0]);
        assert_eq!(path(&answer, "rows.0.credits.0.undefinedReason.code"), "NOT_PERMITTED");
        assert_eq!(path(&answer, "rows.0.spend.undefinedReason.code"), "NOT_PERMITTED");
        assert_eq!(path(&answer, "valueReconciliation.undefinedReason.code"), "NOT_PERMITTED");
        assert_eq!(path(&answer, "reconciliation.overClaim"), "1.5");
        let none = app.token_with("acme", Role::Viewer, [Scope::CampaignsRead], TimeDelta::hours(1));
        let (code, _) = refusal(&app, &none, REPORT, json!({ "input": ask(&["LINEAR"], "CHANNEL") })).await;
        assert_eq!(code, "FORBIDDEN");
    }

    async fn mistakes_are_told_with_the_value_and_what_is_allowed(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let with = |field: &str, value: Value| { let mut input = ask(&["LINEAR"], "CHANNEL"); input[field] = value; input };
        for (input, text) in [
            (with("groupBy", json!("DEVICE")), "input.groupBy: 'DEVICE'"),
            (with("models", json!([])), "input.models: '0 models'"),
            (with("options", json!({ "attribution": { "lookbackDays": 0 } })), "options.attribution.lookbackDays: '0'"),
            (with("options", json!({ "attribution": { "halfLifeDays": 0.0 } })), "options.attribution.halfLifeDays: '0'"),
            (with("options", json!({ "attribution": { "model": "LINEAR" } })), "input.options.attribution.model"),
            (with("options", json!({ "basis": "BLENDED" })), "input.options.basis"),
            (with("options", json!({ "dateBasis": "ORDER_DATE" })), "input.options.dateBasis: 'ORDER_DATE'"),
            (with("filter", json!({ "dimension": { "dimension": "DEVICE", "op": "EQ", "values": ["MOBILE"] } })), "input.filter: 'DEVICE'"),
        ] {
            let (code, message) = refusal(&app, &token, REPORT, json!({ "input": input })).await;
            assert_eq!(code, "BAD_USER_INPUT", "{message}");
            assert!(message.starts_with(text), "{message}");
        }
    }

    async fn neither_another_team_nor_the_number_of_models_changes_the_answer_or_the_statements(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let one = json!({ "input": ask(&["LINEAR"], "CHANNEL") });
        let (before, few) = app.graphql_counted(&token, REPORT, one.clone()).await;
        let other = app.team("other").await;
        fill(&other, "theirs", 2).await;
        journeys(&other).await;
        assert_eq!(app.graphql(&token, REPORT, one).await, before);
        let two = json!({ "input": ask(&["LINEAR", "LAST_TOUCH", "SHAPLEY"], "CHANNEL") });
        assert_eq!(app.graphql_counted(&token, REPORT, two).await.1, few);
    }
}
