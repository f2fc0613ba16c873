//! Pages of every list: each row once and in order, both ways; and what is refused.

use entity::{campaign, channel, customer};
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use crate::{
    fixtures::{self, day, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const ROWS: i64 = 45;

/// The connections, each with an order in which several rows tie.
const LISTS: [&str; 6] = [
    "campaigns(PAGE)",
    "campaigns(PAGE, orderBy: { field: { by: NAME, direction: DESC } })",
    "campaigns(PAGE, orderBy: { field: { by: STARTS_ON } })",
    "campaigns(PAGE, orderBy: { kpi: { metric: CLICKS, period: { preset: LAST_MONTH }, direction: ASC } })",
    "channels(PAGE)",
    "customers(PAGE)",
];

/// 45 campaigns, channels and customers; three campaigns share each name, nine each first day or none.
async fn many(team: &TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let campaigns = (1..=ROWS).map(|id| campaign::Model {
        starts_on: [None, Some(day("2026-01-01")), Some(day("2026-02-01"))][(id % 5 % 3) as usize],
        ..fixtures::campaign(id, &format!("c{}", id % 15))
    });
    let channels = (1..=ROWS).map(|id| fixtures::channel(id, &format!("h{}", id * 7 % ROWS)));
    let facts = (1..=ROWS).map(|id| entity::ad_day::Model {
        clicks: id % 4,
        ..fixtures::ads(id, 0, "2026-05-05")
    });
    writer
        .insert::<campaign::Entity>(campaigns.collect())
        .await
        .expect("campaigns are written");
    writer
        .insert::<channel::Entity>(channels.collect())
        .await
        .expect("channels are written");
    writer
        .insert::<customer::Entity>((1..=ROWS).map(fixtures::customer).collect())
        .await
        .expect("written");
    writer
        .insert::<entity::ad_day::Entity>(facts.collect())
        .await
        .expect("facts are written");
    fixtures::deliver_all(&writer, "ads", "2026-05-01", "2026-05-31").await;
    writer.commit().await.expect("the transaction commits");
}

async fn page(app: &App, token: &str, list: &str, arguments: &str) -> Value {
    let list = list.replace("PAGE", arguments);
    let query = format!(
        "{{ list: {list} {{ edges {{ cursor node {{ id }} }} nodes {{ id }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let answer = app.graphql(token, &query, json!({})).await;
    let list = path(&answer, "data.list").clone();
    let edges = list["edges"].as_array().expect("edges are a list");
    let nodes: Vec<_> = edges.iter().map(|edge| edge["node"].clone()).collect();
    assert_eq!(list["nodes"], Value::Array(nodes));
    assert_eq!(
        list["pageInfo"]["startCursor"],
        edges
            .first()
            .map_or(Value::Null, |edge| edge["cursor"].clone())
    );
    assert_eq!(
        list["pageInfo"]["endCursor"],
        edges
            .last()
            .map_or(Value::Null, |edge| edge["cursor"].clone())
    );
    list
}

fn ids(list: &Value) -> Vec<String> {
    let nodes = list["nodes"].as_array().expect("nodes are a list");
    nodes.iter().map(|node| node["id"].to_string()).collect()
}

on_both_databases! {
    async fn pages_in_either_direction_give_each_row_once_and_in_order(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        many(&team).await;
        for list in LISTS {
            let whole = page(&app, &token, list, "first: 100").await;
            let expected = ids(&whole);
            assert_eq!(expected.len(), 45, "{list}");
            assert_eq!(whole["pageInfo"]["hasNextPage"], false);
            assert_eq!(whole["pageInfo"]["hasPreviousPage"], false);

            let (mut seen, mut arguments) = (Vec::new(), "first: 10".to_owned());
            loop {
                let list = page(&app, &token, list, &arguments).await;
                assert_eq!(list["pageInfo"]["hasPreviousPage"], !seen.is_empty());
                seen.extend(ids(&list));
                if list["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                arguments = format!("first: 10, after: {}", list["pageInfo"]["endCursor"]);
            }
            assert_eq!(seen, expected, "forward: {list}");

            let (mut seen, mut arguments) = (Vec::new(), "last: 10".to_owned());
            loop {
                let list = page(&app, &token, list, &arguments).await;
                assert_eq!(list["pageInfo"]["hasNextPage"], !seen.is_empty());
                let mut rows = ids(&list);
                rows.extend(seen);
                seen = rows;
                if list["pageInfo"]["hasPreviousPage"] == false {
                    break;
                }
                arguments = format!("last: 10, before: {}", list["pageInfo"]["startCursor"]);
            }
            assert_eq!(seen, expected, "backward: {list}");

            let cursor = |place: usize| whole["edges"][place]["cursor"].to_string();
            let between = format!("first: 100, after: {}, before: {}", cursor(9), cursor(20));
            assert_eq!(ids(&page(&app, &token, list, &between).await), expected[10..20], "{list}");
            let beyond = format!("first: 5, after: {}", cursor(44));
            assert_eq!(ids(&page(&app, &token, list, &beyond).await), [""; 0], "{list}");
            assert_eq!(ids(&page(&app, &token, list, "first: 1").await), expected[..1]);
            let usual = if list.contains("(PAGE)") { list.replace("(PAGE)", "") } else { list.replace("PAGE, ", "") };
            assert_eq!(ids(&page(&app, &token, &usual, "").await), expected[..20], "the default is 20");
        }
    }

    async fn sizes_and_cursors_that_make_no_sense_are_refused_by_name(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for list in LISTS {
            for (arguments, code, name) in [
                ("first: 0", "LIMIT_EXCEEDED", "first: 0 "),
                ("first: 101", "LIMIT_EXCEEDED", "first: 101 "),
                ("first: -1", "LIMIT_EXCEEDED", "first: -1 "),
                ("last: 0", "LIMIT_EXCEEDED", "last: 0 "),
                ("last: 101", "LIMIT_EXCEEDED", "last: 101 "),
                ("first: 1, last: 1", "BAD_USER_INPUT", "first and last: "),
                ("after: \"broken\"", "BAD_USER_INPUT", "after: 'broken' "),
                ("last: 1, before: \"\"", "BAD_USER_INPUT", "before: '' "),
            ] {
                let query = format!("{{ {} {{ totalCount }} }}", list.replace("PAGE", arguments));
                let (told, message) = refusal(&app, &token, &query, json!({})).await;
                assert_eq!(told, code, "{query}");
                assert!(message.starts_with(name), "{query}: {message}");
            }
        }
    }

    async fn a_hundred_nodes_come_in_their_order_and_more_are_refused(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        many(&team).await;
        let mut wanted: Vec<String> = (1..=ROWS).rev().map(|id| fixtures::global_id("Campaign", id)).collect();
        wanted.push("nonsense".to_owned());
        wanted.push(fixtures::global_id("Customer", 3));
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let (answer, statements) = app.graphql_counted(&token, query, json!({ "ids": wanted })).await;
        let nodes = path(&answer, "data.nodes").as_array().expect("nodes are a list");
        let expected = wanted.iter().map(|id| match id.as_str() {
            "nonsense" => Value::Null,
            id => json!(id),
        });
        let found: Vec<_> = nodes.iter().map(|node| node.get("id").cloned().unwrap_or_default()).collect();
        assert_eq!(found, expected.collect::<Vec<_>>());
        assert!(statements <= 3, "{statements} statements");
        let (code, message) = refusal(&app, &token, query, json!({ "ids": vec!["x"; 101] })).await;
        assert_eq!(code, "LIMIT_EXCEEDED");
        assert_eq!(message, "ids: 101 asked; at most 100");
    }
}
