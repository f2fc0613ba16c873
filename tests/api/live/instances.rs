//! Two instances on one PostgreSQL.

use std::time::{Duration, Instant};

use kpigraph::auth::Role;
use serde_json::json;

use super::{
    REFRESHED, Socket, deliver,
    identity::{key, revoke},
    now,
};
use crate::{
    fixtures::clock,
    support::{App, TestDatabase, json::text},
};

/// Two instances that know the same tokens, and a token of `acme`.
async fn two(database: &TestDatabase, folder: &std::path::Path) -> (App, App, String) {
    let start = || {
        App::start_with(database, clock(), |settings| {
            settings.data_dir = folder.to_owned();
        })
    };
    let (here, there) = (start().await, start().await);
    here.team("acme").await;
    let token = here.token("acme", Role::Owner);
    (here, there, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_one_instance_is_told_by_the_other_at_once() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (here, there, token) = two(&database, folder.path()).await;
    let mut socket = Socket::greeted(&there, &token).await;
    let after = json!({ "after": now(&there, &token).await });
    socket.subscribe("a", REFRESHED, after).await;
    // A wake-up that is lost costs three seconds, so the fastest of some tells whether there are wake-ups.
    let mut fastest = Duration::MAX;
    for n in 0..8 {
        deliver(&here, &token, &format!("crm_{n}"), "2026-06-01").await;
        let written = Instant::now();
        let event = socket.data("a").await;
        fastest = fastest.min(written.elapsed());
        assert_eq!(text(&event, "event.source"), format!("crm_{n}"));
    }
    assert!(fastest < Duration::from_secs(2), "{fastest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_revoked_through_one_instance_closes_sockets_of_the_other() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (here, there, token) = two(&database, folder.path()).await;
    let (id, secret) = key(&here, &token).await;
    let mut socket = Socket::greeted(&there, &secret).await;
    socket.subscribe("a", REFRESHED, json!({})).await;
    revoke(&here, &token, &id).await;
    assert_eq!(socket.closed().await.0, 4403);
}
