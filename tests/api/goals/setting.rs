//! Setting goals: what is filled in, what is changed, what is refused.

use serde_json::{Value, json};

use super::{advertise, deliver, made, mistakes, named, set, told};
use crate::{
    fixtures::{fill, global_id, start},
    support::{TestDatabase, json::path, on_both_databases},
};

fn clicks() -> Value {
    json!({ "name": "Clicks", "metric": "CLICKS", "target": "400", "baseline": "100",
        "startsOn": "2026-06-01", "deadline": "2026-06-30" })
}

fn with(mut input: Value, change: Value) -> Value {
    for (key, value) in change.as_object().expect("an object") {
        input[key] = value.clone();
    }
    input
}

on_both_databases! {
    async fn a_goal_says_what_was_given_and_what_was_filled_in(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "shop", 1).await;
        let campaign = global_id("Campaign", rows.campaigns[0]);
        let scope = json!([{ "dimension": "COUNTRY", "values": ["DE", "AT", "DE"] },
            { "dimension": "CAMPAIGN", "values": [campaign] }]);
        let goal = made(&app, &token, with(clicks(), json!({ "scope": scope }))).await;
        assert_eq!(goal["scope"]["dimensions"], json!([
            { "dimension": "CAMPAIGN", "key": campaign, "label": "shop campaign 000" },
            { "dimension": "COUNTRY", "key": "AT", "label": "AT" },
            { "dimension": "COUNTRY", "key": "DE", "label": "DE" },
        ]));
        assert_eq!(goal["progress"]["current"]["value"], "10", "the clicks of the campaign in Germany in June");
        for (field, value) in [("owner", json!("tester")), ("version", json!(1)), ("archived", json!(false)),
            ("grain", json!("DAY")), ("currency", Value::Null), ("baselineSource", json!("GIVEN")),
            // Clicks are looked at daily.
            ("reviewEvery", json!("DAY")), ("nextReviewOn", json!("2026-06-15"))] {
            assert_eq!(goal[field], value, "{field}");
        }
        let monthly = made(&app, &token, with(clicks(), json!({ "reviewEvery": "MONTH", "deadline": "2026-08-10",
            "owner": "Ada" }))).await;
        assert_eq!((&monthly["nextReviewOn"], &monthly["owner"]), (&json!("2026-06-30"), &json!("Ada")));
    }

    async fn changes_keep_what_they_leave_out_and_need_the_version_read(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        advertise(&team, 0, &[("2026-05-10", 0, 310, 0), ("2026-06-01", 0, 10, 0)]).await;
        deliver(&team, "2026-04-01", "2026-06-14").await;
        let goal = made(&app, &token, clicks()).await;
        let id = goal["id"].clone();
        let change = |version: i32, rest: Value| with(json!({ "id": id, "version": version }), rest);
        let renamed = made(&app, &token, change(1, json!({ "name": "More clicks" }))).await;
        assert_eq!((&renamed["name"], &renamed["version"]), (&json!("More clicks"), &json!(2)));
        for field in ["id", "metric", "target", "baseline", "baselineSource", "startsOn", "deadline", "owner", "grain"] {
            assert_eq!(renamed[field], goal[field], "{field}");
        }
        let late = set(&app, &token, change(1, json!({ "name": "x" }))).await;
        assert_eq!(named(&late), ["CONFLICT input.version"]);
        assert_eq!(path(&late, "errors.0.currentVersion"), 2);
        assert_eq!(mistakes(&app, &token, json!({ "id": id, "name": "x" })).await, ["INVALID input.version"]);
        let from_history = made(&app, &token, change(2, json!({ "baseline": null }))).await;
        assert_eq!((&from_history["baseline"], &from_history["baselineSource"]), (&json!("310"), &json!("HISTORY")));
        // Another window has another history: two days, the second of which had ten clicks.
        let moved = made(&app, &token, change(3, json!({ "startsOn": "2026-06-02", "deadline": "2026-06-03" }))).await;
        assert_eq!(moved["baseline"], "10");
        let archive = "mutation ($id: ID!) { archiveGoal(input: { id: $id, version: 4 }) { goal { archived version }
            errors { message } } }";
        let answer = app.graphql(&token, archive, json!({ "id": id })).await;
        assert_eq!(path(&answer, "data.archiveGoal"), &json!({ "goal": { "archived": true, "version": 5 }, "errors": [] }));
    }

    async fn mistakes_name_the_field(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "shop", 1).await;
        let campaign = global_id("Campaign", rows.campaigns[0]);
        for (change, expected) in [
            (json!({ "target": "100" }), "INVALID input.target"),
            (json!({ "target": "0" }), "INVALID input.target"),
            (json!({ "target": "-5" }), "INVALID input.target"),
            (json!({ "target": "1000000000001" }), "INVALID input.target"),
            (json!({ "baseline": "0.0000000000001" }), "INVALID input.baseline"),
            (json!({ "target": null }), "INVALID input.target"),
            (json!({ "deadline": "2026-05-31" }), "INVALID input.deadline"),
            (json!({ "deadline": "2036-06-16" }), "INVALID input.deadline"),
            (json!({ "startsOn": "2016-06-14" }), "INVALID input.startsOn"),
            (json!({ "name": " " }), "INVALID input.name"),
            (json!({ "owner": "" }), "INVALID input.owner"),
            (json!({ "grain": "MONTH" }), "INVALID input.grain"),
            (json!({ "metric": "CTR", "kind": "ACCUMULATE" }), "INVALID input.kind"),
            (json!({ "metric": "REACH", "kind": "ACCUMULATE" }), "INVALID input.kind"),
            (json!({ "metric": "CTR", "target": "0.5", "grain": "QUARTER" }), "INVALID input.grain"),
            (json!({ "baseline": null, "metric": "SESSIONS", "startsOn": "2026-04-03" }), "INVALID input.baseline"),
            (json!({ "scope": [{ "dimension": "TIME", "values": ["x"] }] }), "INVALID input.scope.0.dimension"),
            (json!({ "scope": [{ "dimension": "CUSTOMER", "values": ["x"] }] }), "INVALID input.scope.0.dimension"),
            (json!({ "scope": [{ "dimension": "COUNTRY", "values": [] }] }), "INVALID input.scope.0"),
            (json!({ "scope": [{ "dimension": "PROPERTY", "values": ["x"] }] }), "INVALID input.scope.0"),
            (json!({ "scope": [{ "dimension": "CAMPAIGN", "values": ["x"] }] }), "NOT_FOUND input.scope.0.values"),
            (json!({ "scope": [{ "dimension": "CAMPAIGN", "values": [] }] }), "INVALID input.scope.0"),
            (json!({ "scope": [{ "dimension": "COUNTRY", "values": ["DE"] }, { "dimension": "COUNTRY", "values": ["IT"] }] }),
                "INVALID input.scope.1.dimension"),
            (json!({ "scope": vec![json!({ "dimension": "COUNTRY", "values": ["DE"] }); 5] }), "INVALID input.scope"),
            (json!({ "metric": "LEADS", "scope": [{ "dimension": "DEVICE", "values": ["MOBILE"] }] }), "INVALID input.scope"),
            (json!({ "keyResultOf": "x" }), "NOT_FOUND input.keyResultOf"),
            (json!({ "keyResultOf": campaign }), "NOT_FOUND input.keyResultOf"),
        ] {
            assert_eq!(mistakes(&app, &token, with(clicks(), change.clone())).await, [expected], "{change}");
        }
        let objective = json!({ "name": "Grow", "deadline": "2026-06-30", "target": "1", "kind": "REACH_LEVEL" });
        assert_eq!(mistakes(&app, &token, objective).await, ["INVALID input.kind", "INVALID input.target"]);
        assert_eq!(mistakes(&app, &token, json!({ "metric": "CTR" })).await,
            ["INVALID input.name", "INVALID input.deadline"]);
        let answer = app.graphql(&token, "{ goals(archived: true) { totalCount } }", json!({})).await;
        assert_eq!(path(&answer, "data.goals.totalCount"), 0, "nothing was written");
    }

    async fn a_tree_has_neither_cycles_nor_more_than_five_levels(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut ids: Vec<Value> = Vec::new();
        for level in 0..5 {
            let input = json!({ "name": format!("level {level}"), "deadline": "2026-12-31", "keyResultOf": ids.last() });
            ids.push(made(&app, &token, input).await["id"].clone());
        }
        let below = |id: &Value| json!({ "name": "x", "deadline": "2026-12-31", "keyResultOf": id });
        assert_eq!(mistakes(&app, &token, below(&ids[4])).await, ["INVALID input.keyResultOf"]);
        let under = |child: &Value, parent: &Value| json!({ "id": child, "version": 1, "keyResultOf": parent });
        for parent in &ids {
            assert_eq!(mistakes(&app, &token, under(&ids[0], parent)).await, ["INVALID input.keyResultOf"]);
        }
        // A goal with two levels below it does not fit under the third.
        let other = made(&app, &token, json!({ "name": "other", "deadline": "2026-12-31" })).await;
        made(&app, &token, below(&other["id"])).await;
        assert_eq!(mistakes(&app, &token, under(&other["id"], &ids[3])).await, ["INVALID input.keyResultOf"]);
        made(&app, &token, under(&other["id"], &ids[2])).await;
        let freed = made(&app, &token, json!({ "id": ids[4], "version": 1, "keyResultOf": null })).await;
        assert_eq!(freed["keyResultOf"], Value::Null);
        assert_eq!(told(&freed)[3], "UNKNOWN");
    }
}
