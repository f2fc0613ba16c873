//! What is sent again changes nothing.

use chrono::TimeDelta;
use kpigraph::{
    auth::Role,
    import::{Format, ImportAsk, import},
    time::Clock,
};
use serde_json::json;

use super::{MUTATIONS, items, outcomes, send};
use crate::{
    fixtures::{clock, start},
    support::{App, TestDatabase, on_both_databases},
};

/// Every table that a bulk call writes, with its versions.
const TABLES: [&str; 37] = [
    "ad_day",
    "ad_day_history",
    "benchmark",
    "campaign",
    "campaign_channel",
    "channel",
    "content_item",
    "conversion",
    "conversion_history",
    "cost_day",
    "cost_day_history",
    "cost_item",
    "cost_item_history",
    "customer",
    "customer_history",
    "email_day",
    "external_ref",
    "fx_rate",
    "fx_rate_history",
    "opportunity",
    "opportunity_history",
    "orders",
    "orders_history",
    "outside_day",
    "people_count",
    "refund",
    "refund_history",
    "social_day",
    "source_load",
    "source_load_history",
    "stage_event",
    "stage_event_history",
    "survey_response",
    "touchpoint",
    "touchpoint_history",
    "web_day",
    "web_day_history",
];

async fn state(database: &TestDatabase) -> Vec<String> {
    let mut state = Vec::new();
    for table in TABLES {
        let count = database
            .rows(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}"))
            .await;
        state.push(format!("{table} {}", count.expect("a count")[0][0]));
    }
    for (table, sum) in [
        ("customer", "SUM(version)"),
        ("campaign", "SUM(version)"),
        ("orders", "MAX(recorded_at)"),
        ("ad_day", "MAX(recorded_at)"),
        ("source_load", "MAX(recorded_at)"),
    ] {
        let sum = database
            .rows(&format!("SELECT CAST({sum} AS TEXT) FROM {table}"))
            .await;
        state.push(format!("{table} {}", sum.expect("a sum")[0][0]));
    }
    state
}

on_both_databases! {
    async fn every_call_sent_again_under_another_key_leaves_all_as_it_is(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut told = Vec::new();
        for mutation in MUTATIONS {
            let mut rows = items(mutation, 0..3);
            if rows[0].get("id").is_some() {
                rows[1]["sourceUpdatedAt"] = json!("2026-06-01T00:00:00Z");
            }
            let done = send(&app, &token, mutation, rows.clone(), json!({ "idempotencyKey": "first" })).await;
            assert_eq!(outcomes(&done), ["CREATED"; 3], "{mutation}: {done:#}");
            told.push((mutation, rows));
        }
        let before = state(&database).await;
        // What is written a day later would keep the version before it.
        let app = App::start(&database, Clock::fixed(clock().now() + TimeDelta::days(1))).await;
        let token = app.token("acme", Role::Owner);
        for (mutation, rows) in told {
            let done = send(&app, &token, mutation, rows, json!({ "idempotencyKey": "second" })).await;
            assert_eq!(outcomes(&done), ["UNCHANGED"; 3], "{mutation}: {done:#}");
            assert_eq!(done["replayed"], false);
            assert_eq!(done["counts"], json!({ "created": 0, "updated": 0, "unchanged": 3, "skipped": 0,
                "failed": 0, "deleted": 0 }));
        }
        assert_eq!(state(&database).await, before);
    }

    async fn rows_of_files_and_of_calls_are_the_same_rows(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        for (mutation, format, file) in [
            ("upsertOrders", Format::Orders,
                "order_id,customer_id,ordered_at,gross,tax,cost_of_goods,country,device,shop\n\
                 0,c0,2026-01-01T10:00:00Z,120,20,30,DE,mobile,main\n"),
            ("upsertAdDays", Format::AdStats,
                "date,campaign_id,campaign_name,channel,country,spend,impressions,clicks,conversions,ad_set\n\
                 2026-01-01,spring,Spring,google_ads,country 0,10.50,1000,20,1.5,0\n"),
            ("upsertTouchpoints", Format::Touchpoints,
                "touch_id,customer_id,occurred_at,channel,campaign,kind,utm_source,is_conversion,value\n\
                 0,c0,2026-01-01T10:00:00Z,email,spring,click,news,1,3\n"),
            ("upsertStageEvents", Format::StageEvents,
                "customer_id,stage,entered_at\nc0,mql,2026-06-02 10:00\n"),
        ] {
            let ask = ImportAsk { source: "crm".to_owned(), ..ImportAsk::new(format) };
            let report = import(&team, &ask, file.as_bytes(), &|_| ()).await.expect("imported");
            assert_eq!(report.written, 1, "{mutation}: {report}");
            let done = send(&app, &token, mutation, items(mutation, 0..1), json!({})).await;
            assert_eq!(outcomes(&done), ["UNCHANGED"], "{mutation}");
        }
    }
}
