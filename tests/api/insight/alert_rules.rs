//! Alert rules: what fires and since when, changes and refusals.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::market;
use crate::{
    fixtures::{budget, global_id, refusal, start, units},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const SET: &str = "mutation ($input: SetAlertRuleInput!) { done: setAlertRule(input: $input) {
    alertRule { id name metric { key } scope { dimension key label } grain condition op threshold minVolume enabled version
        state { firing observed { value undefinedReason { code } } bucket { from to } since { from } } }
    errors { __typename code path message ... on ConflictError { currentVersion } } } }";
const DELETE: &str =
    "mutation ($input: DeleteAlertRuleInput!) { done: deleteAlertRule(input: $input) {
    alertRule { name } errors { __typename code path } } }";
const LIST: &str = "query ($first: Int, $after: String, $enabled: Boolean) {
    alertRules(first: $first, after: $after, enabled: $enabled) { totalCount pageInfo { hasNextPage endCursor }
        nodes { id name state { firing since { from } observed { value } } } } }";

async fn run(app: &App, token: &str, mutation: &str, input: Value) -> Value {
    let answer = app
        .graphql(token, mutation, json!({ "input": input }))
        .await;
    path(&answer, "data.done").clone()
}

/// Whether the rule fires, the value that it looks at, the bucket, and since when.
async fn state(app: &App, token: &str, rule: Value) -> (Value, String, String, String) {
    let mut input = json!({ "name": "a rule" });
    input
        .as_object_mut()
        .expect("an object")
        .extend(rule.as_object().expect("an object").clone());
    let done = run(app, token, SET, input).await;
    assert_eq!(done["errors"], json!([]));
    let state = path(&done, "alertRule.state");
    let plain = |at: &Value| at.as_str().unwrap_or("-").to_owned();
    (
        state["firing"].clone(),
        plain(&state["observed"]["value"]),
        plain(&state["bucket"]["from"]),
        plain(&state["since"]["from"]),
    )
}

fn told(firing: bool, value: &str, bucket: &str, since: &str) -> (Value, String, String, String) {
    (firing.into(), value.into(), bucket.into(), since.into())
}

