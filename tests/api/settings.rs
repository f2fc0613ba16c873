//! Settings of the team: who may change them, and what is allowed.

use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    fixtures::{refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const UPDATE: &str =
    "mutation ($input: UpdateTeamSettingsInput!) { updateTeamSettings(input: $input) {
    team { slug name settings { churnDays version } }
    errors { code path message ... on ConflictError { currentVersion } } } }";

async fn update(app: &App, token: &str, input: Value) -> Value {
    let answer = app.graphql(token, UPDATE, json!({ "input": input })).await;
    path(&answer, "data.updateTeamSettings").clone()
}

on_both_databases! {
    async fn an_owner_changes_the_settings_of_the_own_team_alone(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("other").await;
        let done = update(&app, &token, json!({ "version": 1, "name": "Acme Ltd", "churnDays": 90 })).await;
        let settings = json!({ "churnDays": 90, "version": 2 });
        assert_eq!(done, json!({ "errors": [], "team": { "slug": "acme", "name": "Acme Ltd", "settings": settings } }));
        let team = "{ viewer { team { name settings { churnDays version } } } }";
        let stored = app.graphql(&token, team, json!({})).await;
        assert_eq!(path(&stored, "data.viewer.team"), &json!({ "name": "Acme Ltd", "settings": settings }));
        let other = app.graphql(&app.token("other", Role::Owner), team, json!({})).await;
        let untouched = json!({ "churnDays": null, "version": 1 });
        assert_eq!(path(&other, "data.viewer.team"), &json!({ "name": "Team other", "settings": untouched }));
        // What is left out stays, and null takes away.
        let done = update(&app, &token, json!({ "version": 2, "name": "Acme" })).await;
        assert_eq!(path(&done, "team.settings.churnDays"), 90);
        let done = update(&app, &token, json!({ "version": 3, "churnDays": null })).await;
        assert!(path(&done, "team.settings.churnDays").is_null());
    }

    async fn a_change_on_an_old_version_and_a_mistake_change_nothing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        update(&app, &token, json!({ "version": 1, "churnDays": 30 })).await;
        let late = update(&app, &token, json!({ "version": 1, "churnDays": 60 })).await;
        assert_eq!(path(&late, "errors.0.currentVersion"), 2);
        assert_eq!((path(&late, "errors.0.code"), &late["team"]), (&json!("CONFLICT"), &Value::Null));
        let wrong = update(&app, &token, json!({ "version": 2, "churnDays": 0, "name": " " })).await;
        let errors = wrong["errors"].as_array().expect("a list");
        let paths: Vec<_> = errors.iter().map(|error| error["path"].clone()).collect();
        assert_eq!(paths, [json!(["input", "name"]), json!(["input", "churnDays"])]);
        assert_eq!(errors[1]["message"], "input.churnDays: 0 was given; 1 to 3650 are allowed");
        let kept = app.graphql(&token, "{ viewer { team { name settings { churnDays version } } } }", json!({})).await;
        let expected = json!({ "name": "Team acme", "settings": { "churnDays": 30, "version": 2 } });
        assert_eq!(path(&kept, "data.viewer.team"), &expected);
    }

    async fn nobody_else_may(database: TestDatabase) {
        let (app, _, _) = start(&database).await;
        let input = || json!({ "input": { "version": 1, "churnDays": 30 } });
        let few = app.token_with("acme", Role::Owner, [Scope::MetricsRead], chrono::TimeDelta::hours(1));
        for token in [app.token("acme", Role::Manager), app.token("acme", Role::Viewer), few] {
            assert_eq!(refusal(&app, &token, UPDATE, input()).await.0, "FORBIDDEN");
        }
    }
}
