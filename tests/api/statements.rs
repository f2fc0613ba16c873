//! How many SQL statements an answer takes: few, and never more for more rows.

use serde_json::{Value, json};

use crate::{
    fixtures::{fill, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

const CAMPAIGNS: &str = "query ($first: Int!, $after: String) { list: campaigns(first: $first, after: $after) {
    pageInfo { endCursor } nodes { id name
        kpis(period: { preset: LAST_MONTH }, options: { compareTo: { to: PREVIOUS_PERIOD } }) {
            spend { value comparison { absolute verdict } } impressions { value } clicks { value } ctr { value }
            cpc { value } roas { value } cac { value } revenue { value } leads { value } roi { value } }
        budget { total { amount } pacing }
        channels { nodes { name } } } } }";
const CUSTOMERS: &str = "query ($first: Int!, $after: String) { list: customers(first: $first, after: $after) {
    pageInfo { endCursor } nodes { id email lifecycleHistory { to } acquiredBy { name } acquiredThrough { name }
        externalRefs { id } orders { totalCount nodes { net { amount } } }
        kpis(period: { preset: ALL_TIME }) { orders { value } revenue { value } aov { value } } } } }";
const CHANNELS: &str = "query ($first: Int!, $after: String) { list: channels(first: $first, after: $after) {
    pageInfo { endCursor } nodes { id name
        kpis(period: { preset: ALL_TIME }) { spend { value } roas { value } newCustomers { value } } } } }";
const METRICS: &str =
    "query ($first: Int!, $after: String) { list: metrics(first: $first, after: $after, input: {
    metrics: [SPEND, CTR, REVENUE, CAC], period: { preset: ALL_TIME },
    groupBy: [{ dimension: CAMPAIGN }, { dimension: TIME, grain: MONTH }] }) {
    pageInfo { endCursor } nodes { dimensions { key label } values { value } } } }";

/// The number of statements of a page, the page's rows and the cursor of its end.
async fn page(
    app: &App,
    token: &str,
    query: &str,
    first: u32,
    after: &Value,
) -> (u32, usize, Value) {
    let variables = json!({ "first": first, "after": after });
    let (body, statements) = app.graphql_counted(token, query, variables).await;
    let rows = path(&body, "data.list.nodes")
        .as_array()
        .map_or(0, Vec::len);
    (
        statements,
        rows,
        path(&body, "data.list.pageInfo.endCursor").clone(),
    )
}

on_both_databases! {
    async fn a_page_of_a_hundred_takes_as_many_statements_as_one_of_fifty(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "many", 200).await;
        for (query, expected) in [(CAMPAIGNS, 23), (CUSTOMERS, 10), (CHANNELS, 5), (METRICS, 9)] {
            let (fifty, rows, _) = page(&app, &token, query, 50, &Value::Null).await;
            assert_eq!(rows, 50, "{query}");
            let (hundred, rows, end) = page(&app, &token, query, 100, &Value::Null).await;
            assert_eq!(rows, 100, "{query}");
            let (next, rows, _) = page(&app, &token, query, 100, &end).await;
            assert_eq!(rows, 100, "{query}");
            assert_eq!((fifty, hundred), (hundred, next), "{query}");
            assert_eq!(hundred, expected, "{query}");
        }
    }

    async fn only_the_facts_of_selected_kpis_are_read(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "few", 2).await;
        let count = async |fields: &str| {
            let query = format!("{{ viewer {{ team {{ kpis(period: {{ preset: ALL_TIME }}) {{ {fields} }} }} }} }}");
            app.graphql_counted(&token, &query, json!({})).await.1
        };
        // The team and its loads; then one statement per fact: advertising, first orders, costs.
        assert_eq!(count("ctr { value }").await, 3);
        assert_eq!(count("ctr { value } cpc { value } cpm { value }").await, 3);
        assert_eq!(count("ctr { value } cac { value }").await, 5);
        assert_eq!(count("period { from }").await, 2);
    }

    async fn a_total_count_is_a_statement_of_its_own_and_only_when_asked(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "few", 3).await;
        for list in ["campaigns", "channels", "customers"] {
            let plain = format!("{{ {list} {{ nodes {{ id }} }} }}");
            let counted = format!("{{ {list} {{ totalCount nodes {{ id }} }} }}");
            let (_, without) = app.graphql_counted(&token, &plain, json!({})).await;
            let (body, with) = app.graphql_counted(&token, &counted, json!({})).await;
            assert_eq!(without, 2, "{list}: the team and the page");
            assert_eq!(with, 3, "{list}");
            assert_eq!(body["data"][list]["totalCount"], 3);
        }
    }
}
