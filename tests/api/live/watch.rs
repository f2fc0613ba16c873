//! The watcher of goals and alert rules: what it tells, and that it tells it once.

use chrono::TimeDelta;
use entity::{
    ad_day,
    alert_rule::{self, AlertCondition, AlertOp},
    event::Kind,
    goal::{self, BaselineSource, GoalKind},
};
use kpigraph::{
    auth::Role,
    background::watch::{Looked, look},
    store::{Event, TeamStore},
    time::Clock,
};
use serde_json::json;

use crate::{
    fixtures::{ads, clock, day, deliver_all, global_id, noon},
    insight::market,
    support::{App, TestDatabase, json::path, json::text, new_team, on_both_databases},
};

/// The team `acme` as an instance sees it at noon of a day.
async fn on(database: &TestDatabase, at: &str) -> TeamStore {
    let store = database.store(Clock::fixed(noon(at))).await;
    match store.administer().team("acme").await {
        Ok(team) => team,
        Err(_) => store
            .administer()
            .create_team(&new_team("acme"))
            .await
            .unwrap(),
    }
}

/// A goal: so many clicks in June.
async fn aim(team: &TeamStore, clicks: i64) {
    let writer = team.begin("fixture").await.unwrap();
    let row = goal::Model {
        team_id: 0,
        id: 7,
        name: "Clicks".into(),
        kind: Some(GoalKind::Accumulate),
        metric: Some("CLICKS".into()),
        scope: "[]".into(),
        baseline: Some("0".into()),
        baseline_source: Some(BaselineSource::Given),
        target: Some(clicks.to_string()),
        currency: None,
        grain: Some("DAY".into()),
        starts_on: day("2026-06-01"),
        deadline: day("2026-06-30"),
        owner: "tester".into(),
        key_result_of: None,
        review_every: "MONTH".into(),
        archived: false,
        created_at: noon("2026-06-01"),
        updated_at: noon("2026-06-01"),
        version: 1,
    };
    writer.insert::<goal::Entity>(vec![row]).await.unwrap();
    writer.commit().await.unwrap();
}

/// A rule: more clicks than so many on a day.
async fn warn(team: &TeamStore, clicks: i64) {
    let writer = team.begin("fixture").await.unwrap();
    let row = alert_rule::Model {
        team_id: 0,
        id: 9,
        name: "Rush".into(),
        metric: "CLICKS".into(),
        scope: "[]".into(),
        grain: "DAY".into(),
        condition: AlertCondition::Value,
        op: Some(AlertOp::Gt),
        threshold: Some(clicks * 1_000_000),
        min_volume: None,
        enabled: true,
        created_at: noon("2026-06-01"),
        updated_at: noon("2026-06-01"),
        version: 1,
    };
    writer
        .insert::<alert_rule::Entity>(vec![row])
        .await
        .unwrap();
    writer.commit().await.unwrap();
}

/// Delivers clicks on the days from `from` to `to`.
async fn click(team: &TeamStore, from: &str, to: &str, clicks: i64) {
    let days = day(from).iter_days().take_while(|at| *at <= day(to));
    let rows = days.map(|at| ad_day::Model {
        impressions: 1_000,
        clicks,
        ..ads(0, 0, &at.to_string())
    });
    let writer = team.begin("fixture").await.unwrap();
    writer
        .upsert::<ad_day::Entity>(rows.collect())
        .await
        .unwrap();
    deliver_all(&writer, "ads", from, to).await;
    writer.commit().await.unwrap();
}

/// The events of a kind.
async fn told(team: &TeamStore, kind: Kind) -> Vec<Event> {
    let events = team.events_after(0, &[kind], 100).await.unwrap();
    events.into_iter().map(|recorded| recorded.event).collect()
}

fn stands(from: Option<&str>, to: &str) -> Event {
    Event::GoalStatusChanged {
        goal: 7,
        from: from.map(str::to_owned),
        to: to.to_owned(),
    }
}

