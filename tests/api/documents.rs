//! What the README, docs/localisation.md and GraphiQL's example tabs show is what the service answers.

use kpigraph::{auth::Role, demo, time::Clock};
use serde_json::Value;

use crate::support::{App, TestDatabase, on_both_databases};

const DOCUMENTS: [&str; 2] = [
    include_str!("../../README.md"),
    include_str!("../../docs/localisation.md"),
];
const CUSTOMERS: &str = include_str!("../../docs/customers.md");
const CRM: &str = include_str!("../../docs/crm.md");
const INSIGHT: &str = include_str!("../../docs/insight.md");
const PRIVACY: &str = include_str!("../../docs/privacy.md");
const GOALS: &str = include_str!("../../docs/goals.md");
const IMPORT: &str = include_str!("../../docs/import.md");
const API_KEYS: &str = include_str!("../../docs/api-keys.md");
const ATTRIBUTION: &str = include_str!("../../docs/attribution.md");
const EXAMPLES: [(&str, &str); 5] = [
    (
        include_str!("../../web/src/examples/executive.graphql"),
        "null",
    ),
    (
        include_str!("../../web/src/examples/manager.graphql"),
        "null",
    ),
    (
        include_str!("../../web/src/examples/specialist.graphql"),
        "null",
    ),
    (
        include_str!("../../web/src/examples/attribution.graphql"),
        "null",
    ),
    (
        include_str!("../../web/src/examples/crm.graphql"),
        include_str!("../../web/src/examples/crm.variables.json"),
    ),
];

/// A document's code blocks of a language, in their order.
fn blocks(document: &'static str, language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let parts = document.split(fence.as_str()).skip(1);
    parts
        .filter_map(|part| part.split("\n```").next())
        .collect()
}

on_both_databases! {
    async fn the_documents_and_the_examples_are_answered_as_shown(db: TestDatabase) {
        // A day in the week after the last that the documents ask for: past days stay as they are.
        let clock = Clock::fixed("2026-05-15T12:00:00Z".parse().unwrap());
        let app = App::start(&db, clock).await;
        demo::fill(&app.store, clock).await.unwrap();
        let token = app.token(demo::SLUG, Role::Owner);

        for document in DOCUMENTS {
            let (queries, answers) = (blocks(document, "graphql"), blocks(document, "json"));
            assert!(!queries.is_empty() && queries.len() == answers.len());
            for (query, shown) in queries.into_iter().zip(answers) {
                let shown: Value = serde_json::from_str(shown).unwrap();
                assert_eq!(app.graphql(&token, query, Value::Null).await, shown);
            }
        }
        for query in blocks(CUSTOMERS, "graphql") {
            let answer = app.graphql(&token, query, Value::Null).await;
            let mistakes = &answer["data"]["updateTeamSettings"]["errors"];
            assert!(mistakes.as_array().is_none_or(Vec::is_empty), "{query}: {answer:#}");
        }
        let counts: Vec<Value> = {
            let mut counts = Vec::new();
            for query in blocks(CRM, "graphql") {
                let answer = app.graphql(&token, query, Value::Null).await;
                let done = answer["data"].as_object().and_then(|data| data.values().next());
                counts.extend(done.map(|done| done["counts"].clone()));
            }
            counts
        };
        assert_eq!((&counts[0]["created"], &counts[0]["failed"]), (&1.into(), &1.into()));
        assert_eq!((&counts[1]["created"], &counts[1]["failed"]), (&2.into(), &0.into()));
        for query in blocks(INSIGHT, "graphql") {
            app.graphql(&token, query, Value::Null).await;
        }
        for query in blocks(PRIVACY, "graphql") {
            app.graphql(&token, query, Value::Null).await;
        }
        for query in blocks(GOALS, "graphql") {
            app.graphql(&token, query, Value::Null).await;
        }
        for query in blocks(IMPORT, "graphql") {
            let answer = app.graphql(&token, query, Value::Null).await;
            assert_eq!(answer["data"]["setImportMapping"]["errors"], serde_json::json!([]), "{query}: {answer:#}");
        }
        for query in blocks(API_KEYS, "graphql") {
            let answer = app.graphql(&token, query, Value::Null).await;
            assert!(!answer.to_string().contains("\"message\""), "{query}: {answer:#}");
        }
        for query in blocks(ATTRIBUTION, "graphql") {
            let answer = app.graphql(&token, query, Value::Null).await;
            assert_ne!(answer["data"]["attribution"]["rows"], Value::Array(vec![]));
        }
        for (query, variables) in EXAMPLES {
            app.graphql(&token, query, serde_json::from_str(variables).unwrap()).await;
        }
    }
}
