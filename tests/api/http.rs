//! GraphQL over HTTP: media types, methods, status codes, limits, health.

use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, ALLOW, CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};
use kpigraph::auth::Role;

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

fn post(app: &App, query: &str) -> RequestBuilder {
    let token = app.token("acme", Role::Owner);
    app.client
        .post(app.url("/graphql"))
        .bearer_auth(token)
        .json(&json!({ "query": query }))
}

fn get(app: &App, parameters: &[(&str, &str)]) -> RequestBuilder {
    let mut url: reqwest::Url = app.url("/graphql").parse().expect("the address is a URL");
    url.query_pairs_mut().extend_pairs(parameters);
    app.client
        .get(url)
        .bearer_auth(app.token("acme", Role::Owner))
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("the service answers")
}

/// Status, media type and body.
async fn answer(request: RequestBuilder) -> (StatusCode, String, Value) {
    let answer = send(request).await;
    let media = answer
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| value.to_str().expect("a media type is a text"));
    let media = media
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .to_owned();
    let status = answer.status();
    let body = answer.text().await.expect("the answer can be read");
    (
        status,
        media,
        serde_json::from_str(&body).unwrap_or(Value::String(body)),
    )
}

on_both_databases! {
    async fn the_media_type_follows_accept_and_decides_the_status_of_errors(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let (good, unparsable, unknown) = ("{ __typename }", "{ viewer {", "{ nothing }");
        for (accept, media, refused) in [
            (None, JSON, 200),
            (Some(JSON), JSON, 200),
            (Some("*/*"), JSON, 200),
            (Some(GRAPHQL), GRAPHQL, 400),
            (Some("application/json;q=0.5, application/graphql-response+json"), GRAPHQL, 400),
        ] {
            for (query, expected) in [(good, 200), (unparsable, refused), (unknown, refused)] {
                let request = post(&app, query);
                let request = match accept {
                    Some(accept) => request.header(ACCEPT, accept),
                    None => request,
                };
                let (status, answered, body) = answer(request).await;
                assert_eq!((status.as_u16(), answered.as_str()), (expected, media), "{query} {accept:?}: {body}");
                assert_eq!(body.get("data").is_some(), query == good, "{body}");
            }
        }
        assert_eq!(answer(post(&app, good).header(ACCEPT, "text/html")).await.0, 406);
    }

    async fn bodies_of_other_types_and_broken_ones_are_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let body = |media: &str, body: &'static str| {
            app.client.post(app.url("/graphql")).bearer_auth(&token).header(CONTENT_TYPE, media).body(body)
        };
        let (status, _, refused) = answer(body("text/plain", "{ __typename }")).await;
        assert_eq!(status, 415);
        assert!(text(&refused, "errors.0.message").contains("text/plain"), "{refused}");
        assert_eq!(answer(body("application/graphql", "{ __typename }")).await.0, 415);
        assert_eq!(answer(body(JSON, "{")).await.0, 400);
        assert_eq!(answer(body(JSON, "{}")).await.0, 400);
        let listed = r#"{"query": "{ __typename }", "variables": [1]}"#;
        assert_eq!(answer(body(JSON, listed)).await.0, 400);
        let charset = body("application/json; charset=utf-8", r#"{"query": "{ __typename }"}"#);
        assert_eq!(answer(charset).await.0, 200);
    }

    async fn a_body_over_the_limit_is_refused_with_the_limit(database: TestDatabase) {
        let app = App::start_with(&database, clock(), |settings| settings.body_limit_bytes = 2_048).await;
        app.team("acme").await;
        assert_eq!(answer(post(&app, &format!("{{ __typename }} #{}", "x".repeat(1_000)))).await.0, 200);
        let (status, _, body) = answer(post(&app, &format!("{{ __typename }} #{}", "x".repeat(2_048)))).await;
        assert_eq!(status, 413);
        assert_eq!(text(&body, "errors.0.extensions.code"), "LIMIT_EXCEEDED");
        assert!(text(&body, "errors.0.message").contains("2048"), "{body}");
    }

    async fn other_methods_are_not_allowed(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let request = app.client.request(method, app.url("/graphql")).bearer_auth(&token);
            let answer = send(request).await;
            assert_eq!(answer.status(), 405);
            assert_eq!(answer.headers()[ALLOW], "GET, POST, OPTIONS");
        }
    }

    async fn a_url_can_query_but_never_change_anything(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "query ($by: MetricKey!) { metricCatalog(usableWith: [$by]) { key } }";
        let (status, _, body) = answer(get(&app, &[("query", query), ("variables", r#"{"by":"CTR"}"#)])).await;
        assert_eq!(status, 200);
        assert_eq!(text(&body, "data.metricCatalog.0.key"), "SPEND");
        let both = "query q { __typename } mutation m { createChannel(input: {
            name: \"n\", kind: EMAIL, paid: true }) { channel { id } } }";
        assert_eq!(answer(get(&app, &[("query", both), ("operationName", "q")])).await.0, 200);
        let changing = get(&app, &[("query", both), ("operationName", "m")]);
        let refused = send(changing).await;
        assert_eq!(refused.status(), 405);
        assert_eq!(refused.headers()[ALLOW], "POST");
        for only in ["mutation", "mutation m"] {
            let only = format!("{only} {{ createChannel(input: {{ name: \"n\", kind: EMAIL, paid: true }}) {{ channel {{ id }} }} }}");
            assert_eq!(answer(get(&app, &[("query", &only)])).await.0, 405, "{only}");
        }
        assert_eq!(answer(get(&app, &[])).await.0, 400);
        assert_eq!(answer(get(&app, &[("query", query), ("variables", "{")])).await.0, 400);
        let list = app.graphql(&token, "{ channels { totalCount } }", json!({})).await;
        assert_eq!(path(&list, "data.channels.totalCount"), 0);
    }

    async fn of_several_operations_the_named_one_runs(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let query = "query a { viewer { role } } query b { viewer { subject } }";
        let named = async |name: Value| {
            let body = json!({ "query": query, "operationName": name });
            answer(app.client.post(app.url("/graphql")).bearer_auth(&token).json(&body)).await.2
        };
        assert_eq!(named(json!("b")).await["data"], json!({ "viewer": { "subject": "tester" } }));
        for name in [json!(null), json!("c")] {
            let refused = named(name).await;
            assert!(refused["data"].is_null() && refused.get("errors").is_some(), "{refused}");
        }
    }

    async fn brackets_without_end_are_refused_and_the_service_lives_on(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let open = "{a".repeat(20_000);
        let list = format!("{{ nodes(ids: {}{}) {{ id }} }}", "[".repeat(20_000), "]".repeat(20_000));
        for query in [open, list, "(".repeat(20_000)] {
            let (status, _, body) = answer(post(&app, &query).header(ACCEPT, GRAPHQL)).await;
            assert_eq!(status, 400);
            assert_eq!(text(&body, "errors.0.extensions.code"), "LIMIT_EXCEEDED");
        }
        assert_eq!(answer(post(&app, "{ __typename }")).await.0, 200);
        let (mut variables, depth) = (String::new(), 20_000);
        variables.push_str(&"[".repeat(depth));
        let body = format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{variables}"#);
        let request = app.client.post(app.url("/graphql")).bearer_auth(app.token("acme", Role::Owner));
        assert_eq!(answer(request.header(CONTENT_TYPE, JSON).body(body)).await.0, 400);
        assert_eq!(answer(post(&app, "{ __typename }")).await.0, 200);
    }

    async fn depth_and_fields_are_limited_and_the_refusal_names_both_numbers(database: TestDatabase) {
        let app = App::start_with(&database, clock(), |settings| {
            settings.max_depth = 4;
            settings.max_fields = 10;
        }).await;
        app.team("acme").await;
        let deep = "{ viewer { team { settings { currency } } } }";
        assert_eq!(answer(post(&app, deep).header(ACCEPT, GRAPHQL)).await.0, 200);
        let deeper = "{ campaigns { nodes { channels { nodes { id } } } } }";
        let wide = format!("{{ {} }}", (0..11).map(|n| format!("a{n}: __typename ")).collect::<String>());
        for (query, message) in [
            (deeper, "the query's depth: 5 asked; at most 4"),
            (&wide, "the query's fields: 11 asked; at most 10"),
        ] {
            let (status, _, body) = answer(post(&app, query).header(ACCEPT, GRAPHQL)).await;
            assert_eq!(status, 400);
            assert_eq!(text(&body, "errors.0.message"), message);
            assert_eq!(text(&body, "errors.0.extensions.code"), "LIMIT_EXCEEDED");
        }
    }

    async fn health_and_readiness_need_no_token(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        for (at, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
            let answer = send(app.client.get(app.url(at))).await;
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.text().await.expect("the answer can be read"), body);
        }
        assert_eq!(send(app.client.get(app.url("/nowhere"))).await.status(), 404);
    }

    async fn a_failure_inside_tells_the_client_nothing_of_the_database(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        database.execute("DROP TABLE conversion").await.expect("the table is dropped");
        let query = "{ metrics(input: { metrics: [CONVERSIONS], period: { preset: LAST_MONTH },
            options: { basis: BLENDED } }) { totalCount } }";
        let (status, _, body) = app.graphql_raw(&token, query, json!({})).await;
        assert_eq!(status, 200);
        assert_eq!(text(&body, "errors.0.extensions.code"), "INTERNAL");
        let shown = body.to_string().to_lowercase();
        for word in ["conversion", "table", "sql", "relation", "select"] {
            assert!(!shown.contains(word), "{word}: {shown}");
        }
        let other = app.graphql(&token, "{ channels { totalCount } }", json!({})).await;
        assert_eq!(path(&other, "data.channels.totalCount"), 0);
    }
}
