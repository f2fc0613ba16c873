//! Campaigns: created, changed and archived; filtered and ordered.

use entity::{ad_day, campaign, values::CampaignStatus};
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use crate::{
    fixtures::{ads, campaign, channel, day, deliver_all, fill, global_id, refusal, start, units},
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const CREATE: &str = "mutation ($input: CreateCampaignInput!) { done: createCampaign(input: $input) { campaign { id name objective status startsOn endsOn version createdAt
        budget { total { amount currency } parts { startsOn endsOn } } channels { nodes { id } }
        externalRefs { system id } utm { source medium content } }
    errors { __typename code path message ... on ConflictError { currentVersion } } } }";
const LIST: &str = "query ($filter: CampaignFilter, $by: CampaignOrder) {
    campaigns(filter: $filter, orderBy: $by) { totalCount nodes { name } } }";

fn update() -> String {
    CREATE
        .replace("CreateCampaignInput", "UpdateCampaignInput")
        .replace("createCampaign", "updateCampaign")
}

async fn run(app: &App, token: &str, mutation: &str, input: Value) -> Value {
    let answer = app
        .graphql(token, mutation, json!({ "input": input }))
        .await;
    path(&answer, "data.done").clone()
}

/// The names of the campaigns in a list, and that `totalCount` agrees.
async fn names(app: &App, token: &str, filter: Value, by: Value) -> Vec<String> {
    let answer = app
        .graphql(token, LIST, json!({ "filter": filter, "by": by }))
        .await;
    let nodes = path(&answer, "data.campaigns.nodes")
        .as_array()
        .expect("nodes are a list");
    assert_eq!(path(&answer, "data.campaigns.totalCount"), nodes.len());
    nodes
        .iter()
        .map(|node| text(node, "name").to_owned())
        .collect()
}

/// Five campaigns: their flights, states, channels and May's clicks and spend differ.
async fn five(team: &TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let flight = |from: &str, to: &str| (Some(day(from)), Some(day(to)));
    let rows = [
        (
            "Alpha Sale",
            CampaignStatus::Active,
            flight("2026-03-01", "2026-03-31"),
        ),
        (
            "beta",
            CampaignStatus::Paused,
            flight("2026-05-01", "2026-05-31"),
        ),
        ("Gamma sale", CampaignStatus::Active, (None, None)),
        (
            "delta",
            CampaignStatus::Archived,
            flight("2026-05-01", "2026-05-31"),
        ),
        (
            "Beta",
            CampaignStatus::Draft,
            (Some(day("2026-04-01")), None),
        ),
    ];
    let rows = rows
        .into_iter()
        .zip(1..)
        .map(
            |((name, status, (starts_on, ends_on)), id)| campaign::Model {
                status,
                starts_on,
                ends_on,
                ..campaign(id, name)
            },
        );
    let facts = [(1, 10, 5), (2, 40, 0), (5, 20, 5)];
    let facts = facts.map(|(id, clicks, spend)| ad_day::Model {
        clicks,
        spend: units(spend),
        ..ads(id, 1, "2026-05-05")
    });
    writer
        .insert::<campaign::Entity>(rows.collect())
        .await
        .expect("campaigns are written");
    writer
        .insert::<entity::channel::Entity>(vec![channel(1, "Search")])
        .await
        .expect("a channel is written");
    writer
        .add_campaign_channels([(2, 1), (3, 1), (4, 1)])
        .await
        .expect("channels are set");
    writer
        .insert::<ad_day::Entity>(facts.into())
        .await
        .expect("facts are written");
    deliver_all(&writer, "ads", "2026-05-01", "2026-05-31").await;
    writer.commit().await.expect("the transaction commits");
}

