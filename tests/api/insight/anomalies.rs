//! Anomalies: what fires, what it says, and that an id is looked for again.

use kpigraph::{
    auth::{Role, Scope},
    time::Clock,
};
use serde_json::{Value, json};

use super::market;
use crate::{
    fixtures::{fill, noon, refusal, start},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const ANOMALIES: &str = "query ($input: AnomaliesInput, $first: Int, $after: String) {
    anomalies(input: $input, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
        id metric { key } dimensions { dimension label } bucket { from to label complete }
        observed { value numerator denominator comparison { relative period { from } } }
        expected expectedLow expectedHigh relative score verdict recommendation
        drivers { dimension { label } contribution rateEffect mixEffect residual value { value } } } } }";

async fn anomalies(app: &App, token: &str, input: Value) -> Value {
    let variables = json!({ "input": input, "first": 100 });
    let answer = app.graphql(token, ANOMALIES, variables).await;
    path(&answer, "data.anomalies").clone()
}

/// What was found: the metric, the segment and the day of each.
fn found(anomalies: &Value) -> Vec<String> {
    let nodes = path(anomalies, "nodes").as_array().expect("a list");
    nodes
        .iter()
        .map(|node| {
            let segment = node["dimensions"][0]["label"].as_str().unwrap_or("team");
            format!(
                "{} {segment} {}",
                text(node, "metric.key"),
                text(node, "bucket.from")
            )
        })
        .collect()
}

