//! Cells that a spreadsheet would run.

use kpigraph::import::{Format, ImportAsk, import};
use serde_json::json;

use super::{cells, file, lines};
use crate::{
    fixtures::start,
    support::{TestDatabase, on_both_databases},
};

const NAMES: [&str; 6] = ["=1+1", "+cmd", "-2+3", "@x", "'=y", "\"=z"];

on_both_databases! {
    async fn formulas_are_escaped_in_csv_alone_and_come_back_by_import(database: TestDatabase) {
        let (app, team, token) = start(&database).await;
        let mut text = "touch_id,customer_id,occurred_at,utm_source,utm_medium\n".to_owned();
        for (place, name) in NAMES.iter().enumerate() {
            let quoted = name.replace('"', "\"\"");
            text.push_str(&format!("{place},c,2026-06-0{},\"{quoted}\",-12.5\n", place + 1));
        }
        let ask = ImportAsk { source: "shop".into(), ..ImportAsk::new(Format::Touchpoints) };
        import(&team, &ask, text.as_bytes(), &|_| ()).await.unwrap();

        let exported = file(&app, &token, "touchpoints.csv?system=shop").await;
        let (header, rows, _) = cells(&exported);
        let place = |name: &str| header.iter().position(|column| column == name).unwrap();
        for (row, name) in rows.iter().zip(NAMES) {
            assert_eq!(row[place("utm_source")], format!("'{name}"));
            assert_eq!(row[place("utm_medium")], "-12.5");
        }
        let (rows, _) = lines(&file(&app, &token, "touchpoints.ndjson").await);
        let sources: Vec<_> = rows.iter().map(|row| row["utm_source"].clone()).collect();
        assert_eq!(json!(sources), json!(NAMES));

        let copy = app.team("copy").await;
        let report = import(&copy, &ask, exported.as_bytes(), &|_| ()).await.unwrap();
        assert_eq!((report.written, report.refused), (NAMES.len() as u64, 0), "{report}");
        let token = app.token("copy", kpigraph::auth::Role::Owner);
        let (rows, _) = lines(&file(&app, &token, "touchpoints.ndjson").await);
        let sources: Vec<_> = rows.iter().map(|row| row["utm_source"].clone()).collect();
        assert_eq!(json!(sources), json!(NAMES));
    }
}
