//! The ways in beside the fields of the schema: what one team leaves there is nobody's for another. `walk` has the fields.

use kpigraph::{auth::Role, export::Entity};
use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    export::{file, lines, send_everything},
    fixtures::{clock, fill, global_id},
    imports::{parts, send},
    live::Socket,
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const START: &str = "mutation ($input: StartImportInput!) { startImport(input: $input) {
    import { id fileName } replayed errors { code } } }";

/// The service with two teams that have the same kinds of rows, and the tokens of their owners.
async fn two_teams(database: &TestDatabase) -> (App, [String; 2]) {
    let app = App::start_with(database, clock(), |settings| settings.import_jobs = 0).await;
    for name in ["crimson", "blue"] {
        fill(&app.team(name).await, name, 2).await;
    }
    let tokens = ["crimson", "blue"].map(|name| app.token(name, Role::Owner));
    (app, tokens)
}

/// The payload of an import of a file under a key.
async fn start(app: &App, token: &str, name: &str) -> Value {
    let input = json!({ "file": null, "source": "shop", "idempotencyKey": "monday" });
    let operations = json!({ "query": START, "variables": { "input": input } });
    let content = format!("order_id,customer_id,ordered_at,amount\n{name},1,2026-06-01,5\n");
    let map = r#"{"0": ["variables.input.file"]}"#;
    let body = parts(&operations, map, &format!("{name}.csv"), content.as_bytes());
    let (_, answer) = send(app, token, body).await;
    path(&answer, "data.startImport").clone()
}

/// Status and body of an answer, with a text replaced.
async fn told(answer: Response, asked: &str) -> String {
    let status = answer.status();
    let body = answer.text().await.expect("the answer can be read");
    format!("{status} {}", body.replace(asked, "<asked>"))
}

async fn metrics_of(app: &App, token: &str, campaign: &str) -> String {
    let is = json!({ "dimension": "CAMPAIGN", "op": "EQ", "values": [campaign] });
    let input = json!({ "metrics": ["SPEND"], "groupBy": [{ "dimension": "CAMPAIGN" }],
        "period": { "preset": "ALL_TIME" }, "filter": { "dimension": is } });
    let request = app.client.post(app.url("/export/metrics.ndjson"));
    let request = request.bearer_auth(token).json(&json!({ "input": input }));
    told(request.send().await.expect("the service answers"), campaign).await
}

/// All that a stream of events tells of an import.
async fn progress(app: &App, token: &str, id: &str) -> String {
    let query = "subscription ($id: ID!) { importProgressed(id: $id) { import { fileName } } }";
    let request = app.client.post(app.url("/graphql")).bearer_auth(token);
    let request = request
        .header("Accept", "text/event-stream")
        .json(&json!({ "query": query, "variables": { "id": id } }));
    told(request.send().await.expect("the service answers"), id).await
}

