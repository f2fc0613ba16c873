//! Teams do not see each other: not by lists, ids, filters, sums or writes.

use kpigraph::auth::Role;
use serde_json::{Value, json};

use crate::{
    fixtures::{Filled, clock, fill, global_id},
    support::{App, TestDatabase, json::path, on_both_databases},
};

/// Everything that can be read without an id.
const QUESTIONS: [&str; 5] = [
    "{ viewer { subject role scopes team { id slug name settings { currency timeZone version }
        kpis(period: { preset: ALL_TIME }, options: { compareTo: { to: PREVIOUS_YEAR } }) {
            period { from to } revenue { value comparison { baseline { value } } } cac { value } roas { value }
            newCustomers { value } repeatPurchaseRate { value } wonAmount { value } leads { value } } } } }",
    "{ campaigns(first: 100) { totalCount pageInfo { startCursor endCursor hasNextPage } edges { cursor node {
        id name createdAt externalRefs { system id } budget { total { amount } spent { amount } pacing }
        channels { totalCount nodes { id name } }
        kpis(period: { preset: ALL_TIME }) { spend { value } roi { value } cac { value } leads { value } } } } } }",
    "{ channels(first: 100, archived: true) { totalCount nodes { id name kind
        kpis(period: { preset: ALL_TIME }) { clicks { value } revenue { value } } } } }",
    "{ customers(first: 100) { totalCount nodes { id email name country lifecycle externalRefs { system id }
        lifecycleHistory { to at source } acquiredBy { id name } acquiredThrough { id name }
        orders { totalCount nodes { id net { amount } refunded { amount } } }
        kpis(period: { preset: ALL_TIME }) { orders { value } revenue { value } } } } }",
    "{ metricCatalog { key name formula dimensions } }",
];

const BY_DIMENSION: &str = "query ($by: GroupByInput!) { metrics(first: 1000, input: {
    metrics: [SPEND, SESSIONS, ORDERS, REVENUE, LEADS, WON_DEALS, NEW_CUSTOMERS, CONVERSIONS, MARKETING_COST],
    groupBy: [$by], period: { preset: ALL_TIME } }) {
    totalCount totals { values { value } } meta { freshness { source fact dataFrom } }
    nodes { dimensions { key label node { id } } values { value undefinedReason { message } } } } }";

/// All that a team can read, as one text.
async fn all_answers(app: &App, team: &str) -> String {
    let token = app.token(team, Role::Owner);
    let mut answers = Vec::new();
    for question in QUESTIONS {
        answers.push(app.graphql(&token, question, json!({})).await);
    }
    for dimension in [
        "CAMPAIGN",
        "CHANNEL",
        "CHANNEL_KIND",
        "COUNTRY",
        "DEVICE",
        "OBJECTIVE",
        "CONVERSION_TYPE",
        "CUSTOMER",
    ] {
        let by = json!({ "by": { "dimension": dimension } });
        answers.push(app.graphql(&token, BY_DIMENSION, by).await);
    }
    for by in [
        json!({ "dimension": "PROPERTY", "property": "tone" }),
        json!({ "dimension": "TIME", "grain": "MONTH" }),
    ] {
        answers.push(app.graphql(&token, BY_DIMENSION, json!({ "by": by })).await);
    }
    Value::Array(answers).to_string()
}