on_both_databases! {
    async fn a_dear_sunday_is_found_with_its_driver_and_what_to_do(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 2).await;
        let answer = anomalies(&app, &token, json!({ "metrics": ["CPC"] })).await;
        assert_eq!(found(&answer), ["CPC team 2026-06-14", "CPC Search 2026-06-14"]);

        // Search paid 160 for 200 clicks, after 0.5 0.55 0.45 0.6 0.4 0.5 0.55 0.45: median 0.5, MAD 0.05, so 0.3 away
        // is 0.3 / (1.4826 × 0.05) = 4.046945 deviations; 3.5 of them are 0.259455.
        let search = path(&answer, "nodes.1");
        let told = ["expected", "expectedLow", "expectedHigh", "relative", "verdict"].map(|field| text(search, field));
        assert_eq!(told, ["0.5", "0.240545", "0.759455", "0.6", "WORSE"]);
        assert_eq!(search["score"], json!(4.046945));
        assert_eq!(search["bucket"], json!({ "from": "2026-06-14", "to": "2026-06-14", "label": "2026-06-14",
            "complete": true }));
        assert_eq!(search["observed"], json!({ "value": "0.8", "numerator": "160", "denominator": "200",
            "comparison": { "relative": "0.6", "period": { "from": "2026-06-07" } } }));
        assert_eq!(search["drivers"], json!([]));
        assert_eq!(text(search, "recommendation"), "Cost per click on Search +60\u{a0}%: cost per mille +60\u{a0}%; check \
            the audience's size and who else bids for it.");

        // In all 210 for 300 after 150 for 300 on the typical Sunday: 2/3 of the clicks rose by 0.3.
        let whole = path(&answer, "nodes.0");
        assert_eq!((text(whole, "expected"), text(whole, "relative")), ("0.5", "0.4"));
        assert_eq!(whole["drivers"], json!([{ "dimension": { "label": "Search" }, "contribution": "0.2",
            "rateEffect": "0.2", "mixEffect": "0", "residual": "0", "value": { "value": "0.8" } }]));
        assert!(text(whole, "recommendation").contains("mostly Search"), "{whole:#}");
    }

    async fn days_buckets_dimensions_and_volumes_are_as_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 2).await;
        let ask = async |input: Value| found(&anomalies(&app, &token, input).await);
        let cpc = |more: Value| {
            let mut input = json!({ "metrics": ["CPC"], "splitBy": [] });
            input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            input
        };
        assert_eq!(ask(cpc(json!({}))).await, ["CPC team 2026-06-14"]);
        assert_eq!(ask(cpc(json!({ "day": "2026-06-13" }))).await, [""; 0], "Saturdays never vary");
        assert_eq!(ask(cpc(json!({ "day": "2200-01-01" }))).await, ["CPC team 2026-06-14"]);
        assert_eq!(ask(cpc(json!({ "buckets": 15 }))).await, ["CPC team 2026-06-14"]);
        assert_eq!(ask(cpc(json!({ "minVolume": "300" }))).await, ["CPC team 2026-06-14"]);
        assert_eq!(ask(cpc(json!({ "minVolume": "301" }))).await, [""; 0]);
        assert_eq!(ask(cpc(json!({ "splitBy": ["CAMPAIGN", "CHANNEL_KIND"] }))).await,
            ["CPC team 2026-06-14", "CPC Search 2026-06-14", "CPC PAID_SEARCH 2026-06-14"]);
        // The week of 8 to 14 June cost 760 on Search after 700 710 690 ...: not 20 % more.
        assert_eq!(ask(cpc(json!({ "grain": "WEEK" }))).await, [""; 0]);
        let usual = ask(json!(null)).await;
        assert!(usual.contains(&"SPEND team 2026-06-14".to_owned()), "{usual:?}");
        assert!(!usual.iter().any(|one| one.starts_with("CLICKS")), "{usual:?}");
    }

    async fn a_day_that_no_source_has_delivered_is_no_anomaly_and_the_last_delivered_one_is_judged(database: TestDatabase) {
        let app = App::start(&database, Clock::fixed(noon("2026-06-18"))).await;
        let team = app.team("acme").await;
        let token = app.token("acme", Role::Owner);
        market(&team, 2).await;
        let answer = anomalies(&app, &token, json!({ "metrics": ["CPC", "CLICKS", "IMPRESSIONS"], "splitBy": [] })).await;
        assert_eq!(found(&answer), ["CPC team 2026-06-14"]);
        let weeks = json!({ "metrics": ["CLICKS"], "grain": "MONTH", "splitBy": [] });
        assert_eq!(found(&anomalies(&app, &token, weeks).await), [""; 0], "June is not over");
    }

    async fn an_id_is_looked_for_again_in_its_own_team_alone(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let others = app.team("others").await;
        market(&team, 2).await;
        market(&others, 2).await;
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Anomaly { expected verdict
            drivers { dimension { label } contribution } } } }";
        let answer = anomalies(&app, &token, json!({ "metrics": ["CPC", "SPEND"] })).await;
        let listed = path(&answer, "nodes").as_array().expect("a list").clone();
        assert_eq!(listed.len(), 4);
        let ids: Vec<&Value> = listed.iter().map(|node| &node["id"]).collect();
        let (again, statements) = app.graphql_counted(&token, query, json!({ "ids": ids })).await;
        for (place, node) in listed.iter().enumerate() {
            let again = path(&again, &format!("data.nodes.{place}"));
            assert_eq!((&again["id"], &again["expected"]), (&node["id"], &node["expected"]));
            assert_eq!(again["drivers"][0]["contribution"], node["drivers"][0]["contribution"]);
        }
        let (_, one) = app.graphql_counted(&token, query, json!({ "ids": [ids[0]] })).await;
        assert_eq!(statements, one, "the team, its loads once for each series, advertising twice, names of channels");
        let theirs = app.token("others", Role::Owner);
        let foreign = app.graphql(&theirs, query, json!({ "ids": ids })).await;
        assert_eq!(path(&foreign, "data.nodes"), &json!([null, null, null, null]));
        let unread = Scope::ALL.into_iter().filter(|scope| *scope != Scope::MetricsRead);
        let unread = app.token_with("acme", Role::Owner, unread, chrono::TimeDelta::hours(1));
        let (code, _) = refusal(&app, &unread, query, json!({ "ids": [ids[0]] })).await;
        assert_eq!(code, "FORBIDDEN");
    }

    async fn pages_of_any_size_give_the_same_list(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 6).await;
        let input = json!({ "metrics": ["CPC", "SPEND"], "splitBy": ["CHANNEL", "CAMPAIGN"] });
        let whole = anomalies(&app, &token, input.clone()).await;
        let (mut pages, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "input": input, "first": 4, "after": after });
            let page = app.graphql(&token, ANOMALIES, variables).await;
            pages.extend(path(&page, "data.anomalies.nodes").as_array().expect("a list").clone());
            if path(&page, "data.anomalies.pageInfo.hasNextPage") == false {
                break;
            }
            after = path(&page, "data.anomalies.pageInfo.endCursor").clone();
        }
        assert_eq!(path(&whole, "nodes"), &Value::Array(pages));
        assert_eq!(whole["totalCount"], 22);
    }

    async fn more_channels_take_no_more_statements(database: TestDatabase) {
        let (app, few, token) = start(&database).await;
        let many = app.team("many").await;
        market(&few, 3).await;
        market(&many, 40).await;
        let variables = json!({ "input": { "metrics": ["CPC", "SPEND"] }, "first": 100 });
        let (body, three) = app.graphql_counted(&token, ANOMALIES, variables.clone()).await;
        assert_eq!(path(&body, "data.anomalies.totalCount"), 6);
        let many = app.token("many", Role::Owner);
        let (body, forty) = app.graphql_counted(&many, ANOMALIES, variables).await;
        assert_eq!(path(&body, "data.anomalies.totalCount"), 80);
        assert_eq!(three, forty);
    }

    async fn amounts_stay_hidden_and_another_team_s_writes_change_nothing(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 2).await;
        let viewer = app.token("acme", Role::Viewer);
        let ask = json!({ "metrics": ["CPC", "SPEND", "CTR"] });
        assert_eq!(found(&anomalies(&app, &viewer, ask.clone()).await), [""; 0]);
        let before = anomalies(&app, &token, ask.clone()).await;
        let others = app.team("others").await;
        fill(&others, "noise", 5).await;
        market(&app.team("more").await, 4).await;
        assert_eq!(anomalies(&app, &token, ask).await, before);
    }

    async fn questions_that_make_no_sense_are_refused_by_name(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        market(&team, 1).await;
        for (input, code, word) in [
            (json!({ "metrics": [] }), "LIMIT_EXCEEDED", "input.metrics: 0 asked; 1 to 40"),
            (json!({ "buckets": 0 }), "LIMIT_EXCEEDED", "input.buckets: 0 asked; 1 to 100"),
            (json!({ "buckets": 101 }), "LIMIT_EXCEEDED", "input.buckets: 101"),
            (json!({ "minVolume": "-1" }), "BAD_USER_INPUT", "input.minVolume"),
            (json!({ "splitBy": ["CUSTOMER"] }), "BAD_USER_INPUT", "input.splitBy[0]"),
            (json!({ "splitBy": ["CHANNEL", "CHANNEL"] }), "BAD_USER_INPUT", "input.splitBy[1]"),
            (json!({ "splitBy": ["CHANNEL", "CAMPAIGN", "DEVICE", "COUNTRY"] }), "LIMIT_EXCEEDED", "input.splitBy: 4"),
            (json!({ "metrics": ["CPC"], "grain": "YEAR", "buckets": 100 }), "BAD_USER_INPUT", "1970"),
        ] {
            let (told, message) = refusal(&app, &token, ANOMALIES, json!({ "input": input })).await;
            assert_eq!(told, code, "{input}: {message}");
            assert!(message.contains(word), "{message}");
        }
        let empty = app.team("empty").await;
        drop(empty);
        let token = app.token("empty", Role::Owner);
        assert_eq!(found(&anomalies(&app, &token, json!(null)).await), [""; 0], "a team without data");
    }
}
