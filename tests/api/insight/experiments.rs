//! Experiments: what they have shown, sent once or again, and refusals.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    fixtures::{refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const SET: &str = "mutation ($input: SetExperimentInput!) { done: setExperiment(input: $input) {
    experiment { id name hypothesis startsOn endsOn version variants { name control exposures conversions rate
        interval { low high } value { amount currency } valuePerExposure { amount }
        difference { absolute relative interval { low high } pValue significant sampleTooSmall } } }
    errors { __typename code path } } }";
const DELETE: &str =
    "mutation ($input: DeleteExperimentInput!) { done: deleteExperiment(input: $input) {
    experiment { name variants { name } } errors { code } } }";
const LIST: &str =
    "query ($first: Int, $after: String) { experiments(first: $first, after: $after) { totalCount
    pageInfo { hasNextPage endCursor } nodes { name variants { name rate } } } }";

async fn run(app: &App, token: &str, mutation: &str, input: Value) -> Value {
    let answer = app
        .graphql(token, mutation, json!({ "input": input }))
        .await;
    path(&answer, "data.done").clone()
}

fn subjects(name: &str, conversions: [i32; 2]) -> Value {
    let variant = |name: &str, conversions: i32| json!({ "name": name, "exposures": 1000, "conversions": conversions });
    json!({ "name": name, "startsOn": "2026-06-01",
        "variants": [variant("plain", conversions[0]), variant("question", conversions[1])] })
}