/// Operations that take an id of this kind as `$id`, and may take the caller's own campaign as `$own`.
fn by_id(kind: &str) -> Vec<&'static str> {
    let own: &[&str] = match kind {
        "Campaign" => &[
            "($id: ID!) { customers(filter: { acquiredBy: $id }) { totalCount nodes { id } } }",
            "mutation ($id: ID!) { updateCampaign(input: { id: $id, version: 1, name: \"mine\" }) { campaign { id }
                errors { code path message } } }",
            "mutation ($id: ID!) { archiveCampaign(input: { id: $id, version: 1 }) { campaign { id }
                errors { code path message } } }",
        ],
        "Channel" => &[
            "($id: ID!) { campaigns(filter: { channel: $id }) { totalCount nodes { id } } }",
            "($id: ID!) { customers(filter: { acquiredThrough: $id }) { totalCount nodes { id } } }",
            "mutation ($id: ID!) { updateChannel(input: { id: $id, version: 1, name: \"mine\" }) { channel { id }
                errors { code path message } } }",
            "mutation ($id: ID!) { archiveChannel(input: { id: $id, version: 1 }) { channel { id }
                errors { code path message } } }",
            "mutation ($id: ID!) { createCampaign(input: { name: \"n\", objective: SALES, channels: [$id] }) {
                campaign { id } errors { code path message } } }",
            "mutation ($id: ID!, $own: ID!) { updateCampaign(input: { id: $own, version: 1, channels: [$id] }) {
                campaign { id } errors { code path message } } }",
        ],
        "Customer" => &[
            "mutation ($id: ID!) { upsertCustomers(input: { source: \"crm\", items: [{ ref: { id: $id },
                name: \"mine\" }] }) { results { outcome customer { id } errors { code path message } } } }",
        ],
        _ => &[],
    };
    let any = [
        "($id: ID!) { node(id: $id) { __typename id } }",
        "($id: ID!, $own: ID!) { nodes(ids: [$id, $own, $id]) { __typename id } }",
    ];
    any.into_iter().chain(own.iter().copied()).collect()
}

const FILTERED: &str = "query ($is: DimensionPredicate!) { metrics(input: {
    metrics: [SPEND, REVENUE, NEW_CUSTOMERS], period: { preset: ALL_TIME }, filter: { dimension: $is } }) {
    nodes { values { value undefinedReason { code message } } } } }";

