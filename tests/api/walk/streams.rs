//! Subscriptions: each tells of one's own team, from the beginning of all events on, and takes no id of another.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use serde_json::{Map, Value};

use super::{
    asking::{Asking, nobody},
    schema::{Field, Root},
};
use crate::{
    fixtures::{clock, global_id},
    live::Socket,
};

/// Longer than an event takes, which is there already.
const PATIENCE: Duration = Duration::from_secs(15);

/// Every subscription of the schema tells nothing of the other team.
pub async fn tell_of_ones_own(asking: &mut Asking<'_>, other: &Asking<'_>) {
    for field in asking.values.schema.root(Root::Subscription) {
        let ways = asking.values.ways_to_ids(&field.args);
        match ways.as_slice() {
            [] => from_the_beginning(asking, other, field).await,
            [way] => of_one_thing(asking, other, field, way).await,
            _ => panic!(
                "Subscription.{} takes several ids, of which the walk can give one: tell it in walk/streams.rs which \
                belong together",
                field.name
            ),
        }
    }
}

/// Where a stream can begin again, from before the first event of the test.
fn beginning(field: &Field) -> Map<String, Value> {
    let yesterday = clock().now() - TimeDelta::days(1);
    let begin = global_id("event", yesterday.timestamp_micros());
    let mut given = Map::new();
    if field.args.iter().any(|argument| argument.name == "after") {
        given.insert("after".into(), begin.into());
    }
    given
}

/// The oldest event is of one's own team, though the other team's first ones are older.
async fn from_the_beginning(asking: &mut Asking<'_>, other: &Asking<'_>, field: &Field) {
    let foreign: BTreeSet<String> = other.own_ids();
    let document = asking.document(Root::Subscription, field);
    let mut socket = Socket::greeted(asking.app, &asking.token).await;
    let given = Value::Object(beginning(field));
    socket.subscribe("walk", &document, given).await;
    let told = tokio::time::timeout(PATIENCE, socket.data("walk")).await;
    let told = told.unwrap_or_else(|_| {
        panic!(
            "Subscription.{} tells of nothing that happens in the walk: let it happen in walk/rows.rs",
            field.name
        )
    });
    let told = told.to_string();
    assert!(!told.contains(other.name), "{}: {told}", field.name);
    let id = foreign.iter().find(|id| told.contains(id.as_str()));
    assert_eq!(id, None, "{}: {told}", field.name);
}

/// A stream about one thing begins for the other team's ids as for those of nobody, and otherwise for one's own.
async fn of_one_thing(asking: &mut Asking<'_>, other: &Asking<'_>, field: &Field, way: &[String]) {
    let document = asking.document(Root::Subscription, field);
    let given = beginning(field);
    let mut heard = false;
    let mut socket = Socket::greeted(asking.app, &asking.token).await;
    for (of, id) in other.one_of_each() {
        let own = asking.ids.get(of).and_then(|ids| ids.first()).cloned();
        let unknown = nobody(id).expect("only such ids are taken");
        let mut answers = Vec::new();
        for id in [Some(id), Some(unknown.as_str()), own.as_deref()]
            .into_iter()
            .flatten()
        {
            let variables = asking.values.with_id(&field.args, &given, way, id);
            let variables = Value::Object(variables);
            socket.subscribe(id, &document, variables).await;
            answers.push(first_of(&mut socket, id).await.replace(id, "<id>"));
        }
        assert_eq!(
            answers[0], answers[1],
            "{} with the id of a {of}",
            field.name
        );
        heard |= answers.get(2).is_some_and(|own| own != &answers[0]);
    }
    assert!(
        heard,
        "Subscription.{} tells nothing of any id of one's own: let the walk make what it tells of",
        field.name
    );
}

/// The first result of an operation on a socket.
async fn first_of(socket: &mut Socket, id: &str) -> String {
    loop {
        let message = socket.next().await;
        if message["id"] == id && message["type"] != "complete" {
            return message["payload"].to_string();
        }
    }
}
