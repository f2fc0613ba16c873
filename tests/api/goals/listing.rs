//! Lists of goals: pages, states, campaigns, and how many statements they take.

use serde_json::{Value, json};

use super::{advertise, deliver, made};
use crate::{
    fixtures::{fill, global_id, start},
    support::{TestDatabase, json::path, on_both_databases},
};

/// The names of the goals in a connection.
fn names(connection: &Value) -> Vec<&str> {
    let nodes = connection["nodes"].as_array().expect("a list");
    nodes
        .iter()
        .filter_map(|node| node["name"].as_str())
        .collect()
}

on_both_databases! {
    async fn goals_come_by_deadline_page_by_page(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (name, deadline) in [("c", "2026-09-30"), ("a", "2026-07-31"), ("d", "2026-09-30"), ("b", "2026-08-31")] {
            made(&app, &token, json!({ "name": name, "deadline": deadline })).await;
        }
        let query = "query ($first: Int, $after: String, $last: Int, $before: String, $status: GoalStatus) {
            goals(first: $first, after: $after, last: $last, before: $before, status: $status) { totalCount
                nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        for status in [Value::Null, json!("UNKNOWN")] {
            let page = async |mut variables: Value| {
                variables["status"] = status.clone();
                let answer = app.graphql(&token, query, variables).await;
                path(&answer, "data.goals").clone()
            };
            let first = page(json!({ "first": 3 })).await;
            assert_eq!((names(&first), &first["totalCount"]), (vec!["a", "b", "c"], &json!(4)));
            let next = page(json!({ "first": 3, "after": first["pageInfo"]["endCursor"] })).await;
            assert_eq!(names(&next), ["d"]);
            assert_eq!((&next["pageInfo"]["hasNextPage"], &next["pageInfo"]["hasPreviousPage"]), (&json!(false), &json!(true)));
            let back = page(json!({ "last": 2, "before": next["pageInfo"]["startCursor"] })).await;
            assert_eq!(names(&back), ["b", "c"]);
        }
        let none = app.graphql(&token, query, json!({ "status": "ACHIEVED" })).await;
        assert_eq!(path(&none, "data.goals.totalCount"), 0);
    }

    async fn goals_are_found_by_how_they_stand_and_by_their_campaign(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "shop", 2).await;
        let [one, two] = [0, 1].map(|place| global_id("Campaign", rows.campaigns[place]));
        let goal = |name: &str, target: &str, campaigns: Value| json!({ "name": name, "metric": "CLICKS",
            "baseline": "0", "target": target, "startsOn": "2026-06-01", "deadline": "2026-06-30",
            "scope": [{ "dimension": "CAMPAIGN", "values": campaigns }] });
        // Campaign one had 10 clicks in June, campaign two 11; 14 of 30 days are over.
        made(&app, &token, goal("one", "20", json!([one]))).await;
        made(&app, &token, goal("two", "110", json!([two]))).await;
        made(&app, &token, goal("both", "30", json!([one, two]))).await;
        let by = async |status: &str| {
            let query = format!("{{ goals(status: {status}) {{ nodes {{ name progress {{ status current {{ value }} }} }} }} }}");
            app.graphql(&token, &query, json!({})).await
        };
        let on_track = by("ON_TRACK").await;
        assert_eq!(names(path(&on_track, "data.goals")), ["one", "both"]);
        assert_eq!(path(&on_track, "data.goals.nodes.1.progress.current.value"), "21");
        assert_eq!(names(path(&by("OFF_TRACK").await, "data.goals")), ["two"]);
        let query = "{ campaigns { nodes { goals { totalCount nodes { name } } } } }";
        let answer = app.graphql(&token, query, json!({})).await;
        assert_eq!(names(path(&answer, "data.campaigns.nodes.0.goals")), ["one", "both"]);
        assert_eq!(names(path(&answer, "data.campaigns.nodes.1.goals")), ["two", "both"]);
        assert_eq!(path(&answer, "data.campaigns.nodes.1.goals.totalCount"), 2);
        let id = path(&app.graphql(&token, "{ goals { nodes { id } } }", json!({})).await, "data.goals.nodes.0.id").clone();
        let node = "query ($id: ID!) { node(id: $id) { __typename ... on Goal { name } } }";
        let answer = app.graphql(&token, node, json!({ "id": id })).await;
        assert_eq!(path(&answer, "data.node"), &json!({ "__typename": "Goal", "name": "one" }));
    }

    async fn archived_goals_are_shown_only_when_asked_for(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let objective = made(&app, &token, json!({ "name": "objective", "deadline": "2026-12-31" })).await;
        let part = json!({ "name": "part", "deadline": "2026-12-31", "keyResultOf": objective["id"] });
        let part = made(&app, &token, part).await;
        let archive = "mutation ($id: ID!) { archiveGoal(input: { id: $id, version: 1 }) { errors { message } } }";
        app.graphql(&token, archive, json!({ "id": part["id"] })).await;
        let query = "{ few: goals { totalCount nodes { name keyResults { name } } }
            all: goals(archived: true) { totalCount nodes { name keyResultOf { name } } } }";
        let answer = app.graphql(&token, query, json!({})).await;
        assert_eq!(path(&answer, "data.few"),
            &json!({ "totalCount": 1, "nodes": [{ "name": "objective", "keyResults": [] }] }));
        assert_eq!(path(&answer, "data.all.totalCount"), 2);
        assert_eq!(path(&answer, "data.all.nodes.1.keyResultOf.name"), "objective");
    }

    async fn a_hundred_goals_take_as_many_statements_as_fifty(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "shop", 50).await;
        advertise(&team, 0, &[("2025-06-05", 0, 300, 0)]).await;
        deliver(&team, "2025-01-01", "2026-06-14").await;
        for place in 0..100 {
            let campaign = global_id("Campaign", rows.campaigns[place % 50]);
            let (metric, target) = [("CLICKS", "100"), ("SPEND", "400"), ("CTR", "0.5"), ("CPC", "9")][place / 2 % 4];
            // One of ten belongs to the whole team.
            let scope = match place % 10 {
                0 => json!([]),
                _ => json!([{ "dimension": "CAMPAIGN", "values": [campaign] }]),
            };
            let input = json!({ "name": format!("goal {place:03}"), "metric": metric, "target": target, "baseline": "1",
                "startsOn": "2026-04-01", "deadline": format!("2026-0{}-30", 6 + place % 3), "scope": scope });
            made(&app, &token, input).await;
        }
        let query = "query ($first: Int!) { goals(first: $first) { nodes { name keyResultOf { name } keyResults { name }
            scope { dimensions { label } } warnings { code } progress { current { value } attained expectedByNow projected status } } } }";
        let mut seen = Vec::new();
        for first in [50, 100] {
            let (body, statements) = app.graphql_counted(&token, query, json!({ "first": first })).await;
            assert_eq!(path(&body, "data.goals.nodes").as_array().map(Vec::len), Some(first));
            seen.push(statements);
        }
        // The team, the page, key results, campaigns; then sums and levels, of campaigns and of the whole team, now, a
        // year ago and in history: loads and advertising each.
        assert_eq!(seen, [20, 20]);
        let query = "query ($first: Int!) { campaigns(first: $first) { nodes { goals { nodes { progress { status } } } } } }";
        let (_, ten) = app.graphql_counted(&token, query, json!({ "first": 10 })).await;
        let (_, fifty) = app.graphql_counted(&token, query, json!({ "first": 50 })).await;
        assert_eq!(ten, fifty);
        let query = "{ goals(first: 100, status: ON_TRACK) { totalCount } }";
        let (_, filtered) = app.graphql_counted(&token, query, json!({})).await;
        assert!(filtered <= seen[0], "{filtered}");
    }
}
