//! How much a team may take: points that come back slowly, shared by all instances.

use chrono::TimeDelta;
use kpigraph::{auth::Role, config::Settings, store::Event};
use reqwest::{
    StatusCode,
    header::{ACCEPT, RETRY_AFTER},
};
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, fill},
    live::{Socket, now},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const CATALOGUE: &str = "{ metricCatalog { key } }";
const LIGHT: &str =
    "subscription ($after: String) { customerStageChanged(after: $after) { stage } }";
const HEAVY: &str = "subscription ($after: String) { customerStageChanged(after: $after) { customer {
    now: kpis(period: { preset: TODAY }) { aov { value } } week: kpis(period: { preset: LAST_WEEK }) { aov { value } }
    year: kpis(period: { preset: THIS_YEAR }) { aov { value } } } } }";

/// A bucket for a few queries that practically never fills again.
fn tight(settings: &mut Settings) {
    settings.rate_burst_points = 100;
    settings.rate_points_per_second = 1;
}

/// Of a bucket of its own that a key may empty, its team has five.
fn a_fifth_each(settings: &mut Settings) {
    tight(settings);
    settings.rate_burst_points = 1_000;
    settings.rate_key_percent = 20;
}

/// Asks until it is told to wait; how often that went well.
async fn until_refused(app: &App, token: &str) -> (usize, Value) {
    for asked in 0..1_000 {
        let (status, headers, answer) = app.graphql_raw(token, CATALOGUE, Value::Null).await;
        if status != StatusCode::OK {
            assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
            let wait: u64 = headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
            assert!(wait >= 1);
            assert_eq!(text(&answer, "errors.0.extensions.code"), "RATE_LIMITED");
            assert_eq!(path(&answer, "errors.0.extensions.retryAfter"), wait);
            return (asked, answer);
        }
    }
    panic!("nothing is refused");
}

on_both_databases! {
    async fn a_team_that_has_used_up_its_points_waits_and_others_do_not(database: TestDatabase) {
        let app = App::start_with(&database, clock(), tight).await;
        app.team("acme").await;
        app.team("other").await;
        let (asked, answer) = until_refused(&app, &app.token("acme", Role::Owner)).await;
        assert!(asked < 100, "{asked}");
        assert_eq!(path(&answer, "errors.0.extensions.limit"), 100);
        let (status, _, _) = app.graphql_raw(&app.token("other", Role::Owner), CATALOGUE, Value::Null).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn a_stream_of_events_is_told_too(database: TestDatabase) {
        let app = App::start_with(&database, clock(), tight).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        until_refused(&app, &token).await;
        let request = app.client.post(app.url("/graphql")).bearer_auth(&token)
            .header(ACCEPT, "text/event-stream").json(&json!({ "query": CATALOGUE }));
        let events = request.send().await.unwrap().text().await.unwrap();
        assert!(events.contains("RATE_LIMITED"), "{events}");
    }

    async fn one_key_cannot_take_all_of_its_team(database: TestDatabase) {
        let app = App::start_with(&database, clock(), a_fifth_each).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        let create = "mutation { createApiKey(input: { name: \"k\", scopes: [METRICS_READ], expiresAt: null }) { secret } }";
        let made = app.graphql(&token, create, Value::Null).await;
        let key = text(&made, "data.createApiKey.secret").to_owned();
        let (_, answer) = until_refused(&app, &key).await;
        assert_eq!(text(&answer, "errors.0.extensions.exceeded"), "points of the key");
        assert_eq!(path(&answer, "errors.0.extensions.limit"), 200);
        let (status, _, _) = app.graphql_raw(&token, CATALOGUE, Value::Null).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn a_token_that_asks_anew_is_the_same_subject(database: TestDatabase) {
        let app = App::start_with(&database, clock(), a_fifth_each).await;
        app.team("acme").await;
        until_refused(&app, &app.token("acme", Role::Owner)).await;
        let anew = app.token_with("acme", Role::Viewer, [kpigraph::auth::Scope::MetricsRead], TimeDelta::hours(2));
        let (status, _, _) = app.graphql_raw(&anew, CATALOGUE, Value::Null).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    }

    async fn events_that_read_much_take_points_and_wait_for_them(database: TestDatabase) {
        let app = App::start_with(&database, clock(), a_fifth_each).await;
        let team = app.team("acme").await;
        let customer = fill(&team, "c", 1).await.customers[0];
        let mut heavy = Socket::greeted(&app, &app.token("acme", Role::Owner)).await;
        let create = "mutation { createApiKey(input: { name: \"k\", scopes: [CUSTOMERS_READ] }) { secret } }";
        let made = app.graphql(&app.token("acme", Role::Owner), create, Value::Null).await;
        let key = text(&made, "data.createApiKey.secret").to_owned();
        let mut light = Socket::greeted(&app, &key).await;
        let after = json!({ "after": now(&app, &app.token("acme", Role::Owner)).await });
        heavy.subscribe("a", HEAVY, after.clone()).await;
        light.subscribe("a", LIGHT, after).await;
        let writer = team.begin("test").await.unwrap();
        for _ in 0..20 {
            writer.emit(Event::CustomerStageChanged { customer, stage: "MQL".into() });
        }
        writer.commit().await.unwrap();
        for _ in 0..20 {
            light.data("a").await;
        }
        let mut told = 0;
        while !heavy.is_silent().await {
            told += 1;
        }
        assert!((5..20).contains(&told), "{told}");
        // What is left is less than an event needs, but may be as much as a small question does.
        let (asked, _) = until_refused(&app, &app.token("acme", Role::Owner)).await;
        assert!(asked < 5, "{asked}");
        let (status, _, _) = app.graphql_raw(&key, "{ customers { totalCount } }", Value::Null).await;
        assert_eq!(status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_share_what_a_team_may_take() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let tight = |settings: &mut Settings| {
        tight(settings);
        settings.rate_burst_points = 20_000;
    };
    let first = App::start_with(&database, clock(), tight).await;
    let second = App::start_with(&database, clock(), tight).await;
    let team = first.team("acme").await;
    // What both lease is never more than there is.
    let mut leased = 0;
    for _ in 0..60 {
        let (granted, left) = team.lease_points("", 500, 20_000, 1).await.unwrap();
        assert!((0..=500).contains(&granted) && left >= 0);
        leased += granted;
    }
    // A point comes back each second.
    assert!((20_000..25_000).contains(&leased), "{leased}");
    let many = "{ campaigns(first: 100) { nodes { id channels(first: 100) { nodes { id } } } } }";
    for app in [&first, &second] {
        let token = app.token("acme", Role::Owner);
        let (status, _, answer) = app.graphql_raw(&token, many, Value::Null).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{answer}");
    }
}