on_both_databases! {
    async fn values_changes_and_anomalies_fire_on_the_last_complete_bucket(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 2).await;
        let search = json!([{ "dimension": "CHANNEL", "value": global_id("Channel", 1) }]);
        let value = |op: &str, threshold: &str| json!({ "metric": "CPC", "scope": search, "condition": "VALUE", "op": op,
            "threshold": threshold });
        // Search paid 0.8 for a click on Sunday 14 June, 0.5 on the days before and 0.55 on 31 May.
        let sunday = "2026-06-14";
        assert_eq!(state(&app, &token, value("GT", "0.6")).await, told(true, "0.8", sunday, sunday));
        assert_eq!(state(&app, &token, value("GT", "0.8")).await, told(false, "0.8", sunday, "-"));
        assert_eq!(state(&app, &token, value("GTE", "0.8")).await, told(true, "0.8", sunday, sunday));
        assert_eq!(state(&app, &token, value("LT", "0.8")).await, told(false, "0.8", sunday, "-"));
        assert_eq!(state(&app, &token, value("GTE", "0.5")).await, told(true, "0.8", sunday, "2026-06-02"));
        let mut small = value("GT", "0.6");
        small["minVolume"] = json!(201);
        assert_eq!(state(&app, &token, small).await, told(false, "0.8", sunday, "-"));
        let change = |threshold: &str| json!({ "metric": "SPEND", "scope": search, "condition": "CHANGE", "op": "GTE",
            "threshold": threshold });
        assert_eq!(state(&app, &token, change("0.6")).await, told(true, "160", sunday, sunday));
        assert_eq!(state(&app, &token, change("0.600001")).await, told(false, "160", sunday, "-"));
        let anomaly = |scope: &Value| json!({ "metric": "CPC", "scope": scope, "condition": "ANOMALY" });
        assert_eq!(state(&app, &token, anomaly(&search)).await, told(true, "0.8", sunday, sunday));
        assert_eq!(state(&app, &token, anomaly(&json!([]))).await, told(true, "0.7", sunday, sunday));
        let display = json!([{ "dimension": "CHANNEL", "value": global_id("Channel", 2) }]);
        assert_eq!(state(&app, &token, anomaly(&display)).await, told(false, "0.5", sunday, "-"));
        let month = json!({ "metric": "CLICKS", "grain": "MONTH", "condition": "VALUE", "op": "GT", "threshold": "8999" });
        assert_eq!(state(&app, &token, month).await, told(true, "9300", "2026-05-01", "2026-03-01"), "31 × 300 of May, 30 × 300 of April");
    }

    async fn overspending_a_budget_is_seen_while_the_month_is_under_way(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 2).await;
        let writer = team.begin("fixture").await.unwrap();
        let june = budget(&writer, 1, ["2026-06-01", "2026-06-30"], units(3_000));
        writer.set_budgets(1, vec![june]).await.unwrap();
        writer.commit().await.unwrap();
        // 13 days at 100 and one at 160, after 14 days at 100: 1 460 / 1 400.
        let pacing = |threshold: &str| json!({ "metric": "BUDGET_PACING", "grain": "MONTH", "condition": "VALUE",
            "op": "GT", "threshold": threshold, "scope": [{ "dimension": "CAMPAIGN", "value": global_id("Campaign", 1) }] });
        assert_eq!(state(&app, &token, pacing("1.04")).await, told(true, "1.042857142857143", "2026-06-01", "2026-06-01"));
        assert_eq!(state(&app, &token, pacing("1.1")).await, told(false, "1.042857142857143", "2026-06-01", "-"));
    }

    async fn a_rule_is_made_changed_put_to_rest_and_deleted(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 2).await;
        let rule = json!({ "name": "Dear clicks", "metric": "CPC", "condition": "VALUE", "op": "GT", "threshold": "1.5",
            "minVolume": 100, "scope": [{ "dimension": "COUNTRY", "value": "DE" }, { "dimension": "DEVICE" }] });
        let made = run(&app, &token, SET, rule).await;
        let id = text(&made, "alertRule.id").to_owned();
        assert_eq!(made, json!({ "errors": [], "alertRule": { "id": id, "name": "Dear clicks", "metric": { "key": "CPC" },
            "scope": [{ "dimension": "COUNTRY", "key": "DE", "label": "DE" },
                { "dimension": "DEVICE", "key": null, "label": "(none)" }],
            "grain": "DAY", "condition": "VALUE", "op": "GT", "threshold": "1.5", "minVolume": 100, "enabled": true,
            "version": 1, "state": { "firing": false, "observed": { "value": null, "undefinedReason":
            { "code": "ZERO_DENOMINATOR" } }, "bucket": { "from": "2026-06-14", "to": "2026-06-14" }, "since": null } } }));
        let changed = json!({ "id": id, "version": 1, "name": "Odd clicks", "metric": "CPC", "condition": "ANOMALY",
            "enabled": false });
        let changed = run(&app, &token, SET, changed).await;
        assert_eq!(changed["alertRule"], json!({ "id": id, "name": "Odd clicks", "metric": { "key": "CPC" }, "scope": [],
            "grain": "DAY", "condition": "ANOMALY", "op": null, "threshold": null, "minVolume": null, "enabled": false,
            "version": 2, "state": null }));
        let list = async |enabled: Value| {
            let answer = app.graphql(&token, LIST, json!({ "enabled": enabled })).await;
            path(&answer, "data.alertRules.totalCount").clone()
        };
        assert_eq!((list(json!(null)).await, list(json!(true)).await, list(json!(false)).await),
            (json!(1), json!(0), json!(1)));
        let node = "query ($id: ID!) { node(id: $id) { ... on AlertRule { name } } }";
        let found = app.graphql(&token, node, json!({ "id": id })).await;
        assert_eq!(text(&found, "data.node.name"), "Odd clicks");
        let late = run(&app, &token, DELETE, json!({ "id": id, "version": 1 })).await;
        assert_eq!(text(&late, "errors.0.code"), "CONFLICT");
        let deleted = run(&app, &token, DELETE, json!({ "id": id, "version": 2 })).await;
        assert_eq!(deleted, json!({ "alertRule": { "name": "Odd clicks" }, "errors": [] }));
        assert_eq!(list(json!(null)).await, 0);
        let gone = run(&app, &token, DELETE, json!({ "id": id, "version": 2 })).await;
        assert_eq!(gone["errors"], json!([{ "__typename": "ValidationError", "code": "NOT_FOUND", "path": ["input", "id"] }]));
    }

    async fn more_rules_take_no_more_statements(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 3).await;
        let scoped = |place: i64| json!([{ "dimension": "CHANNEL", "value": global_id("Channel", place % 3 + 1) }]);
        let add = async |from: i64, to: i64| for place in from..to {
            let metric = ["CPC", "SPEND", "CLICKS", "CTR"][usize::try_from(place % 4).expect("small")];
            let rule = json!({ "name": format!("rule {place}"), "metric": metric, "scope": scoped(place), "condition": "VALUE",
                "op": "GT", "threshold": "1" });
            assert_eq!(run(&app, &token, SET, rule).await["errors"], json!([]));
        };
        add(0, 4).await;
        let (_, four) = app.graphql_counted(&token, LIST, json!({ "first": 100 })).await;
        add(4, 24).await;
        let (body, all) = app.graphql_counted(&token, LIST, json!({ "first": 100 })).await;
        assert_eq!(path(&body, "data.alertRules.nodes").as_array().map(Vec::len), Some(24));
        assert_eq!(four, all);
        let (mut names, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = app.graphql(&token, LIST, json!({ "first": 7, "after": after })).await;
            names.extend(path(&page, "data.alertRules.nodes").as_array().expect("a list").clone());
            if path(&page, "data.alertRules.pageInfo.hasNextPage") == false { break }
            after = path(&page, "data.alertRules.pageInfo.endCursor").clone();
        }
        assert_eq!(path(&body, "data.alertRules.nodes"), &Value::Array(names), "in pages or at once");
    }

    async fn another_team_s_rules_and_channels_are_like_none(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let others = app.team("others").await;
        market(&team, 2).await;
        let writer = others.begin("fixture").await.unwrap();
        let foreign = writer.id();
        writer.insert::<entity::channel::Entity>(vec![crate::fixtures::channel(foreign, "Theirs")]).await.unwrap();
        writer.commit().await.unwrap();
        let rule = json!({ "name": "mine", "metric": "CLICKS", "condition": "VALUE", "op": "GT", "threshold": "1" });
        let mine = run(&app, &token, SET, rule.clone()).await;
        let id = text(&mine, "alertRule.id").to_owned();
        let theirs = app.token("others", Role::Owner);
        let with_id = |id: &str| { let mut rule = rule.clone(); rule["id"] = json!(id); rule["version"] = json!(1); rule };
        for id in [id.as_str(), &global_id("AlertRule", 12_345), &global_id("Channel", 1), "nonsense"] {
            let refused = run(&app, &theirs, SET, with_id(id)).await;
            assert_eq!(text(&refused, "errors.0.message"), "input.id: there is no alert rule with this id");
            let refused = run(&app, &theirs, DELETE, json!({ "id": id, "version": 1 })).await;
            assert_eq!(text(&refused, "errors.0.code"), "NOT_FOUND");
            let node = format!("{{ node(id: \"{id}\") {{ ... on AlertRule {{ name }} }} }}");
            let found = app.graphql(&theirs, &node, json!({})).await;
            assert!(path(&found, "data.node").is_null() || path(&found, "data.node") == &json!({}), "{found:#}");
        }
        for channel in [foreign, 54_321] {
            let mut scoped = rule.clone();
            scoped["scope"] = json!([{ "dimension": "CHANNEL", "value": global_id("Channel", channel) }]);
            let refused = run(&app, &token, SET, scoped).await;
            assert_eq!(text(&refused, "errors.0.message"), "input.scope[0].value: there is no channel with this id");
        }
        let list = app.graphql(&theirs, LIST, json!({})).await;
        assert_eq!(path(&list, "data.alertRules.totalCount"), 0);
    }

    async fn scopes_decide_who_writes_and_who_reads_amounts(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 2).await;
        let rule = json!({ "name": "spend", "metric": "SPEND", "condition": "VALUE", "op": "GT", "threshold": "1" });
        assert_eq!(path(&run(&app, &token, SET, rule.clone()).await, "alertRule.state.firing"), true);
        let viewer = app.token("acme", Role::Viewer);
        assert_eq!(refusal(&app, &viewer, SET, json!({ "input": rule })).await.0, "FORBIDDEN");
        let seen = app.graphql(&viewer, LIST, json!({})).await;
        assert_eq!(path(&seen, "data.alertRules.nodes.0.state"), &json!({ "firing": null, "since": null,
            "observed": { "value": null } }));
        let blind = Scope::ALL.into_iter().filter(|scope| *scope != Scope::MetricsRead);
        let blind = app.token_with("acme", Role::Owner, blind, TimeDelta::hours(1));
        assert_eq!(refusal(&app, &blind, LIST, json!({})).await.0, "FORBIDDEN");
    }

    async fn mistakes_are_told_all_at_once_with_their_path(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let part = |dimension: &str| json!({ "dimension": dimension, "value": "x" });
        for (input, expected) in [
            (json!({ "name": " ", "condition": "VALUE", "minVolume": -1 }),
                vec!["input/op", "input/threshold", "input/name", "input/minVolume"]),
            (json!({ "condition": "ANOMALY", "op": "GT", "threshold": "1" }), vec!["input/op", "input/threshold"]),
            (json!({ "condition": "CHANGE", "op": "GT", "threshold": "0.1234567" }), vec!["input/threshold"]),
            (json!({ "condition": "CHANGE", "op": "GT", "threshold": "10000000000000" }), vec!["input/threshold"]),
            (json!({ "condition": "ANOMALY", "version": 1 }), vec!["input/version"]),
            (json!({ "condition": "ANOMALY", "id": "x" }), vec!["input/version"]),
            (json!({ "condition": "ANOMALY", "scope": [part("TIME"), part("CUSTOMER"), part("PROPERTY")] }),
                vec!["input/scope/0/dimension", "input/scope/1/dimension", "input/scope/2/property"]),
            (json!({ "condition": "ANOMALY", "scope": [part("DEVICE"), part("DEVICE"), part("CAMPAIGN")] }),
                vec!["input/scope/1", "input/scope/2/value"]),
            (json!({ "condition": "ANOMALY", "scope": [part("DEVICE"), part("COUNTRY"), part("OBJECTIVE"), part("CHANNEL")] }),
                vec!["input/scope"]),
        ] {
            let mut rule = json!({ "name": "wrong", "metric": "CPC" });
            rule.as_object_mut().expect("an object").extend(input.as_object().expect("an object").clone());
            let done = run(&app, &token, SET, rule).await;
            let paths = path(&done, "errors").as_array().expect("a list").iter().map(|error| {
                let steps = error["path"].as_array().expect("a path");
                steps.iter().map(|step| step.as_str().unwrap_or_default()).collect::<Vec<_>>().join("/")
            });
            assert_eq!(paths.collect::<Vec<_>>(), expected, "{input}");
            assert!(done["alertRule"].is_null());
        }
    }
}
