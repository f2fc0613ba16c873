//! What browsers may do: pages of other sites, and what may be made of answers.

use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS,
        ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
        HeaderName, ORIGIN, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use tokio_tungstenite::tungstenite::Error;

use crate::{
    fixtures::{clock, start},
    live::{Socket, init, request},
    support::{App, TestDatabase, on_both_databases},
};
use kpigraph::auth::Role;

const QUERY: &str = r#"{"query": "{ __typename }"}"#;
const FRIEND: &str = "https://app.example";
const STRANGER: &str = "https://evil.example";

/// A service that pages of one other site may ask.
async fn with_friend(database: &TestDatabase) -> App {
    let app = App::start_with(database, clock(), |settings| {
        settings.cors_origins = FRIEND.parse().expect("an origin");
    })
    .await;
    app.team("acme").await;
    app
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("the service answers")
}

/// What a browser asks before it lets a page ask.
async fn preflight(app: &App, origin: &str, header: &str) -> Response {
    let request = app
        .client
        .request(Method::OPTIONS, app.url("/graphql"))
        .header(ORIGIN, origin)
        .header(ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(ACCESS_CONTROL_REQUEST_HEADERS, header);
    send(request).await
}

/// What a page asks.
async fn asked(app: &App, origin: &str) -> Response {
    let request = app
        .client
        .post(app.url("/graphql"))
        .bearer_auth(app.token("acme", Role::Owner))
        .header(ORIGIN, origin)
        .header(CONTENT_TYPE, "application/json")
        .body(QUERY);
    send(request).await
}

fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().expect("a header is a text"))
}

on_both_databases! {
    async fn pages_of_other_sites_may_not_ask_unless_a_setting_says_so(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        for origin in [FRIEND, STRANGER, "null", "http://localhost.evil.example"] {
            for answer in [preflight(&app, origin, "authorization").await, asked(&app, origin).await] {
                assert!(!answer.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{origin}");
                assert!(!answer.headers().contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS), "{origin}");
            }
        }
        let answer = preflight(&app, FRIEND, "authorization").await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(header(answer.headers(), ALLOW), "GET, POST, OPTIONS");
    }

    async fn pages_of_the_sites_that_are_set_may_ask_and_read_the_request_id(database: TestDatabase) {
        let app = with_friend(&database).await;
        let allowed = preflight(&app, FRIEND, "authorization,content-type,graphql-require-preflight").await;
        assert_eq!(allowed.status(), StatusCode::OK);
        assert_eq!(header(allowed.headers(), ACCESS_CONTROL_ALLOW_ORIGIN), FRIEND);
        assert!(header(allowed.headers(), ACCESS_CONTROL_ALLOW_HEADERS).contains("authorization"));
        let answer = asked(&app, FRIEND).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(answer.headers(), ACCESS_CONTROL_ALLOW_ORIGIN), FRIEND);
        assert!(header(answer.headers(), ACCESS_CONTROL_EXPOSE_HEADERS).contains("x-request-id"));
        assert!(header(answer.headers(), VARY).contains("Origin"));
        for answer in [allowed, answer] {
            assert!(!answer.headers().contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS));
        }
    }

    async fn where_some_sites_are_set_others_still_may_not(database: TestDatabase) {
        let app = with_friend(&database).await;
        for origin in [STRANGER, "null", "https://app.example.evil.example", "http://app.example"] {
            for answer in [preflight(&app, origin, "authorization").await, asked(&app, origin).await] {
                assert!(!answer.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), "{origin}");
            }
        }
        let other_header = preflight(&app, FRIEND, "x-forwarded-host").await;
        assert!(!other_header.status().is_success());
    }

    async fn pages_of_the_sites_that_are_set_may_open_a_websocket(database: TestDatabase) {
        let app = with_friend(&database).await;
        let opened = |origin: &str| {
            let request = request(&app).with_sub_protocol("graphql-transport-ws");
            Socket::asked(request.with_header("Origin", origin))
        };
        let mut socket = opened(FRIEND).await.expect("the WebSocket opens");
        socket.send(init(&app.token("acme", Role::Owner))).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        match opened(STRANGER).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403),
            _ => panic!("a page of a stranger opened a WebSocket"),
        }
    }

    async fn forms_and_plain_texts_that_any_page_can_send_change_nothing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let change = r#"{"query": "mutation { createChannel(input: { name: \"n\", kind: EMAIL, paid: true }) { channel { id } } }"}"#;
        for content_type in [
            "text/plain",
            "text/plain; application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "",
        ] {
            let request = app.client.post(app.url("/graphql")).bearer_auth(&token).body(change);
            let request = match content_type {
                "" => request,
                _ => request.header(CONTENT_TYPE, content_type),
            };
            let answer = send(request).await;
            assert!(answer.status().is_client_error(), "{content_type}: {}", answer.status());
        }
        let found = app.graphql(&token, "{ channels { totalCount } }", serde_json::json!({})).await;
        assert_eq!(found["data"]["channels"]["totalCount"], 0);
    }

    async fn no_answer_can_be_taken_for_a_page(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        for at in ["/graphql?query=%7B__typename%7D", "/healthz", "/nowhere", "/export/orders.csv"] {
            let answer = send(app.client.get(app.url(at))).await;
            let headers = answer.headers();
            assert!(header(headers, CONTENT_SECURITY_POLICY).starts_with("default-src 'none'"), "{at}");
            assert_eq!(header(headers, X_CONTENT_TYPE_OPTIONS), "nosniff", "{at}");
            assert_eq!(header(headers, REFERRER_POLICY), "no-referrer", "{at}");
            assert!(!headers.contains_key("server"), "{at}");
        }
        let page = send(app.client.get(app.url("/graphiql"))).await;
        let policy = header(page.headers(), CONTENT_SECURITY_POLICY);
        assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}
