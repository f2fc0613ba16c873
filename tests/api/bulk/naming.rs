//! How rows name customers, campaigns and channels.

use serde_json::{Value, json};

use super::{mistakes, named, outcomes, send};
use crate::{
    fixtures::{fill, global_id, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

fn order(id: &str, customer: Value) -> Value {
    json!({ "id": id, "orderedAt": "2026-06-01T10:00:00Z", "net": "100", "customer": customer })
}

fn by(system: &str, id: &str) -> Value {
    json!({ "external": { "system": system, "id": id } })
}

async fn customers(app: &App, token: &str) -> Vec<String> {
    let query =
        "{ customers(first: 100) { nodes { externalRefs { system id } orders { totalCount } } } }";
    let answer = app.graphql(token, query, json!({})).await;
    let nodes = path(&answer, "data.customers.nodes")
        .as_array()
        .expect("a list")
        .iter();
    let mut found: Vec<String> = nodes
        .map(|node| format!("{} {}", node["externalRefs"], node["orders"]["totalCount"]))
        .collect();
    found.sort();
    found
}

on_both_databases! {
    async fn a_customer_is_named_by_any_system_or_by_our_id(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let other = app.team("other").await;
        let theirs = fill(&other, "own", 1).await.customers[0];
        let ours = fill(&team, "own", 1).await.customers[0];
        let rows = vec![
            order("1", named("c1")),
            order("2", by("hubspot", "h1")),
            order("3", by("hubspot", "h1")),
            order("4", json!({ "id": global_id("Customer", ours) })),
            order("5", json!({ "id": global_id("Customer", theirs) })),
            order("6", json!({ "id": "nonsense" })),
            order("7", Value::Null),
        ];
        let done = send(&app, &token, "upsertOrders", rows.clone(), json!({})).await;
        assert_eq!(outcomes(&done), ["CREATED", "CREATED", "CREATED", "CREATED", "FAILED", "FAILED", "CREATED"]);
        let mistakes = mistakes(&done);
        assert_eq!(mistakes[4..6], ["NOT_FOUND input.items.4.customer.id", "NOT_FOUND input.items.5.customer.id"]);
        assert_eq!(done["results"][4]["errors"][0]["message"].as_str().map(|text| text.replace('4', "5")),
            done["results"][5]["errors"][0]["message"].as_str().map(str::to_owned), "both read alike");
        let found = customers(&app, &token).await;
        assert!(found.contains(&r#"[{"id":"h1","system":"hubspot"}] 2"#.to_owned()), "{found:?}");
        assert!(found.contains(&r#"[{"id":"c1","system":"crm"}] 1"#.to_owned()), "{found:?}");
        let again = send(&app, &token, "upsertOrders", rows, json!({})).await;
        assert_eq!(outcomes(&again)[..4], ["UNCHANGED"; 4]);
        assert_eq!(customers(&app, &token).await, found);
    }

    async fn campaigns_and_channels_of_other_systems_must_be_known(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "own", 1).await;
        let day = |campaign: Value, channel: Value| json!({ "date": "2026-01-01", "campaign": campaign,
            "channel": channel, "spend": "1" });
        let campaign = json!({ "id": global_id("Campaign", rows.campaigns[0]) });
        let done = send(&app, &token, "upsertAdDays", vec![
            day(campaign.clone(), json!({ "id": global_id("Channel", rows.channels[0]) })),
            day(campaign.clone(), named("new channel")),
            day(by("elsewhere", "x"), Value::Null),
            day(campaign, by("elsewhere", "x")),
            day(json!({ "id": global_id("Channel", rows.channels[0]) }), Value::Null),
        ], json!({})).await;
        assert_eq!(outcomes(&done), ["CREATED", "CREATED", "FAILED", "FAILED", "FAILED"], "{done:#}");
        assert_eq!(mistakes(&done)[2..], ["NOT_FOUND input.items.2.campaign.external",
            "NOT_FOUND input.items.3.channel.external", "NOT_FOUND input.items.4.campaign.id"]);
        let query = "{ channels { nodes { name } } campaigns { totalCount } }";
        let answer = app.graphql(&token, query, json!({})).await;
        assert_eq!(path(&answer, "data.campaigns.totalCount"), 1, "none was made");
        assert_eq!(path(&answer, "data.channels.nodes").as_array().map(Vec::len), Some(2));
    }
}
