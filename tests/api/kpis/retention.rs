//! Retention, churn, repeat purchases, customer lifetime value and payback: numbers worked out by hand.

use entity::{ad_day, customer, orders};
use kpigraph::{auth::Role, store::TeamStore};
use serde_json::{Value, json};

use super::{expect, may, metrics, shop, shown, table};
use crate::{
    fixtures::{self, ads, deliver_all, order, range, start, units},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// Gives the team customers with orders of 10 that cost 4: each list has the days of one customer's orders.
async fn sell(team: &TeamStore, days: &[&[&str]]) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let people = || (1_i64..).zip(days);
    let customers: Vec<i64> = people().map(|(id, _)| id).collect();
    let bought = people().flat_map(|(id, days)| {
        (1_i64..).zip(*days).map(move |(number, on)| orders::Model {
            cost_of_goods: Some(units(4)),
            ..order(id * 100 + number, Some(id), on, units(10))
        })
    });
    let done = async {
        let rows = customers.iter().map(|id| fixtures::customer(*id));
        writer.insert::<customer::Entity>(rows.collect()).await?;
        writer.insert::<orders::Entity>(bought.collect()).await?;
        writer.refresh_order_days(&customers).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "shop", "2026-01-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}

/// Sets `churnDays` and gives the team's new version.
async fn set_churn_days(app: &App, token: &str, days: Value) {
    let version = app
        .graphql(
            token,
            "{ viewer { team { settings { version } } } }",
            json!({}),
        )
        .await;
    let version = path(&version, "data.viewer.team.settings.version").clone();
    let mutation =
        "mutation ($input: UpdateTeamSettingsInput!) { updateTeamSettings(input: $input) {
        team { settings { churnDays } } errors { message } } }";
    let input = json!({ "input": { "version": version, "churnDays": days } });
    let answer = app.graphql(token, mutation, input).await;
    let answer = path(&answer, "data.updateTeamSettings");
    assert_eq!(answer["errors"], json!([]));
    assert_eq!(answer["team"]["settings"]["churnDays"], days);
}

/// The values over a period, and whether each is provisional.
async fn values(app: &App, token: &str, keys: &[&str], period: Value) -> (Vec<String>, Vec<bool>) {
    let query = "query ($input: MetricsInput!) { metrics(input: $input) { nodes { values {
        value undefinedReason { code } quality { provisional } } } } }";
    let input = json!({ "input": { "metrics": keys, "period": period } });
    let answer = app.graphql(token, query, input).await;
    let values = path(&answer, "data.metrics.nodes.0.values")
        .as_array()
        .expect("a list");
    let provisional = |value: &Value| path(value, "quality.provisional") == true;
    (
        values.iter().map(shown).collect(),
        values.iter().map(provisional).collect(),
    )
}