on_both_databases! {
    async fn a_difference_has_an_interval_and_a_p_value(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut input = subjects("Subject line", [100, 120]);
        input["hypothesis"] = json!("Questions are opened more often.");
        input["endsOn"] = json!("2026-06-14");
        input["variants"][1]["value"] = json!("2500");
        let done = run(&app, &token, SET, input).await;
        let experiment = path(&done, "experiment");
        assert_eq!((&experiment["hypothesis"], &experiment["endsOn"], &experiment["version"]),
            (&json!("Questions are opened more often."), &json!("2026-06-14"), &json!(1)));
        let control = path(experiment, "variants.0");
        assert_eq!((&control["control"], &control["difference"], &control["value"], text(control, "rate")),
            (&json!(true), &Value::Null, &Value::Null, "0.1"));
        // By Python's statistics.NormalDist and the formulas of Wilson and Newcombe.
        let variant = path(experiment, "variants.1");
        assert_eq!(variant["difference"], json!({ "absolute": "0.02", "relative": "0.2",
            "interval": { "low": "-0.007492168", "high": "0.047550667" }, "pValue": "0.152917782",
            "significant": false, "sampleTooSmall": false }));
        assert_eq!((text(variant, "value.amount"), text(variant, "valuePerExposure.amount")), ("2500", "2.5"));
        assert_eq!(text(variant, "value.currency"), "EUR");
    }

    async fn the_confidence_is_as_asked(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let wide = json!({ "name": "Landing page", "startsOn": "2026-05-01", "variants": [
            { "name": "old", "exposures": 4000, "conversions": 200 }, { "name": "new", "exposures": 4000, "conversions": 260 },
            { "name": "unseen", "exposures": 0, "conversions": 0 }] });
        run(&app, &token, SET, wide).await;
        let query = "query ($c: Float) { experiments { nodes { variants(confidence: $c) { rate interval { low }
            difference { pValue significant interval { low high } } } } } }";
        let told = app.graphql(&token, query, json!({})).await;
        let variants = path(&told, "data.experiments.nodes.0.variants");
        assert_eq!(variants[1]["difference"], json!({ "pValue": "0.003956787", "significant": true,
            "interval": { "low": "0.00479889", "high": "0.025254129" } }));
        assert_eq!(variants[2], json!({ "rate": null, "interval": null, "difference": null }));
        let sure = app.graphql(&token, query, json!({ "c": 0.999 })).await;
        assert_eq!(path(&sure, "data.experiments.nodes.0.variants.1.difference.significant"), false);
        for confidence in [0.4, 1.0, -1.0] {
            let (code, message) = refusal(&app, &token, query, json!({ "c": confidence })).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.contains("0.5 to 0.999"), "{message}");
        }
    }

    async fn counts_can_be_sent_again_by_name(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let first = run(&app, &token, SET, subjects("Subject line", [10, 12])).await;
        let again = run(&app, &token, SET, subjects("Subject line", [100, 120])).await;
        assert_eq!(text(&first, "experiment.id"), text(&again, "experiment.id"));
        assert_eq!((path(&again, "experiment.version"), text(&again, "experiment.variants.0.rate")), (&json!(2), "0.1"));
        let id = text(&again, "experiment.id").to_owned();
        let versioned = |id: Option<&str>, version: i32, name: &str| {
            let mut input = subjects(name, [1, 2]);
            input["id"] = json!(id);
            input["version"] = json!(version);
            input
        };
        for input in [versioned(Some(&id), 1, "x"), versioned(None, 1, "Subject line"), versioned(None, 1, "new")] {
            assert_eq!(text(&run(&app, &token, SET, input).await, "errors.0.code"), "CONFLICT");
        }
        run(&app, &token, SET, subjects("Button", [1, 2])).await;
        let taken = run(&app, &token, SET, versioned(Some(&id), 2, "Button")).await;
        assert_eq!(taken["errors"], json!([{ "__typename": "ValidationError", "code": "TAKEN", "path": ["input", "name"] }]));
        let renamed = run(&app, &token, SET, versioned(Some(&id), 2, "Headline")).await;
        assert_eq!((text(&renamed, "experiment.name"), text(&renamed, "experiment.id")), ("Headline", id.as_str()));
        let deleted = run(&app, &token, DELETE, json!({ "id": id, "version": 3 })).await;
        assert_eq!(deleted, json!({ "experiment": { "name": "Headline", "variants": [] }, "errors": [] }));
        let list = app.graphql(&token, LIST, json!({})).await;
        assert_eq!(path(&list, "data.experiments.totalCount"), 1);
    }

    async fn lists_are_paged_and_take_as_many_statements_for_more(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for place in 0..9 {
            let mut input = subjects(&format!("test {place}"), [place, 10]);
            input["startsOn"] = json!(format!("2026-05-{:02}", place / 2 + 1));
            run(&app, &token, SET, input).await;
        }
        let (whole, nine) = app.graphql_counted(&token, LIST, json!({})).await;
        let (first, two) = app.graphql_counted(&token, LIST, json!({ "first": 2 })).await;
        assert_eq!(nine, two);
        assert_eq!(text(&first, "data.experiments.nodes.0.name"), "test 8", "the last to begin is first");
        let (mut names, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = app.graphql(&token, LIST, json!({ "first": 2, "after": after })).await;
            names.extend(path(&page, "data.experiments.nodes").as_array().expect("a list").clone());
            if path(&page, "data.experiments.pageInfo.hasNextPage") == false { break }
            after = path(&page, "data.experiments.pageInfo.endCursor").clone();
        }
        assert_eq!(path(&whole, "data.experiments.nodes"), &Value::Array(names));
    }

    async fn another_team_s_experiments_and_missing_scopes_are_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("others").await;
        let mine = run(&app, &token, SET, subjects("Subject line", [10, 12])).await;
        let id = text(&mine, "experiment.id").to_owned();
        let theirs = app.token("others", Role::Owner);
        let same_name = run(&app, &theirs, SET, subjects("Subject line", [1, 1])).await;
        assert_ne!(text(&same_name, "experiment.id"), id, "names are a team's own");
        for id in [id.as_str(), "nonsense"] {
            let mut input = subjects("Theirs", [1, 2]);
            input["id"] = json!(id);
            input["version"] = json!(1);
            assert_eq!(text(&run(&app, &theirs, SET, input).await, "errors.0.code"), "NOT_FOUND");
            assert_eq!(text(&run(&app, &theirs, DELETE, json!({ "id": id, "version": 1 })).await, "errors.0.code"), "NOT_FOUND");
        }
        let node = "query ($id: ID!) { node(id: $id) { ... on Experiment { name variants { value { amount } } } } }";
        let found = app.graphql(&theirs, node, json!({ "id": id })).await;
        assert!(path(&found, "data.node").is_null());
        let viewer = app.token("acme", Role::Viewer);
        assert_eq!(refusal(&app, &viewer, SET, json!({ "input": subjects("x", [1, 2]) })).await.0, "FORBIDDEN");
        assert_eq!(refusal(&app, &viewer, node, json!({ "id": id })).await.0, "FORBIDDEN", "amounts need their scope");
        let blind = Scope::ALL.into_iter().filter(|scope| *scope != Scope::MetricsRead);
        let blind = app.token_with("acme", Role::Owner, blind, TimeDelta::hours(1));
        assert_eq!(refusal(&app, &blind, LIST, json!({})).await.0, "FORBIDDEN");
    }

    async fn mistakes_are_told_all_at_once_with_their_path(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let variant = |name: &str, exposures: i32, conversions: i32, value: &str| json!({ "name": name,
            "exposures": exposures, "conversions": conversions, "value": value });
        let wrong = json!({ "name": "", "hypothesis": "x".repeat(2001), "startsOn": "2026-06-02", "endsOn": "2026-06-01",
            "variants": [variant("a", -1, 0, "-1"), variant("a", 5, 6, "0.0000001"), variant(" ", 1, 1, "0")] });
        let done = run(&app, &token, SET, wrong).await;
        let paths = path(&done, "errors").as_array().expect("a list").iter().map(|error| {
            let steps = error["path"].as_array().expect("a path");
            steps.iter().map(|step| step.as_str().unwrap_or_default()).collect::<Vec<_>>().join("/")
        });
        assert_eq!(paths.collect::<Vec<_>>(), ["input/name", "input/hypothesis", "input/endsOn",
            "input/variants/0/exposures", "input/variants/1/name", "input/variants/1/conversions", "input/variants/2/name",
            "input/variants/0/value", "input/variants/1/value"]);
        let alone = json!({ "name": "alone", "startsOn": "2026-06-02", "variants": [variant("a", 1, 1, "0")] });
        assert_eq!(text(&run(&app, &token, SET, alone).await, "errors.0.path.1"), "variants");
    }
}
