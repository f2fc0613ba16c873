//! What becomes of files with mistakes, and of previews.

use serde_json::{Value, json};

use super::{import_file, orders, rows};
use crate::{
    fixtures::start,
    support::{TestDatabase, json::path, on_both_databases},
};

/// Orders of which two are wrong: the third and the last.
fn with_mistakes() -> String {
    let file = orders(0..1_500);
    let file = file
        .replace("2.25\n", "2.25 apples\n")
        .replacen("12.25 apples", "12.25", 1);
    let lines: Vec<&str> = file.lines().collect();
    lines
        .iter()
        .enumerate()
        .fold(String::new(), |file, (place, line)| {
            let line = match place {
                3 => "o-2,c-0,2026-05-03 10:00:00,many".to_owned(),
                1_500 => "o-1499,c-499,tomorrow,1499.25".to_owned(),
                _ => line.replace(" apples", ""),
            };
            file + &line + "\n"
        })
}

fn errors(import: &Value) -> Vec<[&Value; 2]> {
    let nodes = path(import, "errors.nodes").as_array().expect("a list");
    nodes
        .iter()
        .map(|node| [&node["line"], &node["column"]])
        .collect()
}

on_both_databases! {
    async fn a_staged_file_with_mistakes_stores_nothing_and_tells_all_of_them(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let import = import_file(&app, &token, "may.csv", with_mistakes().as_bytes(), json!({})).await;
        assert_eq!(import["state"], "FAILED", "{import:#}");
        assert_eq!(import["failure"], "2 of 1500 rows are refused, so nothing is stored");
        assert_eq!((&import["rowsRead"], &import["rowsRefused"]), (&json!(1_500), &json!(2)));
        assert_eq!(import["rowsWritten"], 0);
        let places = [[json!(4), json!("amount")], [json!(1_501), json!("ordered_at")]];
        assert_eq!(errors(&import), places.each_ref().map(|[line, column]| [line, column]));
        let message = import["errors"]["nodes"][0]["message"].as_str().unwrap();
        assert!(message.starts_with("'many' "), "{message}");
        assert_eq!(import["errors"]["totalCount"], 2);
        assert_eq!(rows(&database, "orders").await, 0);
        assert_eq!(rows(&database, "import_chunk").await, 0);
    }

    async fn good_rows_are_kept_where_that_is_asked(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for options in [json!({ "skipRefused": true }), json!({ "mode": "PARTIAL" })] {
            let import = import_file(&app, &token, "may.csv", with_mistakes().as_bytes(), options).await;
            assert_eq!(import["state"], "DONE", "{import:#}");
            assert_eq!((&import["rowsRead"], &import["rowsRefused"]), (&json!(1_500), &json!(2)));
            assert_eq!(errors(&import).len(), 2);
            assert_eq!(rows(&database, "orders").await, 1_498);
        }
    }

    async fn a_preview_tells_what_would_be_and_stores_nothing(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let dry = json!({ "dryRun": true });
        let import = import_file(&app, &token, "may.csv", orders(0..10).as_bytes(), dry.clone()).await;
        assert_eq!((&import["state"], &import["dryRun"]), (&json!("DONE"), &json!(true)));
        assert_eq!((&import["rowsRead"], &import["rowsWritten"]), (&json!(10), &json!(10)));
        let column = json!({ "name": "amount", "becomes": "amount" });
        let columns = path(&import, "preview.columns").as_array().unwrap();
        assert!(columns.contains(&column), "{columns:?}");
        let import = import_file(&app, &token, "may.csv", with_mistakes().as_bytes(), dry).await;
        assert_eq!((&import["state"], &import["rowsRefused"]), (&json!("DONE"), &json!(2)));
        assert_eq!((rows(&database, "orders").await, rows(&database, "customer").await), (0, 0));
    }

    async fn a_file_that_is_none_fails_with_a_reason(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        for (file, reason) in [
            (&b"colour,size\nred,2\n"[..], "colour, size"),
            (b"", "the file is empty"),
            (b"\x1f\x8bbroken", "cannot be read"),
            (b"PK\x03\x04broken", "workbook"),
            (b"order_id,ordered_at,amount\no-1,2026-05-01,\xff\xfe\n", "line 2"),
        ] {
            let import = import_file(&app, &token, "x.csv", file, json!({})).await;
            assert_eq!(import["state"], "FAILED", "{import:#}");
            let failure = import["failure"].as_str().unwrap();
            assert!(failure.contains(reason), "{failure}");
        }
        let wrong = json!({ "layout": "meta-ads" });
        let import = import_file(&app, &token, "may.csv", orders(0..1).as_bytes(), wrong).await;
        assert!(import["failure"].as_str().unwrap().contains("Meta Ads"), "{import:#}");
    }

    async fn rows_refused_while_they_are_stored_count_as_well(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        import_file(&app, &token, "o.csv", orders(0..1).as_bytes(), json!({})).await;
        let refunds = "refund_id,order_id,refunded_at,amount\n\
            r-1,o-0,2026-05-02,0.10\nr-2,nobody,2026-05-02,0.10\n";
        let import = import_file(&app, &token, "r.csv", refunds.as_bytes(), json!({})).await;
        assert_eq!(import["state"], "FAILED", "{import:#}");
        assert_eq!(errors(&import)[0][0], 3);
        assert_eq!(rows(&database, "refund").await, 0);
        let partial = json!({ "mode": "PARTIAL" });
        let import = import_file(&app, &token, "r.csv", refunds.as_bytes(), partial).await;
        assert_eq!((&import["state"], &import["rowsRefused"]), (&json!("DONE"), &json!(1)));
        assert_eq!(rows(&database, "refund").await, 1);
    }

    async fn of_many_refused_rows_the_first_thousand_are_told(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut file = String::from("order_id,ordered_at,amount\n");
        for place in 0..2_300 {
            file += &format!("o-{place},2026-05-01,much\n");
        }
        for mode in ["STAGED", "PARTIAL"] {
            let options = json!({ "mode": mode });
            let import = import_file(&app, &token, "o.csv", file.as_bytes(), options).await;
            assert_eq!(import["rowsRefused"], 2_300);
            assert_eq!(import["errors"]["totalCount"], 1_000);
            assert_eq!(errors(&import)[99][0], 101);
        }
    }
}
