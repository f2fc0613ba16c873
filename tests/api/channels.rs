//! Channels: created, changed and archived; filtered by name and kind.

use serde_json::{Value, json};

use crate::{
    fixtures::{fill, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const FIELDS: &str = "{ channel { id name kind paid archived version }
    errors { __typename code path ... on ConflictError { currentVersion } } }";

async fn run(app: &App, token: &str, what: &str, input: Value) -> Value {
    let input_type = match what {
        "createChannel" => "CreateChannelInput",
        "updateChannel" => "UpdateChannelInput",
        _ => "ArchiveInput",
    };
    let mutation =
        format!("mutation ($input: {input_type}!) {{ done: {what}(input: $input) {FIELDS} }}");
    let answer = app
        .graphql(token, &mutation, json!({ "input": input }))
        .await;
    path(&answer, "data.done").clone()
}

async fn names(app: &App, token: &str, arguments: &str) -> Vec<String> {
    let query = format!("{{ channels({arguments}) {{ totalCount nodes {{ name }} }} }}");
    let answer = app.graphql(token, &query, json!({})).await;
    let nodes = path(&answer, "data.channels.nodes")
        .as_array()
        .expect("nodes are a list");
    assert_eq!(path(&answer, "data.channels.totalCount"), nodes.len());
    nodes
        .iter()
        .map(|node| text(node, "name").to_owned())
        .collect()
}

on_both_databases! {
    async fn a_channel_is_created_changed_archived_and_brought_back(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let created = run(&app, &token, "createChannel", json!({ "name": "Newsletter", "kind": "EMAIL",
            "paid": false })).await;
        let id = text(&created, "channel.id").to_owned();
        assert_eq!(created, json!({ "errors": [], "channel": { "id": id, "name": "Newsletter", "kind": "EMAIL",
            "paid": false, "archived": false, "version": 1 } }));
        let changed = run(&app, &token, "updateChannel", json!({ "id": id, "version": 1, "paid": true })).await;
        assert_eq!(changed["channel"], json!({ "id": id, "name": "Newsletter", "kind": "EMAIL",
            "paid": true, "archived": false, "version": 2 }));
        let archived = run(&app, &token, "archiveChannel", json!({ "id": id, "version": 2 })).await;
        assert_eq!(path(&archived, "channel.archived"), true);
        assert_eq!(names(&app, &token, "first: 9").await, [""; 0]);
        assert_eq!(names(&app, &token, "archived: true").await, ["Newsletter"]);
        run(&app, &token, "updateChannel", json!({ "id": id, "version": 3, "archived": false })).await;
        assert_eq!(names(&app, &token, "first: 9").await, ["Newsletter"]);
    }

    async fn a_blank_long_or_taken_name_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for name in ["Search", "Social"] {
            run(&app, &token, "createChannel", json!({ "name": name, "kind": "OTHER", "paid": true })).await;
        }
        for (name, code) in [("", "INVALID"), (&"x".repeat(201), "INVALID"), ("Search", "TAKEN")] {
            let refused = run(&app, &token, "createChannel", json!({ "name": name, "kind": "OTHER",
                "paid": true })).await;
            assert_eq!(refused, json!({ "channel": null, "errors": [{ "__typename": "ValidationError",
                "code": code, "path": ["input", "name"] }] }));
        }
        let query = "{ channels(nameContains: \"social\") { nodes { id } } }";
        let found = app.graphql(&token, query, json!({})).await;
        let id = text(&found, "data.channels.nodes.0.id");
        let taken = run(&app, &token, "updateChannel", json!({ "id": id, "version": 1, "name": "Search" })).await;
        assert_eq!(text(&taken, "errors.0.code"), "TAKEN");
        let same = run(&app, &token, "updateChannel", json!({ "id": id, "version": 1, "name": "Social" })).await;
        assert_eq!(same["errors"], json!([]), "its own name is free");
        for what in ["updateChannel", "archiveChannel"] {
            let late = run(&app, &token, what, json!({ "id": id, "version": 1 })).await;
            assert_eq!(late["errors"], json!([{ "__typename": "ConflictError", "code": "CONFLICT",
                "path": ["input", "version"], "currentVersion": 2 }]));
            let nobody = run(&app, &token, what, json!({ "id": "nonsense", "version": 1 })).await;
            assert_eq!(text(&nobody, "errors.0.code"), "NOT_FOUND");
        }
    }

    async fn of_channels_made_at_once_under_one_name_one_is_made(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mutation = "mutation { createChannel(input: { name: \"Search\", kind: OTHER, paid: true }) {
            channel { id } errors { code } } }";
        let asks = (0..4).map(|_| app.graphql_raw(&token, mutation, json!({})));
        let done = futures_util::future::join_all(asks).await;
        let made = done.iter().filter(|(_, _, body)| body["data"]["createChannel"]["channel"].is_object()).count();
        assert_eq!(made, 1, "{done:#?}");
        assert_eq!(names(&app, &token, "first: 9").await, ["Search"]);
    }

    async fn filters_narrow_by_name_and_kind(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "Own", 2).await;
        run(&app, &token, "createChannel", json!({ "name": "News", "kind": "EMAIL", "paid": false })).await;
        assert_eq!(names(&app, &token, "first: 9").await, ["News", "Own channel 000", "Own channel 001"]);
        assert_eq!(names(&app, &token, "nameContains: \"own CHANNEL\"").await, ["Own channel 000", "Own channel 001"]);
        assert_eq!(names(&app, &token, "kind: [EMAIL, VIDEO]").await, ["News"]);
        assert_eq!(names(&app, &token, "kind: []").await, [""; 0]);
    }
}