on_both_databases! {
    async fn nobody_has_stayed_away_in_days_that_are_still_to_come(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        sell(&team, &[&["2026-05-03", "2026-06-03"]]).await;
        let (found, _) = values(&app, &token, &["RETENTION_RATE", "CHURN_RATE", "LAPSED_RATE"], range("2026-07-01", "2026-07-31")).await;
        assert_eq!(found, ["NO_DATA"; 3]);
    }

    async fn retention_follows_people_where_the_formula_of_counts_is_fooled(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        // 1 000 in April; of these 810 in May, when 50 came for the first time and 120 of March came back.
        let [april, kept, back, new]: [&[&str]; 4] = [
            &["2026-04-10"],
            &["2026-04-11", "2026-05-12"],
            &["2026-03-05", "2026-05-06"],
            &["2026-05-20"],
        ];
        let people = [vec![april; 190], vec![kept; 810], vec![back; 120], vec![new; 50]].concat();
        sell(&team, &people).await;
        let keys = ["ACTIVE_CUSTOMERS", "NEW_CUSTOMERS", "RETENTION_RATE", "CHURN_RATE"];
        let (found, provisional) = values(&app, &token, &keys, may()).await;
        // (980 - 50) / 1 000 would be 0.93.
        assert_eq!(found, ["980", "50", "0.81", "0.19"]);
        assert_eq!(provisional, [false; 4]);
        let (first, _) = values(&app, &token, &["RETENTION_RATE"], range("2026-03-01", "2026-03-31")).await;
        assert_eq!(first, ["ZERO_DENOMINATOR"], "nobody was there in February");
        let (_, running) = values(&app, &token, &["CHURN_RATE"], json!({ "preset": "THIS_MONTH" })).await;
        assert_eq!(running, [true]);
    }

    async fn the_days_of_the_setting_decide_who_is_active(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        sell(&team, &[
            &["2026-02-20", "2026-05-25"],
            &["2026-04-05", "2026-05-02"],
            &["2026-04-25"],
            &["2026-01-10"],
        ]).await;
        let keys = ["RETENTION_RATE", "CHURN_RATE", "LAPSED_RATE"];
        let asked = || values(&app, &token, &keys, may());
        // April against May: two were there, one came again. Lapsed in May: the last two.
        assert_eq!(asked().await.0, ["0.5", "0.5", "0.5"]);
        // 10 days: only the third was there from 21 to 30 April; from 22 to 31 May only the first.
        set_churn_days(&app, &token, json!(10)).await;
        assert_eq!(asked().await.0, ["0", "1", "0.75"]);
        // 90 days, from 31 January to 30 April: three; from 3 March to 31 May: all of them.
        set_churn_days(&app, &token, json!(90)).await;
        assert_eq!(asked().await.0, ["1", "0", "0.25"]);
        set_churn_days(&app, &token, Value::Null).await;
        assert_eq!(asked().await.0, ["0.5", "0.5", "0.5"]);
    }

    async fn a_row_by_time_is_the_same_as_the_question_for_its_days(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        for days in [Value::Null, json!(45)] {
            set_churn_days(&app, &token, days).await;
            let keys = json!(["RETENTION_RATE", "CHURN_RATE", "LAPSED_RATE", "CLV_HISTORIC", "CLV_COHORT", "CAC_PAYBACK"]);
            let by = |cut: Value, from: &str, to: &str| json!({ "metrics": keys, "period": range(from, to),
                "groupBy": [cut] });
            let month = json!({ "dimension": "TIME", "grain": "MONTH" });
            // The last month is cut short by the end of the period.
            let rows = table(&metrics(&app, &token, by(month, "2026-03-01", "2026-05-20")).await);
            for ((name, row), (from, to)) in rows.iter().zip([
                ("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-30"), ("2026-05-01", "2026-05-20"),
            ]) {
                let alone = json!({ "metrics": keys, "period": range(from, to) });
                let alone = table(&metrics(&app, &token, alone).await);
                assert_eq!(alone, expect(&[("", row)]), "{name}");
            }
        }
        let by_channel = json!({ "metrics": ["RETENTION_RATE", "CLV_COHORT"], "period": may(),
            "groupBy": [{ "dimension": "CHANNEL" }] });
        let rows = table(&metrics(&app, &token, by_channel).await);
        assert_eq!(rows, expect(&[("Search", "1 140"), ("Social", "ZERO_DENOMINATOR -20")]));
    }

    async fn a_second_order_counts_to_the_hour_and_young_cohorts_are_provisional(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let days: [&[&str]; 3] = [
            &["2026-03-01", "2026-03-31"], // 30 days to the hour
            &["2026-03-02", "2026-05-31"], // 90 days to the hour
            &["2026-03-03"],
        ];
        sell(&team, &days).await;
        let keys = ["REPEAT_PURCHASE_RATE_30", "REPEAT_PURCHASE_RATE_90", "REPEAT_PURCHASE_RATE_365"];
        let march = || range("2026-03-01", "2026-03-31");
        let (found, provisional) = values(&app, &token, &keys, march()).await;
        let (third, both) = ("0.333333333333333", "0.666666666666667");
        assert_eq!(found, [third, both, both]);
        assert_eq!(provisional, [false, true, true]);
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let late = |id: i64, on: &str, net| orders::Model {
            ordered_at: fixtures::noon(on) + chrono::TimeDelta::seconds(1),
            ..order(id, Some(1), on, net)
        };
        writer.upsert::<orders::Entity>(vec![late(102, "2026-03-31", units(10))]).await.expect("a second later");
        writer.commit().await.expect("the transaction commits");
        assert_eq!(values(&app, &token, &keys, march()).await.0, ["0", both, both]);
    }

    async fn a_cohort_pays_back_its_cost_in_the_month_that_brings_the_margin_to_it(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        // Each order brings 6: 12 in January, 6 in February, 12 in March.
        sell(&team, &[
            &["2026-01-10", "2026-02-10", "2026-03-10"],
            &["2026-01-20", "2026-03-20"],
        ]).await;
        let spent = |units_spent| ad_day::Model { spend: units(units_spent), ..ads(0, 0, "2026-01-05") };
        let january = || range("2026-01-01", "2026-01-31");
        let keys = ["CAC", "CLV_COHORT", "LTV_TO_CAC", "CAC_PAYBACK"];
        for (spend, expected) in [
            (12, ["6", "15", "2.5", "0"]),
            (18, ["9", "15", "1.666666666666667", "1"]),
            (20, ["10", "15", "1.5", "2"]),
            (60, ["30", "15", "0.5", "NOT_PAID_BACK"]),
        ] {
            let writer = team.begin("fixture").await.expect("a transaction begins");
            writer.upsert::<ad_day::Entity>(vec![spent(spend)]).await.expect("ads are written");
            writer.commit().await.expect("the transaction commits");
            assert_eq!(values(&app, &token, &keys, january()).await.0, expected, "{spend}");
        }
        let input = json!({ "metrics": ["CAC_PAYBACK"], "period": january() });
        let answer = metrics(&app, &token, input).await;
        let message = text(&answer, "nodes.0.values.0.undefinedReason.message");
        assert_eq!(message, "the cost is not paid back yet: it takes more than 5 months");
        let (nobody, _) = values(&app, &token, &keys, range("2026-02-01", "2026-02-28")).await;
        assert_eq!(nobody, ["ZERO_DENOMINATOR"; 4], "no new customers");
    }

    async fn lifetime_values_are_amounts_and_need_the_scope_for_them(database: TestDatabase) {
        let (app, team, _) = start(&database).await;
        shop(&team).await;
        let scopes = [kpigraph::auth::Scope::MetricsRead];
        let token = app.token_with("acme", Role::Owner, scopes, chrono::TimeDelta::hours(1));
        let keys = ["CLV_HISTORIC", "CLV_COHORT", "LTV_TO_CAC", "CAC_PAYBACK", "RETENTION_RATE"];
        let (found, _) = values(&app, &token, &keys, may()).await;
        let withheld = "NOT_PERMITTED";
        assert_eq!(found, [withheld, withheld, withheld, withheld, "1"]);
    }

    async fn each_order_of_a_cohort_is_converted_at_the_rate_of_its_own_day(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        sell(&team, &[&["2026-01-10", "2026-03-10"], &["2026-01-20"]]).await;
        let rate = |on: &str, nanos| entity::fx_rate::Model {
            team_id: 0,
            from_currency: "USD".to_owned(),
            to_currency: "EUR".to_owned(),
            day: fixtures::day(on),
            rate_nanos: nanos,
            source: "test".to_owned(),
        };
        let writer = team.begin("fixture").await.expect("a transaction begins");
        let dollars = |id, customer, on: &str| orders::Model {
            currency: "USD".to_owned(),
            ..order(id, Some(customer), on, units(100))
        };
        let done = async {
            let rates = vec![rate("2026-01-15", 500_000_000), rate("2026-03-15", 900_000_000)];
            writer.insert::<entity::fx_rate::Entity>(rates).await?;
            let bought = vec![dollars(501, 1, "2026-01-15"), dollars(502, 2, "2026-03-15")];
            writer.insert::<orders::Entity>(bought).await?;
            writer.refresh_order_days(&[1, 2]).await
        };
        done.await.expect("the rows are written");
        writer.commit().await.expect("the transaction commits");
        // Three orders that brought 6 each, 50 and 90, of two customers.
        let keys = ["CLV_COHORT", "CLV_HISTORIC"];
        let (found, _) = values(&app, &token, &keys, range("2026-01-01", "2026-01-31")).await;
        assert_eq!(found, ["79", "31"]);
        let by_month = json!({ "metrics": ["CLV_HISTORIC"], "period": range("2026-01-01", "2026-03-31"),
            "groupBy": [{ "dimension": "TIME", "grain": "MONTH" }] });
        let rows = table(&metrics(&app, &token, by_month).await);
        assert_eq!(rows, expect(&[("2026-01", "31"), ("2026-02", "31"), ("2026-03", "79")]));
    }
}
