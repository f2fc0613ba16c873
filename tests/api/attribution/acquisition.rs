//! `Customer.acquisition`: the touches that made somebody a customer.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{at, conversion, journeys, touch};
use crate::{
    fixtures::{global_id, refusal, start},
    support::{TestDatabase, json::path, on_both_databases},
};

const QUERY: &str = "query ($options: AttributionInput) { customers { nodes { id acquisition(options: $options) {
    credit at model credits { at kind share channelKind channel { name } campaign { name } source utmCampaign } } } } }";

fn of(answer: &Value, customer: i64) -> &Value {
    let customers = path(answer, "data.customers.nodes").as_array().unwrap();
    let id = global_id("Customer", customer);
    &customers.iter().find(|row| row["id"] == id).unwrap()["acquisition"]
}

on_both_databases! {
    async fn the_first_conversion_is_credited_to_the_touches_before_it(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        journeys(&team).await;
        let (answer, statements) = app.graphql_counted(&token, QUERY, json!({ "options": { "model": "POSITION_BASED" } })).await;
        let first = of(&answer, 1);
        assert_eq!((&first["credit"], &first["at"]), (&json!("CONVERSIONS"), &json!("2026-05-29T12:00:00+00:00")));
        let shares: Vec<_> = first["credits"].as_array().unwrap().iter()
            .map(|credit| (credit["utmCampaign"].as_str().unwrap(), credit["share"].as_str().unwrap(), credit["channel"]["name"].as_str().unwrap()))
            .collect();
        assert_eq!(shares, [("a", "0.4", "Search"), ("b", "0.1", "Social"), ("c", "0.1", "Search"), ("d", "0.4", "Direct")]);
        assert_eq!(first["credits"][0]["campaign"]["name"], "One");
        assert_eq!(of(&answer, 2)["credits"], json!([]));
        assert_eq!(of(&answer, 4), &Value::Null);

        // Customers are answered together, however many there are.
        let writer = team.begin("fixture").await.unwrap();
        writer.insert::<entity::customer::Entity>((10..15).map(crate::fixtures::customer).collect()).await.unwrap();
        let more = (10..15).map(|id| conversion(id, Some(id), "2026-05-20", 1)).collect();
        writer.insert::<conversion::Entity>(more).await.unwrap();
        writer.insert::<entity::touchpoint::Entity>((10..15).map(|id| touch(id, id, "2026-05-19", Some(1))).collect()).await.unwrap();
        writer.commit().await.unwrap();
        let (answer, again) = app.graphql_counted(&token, QUERY, json!({ "options": { "model": "POSITION_BASED" } })).await;
        assert_eq!(of(&answer, 12)["credits"][0]["share"], "1");
        assert_eq!(again, statements);
    }

    async fn first_orders_stand_in_and_kinds_of_channels_come_from_tags_and_referrers(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let writer = team.begin("fixture").await.unwrap();
        writer.insert::<entity::customer::Entity>(vec![crate::fixtures::customer(1)]).await.unwrap();
        let touches = vec![
            entity::touchpoint::Model { utm_source: Some("google".into()), utm_medium: Some("cpc".into()),
                occurred_at: at("2026-05-20T08:00:00Z"), ..touch(1, 1, "2026-05-20", None) },
            entity::touchpoint::Model { referrer: Some("https://www.facebook.com/x".into()),
                occurred_at: at("2026-05-20T09:00:00Z"), ..touch(2, 1, "2026-05-20", None) },
            entity::touchpoint::Model { occurred_at: at("2026-05-20T10:00:00Z"), ..touch(3, 1, "2026-05-20", None) },
            entity::touchpoint::Model { utm_source: Some("somewhere".into()),
                occurred_at: at("2026-05-20T11:00:00Z"), ..touch(4, 1, "2026-05-20", None) },
        ];
        writer.insert::<entity::touchpoint::Entity>(touches).await.unwrap();
        let orders = ["2026-05-20", "2026-05-21"].into_iter().zip(1..).map(|(on, id)| crate::fixtures::order(id, Some(1), on, 1)).collect();
        writer.insert::<entity::orders::Entity>(orders).await.unwrap();
        writer.commit().await.unwrap();
        let answer = app.graphql(&token, QUERY, json!({ "options": { "model": "LINEAR" } })).await;
        let found = of(&answer, 1);
        assert_eq!((&found["credit"], &found["at"]), (&json!("ORDERS"), &json!("2026-05-20T12:00:00+00:00")));
        let kinds: Vec<_> = found["credits"].as_array().unwrap().iter().map(|credit| credit["channelKind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["PAID_SEARCH", "ORGANIC_SOCIAL", "DIRECT", "OTHER"]);
        let markov = app.graphql(&token, QUERY, json!({ "options": { "model": "MARKOV" } })).await;
        assert_eq!(of(&markov, 1)["model"], "LINEAR");
        let default = app.graphql(&token, QUERY, json!({ "options": { "excludeChannels": ["OTHER", "DIRECT"] } })).await;
        assert_eq!(of(&default, 1)["credits"][0]["channelKind"], "ORGANIC_SOCIAL");
    }

    async fn campaigns_and_channels_need_their_scope(database: TestDatabase) {
        let (app, team, _) = start(&database).await;
        journeys(&team).await;
        let token = app.token_with("acme", Role::Viewer, [Scope::CustomersRead], TimeDelta::hours(1));
        let (code, _) = refusal(&app, &token, QUERY, json!({ "options": null })).await;
        assert_eq!(code, "FORBIDDEN");
        let shares = "{ customers { nodes { acquisition { credits { share } } } } }";
        app.graphql(&token, shares, json!({})).await;
    }
}
