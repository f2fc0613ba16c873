//! Deals: the day of an instant is that of the team's clocks.

use chrono_tz::Europe::Rome;
use kpigraph::{auth::Role, store::NewTeam};
use serde_json::json;

use super::{outcomes, send};
use crate::{
    fixtures::clock,
    support::{App, TestDatabase, json::path, new_team, on_both_databases},
};

on_both_databases! {
    async fn a_deal_opened_at_an_instant_belongs_to_the_teams_day(database: TestDatabase) {
        let app = App::start(&database, clock()).await;
        app.team_with(NewTeam { time_zone: Rome, ..new_team("rome") }).await;
        let token = app.token("rome", Role::Owner);
        let deals = json!([
            { "id": "1", "openedAt": "2026-03-31T22:30:00Z", "amount": "10" },
            { "id": "2", "openedAt": "2026-03-31T21:30:00Z", "amount": "200" },
            { "id": "3", "openedOn": "2026-04-01", "openedAt": "2026-03-31T21:30:00Z", "amount": "3000" },
        ]);
        let done = send(&app, &token, "upsertOpportunities", deals, json!({})).await;
        assert_eq!(outcomes(&done), ["CREATED"; 3]);
        let query = r#"{ viewer { team { kpis(period: { range: { from: "2026-03-31", to: "2026-03-31" } }) {
            pipelineContribution { denominator } } } } }"#;
        let answer = app.graphql(&token, query, json!({})).await;
        let opened = path(&answer, "data.viewer.team.kpis.pipelineContribution.denominator");
        assert_eq!(opened, "3200");
    }
}
