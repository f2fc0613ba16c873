//! What goals must withstand: other teams' ids, missing scopes, numbers that overflow.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{made, mistakes, named};
use crate::{
    fixtures::{clock, fill, global_id, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

on_both_databases! {
    async fn another_teams_goals_campaigns_and_benchmarks_are_those_of_nobody(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        let (blue, crimson) = (app.team("blue").await, app.team("crimson").await);
        fill(&blue, "blue", 1).await;
        let rows = fill(&crimson, "crimson", 1).await;
        let [token, theirs] = ["blue", "crimson"].map(|team| app.token(team, Role::Owner));
        let goal = json!({ "name": "crimson goal", "metric": "CLICKS", "target": "10", "baseline": "1", "deadline": "2026-12-31" });
        let foreign = made(&app, &theirs, goal.clone()).await["id"].clone();
        let add = "mutation { setBenchmark(input: { metric: CTR, industry: \"crimson\", p50: \"0.1\", source: \"crimson\",
            asOf: \"2026-01-01\" }) { benchmark { id } } }";
        let benchmark = path(&app.graphql(&theirs, add, json!({})).await, "data.setBenchmark.benchmark.id").clone();
        let nobody = json!(global_id("Goal", 123_456_789));
        let mut campaign = goal.clone();
        campaign["scope"] = json!([{ "dimension": "CAMPAIGN", "values": [global_id("Campaign", rows.campaigns[0])] }]);
        assert_eq!(mistakes(&app, &token, campaign).await, ["NOT_FOUND input.scope.0.values"]);
        for id in [&foreign, &nobody] {
            let mut under = goal.clone();
            under["keyResultOf"] = id.clone();
            assert_eq!(mistakes(&app, &token, under).await, ["NOT_FOUND input.keyResultOf"]);
            assert_eq!(mistakes(&app, &token, json!({ "id": id, "version": 1 })).await, ["NOT_FOUND input.id"]);
            let archive = "mutation ($id: ID!) { archiveGoal(input: { id: $id, version: 1 }) { errors { code path } } }";
            let answer = app.graphql(&token, archive, json!({ "id": id })).await;
            assert_eq!(named(path(&answer, "data.archiveGoal")), ["NOT_FOUND input.id"]);
            let node = "query ($id: ID!) { node(id: $id) { __typename } }";
            assert_eq!(path(&app.graphql(&token, node, json!({ "id": id })).await, "data.node"), &Value::Null);
        }
        // Who lost the id must not make the same again.
        let mut twice = goal.clone();
        twice["version"] = json!(1);
        assert_eq!(mistakes(&app, &token, twice).await, ["INVALID input.version"]);
        for (name, input) in [("setBenchmark", "SetBenchmarkInput"), ("deleteBenchmark", "DeleteBenchmarkInput")] {
            let query = format!("mutation ($input: {input}!) {{ {name}(input: $input) {{ errors {{ code path }} }} }}");
            let answer = app.graphql(&token, &query, json!({ "input": { "id": benchmark, "version": 1 } })).await;
            assert_eq!(named(&answer["data"][name]), ["NOT_FOUND input.id"]);
        }
        let everything = "{ goals(archived: true) { totalCount } benchmarks(metric: CTR) { source }
            viewer { team { kpis(period: { preset: THIS_MONTH }, options: { compareTo: { to: TARGET } }) {
                clicks { comparison { baseline { value } } } } } } }";
        let answer = app.graphql(&token, everything, json!({})).await;
        assert_eq!(path(&answer, "data.goals.totalCount"), 0);
        assert_eq!(path(&answer, "data.benchmarks"), &json!([]));
        assert_eq!(path(&answer, "data.viewer.team.kpis.clicks.comparison.baseline.value"), &Value::Null);
    }

    async fn scopes_are_needed_by_name(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let goal = made(&app, &token, json!({ "name": "g", "deadline": "2026-12-31" })).await;
        let without = |scope: Scope| {
            let scopes = Scope::ALL.into_iter().filter(|other| *other != scope);
            app.token_with("acme", Role::Owner, scopes, TimeDelta::hours(1))
        };
        let id = goal["id"].as_str().unwrap();
        let writes = [
            "mutation { setGoal(input: { name: \"n\", deadline: \"2026-12-31\" }) { errors { message } } }".to_owned(),
            format!("mutation {{ archiveGoal(input: {{ id: \"{id}\", version: 1 }}) {{ errors {{ message }} }} }}"),
            "mutation { setBenchmark(input: {}) { errors { message } } }".to_owned(),
            "mutation { deleteBenchmark(input: { id: \"x\", version: 1 }) { errors { message } } }".to_owned(),
            "mutation { setDashboard(input: { audience: MANAGER, metrics: [], version: 0 }) { errors { message } } }".to_owned(),
        ];
        let reads = [
            "{ goals { totalCount } }".to_owned(),
            "{ campaigns { nodes { id } } goals(status: UNKNOWN) { totalCount } }".to_owned(),
            format!("{{ node(id: \"{id}\") {{ id }} }}"),
            "{ benchmarks(metric: CTR) { source } }".to_owned(),
            "{ dashboard(audience: EXECUTIVE) { version } }".to_owned(),
        ];
        for (scope, queries) in [(Scope::GoalsWrite, &writes), (Scope::MetricsRead, &reads)] {
            for query in queries {
                let (code, text) = refusal(&app, &without(scope), query, json!({})).await;
                assert_eq!(code, "FORBIDDEN", "{query}");
                assert!(text.contains(scope.as_str()), "{text}");
            }
        }
        for role in [Role::Specialist, Role::Viewer, Role::Integration] {
            let (code, _) = refusal(&app, &app.token("acme", role), &writes[0], json!({})).await;
            assert_eq!(code, "FORBIDDEN", "{role}");
        }
        made(&app, &app.token("acme", Role::Manager), json!({ "name": "n", "deadline": "2026-12-31" })).await;
    }

    async fn the_longest_window_and_the_largest_numbers_are_answered(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "shop", 1).await;
        for (metric, kind, grain) in [("REVENUE", "ACCUMULATE", Value::Null), ("CTR", "REACH_LEVEL", json!("DAY")),
            ("CTR", "REACH_LEVEL", json!("FISCAL_YEAR"))] {
            let input = json!({ "name": "x".repeat(300), "metric": metric, "kind": kind, "grain": grain,
                "baseline": "-1000000000000", "target": "1000000000000", "startsOn": "2016-06-15", "deadline": "2036-06-15" });
            let goal = made(&app, &token, input).await;
            assert!(["ON_TRACK", "OFF_TRACK", "AT_RISK", "UNKNOWN"].contains(&goal["progress"]["status"].as_str().unwrap()));
        }
        let many = json!({ "input": { "audience": "MANAGER", "metrics": ["CTR"], "version": i32::MAX } });
        let query = "mutation ($input: SetDashboardInput!) { setDashboard(input: $input) { errors { code path } } }";
        let answer = app.graphql(&token, query, many).await;
        assert_eq!(named(path(&answer, "data.setDashboard")), ["CONFLICT input.version"]);
    }
}
