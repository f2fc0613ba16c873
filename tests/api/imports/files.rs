//! Kinds of files, and how they are published.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use kpigraph::auth::Role;
use serde_json::{Value, json};

use super::{id_of, idle, import_file, orders, over, rows, start_import};
use crate::{
    fixtures::{clock, start},
    support::{App, TestDatabase, json::path, on_both_databases},
};

fn counts(import: &Value) -> [&Value; 4] {
    ["rowsRead", "rowsWritten", "rowsUnchanged", "rowsRefused"].map(|name| &import[name])
}

/// A workbook with the cells of a file of commas.
fn workbook(file: &str) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(file.lines()) {
        for (column, cell) in (0..).zip(line.split(',')) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

on_both_databases! {
    async fn a_file_is_recognised_checked_and_published(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let import = import_file(&app, &token, "may.csv", orders(0..2_500).as_bytes(), json!({})).await;
        assert_eq!(import["state"], "DONE", "{import:#}");
        assert_eq!(counts(&import), [2_500, 2_500, 0, 0]);
        assert_eq!((&import["progress"], &import["attempts"]), (&json!(1.0), &json!(1)));
        assert_eq!(import["preview"]["layout"], "orders");
        assert_eq!(import["preview"]["kind"], "values parted by commas in UTF-8");
        assert_eq!(import["failure"], Value::Null);
        assert_eq!((rows(&database, "orders").await, rows(&database, "import_chunk").await), (2_500, 0));
        // The same again changes nothing.
        let again = import_file(&app, &token, "may.csv", orders(0..2_500).as_bytes(), json!({})).await;
        assert_eq!(counts(&again), [2_500, 0, 2_500, 0]);
    }

    async fn batches_are_published_one_by_one_with_the_same_end(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let partial = json!({ "mode": "PARTIAL" });
        let import = import_file(&app, &token, "may.csv", orders(0..2_500).as_bytes(), partial.clone()).await;
        assert_eq!((&import["state"], &import["mode"]), (&json!("DONE"), &json!("PARTIAL")));
        assert_eq!(counts(&import), [2_500, 2_500, 0, 0]);
        assert_eq!(rows(&database, "orders").await, 2_500);
        let again = import_file(&app, &token, "may.csv", orders(0..2_500).as_bytes(), partial).await;
        assert_eq!(counts(&again), [2_500, 0, 2_500, 0]);
    }

    async fn gzip_and_workbooks_are_stored_as_they_come(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(orders(0..1_200).as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let import = import_file(&app, &token, "may.csv.gz", &gzip, json!({})).await;
        assert_eq!(counts(&import), [1_200, 1_200, 0, 0]);
        assert_eq!(import["preview"]["kind"], "values parted by commas in UTF-8, gzipped");
        let workbook = workbook(&orders(0..1_200));
        let import = import_file(&app, &token, "may.xlsx", &workbook, json!({})).await;
        assert_eq!(counts(&import), [1_200, 0, 1_200, 0], "{import:#}");
    }

    async fn a_vendor_s_report_has_the_vendor_as_its_source(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let report = "Campaign report\n\"March 1, 2026 - March 2, 2026\"\n\
            Day,Campaign state,Campaign,Impr.,Clicks,Cost\n\
            2026-03-01,Enabled,Spring,\"1,243\",36,53.49\n\
            2026-03-02,Enabled,Spring,584,12,20.00\n\
            Total: Account,--,--,\"1,827\",48,73.49\n";
        for mode in ["STAGED", "PARTIAL"] {
            let options = json!({ "mode": mode, "layout": "google-ads" });
            let import = import_file(&app, &token, "r.csv", report.as_bytes(), options).await;
            assert_eq!(import["state"], "DONE", "{import:#}");
            assert_eq!(import["rowsPassedOver"], 1);
            assert_eq!(import["preview"]["source"], "google_ads");
            // In any mode, figures by the day replace whole days: the second time nothing changes.
            let written = if mode == "STAGED" { 2 } else { 0 };
            assert_eq!(counts(&import), [2, written, 2 - written, 0]);
        }
        assert_eq!(rows(&database, "ad_day").await, 2);
    }

    async fn a_saved_mapping_reads_a_file_as_it_was_when_the_import_was_asked_for(database: TestDatabase) {
        let (app, token) = idle(&database).await;
        let set = "mutation($input: SetImportMappingInput!) { setImportMapping(input: $input) {
            importMapping { id } errors { message } } }";
        let mapping = json!({ "name": "till", "format": "ORDERS", "source": "till", "decimal": "COMMA", "columns": [
            { "column": "order_id", "names": ["Bon"] }, { "column": "ordered_at", "names": ["Tag"] },
            { "column": "amount", "names": ["Summe"] },
        ] });
        let saved = app.graphql(&token, set, json!({ "input": mapping })).await;
        assert_eq!(path(&saved, "data.setImportMapping.errors"), &json!([]));
        let file = b"Bon;Tag;Summe\n1;2026-05-01;12,50\n";
        let both = json!({ "mapping": "till", "layout": "orders" });
        let refused = start_import(&app, &token, "t.csv", file, both).await;
        assert_eq!(path(&refused, "errors.0.path.1"), "mapping");
        let unknown = start_import(&app, &token, "t.csv", file, json!({ "mapping": "safe" })).await;
        assert_eq!(path(&unknown, "errors.0.path.1"), "mapping");
        let started = start_import(&app, &token, "t.csv", file, json!({ "mapping": "till" })).await;
        database.execute("DELETE FROM import_mapping").await.unwrap();
        let busy = App::start(&database, clock()).await;
        let import = over(&busy, &busy.token("acme", Role::Owner), id_of(&started)).await;
        assert_eq!(import["state"], "DONE", "{import:#}");
        assert_eq!((&import["preview"]["layout"], &import["preview"]["source"]), (&json!("till"), &json!("till")));
        let net = database.rows("SELECT CAST(net AS TEXT) FROM orders").await.unwrap();
        assert_eq!(net, [["12500000"]]);
    }

    async fn a_later_file_of_a_team_is_imported_after_an_earlier_one(database: TestDatabase) {
        let (app, _, token) = start(&database).await;
        let mut started = Vec::new();
        for amount in 1..=6 {
            let file = format!("order_id,ordered_at,amount\no-1,2026-05-01 10:00:00,{amount}\n");
            started.push(start_import(&app, &token, "o.csv", file.as_bytes(), json!({})).await);
        }
        for payload in &started {
            let import = over(&app, &token, id_of(payload)).await;
            assert_eq!(counts(&import), [1, 1, 0, 0]);
        }
        let net = database.rows("SELECT CAST(net AS TEXT) FROM orders").await.unwrap();
        assert_eq!(net, [["6000000"]]);
    }
}
