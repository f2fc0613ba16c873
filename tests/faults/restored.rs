//! A backup is put back: clients know of what the database has never seen.

use std::fs;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use crate::{
    instance::{Instance, alone, team},
    load::{WRITE, is_written, orders},
    program::Program,
    support::announce,
};

const CHANNEL: &str = "mutation ($name: String!) { createChannel(input: { name: $name, kind: EMAIL, paid: false }) { \
    channel { id } errors { code } } }";
const CHANNELS: &str = "query ($after: String) { channels(first: 1, after: $after) { totalCount pageInfo { endCursor } } }";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "of the faults, which need minutes"]
async fn what_comes_from_the_future_of_a_backup_is_answered_cleanly() {
    let _alone = alone().await;
    let program = Program::new();
    let file = program.path("kpigraph.db");
    let url = format!("sqlite://{}", file.display());
    let token = team(&program, &url, "shop");
    let service = Instance::start(&program, &url, |_| ()).await;
    assert!(is_written(
        &service.ask(&token, WRITE, orders("past")).await.unwrap()
    ));
    service
        .data(&token, CHANNEL, json!({ "name": "past" }))
        .await;
    let backup = program.path("backup.db");
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let copy = format!("VACUUM INTO '{}'", backup.display());
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(copy)))
        .await
        .unwrap();
    connection.close().await.unwrap();

    assert!(is_written(
        &service.ask(&token, WRITE, orders("future")).await.unwrap()
    ));
    let made = service
        .data(&token, CHANNEL, json!({ "name": "future" }))
        .await;
    let id = made["createChannel"]["channel"]["id"].clone();
    let mut page = service.data(&token, CHANNELS, json!({})).await;
    let first = page["channels"]["pageInfo"]["endCursor"].clone();
    page = service
        .data(&token, CHANNELS, json!({ "after": first }))
        .await;
    let last = page["channels"]["pageInfo"]["endCursor"].clone();
    let event = service
        .data(&token, "{ viewer { eventCursor } }", json!({}))
        .await;
    let event = event["viewer"]["eventCursor"].clone();
    service.stop().await;
    for name in ["kpigraph.db", "kpigraph.db-wal", "kpigraph.db-shm"] {
        fs::remove_file(program.path(name)).ok();
    }
    fs::rename(&backup, &file).unwrap();

    let service = Instance::start(&program, &url, |_| ()).await;
    let page = service
        .data(&token, CHANNELS, json!({ "after": last }))
        .await;
    assert_eq!(page["channels"]["totalCount"], 1);
    let node = service
        .data(
            &token,
            "query ($id: ID!) { node(id: $id) { id } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(node["node"], Value::Null);
    // A stream after an event that never was begins, and tells what comes.
    let told = service
        .client
        .post(format!("{}/graphql", service.url))
        .bearer_auth(&token)
        .header("accept", "text/event-stream")
        .json(&json!({ "query": "subscription ($after: String) { dataRefreshed(after: $after) { cursor } }",
            "variables": { "after": event } }))
        .send()
        .await
        .unwrap();
    assert_eq!(told.status().as_u16(), 200);
    // What was told under a key is told anew, as the rows are.
    let again = service.ask(&token, WRITE, orders("future")).await.unwrap();
    assert!(is_written(&again), "{again:?}");
    assert_eq!(again.body["data"]["upsertOrders"]["replayed"], false);
    let past = service.ask(&token, WRITE, orders("past")).await.unwrap();
    assert_eq!(past.body["data"]["upsertOrders"]["replayed"], true);
    let log = service.logged();
    assert!(!log.contains("ERROR"), "{log}");
    announce("cursors, ids and keys of a database's future are answered without an error");
    drop(told);
    service.stop().await;
}
