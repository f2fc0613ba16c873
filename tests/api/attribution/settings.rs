//! The team's settings: the model and its parameters, and the rules for channels.

use kpigraph::auth::Role;
use serde_json::{Value, json};

use super::{conversion, journeys, may, report, touch};
use crate::{
    fixtures::{refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const READ: &str = "{ viewer { team { settings { version attribution { model lookbackDays halfLifeDays excludeChannels }
    channelRules { order field pattern kind } } } } }";
const SET: &str =
    "mutation ($input: SetAttributionSettingsInput!) { setAttributionSettings(input: $input) {
    settings { version attribution { model lookbackDays halfLifeDays excludeChannels } }
    errors { code path message ... on ConflictError { currentVersion } } } }";
const RULES: &str = "mutation ($input: SetChannelRulesInput!) { setChannelRules(input: $input) {
    settings { version channelRules { order field pattern kind } } errors { code path message } } }";

async fn settings(app: &App, token: &str) -> Value {
    let answer = app.graphql(token, READ, json!({})).await;
    path(&answer, "data.viewer.team.settings").clone()
}

on_both_databases! {
    async fn what_is_set_decides_where_a_query_does_not_say(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let before = settings(&app, &token).await;
        assert_eq!(before["attribution"], json!({ "model": "LAST_NON_DIRECT", "lookbackDays": 30, "halfLifeDays": 7.0, "excludeChannels": [] }));
        let input = json!({ "version": before["version"], "model": "FIRST_TOUCH", "lookbackDays": 8, "excludeChannels": ["DIRECT", "DIRECT"] });
        let set = app.graphql(&token, SET, json!({ "input": input })).await;
        assert_eq!(path(&set, "data.setAttributionSettings.errors"), &json!([]));
        let after = settings(&app, &token).await;
        assert_eq!(after["attribution"], json!({ "model": "FIRST_TOUCH", "lookbackDays": 8, "halfLifeDays": 7.0, "excludeChannels": ["DIRECT"] }));
        assert_eq!(after["version"], 2);

        let query = "query ($period: PeriodInput!) { viewer { team { kpis(period: $period, options: { basis: ATTRIBUTED }) {
            conversions { provenance { attribution lookbackDays } } } } } }";
        let answer = app.graphql(&token, query, json!({ "period": may() })).await;
        assert_eq!(path(&answer, "data.viewer.team.kpis.conversions.provenance"), &json!({ "attribution": "FIRST_TOUCH", "lookbackDays": 8 }));
    }

    async fn rules_are_tried_in_their_order_and_can_be_given_back(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let writer = team.begin("fixture").await.unwrap();
        writer.insert::<entity::customer::Entity>(vec![crate::fixtures::customer(1)]).await.unwrap();
        let tagged = entity::touchpoint::Model { utm_source: Some("Google".into()), utm_medium: Some("cpc".into()), ..touch(1, 1, "2026-05-01", None) };
        writer.insert::<entity::touchpoint::Entity>(vec![tagged]).await.unwrap();
        writer.insert::<conversion::Entity>(vec![conversion(1, Some(1), "2026-05-02", 1)]).await.unwrap();
        writer.commit().await.unwrap();
        let kind = async || {
            let input = json!({ "period": may(), "models": ["LINEAR"], "groupBy": "CHANNEL_KIND" });
            path(&report(&app, &token, input).await, "rows.0.dimension.key").clone()
        };
        assert_eq!(kind().await, "PAID_SEARCH");
        let rule = |field: &str, pattern: &str, kind: &str| json!({ "field": field, "pattern": pattern, "kind": kind });
        let rules = json!([rule("SOURCE", "goo", "EMAIL"), rule("SOURCE_MEDIUM", "google / c.c", "VIDEO"), rule("MEDIUM", "cpc", "EVENT")]);
        let set = app.graphql(&token, RULES, json!({ "input": { "version": 1, "rules": rules } })).await;
        assert_eq!(path(&set, "data.setChannelRules.settings.channelRules.1"),
            &json!({ "order": 2, "field": "SOURCE_MEDIUM", "pattern": "google / c.c", "kind": "VIDEO" }));
        assert_eq!(kind().await, "VIDEO");
        app.graphql(&token, RULES, json!({ "input": { "version": 2 } })).await;
        assert_eq!(kind().await, "PAID_SEARCH");
    }

    async fn mistakes_change_nothing_and_name_their_place(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let before = settings(&app, &token).await;
        for (input, code, place) in [
            (json!({ "version": 1, "lookbackDays": 0 }), "INVALID", json!(["input", "lookbackDays"])),
            (json!({ "version": 1, "halfLifeDays": 400.0 }), "INVALID", json!(["input", "halfLifeDays"])),
            (json!({ "version": 7 }), "CONFLICT", json!(["input", "version"])),
        ] {
            let answer = app.graphql(&token, SET, json!({ "input": input })).await;
            let error = path(&answer, "data.setAttributionSettings.errors.0");
            assert_eq!((&error["code"], &error["path"]), (&json!(code), &place));
            assert_eq!(path(&answer, "data.setAttributionSettings.settings"), &Value::Null);
        }
        let rule = |pattern: &str| json!([{ "field": "SOURCE", "pattern": "a", "kind": "EMAIL" }, { "field": "SOURCE", "pattern": pattern, "kind": "EMAIL" }]);
        for pattern in ["(", "", &"x".repeat(1_001), "((a{1000}){1000}){1000}"] {
            let answer = app.graphql(&token, RULES, json!({ "input": { "version": 1, "rules": rule(pattern) } })).await;
            let error = path(&answer, "data.setChannelRules.errors.0");
            assert_eq!(error["path"], json!(["input", "rules", "1", "pattern"]), "{pattern}");
        }
        assert_eq!(settings(&app, &token).await, before);
    }

    async fn only_who_administers_the_team_sets_them_and_for_that_team_alone(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("other").await;
        let other = app.token("other", Role::Owner);
        let before = settings(&app, &other).await;
        for (query, input) in [(SET, json!({ "version": 1, "model": "LINEAR" })), (RULES, json!({ "version": 2, "rules": [] }))] {
            let (code, _) = refusal(&app, &app.token("acme", Role::Specialist), query, json!({ "input": input.clone() })).await;
            assert_eq!(code, "FORBIDDEN");
            app.graphql(&token, query, json!({ "input": input })).await;
        }
        assert_eq!(settings(&app, &token).await["channelRules"], json!([]));
        assert_eq!(settings(&app, &other).await, before);
    }
}
