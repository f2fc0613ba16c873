//! Time buckets by the team's calendar, and periods by name.

use chrono_tz::America::New_York;
use entity::ad_day;
use kpigraph::{auth::Role, store::NewTeam, time::WeekStart};
use serde_json::{Value, json};

use super::{expect, metrics, shop, table};
use crate::{
    fixtures::{ads, clock, deliver_all, range, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        new_team, on_both_databases,
    },
};

/// A team in New York whose weeks begin on Sundays and fiscal years in April, with a few days of clicks.
async fn new_york(database: &TestDatabase) -> (App, String) {
    let app = App::start(database, clock()).await;
    let team = app.team_with(NewTeam {
        time_zone: New_York,
        week_start: WeekStart::Sunday,
        fiscal_year_start_month: 4,
        ..new_team("york")
    });
    let team = team.await;
    let days = [
        ("2026-03-29", 1),
        ("2026-03-31", 2),
        ("2026-04-01", 4),
        ("2026-04-04", 8),
        ("2026-04-05", 16),
    ];
    let rows = days.map(|(on, clicks)| ad_day::Model {
        clicks,
        ..ads(0, 0, on)
    });
    let writer = team.begin("fixture").await.expect("a transaction begins");
    writer
        .insert::<ad_day::Entity>(rows.into())
        .await
        .expect("facts are written");
    deliver_all(&writer, "ads", "2026-01-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
    let token = app.token("york", Role::Owner);
    (app, token)
}

async fn by(app: &App, token: &str, grain: &str, period: Value, fill: &str) -> Value {
    let input = json!({ "metrics": ["CLICKS"], "period": period, "fill": fill,
        "groupBy": [{ "dimension": "TIME", "grain": grain }] });
    metrics(app, token, input).await
}

on_both_databases! {
    async fn days_fall_into_the_buckets_of_the_teams_calendar(database: TestDatabase) {
        let (app, token) = new_york(&database).await;
        for (grain, rows) in [
            ("DAY", &[("2026-03-29", "1"), ("2026-03-31", "2"), ("2026-04-01", "4"), ("2026-04-04", "8"),
                ("2026-04-05", "16")][..]),
            ("WEEK", &[("week of 2026-03-29", "15"), ("week of 2026-04-05", "16")]),
            ("MONTH", &[("2026-03", "3"), ("2026-04", "28")]),
            ("QUARTER", &[("2026-Q1", "3"), ("2026-Q2", "28")]),
            ("YEAR", &[("2026", "31")]),
            ("FISCAL_QUARTER", &[("FY2026-Q4", "3"), ("FY2027-Q1", "28")]),
            ("FISCAL_YEAR", &[("FY2026", "3"), ("FY2027", "28")]),
        ] {
            let answer = by(&app, &token, grain, range("2026-01-01", "2026-05-31"), "NONE").await;
            assert_eq!(table(&answer), expect(rows), "{grain}");
        }
        let weeks = by(&app, &token, "WEEK", range("2026-03-31", "2026-04-05"), "NONE").await;
        assert_eq!(table(&weeks), expect(&[("week of 2026-03-29", "14"), ("week of 2026-04-05", "16")]),
            "days of a bucket outside of the period do not count");
        assert_eq!(path(&weeks, "nodes.0.bucket"),
            &json!({ "from": "2026-03-29", "to": "2026-04-04", "label": "week of 2026-03-29" }));
        assert_eq!(text(&weeks, "nodes.0.dimensions.0.key"), "2026-03-29");
    }

    async fn buckets_without_facts_are_rows_unless_they_are_not_wanted(database: TestDatabase) {
        let (app, token) = new_york(&database).await;
        let period = range("2025-12-01", "2026-04-30");
        let filled = by(&app, &token, "MONTH", period.clone(), "ZERO").await;
        assert_eq!(table(&filled), expect(&[("2025-12", "NO_DATA"), ("2026-01", "0"), ("2026-02", "0"),
            ("2026-03", "3"), ("2026-04", "28")]));
        let bare = by(&app, &token, "MONTH", period, "NONE").await;
        assert_eq!(table(&bare), expect(&[("2026-03", "3"), ("2026-04", "28")]));
    }

    async fn a_moment_belongs_to_the_day_of_the_teams_zone(database: TestDatabase) {
        let (app, token) = new_york(&database).await;
        let upsert = "mutation { upsertCustomers(input: { source: \"crm\", items: [
            { ref: { external: { system: \"crm\", id: \"1\" } }, lifecycle: LEAD, lifecycleAt: \"2026-03-02T04:59:59Z\" },
            { ref: { external: { system: \"crm\", id: \"2\" } }, lifecycle: LEAD, lifecycleAt: \"2026-03-02T05:00:00Z\" }] }) { counts { created } } }";
        app.graphql(&token, upsert, json!({})).await;
        let input = json!({ "metrics": ["LEADS"], "period": range("2026-03-01", "2026-03-02"),
            "groupBy": [{ "dimension": "TIME", "grain": "DAY" }] });
        let answer = metrics(&app, &token, input).await;
        assert_eq!(table(&answer), expect(&[("2026-03-01", "1"), ("2026-03-02", "1")]));
    }

    async fn periods_by_name_follow_the_teams_calendar(database: TestDatabase) {
        let (app, token) = new_york(&database).await;
        let trailing = |count: u32, grain: &str, current: bool| {
            json!({ "trailing": { "count": count, "grain": grain, "includeCurrent": current } })
        };
        let preset = |name: &str| json!({ "preset": name });
        for (period, from, to) in [
            (preset("TODAY"), "2026-06-15", "2026-06-15"),
            (preset("YESTERDAY"), "2026-06-14", "2026-06-14"),
            (preset("THIS_WEEK"), "2026-06-14", "2026-06-20"),
            (preset("LAST_WEEK"), "2026-06-07", "2026-06-13"),
            (preset("THIS_MONTH"), "2026-06-01", "2026-06-30"),
            (preset("LAST_MONTH"), "2026-05-01", "2026-05-31"),
            (preset("THIS_QUARTER"), "2026-04-01", "2026-06-30"),
            (preset("LAST_QUARTER"), "2026-01-01", "2026-03-31"),
            (preset("THIS_YEAR"), "2026-01-01", "2026-12-31"),
            (preset("LAST_YEAR"), "2025-01-01", "2025-12-31"),
            (preset("THIS_FISCAL_YEAR"), "2026-04-01", "2027-03-31"),
            (preset("ALL_TIME"), "2026-01-01", "2026-06-14"),
            (trailing(7, "DAY", false), "2026-06-08", "2026-06-14"),
            (trailing(2, "WEEK", true), "2026-05-31", "2026-06-20"),
            (trailing(1, "FISCAL_QUARTER", false), "2026-01-01", "2026-03-31"),
        ] {
            let answer = metrics(&app, &token, json!({ "metrics": ["CLICKS"], "period": period })).await;
            assert_eq!(path(&answer, "meta.period"), &json!({ "from": from, "to": to }), "{period}");
        }
    }

    async fn the_repeat_purchase_rate_of_a_bucket_counts_everybody_up_to_its_end(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        shop(&team).await;
        let by = |grain: &str, from: &str, to: &str| json!({ "metrics": ["REPEAT_PURCHASE_RATE"],
            "period": range(from, to), "groupBy": [{ "dimension": "TIME", "grain": grain }] });
        let months = metrics(&app, &token, by("MONTH", "2026-03-01", "2026-06-14")).await;
        assert_eq!(table(&months), expect(&[("2026-03", "ZERO_DENOMINATOR"), ("2026-04", "0"),
            ("2026-05", "0.666666666666667"), ("2026-06", "0.666666666666667")]));
        let days = metrics(&app, &token, by("DAY", "2026-05-02", "2026-05-05")).await;
        assert_eq!(table(&days), expect(&[("2026-05-02", "0"), ("2026-05-03", "1"), ("2026-05-04", "0.5"),
            ("2026-05-05", "0.333333333333333")]));
    }
}
