//! Documents and bodies that are made to harm: refused at every way in, and the service lives on.

use kpigraph::auth::Role;
use reqwest::{
    StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, start},
    imports::{parts, send},
    live::Socket,
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// Brackets that the parser would recurse into, behind what looks like a block string and is none.
fn hidden_brackets() -> String {
    format!("{{ nodes(ids: [\"\"\"x\"\n{}", "[".repeat(10_000))
}

/// Fragments that each spread the next twice; the last is unknown, so that nothing but spreads is there.
fn doubling_spreads() -> String {
    let fragments: String = (0..60)
        .map(|n| format!(" fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1))
        .collect();
    format!("{{ ...f0 }}{fragments}")
}

/// Each bomb with the code and the bound that refuse it.
fn bombs() -> Vec<(String, &'static str, Option<&'static str>)> {
    let limit = "LIMIT_EXCEEDED";
    vec![
        (hidden_brackets(), "GRAPHQL_PARSE_FAILED", None),
        (doubling_spreads(), limit, Some("selections")),
        ("{a".repeat(10_000), limit, Some("nesting")),
        (
            format!("query ($a: {}", "[".repeat(10_000)),
            limit,
            Some("nesting"),
        ),
        (
            format!("{{ {} }}", "__typename ".repeat(20_000)),
            limit,
            Some("bytes"),
        ),
        (
            format!("{{ {} }}", "a ".repeat(20_000)),
            limit,
            Some("tokens"),
        ),
        (
            format!("{{ {} }}", "a".repeat(100_000)),
            limit,
            Some("longest name"),
        ),
        (
            format!("{{ {} }}", "a:id ".repeat(101)),
            limit,
            Some("aliases"),
        ),
        (
            format!("{{ id {} }}", "@skip(if: true) ".repeat(101)),
            limit,
            Some("directives"),
        ),
        (
            format!("{{ id {} }}", "@skip(if: true) ".repeat(5)),
            limit,
            Some("directives at one place"),
        ),
        (
            "{ __typename ".to_owned() + &"__typename ".repeat(50) + "}",
            limit,
            Some("root fields"),
        ),
        (
            "query a { __typename } "
                .repeat(101)
                .replace("query a", "query"),
            "GRAPHQL_PARSE_FAILED",
            None,
        ),
    ]
}

fn assert_refused(answer: &Value, code: &str, bound: Option<&str>) {
    let error = "errors.0.extensions";
    assert_eq!(text(answer, &format!("{error}.code")), code, "{answer}");
    if let Some(bound) = bound {
        assert_eq!(text(answer, &format!("{error}.exceeded")), bound);
        let number = |name: &str| path(answer, &format!("{error}.{name}")).as_u64().unwrap();
        assert!(number("actual") > number("limit"), "{answer}");
    }
    assert!(answer.to_string().len() < 2_000, "a refusal is short");
}

async fn assert_alive(app: &App, token: &str) {
    let alive = app.graphql(token, "{ __typename }", Value::Null).await;
    assert_eq!(text(&alive, "data.__typename"), "Query");
}

on_both_databases! {
    async fn bombs_are_refused_in_bodies_and_in_urls(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (bomb, code, bound) in bombs() {
            let (_, _, answer) = app.graphql_raw(&token, &bomb, Value::Null).await;
            assert_refused(&answer, code, bound);
            if bomb.len() < 30_000 {
                let url = Url::parse_with_params(&app.url("/graphql"), [("query", &bomb)]).unwrap();
                let answer = app.client.get(url).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
                assert_refused(&answer, code, bound);
            }
            assert_alive(&app, &token).await;
        }
    }

    async fn bombs_are_refused_beside_files_and_on_open_connections(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut socket = Socket::greeted(&app, &token).await;
        for (bomb, code, bound) in bombs() {
            let operations = json!({ "query": bomb, "variables": { "file": null } });
            let body = parts(&operations, r#"{"0":["variables.file"]}"#, "a.csv", b"a");
            let (_, answer) = send(&app, &token, body).await;
            assert_refused(&answer, code, bound);

            let stream = app.client.post(app.url("/graphql")).bearer_auth(&token)
                .header(ACCEPT, "text/event-stream").json(&json!({ "query": bomb }));
            let events = stream.send().await.unwrap().text().await.unwrap();
            let told = events.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            assert_refused(&serde_json::from_str(told).unwrap(), code, bound);

            socket.subscribe("1", &bomb, Value::Null).await;
            let mut told = socket.next().await;
            assert_eq!(told["type"], "error", "{told}");
            assert_refused(&json!({ "errors": told["payload"].take() }), code, bound);
        }
        assert_alive(&app, &token).await;
    }

    async fn json_that_is_too_deep_or_too_large_is_not_read(database: TestDatabase) {
        let app = App::start_with(&database, clock(), |settings| settings.max_json_values = 1_000).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
        let wide = format!("[{}1]", "1,".repeat(1_000));
        for (values, bound) in [(&deep, "JSON nesting"), (&wide, "JSON values")] {
            for field in ["variables", "extensions"] {
                let body = format!(r#"{{"query":"{{ __typename }}","{field}":{{"a":{values}}}}}"#);
                let request = app.client.post(app.url("/graphql")).bearer_auth(&token);
                let answer = request.header(CONTENT_TYPE, "application/json").body(body).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
                assert_refused(&answer.json().await.unwrap(), "LIMIT_EXCEEDED", Some(bound));
            }
        }
        assert_alive(&app, &token).await;
    }

    async fn mistakes_are_told_shortly(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let unknown: String = (0..40).map(|n| format!("nothing{n} ")).collect();
        let (_, _, answer) = app.graphql_raw(&token, &format!("{{ {unknown} }}"), Value::Null).await;
        assert_eq!(answer["errors"].as_array().unwrap().len(), 10);
        let line = format!("{{ {} ! }}", "name ".repeat(5_000));
        let (_, _, answer) = app.graphql_raw(&token, &line, Value::Null).await;
        assert_refused(&answer, "GRAPHQL_PARSE_FAILED", None);
    }
}