on_both_databases! {
    async fn a_campaign_is_created_changed_and_archived(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "old", 2).await;
        let channels: Vec<_> = rows.channels.iter().map(|id| global_id("Channel", *id)).collect();
        let created = run(&app, &token, CREATE, json!({ "name": "Spring", "objective": "LEADS",
            "startsOn": "2026-03-01", "endsOn": "2026-03-31", "budget": "310.5", "channels": channels,
            "utm": { "source": "news" }, "externalRefs": [{ "system": "ads", "id": "7" }] })).await;
        let campaign = &created["campaign"];
        let id = text(campaign, "id").to_owned();
        assert_eq!(campaign, &json!({ "id": id, "name": "Spring", "objective": "LEADS", "status": "DRAFT",
            "startsOn": "2026-03-01", "endsOn": "2026-03-31", "version": 1, "createdAt": "2026-06-15T12:00:00+00:00",
            "budget": { "total": { "amount": "310.5", "currency": "EUR" },
                "parts": [{ "startsOn": "2026-03-01", "endsOn": "2026-03-31" }] },
            "channels": { "nodes": [{ "id": channels[0] }, { "id": channels[1] }] },
            "externalRefs": [{ "system": "ads", "id": "7" }],
            "utm": { "source": "news", "medium": null, "content": null } }));

        let changed = run(&app, &token, &update(), json!({ "id": id, "version": 1, "name": "Summer",
            "status": "ACTIVE", "endsOn": "2026-04-30", "channels": [channels[1]], "utm": null })).await;
        let campaign = &changed["campaign"];
        assert_eq!(text(campaign, "name"), "Summer");
        assert_eq!(text(campaign, "objective"), "LEADS", "what is left out stays");
        assert_eq!(campaign["version"], 2);
        assert_eq!(text(campaign, "budget.parts.0.endsOn"), "2026-04-30", "the budget moves with the flight");
        assert_eq!(path(campaign, "channels.nodes"), &json!([{ "id": channels[1] }]));
        assert!(campaign["utm"].is_null());
        let changed = run(&app, &token, &update(), json!({ "id": id, "version": 2, "budget": null,
            "startsOn": null })).await;
        assert!(changed["campaign"]["budget"].is_null() && changed["campaign"]["startsOn"].is_null());

        let archive = "mutation ($input: ArchiveInput!) { done: archiveCampaign(input: $input) {
            campaign { status version } errors { code } } }";
        let archived = run(&app, &token, archive, json!({ "id": id, "version": 3 })).await;
        assert_eq!(archived["campaign"], json!({ "status": "ARCHIVED", "version": 4 }));
        assert_eq!(names(&app, &token, json!({ "nameContains": "summer" }), json!(null)).await, [""; 0]);
        assert_eq!(names(&app, &token, json!({ "status": ["ARCHIVED"] }), json!(null)).await, ["Summer"]);
    }

    async fn mistakes_come_back_all_at_once_with_code_and_path(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "old", 1).await;
        run(&app, &token, CREATE, json!({ "name": "n", "objective": "SALES",
            "externalRefs": [{ "system": "ads", "id": "1" }] })).await;
        let refused = run(&app, &token, CREATE, json!({ "name": " ", "objective": "SALES",
            "startsOn": "2026-03-02", "endsOn": "2026-03-01", "budget": -1, "channels": ["nonsense"],
            "utm": { "term": "x".repeat(201) }, "externalRefs": [{ "system": "ads", "id": "1" }] })).await;
        assert!(refused["campaign"].is_null());
        let errors = refused["errors"].as_array().expect("errors are a list");
        let told: Vec<_> = errors.iter().map(|error| (error["code"].clone(), error["path"].clone())).collect();
        assert_eq!(told, [
            (json!("INVALID"), json!(["input", "name"])),
            (json!("INVALID"), json!(["input", "endsOn"])),
            (json!("INVALID"), json!(["input", "utm", "term"])),
            (json!("INVALID"), json!(["input", "budget"])),
            (json!("NOT_FOUND"), json!(["input", "channels", "0"])),
            (json!("TAKEN"), json!(["input", "externalRefs", "0"])),
        ]);
        for input in [
            json!({ "name": "n", "objective": "SALES", "budget": 5 }),
            json!({ "name": "n", "objective": "SALES", "budget": "1e20", "startsOn": "2026-01-01",
                "endsOn": "2026-01-02" }),
            json!({ "name": "n", "objective": "SALES", "budget": 5, "startsOn": "2026-01-01",
                "endsOn": "2099-01-02" }),
            json!({ "name": "x".repeat(301), "objective": "SALES" }),
        ] {
            let refused = run(&app, &token, CREATE, input.clone()).await;
            assert_eq!(text(&refused, "errors.0.code"), "INVALID", "{input}");
        }
        assert_eq!(names(&app, &token, json!(null), json!(null)).await, ["old campaign 000", "n"]);
    }

    async fn a_change_of_an_old_version_is_refused_with_the_current_one(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let rows = fill(&team, "old", 1).await;
        let id = global_id("Campaign", rows.campaigns[0]);
        run(&app, &token, &update(), json!({ "id": id, "version": 1, "name": "first" })).await;
        let late = run(&app, &token, &update(), json!({ "id": id, "version": 1, "name": "late" })).await;
        assert!(late["campaign"].is_null());
        assert_eq!(text(&late, "errors.0.__typename"), "ConflictError");
        assert_eq!(text(&late, "errors.0.code"), "CONFLICT");
        assert_eq!(path(&late, "errors.0.path"), &json!(["input", "version"]));
        assert_eq!(path(&late, "errors.0.currentVersion"), 2);
        assert_eq!(names(&app, &token, json!(null), json!(null)).await, ["first"]);
        let both = futures_util::future::join_all(["a", "b", "c", "d"].map(|name| {
            let input = json!({ "id": id, "version": 2, "name": name });
            let (app, token) = (&app, &token);
            async move { run(app, token, &update(), input).await }
        })).await;
        let won = both.iter().filter(|done| !done["campaign"].is_null()).count();
        assert_eq!(won, 1, "of changes at the same time one wins: {both:#?}");
    }

    async fn filters_narrow_by_every_part(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        five(&team).await;
        let may = json!({ "range": { "from": "2026-05-01", "to": "2026-05-31" } });
        let kpi = |bounds: Value| {
            let mut kpi = json!({ "metric": "CPC", "period": may });
            kpi.as_object_mut().expect("an object").extend(bounds.as_object().cloned().unwrap_or_default());
            json!({ "kpi": kpi })
        };
        for (filter, expected) in [
            (json!({}), vec!["Alpha Sale", "beta", "Gamma sale", "Beta"]),
            (json!({ "nameContains": "SALE" }), vec!["Alpha Sale", "Gamma sale"]),
            (json!({ "nameContains": "%" }), vec![]),
            (json!({ "status": ["ACTIVE", "ARCHIVED"] }), vec!["Alpha Sale", "Gamma sale", "delta"]),
            (json!({ "channel": global_id("Channel", 1) }), vec!["beta", "Gamma sale"]),
            (json!({ "runsFrom": "2026-04-15" }), vec!["beta", "Gamma sale", "Beta"]),
            (json!({ "runsTo": "2026-04-15" }), vec!["Alpha Sale", "Gamma sale", "Beta"]),
            (json!({ "runsFrom": "2026-03-31", "runsTo": "2026-03-31" }), vec!["Alpha Sale", "Gamma sale"]),
            (kpi(json!({ "atLeast": "0" })), vec!["Alpha Sale", "beta", "Beta"]),
            (kpi(json!({ "atLeast": "0.25", "atMost": "0.25" })), vec!["Beta"]),
            (kpi(json!({ "atMost": "0.25" })), vec!["beta", "Beta"]),
        ] {
            assert_eq!(names(&app, &token, filter.clone(), json!(null)).await, expected, "{filter}");
        }
        let wrong = json!({ "filter": { "channel": global_id("Campaign", 1) } });
        let (code, message) = refusal(&app, &token, LIST, wrong).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.starts_with("filter.channel: "), "{message}");
    }

    async fn orders_go_both_ways_and_put_nulls_where_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        five(&team).await;
        let field = |by: &str, direction: &str| json!({ "field": { "by": by, "direction": direction } });
        let may = json!({ "range": { "from": "2026-05-01", "to": "2026-05-31" } });
        let kpi = |direction: &str, nulls: &str| json!({ "kpi": { "metric": "CPC", "period": may,
            "direction": direction, "nulls": nulls } });
        for (by, expected) in [
            (field("NAME", "ASC"), ["Alpha Sale", "Beta", "Gamma sale", "beta"]),
            (field("NAME", "DESC"), ["beta", "Gamma sale", "Beta", "Alpha Sale"]),
            (field("STARTS_ON", "ASC"), ["Gamma sale", "Alpha Sale", "Beta", "beta"]),
            (field("STARTS_ON", "DESC"), ["beta", "Beta", "Alpha Sale", "Gamma sale"]),
            (field("CREATED_AT", "ASC"), ["Alpha Sale", "beta", "Gamma sale", "Beta"]),
            (field("CREATED_AT", "DESC"), ["Beta", "Gamma sale", "beta", "Alpha Sale"]),
            (kpi("ASC", "LAST"), ["beta", "Beta", "Alpha Sale", "Gamma sale"]),
            (kpi("ASC", "FIRST"), ["Gamma sale", "beta", "Beta", "Alpha Sale"]),
            (kpi("DESC", "LAST"), ["Alpha Sale", "Beta", "beta", "Gamma sale"]),
            (kpi("DESC", "FIRST"), ["Gamma sale", "Alpha Sale", "Beta", "beta"]),
        ] {
            assert_eq!(names(&app, &token, json!(null), by.clone()).await, expected, "{by}");
        }
    }
}
