//! Daily facts: rows replace the same keys, and whole days only where the call names them.

use serde_json::{Value, json};

use super::{mistakes, named, outcomes, send};
use crate::{
    fixtures::start,
    support::{App, TestDatabase, json::path, on_both_databases},
};

fn ads(date: &str, country: &str, spend: &str) -> Value {
    json!({ "date": date, "campaign": named("spring"), "country": country, "spend": spend, "clicks": 1 })
}

async fn spend(app: &App, token: &str) -> String {
    let query = "{ viewer { team { kpis(period: { preset: ALL_TIME }) { spend { value } } } } }";
    let answer = app.graphql(token, query, json!({})).await;
    path(&answer, "data.viewer.team.kpis.spend.value").to_string()
}

on_both_databases! {
    async fn a_day_may_come_in_several_calls(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let add = async |row: Value| {
            let done = send(&app, &token, "upsertAdDays", vec![row], json!({})).await;
            outcomes(&done)[0].to_owned()
        };
        assert_eq!(add(ads("2026-06-01", "DE", "10")).await, "CREATED");
        assert_eq!(add(ads("2026-06-01", "FR", "5")).await, "CREATED");
        assert_eq!(add(ads("2026-06-01", "DE", "10.00")).await, "UNCHANGED");
        assert_eq!(add(ads("2026-06-01", "DEU", "12")).await, "UPDATED", "the same country");
        assert_eq!(spend(&app, &token).await, r#""17""#);
    }

    async fn a_window_is_replaced_as_a_whole(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let first = vec![ads("2026-06-01", "DE", "1"), ads("2026-06-02", "DE", "2"), ads("2026-06-03", "DE", "4"),
            ads("2026-06-04", "DE", "8")];
        send(&app, &token, "upsertAdDays", first, json!({})).await;
        let others = vec![ads("2026-06-02", "DE", "100")];
        send(&app, &token, "upsertAdDays", others, json!({ "source": "meta_ads" })).await;
        let window = json!({ "replaceWindow": { "from": "2026-06-02", "to": "2026-06-03" } });
        let rows = vec![ads("2026-06-03", "DE", "4"), ads("2026-06-03", "FR", "16")];
        let done = send(&app, &token, "upsertAdDays", rows, window.clone()).await;
        assert_eq!(outcomes(&done), ["UNCHANGED", "CREATED"]);
        assert_eq!(done["counts"]["deleted"], 1);
        assert_eq!(spend(&app, &token).await, r#""129""#, "other days and sources stay");

        let bad = vec![ads("2026-06-02", "DE", "2"), ads("2026-06-05", "DE", "2")];
        let done = send(&app, &token, "upsertAdDays", bad, window.clone()).await;
        assert_eq!(outcomes(&done), ["FAILED", "FAILED"]);
        assert_eq!(mistakes(&done), ["", "INVALID input.items.1.date"]);
        assert_eq!(done["counts"]["deleted"], 0);
        assert_eq!(spend(&app, &token).await, r#""129""#);

        let none = send(&app, &token, "upsertAdDays", json!([]), window).await;
        assert_eq!(none["counts"]["deleted"], 2);
        assert_eq!(spend(&app, &token).await, r#""109""#);
        let turned = json!({ "replaceWindow": { "from": "2026-06-03", "to": "2026-06-02" } });
        let done = send(&app, &token, "upsertAdDays", json!([]), turned).await;
        assert_eq!(path(&done, "errors.0.path"), &json!(["input", "replaceWindow", "to"]));
    }

    async fn days_of_rows_that_are_refused_do_not_count_as_delivered(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let stray = json!({ "date": "2199-01-01", "campaign": { "id": "nobody" }, "spend": "1" });
        let rows = vec![ads("2026-06-01", "DE", "1"), stray, ads("2026-06-02", "DE", "1")];
        let done = send(&app, &token, "upsertAdDays", rows, json!({})).await;
        assert_eq!(outcomes(&done), ["CREATED", "FAILED", "CREATED"]);
        let load = database.rows("SELECT CAST(data_from AS TEXT), CAST(data_through AS TEXT) FROM source_load").await;
        assert_eq!(load.expect("rows"), [["2026-06-01", "2026-06-02"]]);
    }

    async fn rows_of_one_key_do_not_add_up(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let rows = vec![ads("2026-06-01", "DE", "1"), ads("2026-06-01", "de", "2")];
        let done = send(&app, &token, "upsertAdDays", rows, json!({})).await;
        assert_eq!(outcomes(&done), ["FAILED", "CREATED"]);
        assert_eq!(mistakes(&done), ["DUPLICATE input.items.0", ""]);
        assert_eq!(spend(&app, &token).await, r#""2""#);
    }
}