on_both_databases! {
    async fn a_key_under_which_another_team_has_imported_is_free(database: TestDatabase) {
        let (app, [crimson, blue]) = two_teams(&database).await;
        let theirs = start(&app, &crimson, "crimson").await;
        let ours = start(&app, &blue, "blue").await;
        assert_eq!(ours["errors"], json!([]), "another content is no conflict with theirs");
        assert_eq!((&ours["replayed"], text(&ours, "import.fileName")), (&json!(false), "blue.csv"));
        assert_ne!(ours["import"]["id"], theirs["import"]["id"]);
        let again = start(&app, &blue, "blue").await;
        assert_eq!((&again["replayed"], &again["import"]), (&json!(true), &ours["import"]));
    }

    async fn files_tell_nothing_by_cursors_ids_and_systems_of_another_team(database: TestDatabase) {
        let (app, [crimson, blue]) = two_teams(&database).await;
        send_everything(&app, &crimson, 2).await;
        let mut followed = 0;
        for entity in Entity::ALL {
            let name = format!("{entity}.ndjson");
            let (rows, _) = lines(&file(&app, &crimson, &name).await);
            for row in rows.first().into_iter().chain(rows.last()) {
                let after = text(row, "kpigraph_cursor");
                let rest = file(&app, &blue, &format!("{name}?after={after}")).await;
                assert!(!rest.contains("crimson"), "{entity}: {rest}");
                followed += 1;
            }
        }
        assert!(followed > 20, "{followed}");
        let by_system = async |system: &str| file(&app, &blue, &format!("orders.ndjson?system={system}")).await;
        assert_eq!(by_system("crimson").await, by_system("magenta").await);
        let theirs = app.graphql(&crimson, "{ campaigns { nodes { id } } }", json!({})).await;
        let theirs = text(&theirs, "data.campaigns.nodes.0.id");
        let answer = metrics_of(&app, &blue, theirs).await;
        assert_eq!(answer, metrics_of(&app, &blue, &global_id("Campaign", 123_456_789)).await);
        assert!(metrics_of(&app, &crimson, theirs).await.contains("crimson"));
        assert!(!answer.contains("crimson"), "{answer}");
    }

    async fn a_stream_of_events_takes_another_team_s_import_for_none(database: TestDatabase) {
        let (app, [crimson, blue]) = two_teams(&database).await;
        let theirs = start(&app, &crimson, "crimson").await;
        let answer = progress(&app, &blue, text(&theirs, "import.id")).await;
        assert_eq!(answer, progress(&app, &blue, &global_id("Import", 123_456_789)).await);
        assert!(answer.contains("BAD_USER_INPUT"), "{answer}");
    }

    async fn a_document_that_another_team_has_sent_cannot_be_named_on_a_socket(database: TestDatabase) {
        let (app, [crimson, blue]) = two_teams(&database).await;
        let hash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
        let named = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
        let mut codes = Vec::new();
        for (token, query) in [(&crimson, Some("{__typename}")), (&crimson, None), (&blue, None)] {
            let mut socket = Socket::greeted(&app, token).await;
            let payload = json!({ "query": query, "extensions": named });
            socket.send(json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
            let answer = socket.next().await;
            codes.push(answer["payload"][0]["extensions"]["code"].clone());
        }
        assert_eq!(codes, [Value::Null, Value::Null, json!("PERSISTED_QUERY_NOT_FOUND")]);
    }

    async fn a_secret_that_begins_like_another_team_s_key_is_as_wrong_as_any(database: TestDatabase) {
        let (app, [crimson, _]) = two_teams(&database).await;
        let create = "mutation { createApiKey(input: { name: \"n\", scopes: [METRICS_READ] }) { secret } }";
        let created = app.graphql(&crimson, create, json!({})).await;
        let secret = text(&created, "data.createApiKey.secret");
        // What may be shown, and what is hidden.
        let (prefix, hidden) = secret.split_at(16);
        let wrong: String = hidden[1..].chars().rev().collect();
        let mut answers = Vec::new();
        for wrong in [format!("{prefix}_{wrong}"), format!("kpg_000000000000_{wrong}")] {
            let request = app.client.post(app.url("/graphql")).bearer_auth(&wrong);
            let request = request.json(&json!({ "query": "{ __typename }" }));
            answers.push(told(request.send().await.expect("the service answers"), &wrong).await);
        }
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0].starts_with("401"), "{}", answers[0]);
    }

    async fn one_url_gives_each_team_its_own_and_is_kept_by_no_cache(database: TestDatabase) {
        let (app, tokens) = two_teams(&database).await;
        let mut slugs = Vec::new();
        for token in &tokens {
            let url = app.url("/graphql?query={viewer{team{slug}}}");
            let answer = app.client.get(url).bearer_auth(token).send().await.expect("the service answers");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let answer: Value = answer.json().await.expect("the answer is JSON");
            slugs.push(text(&answer, "data.viewer.team.slug").to_owned());
        }
        assert_eq!(slugs, ["crimson", "blue"]);
    }
}
