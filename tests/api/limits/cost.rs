//! What a query costs: told with every answer, refused when it is too much.

use kpigraph::auth::Role;
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

/// What every tool for GraphQL asks first.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType } directives { name description locations args { ...InputValue } } } }
  fragment FullType on __Type { kind name description
    fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
    inputFields { ...InputValue } interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef } }
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
  fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

const NESTED: &str =
    "query ($n: Int!) { campaigns(first: $n) { nodes { id channels(first: $n) { nodes { id } }
    goals(first: $n) { nodes { id keyResults { id keyResults { id } } } } } } }";

async fn cost(app: &App, token: &str, query: &str, variables: Value) -> Value {
    let (_, _, answer) = app.graphql_raw(token, query, variables).await;
    assert!(answer.get("errors").is_none(), "{answer}");
    path(&answer, "extensions.cost").clone()
}

on_both_databases! {
    async fn every_answer_tells_what_it_could_cost_and_what_it_did(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let create = "mutation { createChannel(input: { name: \"n\", kind: EMAIL, paid: false }) { channel { id } } }";
        let made = cost(&app, &token, create, Value::Null).await;
        assert_eq!((&made["asked"], &made["actual"]), (&json!(12), &json!(12)));
        let list = "{ channels(first: 50) { nodes { id } totalCount } }";
        let read = cost(&app, &token, list, Value::Null).await;
        assert_eq!((&read["asked"], &read["actual"], &read["limit"]), (&json!(61), &json!(12), &json!(250_000)));
        assert!(read["remaining"].as_i64().unwrap() > 1_000_000, "{read}");
    }

    async fn lists_within_lists_are_refused_whatever_hides_them(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let few = cost(&app, &token, NESTED, json!({ "n": 2 })).await;
        assert!(few["asked"].as_u64().unwrap() > 100);
        let inner = NESTED.split_once('{').unwrap().1;
        let fragment = format!("query ($n: Int!) {{ ...f }} fragment f on Query {{ {inner}");
        let skipped = format!("query ($n: Int!) {{ ... @include(if: false) {{ {inner} }}");
        let defaulted = format!("query ($n: Int = 100) {{ {inner}");
        for (query, variables) in [
            (NESTED, json!({ "n": 100 })),
            (&fragment, json!({ "n": 100 })),
            (&skipped, json!({ "n": 100 })),
            (&defaulted, json!({})),
        ] {
            let (_, _, answer) = app.graphql_raw(&token, query, variables).await;
            assert_eq!(text(&answer, "errors.0.extensions.code"), "LIMIT_EXCEEDED", "{answer}");
            assert_eq!(text(&answer, "errors.0.extensions.exceeded"), "cost");
            assert_eq!(path(&answer, "errors.0.extensions.limit"), 250_000);
            assert!(path(&answer, "errors.0.extensions.actual").as_u64().unwrap() > 1_000_000);
        }
    }

    async fn tools_can_read_the_schema_but_not_in_circles(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let read = cost(&app, &token, INTROSPECTION, Value::Null).await;
        assert!(read["asked"].as_u64().unwrap() < 1_000, "{read}");
        let circles = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        let (_, _, answer) = app.graphql_raw(&token, circles, Value::Null).await;
        assert_eq!(text(&answer, "errors.0.extensions.exceeded"), "introspection");
    }

    async fn what_would_be_worked_out_too_often_is_refused_before_it_runs(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let often = "__typename ".repeat(1_900);
        let query = format!("{{ customers(first: 100) {{ nodes {{ orders(first: 100) {{ nodes {{ {often} }} }} }} }} }}");
        let (_, _, answer) = app.graphql_raw(&token, &query, Value::Null).await;
        assert_eq!(text(&answer, "errors.0.extensions.exceeded"), "cost", "{answer}");
        let query = format!("{{ customers(first: 10) {{ nodes {{ orders(first: 100) {{ nodes {{ {often} }} }} }} }} }}");
        let (_, _, answer) = app.graphql_raw(&token, &query, Value::Null).await;
        assert_eq!(text(&answer, "errors.0.extensions.exceeded"), "values", "{answer}");
    }

    async fn an_answer_that_would_be_too_large_is_refused(database: TestDatabase) {
        let app = App::start_with(&database, clock(), |settings| settings.max_response_bytes = 4_096).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        let (_, _, answer) = app.graphql_raw(&token, "{ metricCatalog { key name description } }", Value::Null).await;
        assert_eq!(answer["data"], Value::Null);
        assert_eq!(text(&answer, "errors.0.extensions.exceeded"), "bytes of the answer");
        cost(&app, &token, "{ viewer { subject } }", Value::Null).await;
    }

    async fn what_may_become_large_is_answered_as_everything_else_and_ends_when_it_is_too_large(database: TestDatabase) {
        let mut query = String::from("fragment F on MetricDefinition { key");
        for alias in 0..85 {
            query += &format!(" a{alias}: name");
        }
        query += " } {";
        for alias in 0..15 {
            query += &format!(" c{alias}: metricCatalog {{ ...F }}");
        }
        query += " }";
        let app = App::start_with(&database, clock(), |_| {}).await;
        app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        let large = app.graphql(&token, &query, Value::Null).await;
        let small = app.graphql(&token, "{ metricCatalog { key name } }", Value::Null).await;
        let (last, rows) = (&large["data"]["c14"], &small["data"]["metricCatalog"]);
        assert_eq!(last.as_array().unwrap().len(), rows.as_array().unwrap().len());
        assert_eq!((&last[7]["key"], &last[7]["a84"]), (&rows[7]["key"], &rows[7]["name"]));
        drop(app);
        let app = App::start_with(&database, clock(), |settings| settings.max_response_bytes = 1_000_000).await;
        let token = app.token("acme", Role::Owner);
        let (_, _, answer) = app.graphql_raw(&token, &query, Value::Null).await;
        assert_eq!(answer["data"], Value::Null);
        assert_eq!(text(&answer, "errors.0.extensions.exceeded"), "bytes of the answer");
        assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    }
}
