//! API keys: made, used, rotated, revoked, and what they must never give away.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use kpigraph::{
    auth::{Role, Scope},
    time::Clock,
};
use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use crate::{
    fixtures::{clock, global_id, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const CREATE: &str = "mutation ($input: CreateApiKeyInput!) { done: createApiKey(input: $input) { secret
    apiKey { id name prefix scopes createdBy createdAt expiresAt overlapEndsAt lastUsedAt revokedAt }
    errors { code path message } } }";
const ROTATE: &str =
    "mutation ($input: RotateApiKeyInput!) { done: rotateApiKey(input: $input) { secret
    apiKey { id prefix overlapEndsAt } errors { code path message } } }";
const REVOKE: &str = "mutation ($input: RevokeApiKeyInput!) { done: revokeApiKey(input: $input) {
    apiKey { id revokedAt overlapEndsAt } errors { code path message } } }";
const KEYS: &str =
    "{ apiKeys { totalCount nodes { id name prefix scopes createdBy lastUsedAt revokedAt } } }";
const WHO: &str = "{ viewer { subject role scopes team { slug } } }";

/// The clock of the tests, so much later.
fn later(by: TimeDelta) -> Clock {
    Clock::fixed(clock().now() + by)
}

async fn run(app: &App, token: &str, mutation: &str, input: Value) -> Value {
    let answer = app
        .graphql(token, mutation, json!({ "input": input }))
        .await;
    path(&answer, "data.done").clone()
}

/// A key with these scopes: its id and its secret.
async fn key(app: &App, token: &str, scopes: Value) -> (String, String) {
    let made = run(
        app,
        token,
        CREATE,
        json!({ "name": "sync", "scopes": scopes }),
    )
    .await;
    (
        text(&made, "apiKey.id").to_owned(),
        text(&made, "secret").to_owned(),
    )
}