on_both_databases! {
    async fn a_goal_s_status_is_told_when_it_changes_and_only_then(database: TestDatabase) {
        let team = on(&database, "2026-06-15").await;
        click(&team, "2026-06-01", "2026-06-14", 40).await;
        assert_eq!(look(&team, "a").await.unwrap(), Looked::Unchanged, "there is no goal and no rule");
        aim(&team, 1_000).await;
        assert!(matches!(look(&team, "a").await.unwrap(), Looked::Anew(_)));
        // 560 of 1 000 after 14 of 30 days.
        let mut expected = vec![stands(None, "ON_TRACK")];
        assert_eq!(told(&team, Kind::GoalStatusChanged).await, expected);
        assert_eq!(look(&team, "a").await.unwrap(), Looked::Unchanged);
        click(&team, "2026-06-14", "2026-06-14", 41).await;
        assert!(matches!(look(&team, "a").await.unwrap(), Looked::Anew(_)), "facts came in");
        assert_eq!(told(&team, Kind::GoalStatusChanged).await, expected);
        // Ten days without a click: 561 of 800.
        let team = on(&database, "2026-06-25").await;
        click(&team, "2026-06-15", "2026-06-24", 0).await;
        assert!(matches!(look(&team, "a").await.unwrap(), Looked::Anew(_)));
        expected.push(stands(Some("ON_TRACK"), "OFF_TRACK"));
        assert_eq!(told(&team, Kind::GoalStatusChanged).await, expected);
        // The deadline passes without a fact.
        let team = on(&database, "2026-07-02").await;
        assert!(matches!(look(&team, "a").await.unwrap(), Looked::Anew(_)));
        expected.push(stands(Some("OFF_TRACK"), "MISSED"));
        assert_eq!(told(&team, Kind::GoalStatusChanged).await, expected);
        assert_eq!(look(&team, "a").await.unwrap(), Looked::Unchanged);
    }

    async fn a_rule_is_told_of_once_for_each_time_that_it_begins_to_fire(database: TestDatabase) {
        let team = on(&database, "2026-06-15").await;
        click(&team, "2026-06-13", "2026-06-14", 40).await;
        warn(&team, 30).await;
        let fired = async |team: &TeamStore| -> Vec<String> {
            let events = told(team, Kind::AnomalyDetected).await.into_iter();
            events.filter_map(|event| match event {
                Event::AnomalyDetected { rule: Some(9), day, kpi, .. } => Some(format!("{kpi} {day}")),
                _ => None,
            }).collect()
        };
        for (today, clicks, expected) in [
            ("2026-06-15", 40, vec!["CLICKS 2026-06-14"]),
            ("2026-06-16", 50, vec!["CLICKS 2026-06-14"]),
            ("2026-06-17", 20, vec!["CLICKS 2026-06-14"]),
            ("2026-06-18", 31, vec!["CLICKS 2026-06-14", "CLICKS 2026-06-17"]),
        ] {
            let team = on(&database, today).await;
            let yesterday = day(today).pred_opt().unwrap().to_string();
            click(&team, &yesterday, &yesterday, clicks).await;
            assert!(matches!(look(&team, "a").await.unwrap(), Looked::Anew(_)));
            assert_eq!(fired(&team).await, expected, "{today}");
        }
    }

    async fn an_anomaly_that_no_rule_asks_for_is_told_once_and_can_be_read(database: TestDatabase) {
        let team = on(&database, "2026-06-15").await;
        market(&team, 3).await;
        warn(&team, 1_000_000).await;
        let Looked::Anew(count) = look(&team, "a").await.unwrap() else {
            panic!("nothing was worked out");
        };
        let anomalies = told(&team, Kind::AnomalyDetected).await;
        assert_eq!(anomalies.len(), count);
        let found = anomalies.iter().find_map(|event| match event {
            Event::AnomalyDetected { kpi, scope, day, anomaly, rule: None }
                if kpi == "CPC" && scope == "CHANNEL Search" => Some((day.to_string(), anomaly.clone()?)),
            _ => None,
        });
        let (on_day, id) = found.unwrap_or_else(|| panic!("{anomalies:#?}"));
        assert_eq!(on_day, "2026-06-14");
        click(&team, "2026-06-14", "2026-06-14", 0).await;
        assert_eq!(look(&team, "b").await.unwrap(), Looked::Anew(0), "each is told once");
        let app = App::start(&database, clock()).await;
        let token = app.token("acme", Role::Owner);
        let node = "query ($id: ID!) { node(id: $id) { ... on Anomaly { metric { key } dimensions { label } } } }";
        let answer = app.graphql(&token, node, json!({ "id": id })).await;
        assert_eq!(path(&answer, "data.node.metric.key"), "CPC");
        assert_eq!(text(&answer, "data.node.dimensions.0.label"), "Search");
        let rule = app.graphql(&token, "{ alertRules { nodes { id } } }", json!({})).await;
        assert_eq!(text(&rule, "data.alertRules.nodes.0.id"), global_id("AlertRule", 9));
    }

    async fn one_instance_at_a_time_works_and_a_dead_one_is_replaced(database: TestDatabase) {
        let team = on(&database, "2026-06-15").await;
        aim(&team, 1_000).await;
        click(&team, "2026-06-01", "2026-06-14", 40).await;
        assert!(team.take_lease("other", TimeDelta::minutes(3)).await.unwrap());
        assert_eq!(look(&team, "a").await.unwrap(), Looked::Busy);
        assert_eq!(told(&team, Kind::GoalStatusChanged).await, []);
        let later = database.store(Clock::fixed(noon("2026-06-15") + TimeDelta::minutes(4))).await;
        let later = later.administer().team("acme").await.unwrap();
        assert!(matches!(look(&later, "a").await.unwrap(), Looked::Anew(_)));
        assert_eq!(told(&team, Kind::GoalStatusChanged).await, [stands(None, "ON_TRACK")]);
        assert!(team.take_lease("other", TimeDelta::minutes(3)).await.unwrap(), "the lease was given back");
    }
}