on_both_databases! {
    async fn whatever_another_team_writes_answers_stay_as_they_are_to_the_byte(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        let blue = app.team("blue").await;
        fill(&blue, "blue", 3).await;
        let before = all_answers(&app, "blue").await;
        let crimson = app.team("crimson").await;
        let rows = fill(&crimson, "crimson", 4).await;
        let token = app.token("crimson", Role::Owner);
        let writes = "mutation ($id: ID!, $channel: ID!) {
            a: createCampaign(input: { name: \"crimson new\", objective: LEADS, channels: [$channel],
                startsOn: \"2026-06-01\", endsOn: \"2026-06-30\", budget: 50 }) { errors { message } }
            b: archiveCampaign(input: { id: $id, version: 1 }) { errors { message } }
            c: createChannel(input: { name: \"blue channel 000\", kind: EMAIL, paid: false }) { errors { message } }
            d: upsertCustomers(input: { source: \"blue\", items: [{
                ref: { external: { system: \"blue\", id: \"0\" } }, email: \"x@crimson.example\",
                lifecycle: MQL }] }) { counts { created failed } errors { message } } }";
        let ids = json!({ "id": global_id("Campaign", rows.campaigns[0]),
            "channel": global_id("Channel", rows.channels[0]) });
        let answer = app.graphql(&token, writes, ids).await;
        for part in ["a", "b", "c", "d"] {
            assert_eq!(path(&answer["data"], &format!("{part}.errors")), &json!([]), "{answer:#}");
        }
        assert_eq!(answer["data"]["d"]["counts"]["created"], 1, "the other team's names are free: {answer:#}");
        let after = all_answers(&app, "blue").await;
        assert_eq!(before, after);
        assert!(!after.contains("crimson"), "{after}");
        for id in foreign_ids(&rows).iter().flat_map(|(_, ids)| ids) {
            assert!(!after.contains(id.as_str()), "{id} in {after}");
        }
    }

    async fn ids_of_another_team_answer_like_ids_of_nobody(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        let (blue, crimson) = (app.team("blue").await, app.team("crimson").await);
        let own = fill(&blue, "blue", 2).await;
        let rows = fill(&crimson, "crimson", 2).await;
        let token = app.token("blue", Role::Owner);
        let own = global_id("Campaign", own.campaigns[0]);
        let before = all_answers(&app, "crimson").await;
        let team = ("Team", vec![global_id("Team", crimson.team().id)]);
        for (kind, ids) in foreign_ids(&rows).into_iter().chain([team]) {
            let (foreign, nobody) = (&ids[0], global_id(kind, 123_456_789));
            for operation in by_id(kind) {
                let operation = match operation.starts_with("mutation") {
                    true => operation.to_owned(),
                    false => format!("query {operation}"),
                };
                let ask = |id: &str| {
                    // Variables that an operation does not declare are refused by nobody.
                    let variables = json!({ "id": id, "own": own });
                    let (app, token, operation) = (&app, &token, operation.clone());
                    async move {
                        let mut answer = app.graphql_raw(token, &operation, variables).await.2;
                        // What is left becomes less with each question.
                        answer["extensions"]["cost"]["remaining"].take();
                        answer.to_string()
                    }
                };
                let answer = ask(foreign).await;
                assert_eq!(answer, ask(&nobody).await, "{operation}");
                assert!(!answer.contains(foreign.as_str()), "{operation}: {answer}");
            }
        }
        assert_eq!(before, all_answers(&app, "crimson").await);
    }

    async fn filters_with_ids_of_another_team_find_nothing(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        let (blue, crimson) = (app.team("blue").await, app.team("crimson").await);
        fill(&blue, "blue", 2).await;
        let rows = fill(&crimson, "crimson", 2).await;
        let token = app.token("blue", Role::Owner);
        for (kind, ids) in foreign_ids(&rows) {
            if kind == "Order" {
                continue;
            }
            for op in ["EQ", "IN", "NOT_IN"] {
                let ask = async |id: &str| {
                    let is = json!({ "dimension": kind.to_uppercase(), "op": op, "values": [id] });
                    app.graphql(&token, FILTERED, json!({ "is": is })).await
                };
                let answer = ask(&ids[0]).await;
                assert_eq!(answer, ask(&global_id(kind, 123_456_789)).await, "{kind} {op}");
                let found = path(&answer, "data.metrics.nodes.0.values.2.value") != "0";
                assert_eq!(found, op == "NOT_IN", "{kind} {op}: {answer:#}");
            }
        }
    }

    async fn the_same_external_ids_name_each_teams_own_customers(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        app.team("blue").await;
        app.team("crimson").await;
        let upsert = "mutation ($email: String!) { upsertCustomers(input: { source: \"crm\",
            items: [{ ref: { external: { system: \"crm\", id: \"1\" } }, email: $email }] }) { results { outcome customer { id email } } } }";
        let mut seen = Vec::new();
        for team in ["blue", "crimson"] {
            let token = app.token(team, Role::Owner);
            let email = json!({ "email": format!("a@{team}.example") });
            let answer = app.graphql(&token, upsert, email).await;
            let result = path(&answer, "data.upsertCustomers.results.0");
            assert_eq!(result["outcome"], "CREATED");
            seen.push(result["customer"].clone());
        }
        assert_ne!(seen[0]["id"], seen[1]["id"]);
        let token = app.token("blue", Role::Owner);
        let all = app.graphql(&token, "{ customers { nodes { id email } } }", json!({})).await;
        assert_eq!(path(&all, "data.customers.nodes"), &json!([seen[0]]));
    }
}

fn foreign_ids(rows: &Filled) -> Vec<(&'static str, Vec<String>)> {
    let ids = |kind: &'static str, ids: &[i64]| {
        (kind, ids.iter().map(|id| global_id(kind, *id)).collect())
    };
    vec![
        ids("Campaign", &rows.campaigns),
        ids("Channel", &rows.channels),
        ids("Customer", &rows.customers),
        ids("Order", &rows.orders),
    ]
}