/// The codes and paths of the mistakes of a mutation.
async fn mistakes(app: &App, token: &str, mutation: &str, input: Value) -> Vec<String> {
    let done = run(app, token, mutation, input).await;
    assert!(
        done["secret"].is_null() && done["apiKey"].is_null(),
        "{done}"
    );
    let errors = done["errors"].as_array().expect("errors are a list");
    let named = |error: &Value| {
        let path: Vec<&str> = error["path"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        format!("{} {}", text(error, "code"), path.join("."))
    };
    errors.iter().map(named).collect()
}

async fn status(app: &App, secret: &str) -> u16 {
    app.graphql_raw(secret, WHO, json!({})).await.0.as_u16()
}

/// When the only key was last used, once that is `expected`; it is noted beside the request.
async fn noted_use(app: &App, token: &str, expected: &Value) -> bool {
    for _ in 0..1_500 {
        let answer = app.graphql(token, KEYS, json!({})).await;
        if path(&answer, "data.apiKeys.nodes.0.lastUsedAt") == expected {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

on_both_databases! {
    async fn a_key_calls_for_its_team_within_its_scopes(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("other").await;
        let input = json!({ "name": "CRM sync", "scopes": ["METRICS_READ", "CAMPAIGNS_READ"],
            "expiresAt": "2026-09-01T00:00:00Z" });
        let made = run(&app, &token, CREATE, input).await;
        let (secret, prefix) = (text(&made, "secret"), text(&made, "apiKey.prefix"));
        let shown = json!({ "id": made["apiKey"]["id"], "name": "CRM sync", "prefix": prefix,
            "scopes": ["CAMPAIGNS_READ", "METRICS_READ"], "createdBy": "tester",
            "createdAt": "2026-06-15T12:00:00+00:00", "expiresAt": "2026-09-01T00:00:00+00:00",
            "overlapEndsAt": null, "lastUsedAt": null, "revokedAt": null });
        assert_eq!(made["apiKey"], shown);
        let (answer, statements) = app.graphql_counted(secret, WHO, json!({})).await;
        assert_eq!(path(&answer, "data.viewer"), &json!({ "subject": prefix, "role": "INTEGRATION",
            "scopes": ["CAMPAIGNS_READ", "METRICS_READ"], "team": { "slug": "acme" } }));
        assert_eq!(statements, 1, "the key and its team come in one statement");
        app.graphql(secret, "{ campaigns { totalCount } }", json!({})).await;
        for query in ["{ customers { totalCount } }", "{ apiKeys { totalCount } }",
            "mutation { createChannel(input: { name: \"n\", kind: EMAIL, paid: true }) { channel { id } } }"] {
            assert_eq!(refusal(&app, secret, query, json!({})).await.0, "FORBIDDEN", "{query}");
        }
        let node = format!("{{ node(id: \"{}\") {{ ... on ApiKey {{ name }} }} }}", text(&made, "apiKey.id"));
        let found = app.graphql(&token, &node, json!({})).await;
        assert_eq!(text(&found, "data.node.name"), "CRM sync");
        let (code, _) = refusal(&app, secret, &node, json!({})).await;
        assert_eq!(code, "FORBIDDEN");
    }

    async fn the_secret_is_shown_once_and_stored_as_a_hash(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, secret) = key(&app, &token, json!(["METRICS_READ"])).await;
        let (_, hidden) = secret.strip_prefix("kpg_").unwrap().split_once('_').unwrap();
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(hidden).unwrap().len(), 32, "256 bits");
        let rotated = run(&app, &token, ROTATE, json!({ "id": id })).await;
        let (_, second) = text(&rotated, "secret")[4..].split_once('_').unwrap();
        assert_ne!(hidden, second);
        let log = "{ auditLog { nodes { before after } } apiKeys { nodes { name prefix } } }";
        let answers = app.graphql(&token, log, json!({})).await.to_string();
        let stored = database.rows("SELECT name || prefix || scopes FROM api_key UNION ALL \
            SELECT prefix || hash FROM api_key_secret UNION ALL \
            SELECT COALESCE(before, '') || COALESCE(after, '') || actor FROM audit_entry").await.unwrap();
        let hashes = database.rows("SELECT hash FROM api_key_secret").await.unwrap();
        assert_eq!(hashes.len(), 2);
        let stored = format!("{stored:?}");
        for hidden in [hidden, second] {
            assert!(!stored.contains(hidden) && !answers.contains(hidden));
        }
        for hash in hashes.iter().flatten() {
            assert!(!answers.contains(hash.as_str()), "not even the hash is shown");
        }
    }

    async fn unknown_false_revoked_and_expired_keys_answer_alike(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, revoked) = key(&app, &token, json!(["METRICS_READ"])).await;
        let (_, whole) = key(&app, &token, json!(["METRICS_READ"])).await;
        let soon = json!({ "name": "short", "scopes": ["METRICS_READ"], "expiresAt": "2026-06-15T13:00:00Z" });
        let made = run(&app, &token, CREATE, soon).await;
        let expired = text(&made, "secret");
        let done = run(&app, &token, REVOKE, json!({ "id": id })).await;
        assert_eq!(done["apiKey"], json!({ "id": id, "revokedAt": "2026-06-15T12:00:00+00:00", "overlapEndsAt": null }));
        let again = run(&app, &token, REVOKE, json!({ "id": id })).await;
        assert_eq!(again, done, "it stays revoked");
        assert_eq!(status(&app, expired).await, 200);
        let hour = App::start(&database, later(TimeDelta::hours(1))).await;
        let (prefix, other) = (&whole[..17], &revoked[17..]);
        let mut answers = Vec::new();
        for secret in ["kpg_", "kpg_nonsense", &whole[..59], &format!("{prefix}{other}"),
            &format!("kpg_000000000000{}", &whole[16..]), &revoked, expired] {
            let (status, headers, body) = hour.graphql_raw(secret, WHO, json!({})).await;
            assert_eq!(status, 401, "{secret}");
            answers.push((headers[WWW_AUTHENTICATE].clone(), body));
        }
        assert_eq!(text(&answers[0].1, "errors.0.extensions.code"), "UNAUTHENTICATED");
        assert!(answers[0].0.to_str().unwrap().contains("invalid_token"));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        assert_eq!(status(&hour, &whole).await, 200);
        let rotated = mistakes(&hour, &hour.token("acme", Role::Owner), ROTATE, json!({ "id": made["apiKey"]["id"] })).await;
        assert_eq!(rotated, ["INVALID input.id"], "an expired key stays expired");
        assert_eq!(mistakes(&app, &token, ROTATE, json!({ "id": id })).await, ["INVALID input.id"]);
    }

    async fn the_old_secret_of_a_rotated_key_lives_on_for_the_overlap(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, first) = key(&app, &token, json!(["METRICS_READ"])).await;
        let rotated = run(&app, &token, ROTATE, json!({ "id": id, "overlapHours": 2 })).await;
        let second = text(&rotated, "secret");
        assert_eq!(rotated["apiKey"], json!({ "id": id, "prefix": &second[..16],
            "overlapEndsAt": "2026-06-15T14:00:00+00:00" }));
        // A client that lost the answer rotates again; the secret in use still lives until its own end.
        let again = run(&app, &token, ROTATE, json!({ "id": id })).await;
        let third = text(&again, "secret");
        for (hours, expected) in [(0, [200, 200, 200]), (1, [200, 200, 200]), (2, [401, 200, 200]), (24, [401, 401, 200])] {
            let then = App::start(&database, later(TimeDelta::hours(hours))).await;
            for (secret, expected) in [&first, second, third].into_iter().zip(expected) {
                assert_eq!(status(&then, secret).await, expected, "after {hours} h");
            }
        }
        let last = run(&app, &token, ROTATE, json!({ "id": id, "overlapHours": 0 })).await;
        assert_eq!(status(&app, third).await, 401, "without overlap");
        assert_eq!(status(&app, text(&last, "secret")).await, 200);
        run(&app, &token, ROTATE, json!({ "id": id })).await;
        run(&app, &token, REVOKE, json!({ "id": id })).await;
        assert_eq!(status(&app, text(&last, "secret")).await, 401, "a revoked key has no overlap");
    }

    async fn so_many_secrets_of_one_key_are_good_at_once_and_no_more(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, _) = key(&app, &token, json!(["METRICS_READ"])).await;
        for _ in 1..10 {
            let done = run(&app, &token, ROTATE, json!({ "id": id })).await;
            assert_eq!(done["errors"], json!([]));
        }
        assert_eq!(mistakes(&app, &token, ROTATE, json!({ "id": id })).await, ["INVALID input.id"]);
        let day = App::start(&database, later(TimeDelta::days(1))).await;
        let done = run(&day, &day.token("acme", Role::Owner), ROTATE, json!({ "id": id })).await;
        assert_eq!(done["errors"], json!([]), "the others have ended");
    }

    async fn a_revoked_key_is_refused_by_every_instance_at_once(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let other = App::start(&database, clock()).await;
        let (id, secret) = key(&app, &token, json!(["METRICS_READ"])).await;
        assert_eq!((status(&app, &secret).await, status(&other, &secret).await), (200, 200));
        run(&app, &token, REVOKE, json!({ "id": id })).await;
        assert_eq!((status(&app, &secret).await, status(&other, &secret).await), (401, 401));
    }

    async fn nobody_gives_a_key_more_than_they_may_do(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let narrow = [Scope::TeamAdmin, Scope::MetricsRead];
        let narrow = app.token_with("acme", Role::Owner, narrow, TimeDelta::hours(1));
        let refused = mistakes(&app, &narrow, CREATE, json!({ "name": "n", "scopes": ["METRICS_READ", "MONEY_READ"] })).await;
        assert_eq!(refused, ["INVALID input.scopes"]);
        let (wide, _) = key(&app, &token, json!(["METRICS_READ", "MONEY_READ"])).await;
        assert_eq!(mistakes(&app, &narrow, ROTATE, json!({ "id": wide })).await, ["INVALID input.id"]);
        let (own, secret) = key(&app, &narrow, json!(["TEAM_ADMIN", "METRICS_READ"])).await;
        assert_eq!(mistakes(&app, &secret, ROTATE, json!({ "id": wide })).await, ["INVALID input.id"]);
        let grown = mistakes(&app, &secret, CREATE, json!({ "name": "n", "scopes": ["INGEST"] })).await;
        assert_eq!(grown, ["INVALID input.scopes"]);
        let child = run(&app, &secret, CREATE, json!({ "name": "child", "scopes": ["METRICS_READ"] })).await;
        assert_eq!(text(&child, "apiKey.createdBy"), &secret[..16]);
        let rotated = run(&app, &secret, ROTATE, json!({ "id": own })).await;
        assert_eq!(rotated["errors"], json!([]));
    }

    async fn only_those_who_administer_the_team_see_and_change_its_keys(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("other").await;
        let theirs = app.token("other", Role::Owner);
        let (foreign, secret) = key(&app, &theirs, json!(["TEAM_ADMIN"])).await;
        for id in [foreign.as_str(), &global_id("ApiKey", 123), &global_id("Channel", 1), "nonsense"] {
            for mutation in [ROTATE, REVOKE] {
                assert_eq!(mistakes(&app, &token, mutation, json!({ "id": id })).await, ["NOT_FOUND input.id"]);
            }
            let node = app.graphql(&token, &format!("{{ node(id: \"{id}\") {{ id }} }}"), json!({})).await;
            assert!(path(&node, "data.node").is_null());
        }
        assert_eq!(status(&app, &secret).await, 200, "nothing became of the other team's key");
        let none = app.graphql(&token, KEYS, json!({})).await;
        assert_eq!(path(&none, "data.apiKeys.totalCount"), 0);
        let manager = app.token("acme", Role::Manager);
        for (query, input) in [(CREATE, json!({ "name": "n", "scopes": ["METRICS_READ"] })),
            (ROTATE, json!({ "id": "x" })), (REVOKE, json!({ "id": "x" })), (KEYS, Value::Null)] {
            let (code, message) = refusal(&app, &manager, query, json!({ "input": input })).await;
            assert_eq!(code, "FORBIDDEN");
            assert!(message.contains("TEAM_ADMIN"), "{message}");
        }
    }

    async fn mistakes_are_named(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (id, _) = key(&app, &token, json!(["METRICS_READ"])).await;
        for (mutation, input, expected) in [
            (CREATE, json!({ "name": " ", "scopes": [] }), vec!["INVALID input.name", "INVALID input.scopes"]),
            (CREATE, json!({ "name": "x".repeat(201), "scopes": ["INGEST"] }), vec!["INVALID input.name"]),
            (CREATE, json!({ "name": "n", "scopes": ["INGEST"], "expiresAt": "2026-06-15T12:00:00Z" }),
                vec!["INVALID input.expiresAt"]),
            (CREATE, json!({ "name": "n", "scopes": ["INGEST"], "expiresAt": "9999-06-15T12:00:00Z" }),
                vec!["INVALID input.expiresAt"]),
            (ROTATE, json!({ "id": id, "overlapHours": -1 }), vec!["INVALID input.overlapHours"]),
            (ROTATE, json!({ "id": id, "overlapHours": 721 }), vec!["INVALID input.overlapHours"]),
        ] {
            assert_eq!(mistakes(&app, &token, mutation, input).await, expected);
        }
        let keys = app.graphql(&token, KEYS, json!({})).await;
        assert_eq!(path(&keys, "data.apiKeys.totalCount"), 1);
    }

    async fn keys_are_listed_newest_first_page_by_page(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for name in ["a", "b", "c"] {
            run(&app, &token, CREATE, json!({ "name": name, "scopes": ["INGEST"] })).await;
        }
        let query = "query ($after: String) { apiKeys(first: 2, after: $after) {
            pageInfo { hasNextPage endCursor } nodes { name } } }";
        let page = app.graphql(&token, query, json!({})).await;
        assert_eq!(path(&page, "data.apiKeys.nodes"), &json!([{ "name": "c" }, { "name": "b" }]));
        let after = path(&page, "data.apiKeys.pageInfo.endCursor");
        let rest = app.graphql(&token, query, json!({ "after": after })).await;
        assert_eq!(path(&rest, "data.apiKeys.nodes"), &json!([{ "name": "a" }]));
    }

    async fn the_last_use_is_noted_once_a_minute(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let (_, secret) = key(&app, &token, json!(["METRICS_READ"])).await;
        app.graphql(&secret, WHO, json!({})).await;
        assert!(noted_use(&app, &token, &json!("2026-06-15T12:00:00+00:00")).await);
        let (half, more) = (later(TimeDelta::seconds(30)), later(TimeDelta::seconds(75)));
        let (half, more) = (App::start(&database, half).await, App::start(&database, more).await);
        half.graphql(&secret, WHO, json!({})).await;
        // Had the use after 30 s been noted, that after 75 s would be less than a minute from it and would not be.
        more.graphql(&secret, WHO, json!({})).await;
        assert!(noted_use(&app, &token, &json!("2026-06-15T12:01:15+00:00")).await);
    }

    async fn a_request_does_not_wait_for_the_note_of_its_use(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let (_, secret) = key(&app, &token, json!(["METRICS_READ"])).await;
        // Somebody else writes for the team and, on SQLite, keeps all others from writing.
        let writer = team.begin("fixture").await.unwrap();
        let answered = tokio::time::timeout(Duration::from_secs(30), async {
            for _ in 0..20 {
                assert_eq!(status(&app, &secret).await, 200);
            }
        });
        answered.await.expect("the requests are answered while another writes");
        writer.commit().await.unwrap();
        assert!(noted_use(&app, &token, &json!("2026-06-15T12:00:00+00:00")).await);
    }
}
