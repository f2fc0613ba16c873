//! What client and service agree on in headers: media types, encodings, what can be asked, and the request's id.

use std::{collections::HashSet, io::Read};

use flate2::read::GzDecoder;
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{
        ACCEPT, ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH,
        CONTENT_TYPE, HeaderMap, HeaderName, VARY,
    },
};
use serde_json::{Value, json};

use crate::{
    fixtures::start,
    support::{App, TestDatabase, json::text, on_both_databases},
};
use kpigraph::auth::Role;

const LARGE: &str = "{ __schema { types { name fields { name } } } }";

fn post(app: &App, body: impl Into<reqwest::Body>) -> RequestBuilder {
    app.client
        .post(app.url("/graphql"))
        .bearer_auth(app.token("acme", Role::Owner))
        .header(CONTENT_TYPE, "application/json")
        .body(body)
}

fn query(text: &str) -> String {
    json!({ "query": text }).to_string()
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("the service answers")
}

fn header(headers: &HeaderMap, name: HeaderName) -> &str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().expect("a header is a text"))
}

async fn body(answer: Response) -> Value {
    answer.json().await.expect("an answer in JSON")
}

on_both_databases! {
    async fn the_media_type_is_the_one_that_the_client_wants_most(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        for (accept, media) in [
            ("application/graphql-response+json;q=0.1, application/json", "application/json"),
            ("application/json;q=0.1, application/graphql-response+json", "application/graphql-response+json"),
            ("application/graphql-response+json;q=0, */*", "application/json"),
        ] {
            let answer = send(post(&app, query("{ __typename }")).header(ACCEPT, accept)).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(header(answer.headers(), CONTENT_TYPE), format!("{media}; charset=utf-8"), "{accept}");
            assert!(header(answer.headers(), VARY).contains("Accept"));
            assert_eq!(header(answer.headers(), CACHE_CONTROL), "no-store");
        }
        let refused = send(post(&app, query("{ __typename }")).header(ACCEPT, "application/json;q=0, */*")).await;
        assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
    }

    async fn a_large_answer_is_compressed_for_who_can_read_it(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let plain = send(post(&app, query(LARGE))).await;
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        let plain = plain.bytes().await.expect("the answer can be read");
        let packed = send(post(&app, query(LARGE)).header(ACCEPT_ENCODING, "gzip")).await;
        assert_eq!(header(packed.headers(), CONTENT_ENCODING), "gzip");
        assert!(header(packed.headers(), VARY).to_lowercase().contains("accept-encoding"));
        let packed = packed.bytes().await.expect("the answer can be read");
        assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("whole gzip");
        let data = |text: &[u8]| serde_json::from_slice::<Value>(text).expect("JSON")["data"].take();
        assert_eq!(data(&unpacked), data(&plain));
        let brotli = send(post(&app, query(LARGE)).header(ACCEPT_ENCODING, "br")).await;
        assert_eq!(header(brotli.headers(), CONTENT_ENCODING), "br");
    }

    async fn small_answers_and_streams_of_events_are_not_compressed(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let small = send(post(&app, query("{ __typename }")).header(ACCEPT_ENCODING, "gzip, br")).await;
        assert!(!small.headers().contains_key(CONTENT_ENCODING));
        assert!(small.headers().contains_key(CONTENT_LENGTH));
        let refused = send(post(&app, "{").header(ACCEPT_ENCODING, "gzip, br")).await;
        assert!(!refused.headers().contains_key(CONTENT_ENCODING));
        let streamed = post(&app, query(LARGE)).header(ACCEPT_ENCODING, "gzip, br");
        let streamed = send(streamed.header(ACCEPT, "text/event-stream")).await;
        assert!(!streamed.headers().contains_key(CONTENT_ENCODING));
        let text = streamed.text().await.expect("events are texts");
        assert!(text.contains("event: next") && text.contains("event: complete"), "{text:.300}");
    }

    async fn compressed_bodies_and_other_charsets_are_refused_with_what_is_taken(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        for encoding in ["gzip", "br", "deflate", "zstd", "gzip, identity"] {
            let answer = send(post(&app, query("{ __typename }")).header(CONTENT_ENCODING, encoding)).await;
            assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{encoding}");
            assert_eq!(header(answer.headers(), ACCEPT_ENCODING), "identity");
        }
        let typed = |content_type: &'static str| {
            let request = app.client.post(app.url("/graphql")).bearer_auth(app.token("acme", Role::Owner));
            send(request.header(CONTENT_TYPE, content_type).body(query("{ __typename }")))
        };
        for refused in ["application/json; charset=utf-16", "application/json; charset=latin1", "text/plain", "foo"] {
            let answer = typed(refused).await;
            assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{refused}");
            assert_eq!(answer.headers()["accept-post"], "application/json, multipart/form-data");
            assert_eq!(text(&body(answer).await, "errors.0.extensions.code"), "BAD_USER_INPUT");
        }
        for taken in ["application/json; charset=UTF-8", "Application/JSON;charset=\"utf-8\"", "application/json"] {
            assert_eq!(typed(taken).await.status(), StatusCode::OK, "{taken}");
        }
    }

    async fn only_an_object_is_an_operation(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        for sent in ["", "null", "1", "\"{ __typename }\"", "[]", " [\"{ __typename }\"]", "[{\"query\": \"{ __typename }\"}]"] {
            let answer = send(post(&app, sent)).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{sent}");
            assert!(body(answer).await.get("data").is_none(), "{sent}");
        }
    }

    async fn an_empty_operation_name_is_none(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let sent = json!({ "query": "query a { __typename }", "operationName": "" }).to_string();
        assert_eq!(body(send(post(&app, sent)).await).await["data"]["__typename"], "Query");
    }

    async fn extensions_in_a_url_must_be_an_object(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (extensions, status) in [("{}", 200), ("", 200), (r#"{"a":1}"#, 200), ("1", 400), ("[]", 400), ("{", 400)] {
            let mut url: reqwest::Url = app.url("/graphql").parse().expect("a URL");
            url.query_pairs_mut().extend_pairs([("query", "{ __typename }"), ("extensions", extensions)]);
            assert_eq!(send(app.client.get(url).bearer_auth(&token)).await.status(), status, "{extensions}");
        }
    }

    async fn what_can_be_asked_is_told_without_a_token(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let answer = send(app.client.request(Method::OPTIONS, app.url("/graphql"))).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(header(answer.headers(), ALLOW), "GET, POST, OPTIONS");
        let answer = send(app.client.request(Method::TRACE, app.url("/graphql"))).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    async fn every_answer_has_a_request_id_of_its_own(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let mut ids = HashSet::new();
        for request in [
            post(&app, query("{ __typename }")),
            post(&app, "{"),
            app.client.get(app.url("/graphql")),
            app.client.get(app.url("/healthz")),
            app.client.get(app.url("/nowhere")),
        ] {
            let answer = send(request.header("x-request-id", "mine")).await;
            let id = answer.headers()["x-request-id"].to_str().expect("an id is a text").to_owned();
            assert!(ids.insert(id.clone()) && id != "mine", "{id}");
        }
    }
}
