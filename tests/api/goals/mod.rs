//! Goals: set, listed, measured against numbers computed by hand, and compared with.

mod benchmarks;
mod comparison;
mod dashboards;
mod hostile;
mod listing;
mod progress;
mod setting;

use entity::ad_day;
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use crate::{
    fixtures::{ads, deliver_all, units},
    support::{App, json::path},
};

/// What is asked of a goal.
const GOAL: &str =
    "fragment g on Goal { id name kind metric { key } baseline baselineSource target currency grain
    startsOn deadline owner reviewEvery nextReviewOn archived version
    scope { dimensions { dimension key label } } keyResultOf { name } keyResults { name }
    progress { current { value undefinedReason { code } quality { complete } }
        attained expectedByNow expectedFrom projected status through asOf }
    warnings { code message } }";

/// The payload of `setGoal`.
async fn set(app: &App, token: &str, input: Value) -> Value {
    let query = format!(
        "mutation ($input: SetGoalInput!) {{ setGoal(input: $input) {{ goal {{ ...g }} errors {{ code path message
            ... on ConflictError {{ currentVersion }} }} }} }} {GOAL}"
    );
    let answer = app.graphql(token, &query, json!({ "input": input })).await;
    path(&answer, "data.setGoal").clone()
}

/// The goal that `setGoal` makes.
async fn made(app: &App, token: &str, input: Value) -> Value {
    let payload = set(app, token, input).await;
    assert_eq!(payload["errors"], json!([]), "{payload:#}");
    payload["goal"].clone()
}

/// The code and the path of each mistake that `setGoal` finds, joined by blanks.
async fn mistakes(app: &App, token: &str, input: Value) -> Vec<String> {
    let payload = set(app, token, input).await;
    assert!(payload["goal"].is_null(), "{payload:#}");
    named(&payload)
}

/// The code and the path of each mistake in a payload.
fn named(payload: &Value) -> Vec<String> {
    let errors = payload["errors"].as_array().expect("a list");
    let name = |error: &Value| {
        let path = error["path"].as_array().expect("a list").iter();
        let path: Vec<_> = path.filter_map(Value::as_str).collect();
        format!(
            "{} {}",
            error["code"].as_str().unwrap_or_default(),
            path.join(".")
        )
    };
    errors.iter().map(name).collect()
}

/// Days of advertising of a campaign: the day, impressions, clicks, spend in units.
async fn advertise(team: &TeamStore, campaign: i64, days: &[(&str, i64, i64, i64)]) {
    let rows = days
        .iter()
        .map(|(on, impressions, clicks, spend)| ad_day::Model {
            impressions: *impressions,
            clicks: *clicks,
            spend: units(*spend),
            ..ads(campaign, 0, on)
        });
    let writer = team.begin("fixture").await.expect("a transaction begins");
    writer
        .insert::<ad_day::Entity>(rows.collect())
        .await
        .expect("facts are written");
    writer.commit().await.expect("the transaction commits");
}

/// Notes that everything was delivered for these days.
async fn deliver(team: &TeamStore, from: &str, to: &str) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    deliver_all(&writer, "ads", from, to).await;
    writer.commit().await.expect("the transaction commits");
}

/// The fields of a goal's progress as texts: attained, expected, projected, status.
fn told(goal: &Value) -> [String; 4] {
    ["attained", "expectedByNow", "projected", "status"].map(|field| {
        let value = &goal["progress"][field];
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    })
}
