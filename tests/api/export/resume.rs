//! A file that was cut off is gone on with where it broke.

use serde_json::Value;

use super::{cells, file, lines, refusal, send_everything};
use crate::{
    fixtures::start,
    support::{TestDatabase, on_both_databases},
};

/// One of each kind of key: ids, days with texts, texts alone.
const ENTITIES: [&str; 6] = [
    "orders",
    "ad-days",
    "people-counts",
    "rates",
    "campaign-channels",
    "source-loads",
];

on_both_databases! {
    async fn going_on_behind_any_row_gives_the_bytes_that_are_missing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 12).await;
        for entity in ENTITIES {
            let name = format!("{entity}.ndjson");
            let whole = file(&app, &token, &name).await;
            let rows: Vec<&str> = whole.split_inclusive('\n').collect();
            assert!(rows.len() > 1, "{entity}");
            for cut in 1..rows.len() {
                let row: Value = serde_json::from_str(rows[cut - 1]).unwrap();
                let after = row["kpigraph_cursor"].as_str().unwrap();
                let rest = file(&app, &token, &format!("{name}?after={after}")).await;
                assert_eq!(rows[..cut].concat() + &rest, whole, "{entity} after row {cut}");
            }
            let name = format!("{entity}.csv");
            let whole = file(&app, &token, &name).await;
            let (_, records, _) = cells(&whole);
            let rows: Vec<&str> = whole.split_inclusive("\r\n").collect();
            assert_eq!(rows.len(), records.len() + 2, "{entity}");
            for (place, record) in records.iter().enumerate() {
                let after = record.last().unwrap();
                let rest = file(&app, &token, &format!("{name}?after={after}")).await;
                assert_eq!(rows[..place + 2].concat() + &rest, whole, "{entity} after row {place}");
            }
        }
    }

    async fn going_on_keeps_the_place_in_the_feed_from_before_the_first_row(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 5).await;
        let (rows, end) = lines(&file(&app, &token, "orders.ndjson").await);
        send_everything(&app, &token, 9).await;
        let after = rows[1]["kpigraph_cursor"].as_str().unwrap();
        let (rest, same) = lines(&file(&app, &token, &format!("orders.ndjson?after={after}")).await);
        assert_eq!(rest.len(), 7);
        assert_eq!(same["changes"], end["changes"]);
        let (_, new) = lines(&file(&app, &token, "orders.ndjson").await);
        assert_ne!(new["changes"], end["changes"]);
    }

    async fn a_cursor_of_another_export_is_refused(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        send_everything(&app, &token, 2).await;
        let (rows, _) = lines(&file(&app, &token, "orders.ndjson").await);
        let after = rows[0]["kpigraph_cursor"].as_str().unwrap();
        for name in [format!("refunds.ndjson?after={after}"), "orders.csv?after=x".to_owned(), "orders.csv?after=".to_owned()] {
            assert_eq!(refusal(&app, &token, &name).await, (400, "BAD_USER_INPUT".to_owned()), "{name}");
        }
        let header = file(&app, &token, &format!("orders.csv?header=true&after={after}")).await;
        assert!(header.starts_with("order_id,"), "{header}");
    }
}
