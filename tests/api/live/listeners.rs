//! Many listeners, and those who stop reading.

use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use kpigraph::store::Event;
use serde_json::{Value, json};

use super::{Socket, deliver, now, told};
use crate::{
    fixtures::{fill, start},
    operators::{scraped, value, watched},
    support::{TestDatabase, on_both_databases},
};

const STAGES: &str =
    "subscription ($after: String) { event: customerStageChanged(after: $after) { cursor stage
    customer { name orders(first: 2) { nodes { id } } } } }";
const LISTENERS: usize = 30;
const EVENTS: usize = 40;
/// Somebody else's mutation is done within this time, less than a client is waited for.
const SOON: Duration = Duration::from_secs(3);
const FIGURES: u64 = 2_000;

on_both_databases! {
    async fn what_many_ask_of_an_event_is_read_once(database: TestDatabase) {
        let (app, token) = watched(&database).await;
        let team = app.store.administer().team("acme").await.unwrap();
        let customers = fill(&team, "c", EVENTS).await.customers;
        let after = json!({ "after": now(&app, &token).await });
        let mut sockets = Vec::new();
        for _ in 0..LISTENERS {
            let mut socket = Socket::greeted(&app, &token).await;
            socket.subscribe("a", STAGES, after.clone()).await;
            socket.is_read().await;
            sockets.push(socket);
        }
        let statements = async || {
            value(&scraped(&app).await, "kpigraph_sql_statement_seconds_count{verb=\"select\"}")
        };
        let before = statements().await;
        let writer = team.begin("test").await.unwrap();
        for customer in customers {
            writer.emit(Event::CustomerStageChanged { customer, stage: "MQL".into() });
        }
        writer.commit().await.unwrap();
        let mut all = Vec::new();
        for socket in &mut sockets {
            all.push(told(socket, "a", "event.cursor", EVENTS).await);
        }
        assert!(all.iter().all(|heard| heard == &all[0]));
        let taken = statements().await - before;
        // Each of them alone reads the orders of each event's customer.
        let alone = (LISTENERS * EVENTS) as f64;
        assert!(taken >= EVENTS as f64 && taken < alone / 4.0, "{taken}");
    }

    async fn a_client_that_does_not_read_keeps_nobody_from_writing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut stopped = Socket::greeted(&app, &token).await;
        let write = "mutation ($input: UpsertFiguresInput!) { upsertFigures(input: $input) { counts { failed } } }";
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        let items: Vec<Value> = (0..FIGURES)
            .map(|day| json!({ "figure": "brand_searches", "date": first + Days::new(day), "value": "5" }))
            .collect();
        for at in 0..3 {
            let input = json!({ "source": format!("s{at}"), "items": items });
            stopped.subscribe(&format!("w{at}"), write, json!({ "input": input })).await;
        }
        // Answers that nobody reads, until the service can send it nothing more.
        let large = "{ metricCatalog { key name description formula } __schema { types { name description } } }";
        for at in 0..40 {
            stopped.subscribe(&format!("r{at}"), large, json!({})).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let asked = Instant::now();
        deliver(&app, &token, "other", "2026-06-01").await;
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
        drop(stopped);
    }
}
