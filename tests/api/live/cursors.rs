//! Who comes back with a cursor misses nothing and gets nothing twice.

use chrono::TimeDelta;
use kpigraph::{auth::Role, time::Clock};
use serde_json::json;

use super::{REFRESHED, Socket, deliver, now, told};
use crate::{
    fixtures::{clock, start},
    support::{App, TestDatabase, json::path, json::text, on_both_databases},
};

on_both_databases! {
    async fn a_client_that_was_cut_off_goes_on_where_it_was(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut socket = Socket::greeted(&app, &token).await;
        deliver(&app, &token, "before", "2026-06-01").await;
        socket.subscribe("a", REFRESHED, json!({ "after": now(&app, &token).await })).await;
        deliver(&app, &token, "first", "2026-06-02").await;
        let event = socket.data("a").await;
        assert_eq!(text(&event, "event.source"), "first");
        assert_eq!(path(&event, "event.from"), "2026-06-02");
        let cursor = text(&event, "event.cursor").to_owned();
        drop(socket);
        // Enough that they do not come in one page.
        let missed: Vec<String> = (0..120).map(|n| format!("missed_{n}")).collect();
        for source in &missed {
            deliver(&app, &token, source, "2026-06-03").await;
        }
        let mut socket = Socket::greeted(&app, &token).await;
        socket.subscribe("b", REFRESHED, json!({ "after": cursor })).await;
        assert_eq!(told(&mut socket, "b", "event.source", 120).await, missed);
        deliver(&app, &token, "last", "2026-06-04").await;
        assert_eq!(told(&mut socket, "b", "event.source", 1).await, ["last"]);
        assert!(socket.is_silent().await);
    }

    async fn many_who_listen_are_told_the_same_while_events_come(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        deliver(&app, &token, "zero", "2026-06-01").await;
        let mut first = Socket::greeted(&app, &token).await;
        let beginning = now(&app, &token).await;
        let writing = async {
            for n in 0..30 {
                deliver(&app, &token, &format!("s{n}"), "2026-06-01").await;
            }
        };
        let listening = async {
            let mut sockets = vec![];
            for n in 0..5 {
                let mut socket = Socket::greeted(&app, &token).await;
                socket.subscribe("a", REFRESHED, json!({ "after": beginning })).await;
                tokio::time::sleep(std::time::Duration::from_millis(20 * n)).await;
                sockets.push(socket);
            }
            sockets
        };
        let ((), sockets) = tokio::join!(writing, listening);
        let expected: Vec<String> = (0..30).map(|n| format!("s{n}")).collect();
        for mut socket in sockets {
            assert_eq!(told(&mut socket, "a", "event.source", 30).await, expected);
        }
        let one = "subscription ($after: String) { event: dataRefreshed(source: \"s7\", after: $after) { source
            freshness { fact } } }";
        first.subscribe("one", one, json!({ "after": beginning })).await;
        let event = first.data("one").await;
        assert_eq!(path(&event, "event.freshness.0.fact"), "outside_day");
        assert!(first.is_silent().await);
    }

    async fn a_cursor_older_than_what_is_kept_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        deliver(&app, &token, "crm", "2026-06-01").await;
        let old = now(&app, &token).await;
        let later = Clock::fixed(clock().now() + TimeDelta::days(31));
        let app = App::start(&database, later).await;
        let token = app.token("acme", Role::Owner);
        let mut socket = Socket::greeted(&app, &token).await;
        socket.subscribe("a", REFRESHED, json!({ "after": old })).await;
        let message = socket.next().await;
        assert_eq!(path(&message, "payload.errors.0.extensions.code"), "EXPIRED", "{message}");
        assert_eq!(socket.next().await["type"], "complete");
        let after = now(&app, &token).await;
        socket.subscribe("a", REFRESHED, json!({ "after": after })).await;
        deliver(&app, &token, "crm", "2026-06-02").await;
        assert_eq!(told(&mut socket, "a", "event.from", 1).await, ["2026-06-02"]);
    }

    async fn another_team_s_events_are_never_seen(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        app.team("globex").await;
        let theirs = app.token("globex", Role::Owner);
        let mut socket = Socket::greeted(&app, &theirs).await;
        socket.subscribe("now", REFRESHED, json!({ "after": now(&app, &theirs).await })).await;
        deliver(&app, &token, "ours", "2026-06-01").await;
        let ours = now(&app, &token).await;
        deliver(&app, &token, "ours", "2026-06-02").await;
        socket.subscribe("after", REFRESHED, json!({ "after": ours })).await;
        assert!(socket.is_silent().await);
        for date in ["2026-06-01", "2026-06-02"] {
            deliver(&app, &theirs, "theirs", date).await;
        }
        // The clock of tests stands still, so the first of theirs can be as early as the last of ours.
        for _ in 0..3 {
            let message = socket.next().await;
            assert_eq!(path(&message, "payload.data.event.source"), "theirs");
        }
    }
}
