//! Whom the feed tells nothing, and cursors that are none.

use chrono::TimeDelta;
use entity::tombstone::ChangeKind;
use kpigraph::{
    auth::{Role, Scope},
    store::FeedPlace,
    time::Clock,
};
use sea_orm::Iterable;
use serde_json::{Value, json};

use super::{CHANGES, Copy, page};
use crate::{
    fixtures::{clock, conversion, fill, refusal, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

on_both_databases! {
    async fn kinds_need_their_scopes(database: TestDatabase) {
        let (app, team, _) = start(&database).await;
        fill(&team, "filled", 1).await;
        let token = |scopes: &[Scope]| app.token_with("acme", Role::Owner, scopes.iter().copied(), TimeDelta::hours(1));
        let campaigns = token(&[Scope::CampaignsRead]);
        let query = "query ($kinds: [ChangeKind!]) { changes(kinds: $kinds) { nodes { kind node { id } } } }";
        let answer = app.graphql(&campaigns, query, json!({})).await;
        let kinds: Vec<&Value> = path(&answer, "data.changes.nodes").as_array().unwrap().iter().map(|node| &node["kind"]).collect();
        assert_eq!(kinds, ["CHANNEL", "CAMPAIGN"]);
        for (token, kinds) in [(&campaigns, "CUSTOMER"), (&campaigns, "GOAL"), (&token(&[Scope::CustomersRead]), "ORDER")] {
            let (code, _) = refusal(&app, token, query, json!({ "kinds": [kinds] })).await;
            assert_eq!(code, "FORBIDDEN", "{kinds}");
        }
        let (code, _) = refusal(&app, &token(&[Scope::Ingest]), query, json!({})).await;
        assert_eq!(code, "FORBIDDEN");
        let (code, _) = refusal(&app, &campaigns, query, json!({ "kinds": [] })).await;
        assert_eq!(code, "BAD_USER_INPUT");
    }

    async fn another_team_s_changes_stay_its_own(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let other = app.team("other").await;
        fill(&other, "theirs", 2).await;
        assert!(Copy::anew(&app, &token).await.rows.is_empty());
        let theirs = Copy::anew(&app, &app.token("other", Role::Owner)).await;
        assert!(!theirs.rows.is_empty());
        let mut ours = Copy { cursor: theirs.cursor, ..Copy::default() };
        ours.catch_up(&app, &token, 10).await;
        assert!(ours.rows.is_empty());
    }

    async fn wrong_cursors_and_sizes_are_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (variables, code) in [
            (json!({ "after": "x" }), "BAD_USER_INPUT"),
            (json!({ "after": "" }), "BAD_USER_INPUT"),
            (json!({ "after": "Y2hhbmdlczoxOjI6Mw" }), "BAD_USER_INPUT"),
            (json!({ "first": 0 }), "LIMIT_EXCEEDED"),
            (json!({ "first": 1001 }), "LIMIT_EXCEEDED"),
        ] {
            let (found, text) = refusal(&app, &token, CHANGES, variables.clone()).await;
            assert_eq!(found, code, "{variables}: {text}");
        }
    }

    async fn a_cursor_from_before_forgotten_deletions_is_refused_and_one_that_missed_none_is_not(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        fill(&team, "filled", 3).await;
        let old = page(&app, &token, &Value::Null, 2).await;
        let later = Clock::fixed(clock().now() + TimeDelta::days(95));
        drop(app);
        // Nobody has written since: nothing can have been missed. Asked of the store, because a running service looks at
        // goals by itself and notes what it saw.
        let store = database.store(later).await;
        let place = FeedPlace::decode(old["cursor"].as_str().unwrap());
        let kinds: Vec<ChangeKind> = ChangeKind::iter().collect();
        let page = store.administer().team("acme").await.unwrap().changes(place, &kinds, 2).await.unwrap();
        assert_eq!(page.list.len(), 2);
        let app = App::start(&database, later).await;
        let token_now = |app: &App| app.token("acme", Role::Owner);
        let team = app.store.administer().team("acme").await.unwrap();
        let writer = team.begin("fixture").await.unwrap();
        writer.insert::<entity::conversion::Entity>(vec![conversion(writer.id(), "late", "2026-06-06", None)]).await.unwrap();
        writer.commit().await.unwrap();
        let (code, text) = refusal(&app, &token_now(&app), CHANGES, json!({ "after": old["cursor"] })).await;
        assert_eq!(code, "CURSOR_EXPIRED", "{text}");
        // A copy from the beginning reads old rows page by page and is not refused on the way.
        let mut copy = Copy::default();
        copy.catch_up(&app, &token_now(&app), 2).await;
        assert_eq!(copy.rows, Copy::anew(&app, &token_now(&app)).await.rows);
    }
}
