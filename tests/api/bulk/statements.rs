//! A call takes as many SQL statements for a thousand rows as for a hundred.

use serde_json::{Value, json};

use super::{MUTATIONS, items, outcomes, send_counted};
use crate::{
    fixtures::start,
    support::{TestDatabase, on_both_databases},
};

on_both_databases! {
    async fn a_thousand_rows_take_as_many_statements_as_a_hundred(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for mutation in MUTATIONS {
            let send = async |places: std::ops::Range<usize>, expected: &str| {
                let count = places.len();
                let key = json!({ "idempotencyKey": format!("{places:?} {expected}") });
                let rows = Value::Array(items(mutation, places));
                let (done, statements) = send_counted(&app, &token, mutation, rows, key).await;
                assert_eq!(outcomes(&done), vec![expected; count], "{mutation}");
                statements
            };
            // What the rows name is there then.
            send(0..50, "CREATED").await;
            let (hundred, thousand) = (send(100..200, "CREATED").await, send(200..1_200, "CREATED").await);
            assert_eq!(hundred, thousand, "{mutation}");
            let (hundred, thousand) = (send(100..200, "UNCHANGED").await, send(200..1_200, "UNCHANGED").await);
            assert_eq!(hundred, thousand, "{mutation}");
        }
    }
}
