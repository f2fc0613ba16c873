//! `importProgressed`: how far an import is, as it happens.

use chrono::TimeDelta;
use kpigraph::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{id_of, idle, orders, start_import};
use crate::{
    fixtures::start,
    live::Socket,
    support::{
        App, TestDatabase,
        json::{path, text},
        on_both_databases,
    },
};

const PROGRESSED: &str =
    "subscription ($id: ID!, $after: String) { event: importProgressed(id: $id, after: $after) {
    cursor at import { id state rowsWritten } } }";

/// What is told until the end: the events, each with a cursor.
async fn told(socket: &mut Socket, id: &str) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let message = socket.next().await;
        assert_eq!(message["id"], id, "{message}");
        if message["type"] == "complete" {
            return events;
        }
        assert!(message["payload"].get("errors").is_none(), "{message}");
        events.push(path(&message, "payload.data.event").clone());
    }
}

/// The code of the error that an operation is refused with.
async fn refused(app: &App, token: &str, variables: Value) -> String {
    let mut socket = Socket::greeted(app, token).await;
    socket.subscribe("a", PROGRESSED, variables).await;
    let message = socket.next().await;
    let errors = match message["type"].as_str() {
        Some("error") => &message["payload"],
        _ => &message["payload"]["errors"],
    };
    text(errors, "0.extensions.code").to_owned()
}

on_both_databases! {
    async fn who_listens_hears_of_an_import_until_it_is_over(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let file = orders(0..3_000);
        let started = start_import(&app, &token, "o.csv", file.as_bytes(), json!({})).await;
        let id = id_of(&started);
        let mut socket = Socket::greeted(&app, &token).await;
        socket.subscribe("a", PROGRESSED, json!({ "id": id })).await;
        let events = told(&mut socket, "a").await;
        let last = events.last().expect("how far it is, at least");
        assert_eq!((text(last, "import.id"), text(last, "import.state")), (id, "DONE"));
        assert_eq!(last["import"]["rowsWritten"], 3_000);
        // Who comes when it is over hears so at once, also who comes back.
        for after in [Value::Null, events[0]["cursor"].clone(), last["cursor"].clone()] {
            socket.subscribe("b", PROGRESSED, json!({ "id": id, "after": after })).await;
            let events = told(&mut socket, "b").await;
            assert_eq!(events.len(), 1, "{events:?}");
            assert_eq!(text(&events[0], "import.state"), "DONE");
        }
    }

    async fn an_import_that_waits_is_told_and_then_its_end(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let started = start_import(&app, &token, "o.csv", orders(0..5).as_bytes(), json!({})).await;
        let id = id_of(&started);
        let mut socket = Socket::greeted(&app, &token).await;
        socket.subscribe("a", PROGRESSED, json!({ "id": id })).await;
        let first = socket.data("a").await;
        assert_eq!(text(&first, "event.import.state"), "QUEUED");
        let cancel = "mutation ($id: ID!) { cancelImport(input: { id: $id }) { errors { code } } }";
        let done = app.graphql(&token, cancel, json!({ "id": id })).await;
        assert_eq!(path(&done, "data.cancelImport.errors"), &json!([]));
        let events = told(&mut socket, "a").await;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(text(&events[0], "import.state"), "CANCELLED");
    }

    async fn an_import_of_another_team_is_no_import(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        app.team("other").await;
        let started = start_import(&app, &token, "o.csv", orders(0..5).as_bytes(), json!({})).await;
        let id = id_of(&started);
        let stranger = app.token("other", Role::Owner);
        assert_eq!(refused(&app, &stranger, json!({ "id": id })).await, "BAD_USER_INPUT");
        assert_eq!(refused(&app, &token, json!({ "id": "nonsense" })).await, "BAD_USER_INPUT");
        assert_eq!(refused(&app, &token, json!({ "id": id, "after": "x" })).await, "BAD_USER_INPUT");
        let reader = app.token_with("acme", Role::Owner, [Scope::MetricsRead], TimeDelta::hours(1));
        assert_eq!(refused(&app, &reader, json!({ "id": id })).await, "FORBIDDEN");
    }
}
