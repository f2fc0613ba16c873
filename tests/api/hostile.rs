//! What must not bring the service down or make it answer with an internal error.

use kpigraph::auth::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, start},
    support::{App, TestDatabase, json::text, on_both_databases},
};

/// The code of the first error of an answer.
async fn refused(app: &App, query: &str, variables: Value) -> String {
    let token = app.token("acme", Role::Owner);
    let (_, _, body) = app.graphql_raw(&token, query, variables).await;
    text(&body, "errors.0.extensions.code").to_owned()
}

fn chain(first: &str, length: usize) -> String {
    let links: String = (0..length)
        .map(|n| format!(" fragment f{n} on Query {{ ...f{} }}", n + 1))
        .collect();
    format!("{first}{links} fragment f{length} on Query {{ __typename }}")
}

on_both_databases! {
    async fn documents_that_recurse_or_multiply_are_refused_and_the_service_lives_on(db: TestDatabase) {
        let (app, _, _) = start(&db).await;
        for query in [chain("{ ...f0 }", 5_000), chain("{ __typename }", 5_000), chain("{ ...f0 }", 150)] {
            assert_eq!(refused(&app, &query, Value::Null).await, "LIMIT_EXCEEDED");
        }
        let part = json!({ "dimension": { "dimension": "COUNTRY", "op": "EQ", "values": ["DE"] } });
        let input = json!({ "input": {
            "metrics": ["CLICKS"],
            "period": { "preset": "LAST_MONTH" },
            "filter": { "or": vec![part; 2_000] },
        }});
        let query = "query($input: MetricsInput!) { metrics(input: $input) { totalCount } }";
        assert_eq!(refused(&app, query, input).await, "LIMIT_EXCEEDED");
        let alive = app.graphql(&app.token("acme", Role::Owner), "{ __typename }", Value::Null).await;
        assert_eq!(text(&alive, "data.__typename"), "Query");
    }

    async fn an_answer_of_too_many_rows_is_refused_before_it_is_made(db: TestDatabase) {
        let (app, _, _) = start(&db).await;
        let metrics = "IMPRESSIONS, CLICKS, SPEND, CTR, CPC, CPM, ORDERS, REVENUE, AOV";
        let query = format!(
            "{{ metrics(input: {{ metrics: [{metrics}], groupBy: [{{ dimension: TIME, grain: DAY }}], \
             period: {{ range: {{ from: \"1990-01-01\", to: \"2089-12-31\" }} }} }}) {{ totalCount }} }}"
        );
        assert_eq!(refused(&app, &query, Value::Null).await, "LIMIT_EXCEEDED");
    }

    async fn a_default_value_of_an_unknown_type_is_refused_for_its_type(db: TestDatabase) {
        let (app, _, _) = start(&db).await;
        let query = "query ($a: [Nothing!] = [1]) { __typename }";
        assert_eq!(refused(&app, query, Value::Null).await, "GRAPHQL_VALIDATION_FAILED");
    }

    async fn a_date_has_one_form(db: TestDatabase) {
        let (app, _, _) = start(&db).await;
        let query = "query ($from: Date!) { viewer { team { kpis(period: { range: { from: $from, to: \"2024-03-15\" } }) { \
                     spend { value } } } } }";
        let asked = async |from: &str| {
            let token = app.token("acme", Role::Owner);
            let (_, _, body) = app.graphql_raw(&token, query, json!({ "from": from })).await;
            body["errors"].is_null()
        };
        assert!(asked("2024-02-29").await);
        for wrong in ["2024- 2-29", "2024-2-029", "+2024-2-29", "2024-02- 9", "2023-02-29"] {
            assert!(!asked(wrong).await, "{wrong}");
        }
    }

    async fn a_zero_character_is_refused_everywhere(db: TestDatabase) {
        let (app, _, _) = start(&db).await;
        let query = "query($name: String) { channels(nameContains: $name) { totalCount } }";
        assert_eq!(refused(&app, query, json!({ "name": "a\0b" })).await, "BAD_USER_INPUT");
        let query = r#"{ channels(nameContains: "a\u0000b") { totalCount } }"#;
        assert_eq!(refused(&app, query, Value::Null).await, "BAD_USER_INPUT");
    }

    async fn cursors_of_other_lists_and_orders_are_refused(db: TestDatabase) {
        let (app, _, _) = start(&db).await;
        let token = app.token("acme", Role::Owner);
        let create = "mutation { createChannel(input: { name: \"2026-03-01\", kind: EVENT, paid: false }) \
                      { errors { message } } }";
        app.graphql(&token, create, Value::Null).await;
        let page = app.graphql(&token, "{ channels(first: 1) { pageInfo { endCursor } } }", Value::Null).await;
        let cursor = text(&page, "data.channels.pageInfo.endCursor").to_owned();
        // A name that looks like a day is still a name.
        let next = "query($after: String) { channels(after: $after) { nodes { name } } }";
        app.graphql(&token, next, json!({ "after": cursor })).await;
        for list in ["campaigns", "customers", "campaigns(orderBy: { field: { by: STARTS_ON } },"] {
            let arguments = if list.ends_with(',') { list.to_owned() } else { format!("{list}(") };
            let query = format!("query($after: String) {{ {arguments} after: $after) {{ totalCount }} }}");
            assert_eq!(refused(&app, &query, json!({ "after": cursor })).await, "BAD_USER_INPUT");
        }
    }

    async fn on_the_development_key_other_hosts_are_not_answered(db: TestDatabase) {
        let app = App::start(&db, clock()).await;
        for path in ["/graphiql/session.json", "/graphql"] {
            let request = app.client.get(app.url(path)).header("Host", "evil.example");
            let answer = request.send().await.expect("the service answers");
            assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
        }
    }
}
