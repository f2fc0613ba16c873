//! What those who run the service see of it at `/metrics`.

use std::net::SocketAddr;

use kpigraph::{auth::Role, config::OrNone};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    fixtures::clock,
    live::{REFRESHED, Socket},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// The service with figures and the team `acme`.
pub async fn watched(database: &TestDatabase) -> (App, String) {
    let app = App::start_with(database, clock(), |settings| {
        settings.metrics_listen = OrNone(Some(SocketAddr::from(([127, 0, 0, 1], 0))));
    })
    .await;
    app.team("acme").await;
    let token = app.token("acme", Role::Owner);
    (app, token)
}

/// The figures of now.
pub async fn scraped(app: &App) -> String {
    let address = app.metrics.expect("figures are told");
    let answer = app.client.get(format!("http://{address}/metrics"));
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    answer.text().await.unwrap()
}

/// The value of a series; 0 where there is none yet.
pub fn value(figures: &str, series: &str) -> f64 {
    let lines = figures.lines().filter_map(|line| line.rsplit_once(' '));
    let mut found = lines.filter(|(name, _)| *name == series);
    found
        .next()
        .map_or(0.0, |(_, value)| value.parse().unwrap())
}

/// The cost that an answer tells.
fn cost(answer: &Value) -> f64 {
    path(answer, "extensions.cost.actual").as_f64().unwrap()
}

on_both_databases! {
    async fn operations_are_counted_by_their_field_and_what_came_of_them(database: TestDatabase) {
        let (app, token) = watched(&database).await;
        let mut points = 0.0;
        for query in ["{ campaigns { totalCount } }", "query named { again: campaigns { nodes { id } } }",
            "{ campaigns { totalCount } channels { totalCount } }"] {
            let (status, _, answer) = app.graphql_raw(&token, query, Value::Null).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            points += cost(&answer);
        }
        let mut codes = Vec::new();
        for query in ["{ campaigns", "{ nothingOfTheKind }", "{ channels(first: 5000) { totalCount } }"] {
            let (_, _, answer) = app.graphql_raw(&token, query, Value::Null).await;
            codes.push(text(&answer, "errors.0.extensions.code").to_owned());
            points += answer["extensions"]["cost"]["actual"].as_f64().unwrap_or_default();
        }
        assert_eq!(codes[..2], ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"]);
        app.graphql_raw("no token", "{ campaigns { totalCount } }", Value::Null).await;
        let figures = scraped(&app).await;
        for (kind, field, code, count) in [
            ("query", "campaigns", "OK", 2.0),
            ("query", "several", "OK", 1.0),
            ("query", "none", "GRAPHQL_VALIDATION_FAILED", 1.0),
            ("query", "channels", &codes[2], 1.0),
            ("unknown", "none", "GRAPHQL_PARSE_FAILED", 1.0),
        ] {
            let series = format!("kpigraph_operations_total{{kind=\"{kind}\",field=\"{field}\",code=\"{code}\"}}");
            assert_eq!(value(&figures, &series), count, "{series} in {figures}");
        }
        assert!(!figures.contains("named") && !figures.contains("nothingOfTheKind"), "{figures}");
        let requests = |status| format!("kpigraph_http_requests_total{{route=\"/graphql\",method=\"POST\",status=\"{status}\"}}");
        assert_eq!(value(&figures, &requests(401)), 1.0, "{figures}");
        assert_eq!(value(&figures, &requests(200)) + value(&figures, &requests(400)), 6.0, "{figures}");
        assert_eq!(value(&figures, "kpigraph_operation_seconds_count{kind=\"query\"}"), 5.0);
        assert_eq!(value(&figures, "kpigraph_team_points_total{team=\"acme\"}"), points);
        assert!(value(&figures, "kpigraph_sql_statement_seconds_count{verb=\"select\"}") >= 5.0, "{figures}");
    }

    async fn writes_and_what_is_of_the_moment_are_told_too(database: TestDatabase) {
        let (app, token) = watched(&database).await;
        let create = "mutation ($name: String!) { createChannel(input: { name: $name, kind: OTHER, paid: true }) {
            channel { id } errors { code } } }";
        let before = value(&scraped(&app).await, "kpigraph_sql_statement_seconds_count{verb=\"insert\"}");
        app.graphql(&token, create, json!({ "name": "spring" })).await;
        let figures = scraped(&app).await;
        let series = "kpigraph_operations_total{kind=\"mutation\",field=\"createChannel\",code=\"OK\"}";
        assert_eq!(value(&figures, series), 1.0, "{figures}");
        assert!(value(&figures, "kpigraph_sql_statement_seconds_count{verb=\"insert\"}") > before, "{figures}");
        for (series, told) in [
            ("kpigraph_queues_known", 1.0),
            ("kpigraph_imports_queued", 0.0),
            ("kpigraph_webhooks_due", 0.0),
            ("kpigraph_database_connections_most", 10.0),
            ("kpigraph_build_info{version=\"0.1.0\"}", 1.0),
        ] {
            assert_eq!(value(&figures, series), told, "{series} in {figures}");
            assert!(figures.lines().any(|line| line.starts_with(series)), "{series} in {figures}");
        }
        let connections = |state: &str| value(&figures, &format!("kpigraph_database_connections{{state=\"{state}\"}}"));
        assert!(connections("busy") + connections("idle") >= 1.0, "{figures}");
        assert!(figures.ends_with("# EOF\n"), "{figures}");
    }

    async fn subscriptions_count_as_long_as_they_are_open(database: TestDatabase) {
        let (app, token) = watched(&database).await;
        let open = async |count: f64| {
            for _ in 0..1_000 {
                let figures = scraped(&app).await;
                if value(&figures, "kpigraph_subscriptions") == count
                    && value(&figures, "kpigraph_live_connections") == count {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            panic!("never {count} are open: {}", scraped(&app).await);
        };
        open(0.0).await;
        let mut socket = Socket::greeted(&app, &token).await;
        socket.subscribe("1", REFRESHED, json!({})).await;
        open(1.0).await;
        let begun = "kpigraph_operations_total{kind=\"subscription\",field=\"dataRefreshed\",code=\"OK\"}";
        assert_eq!(value(&scraped(&app).await, begun), 1.0);
        drop(socket);
        open(0.0).await;
    }

    async fn the_api_itself_tells_no_figures(database: TestDatabase) {
        let (app, token) = watched(&database).await;
        let asked = app.client.get(app.url("/metrics")).bearer_auth(token);
        assert_eq!(asked.send().await.unwrap().status(), StatusCode::NOT_FOUND);
        let silent = App::start(&database, clock()).await;
        assert_eq!(silent.metrics, None);
    }
}
