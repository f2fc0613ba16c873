//! What imports do to the answers: repeats, corrections, refusals, and files that are no tables.

use std::fs::File;

use flate2::read::GzDecoder;
use kpigraph::{
    import::{Format, ImportAsk},
    store::NewTeam,
};
use serde_json::json;

use crate::{
    support::{TestDatabase, new_team, on_both_databases, shared_data},
    team::{METRICS, Row, Team, question, service},
};

const ADS: [&str; 4] = ["IMPRESSIONS", "CLICKS", "SPEND", "CTR"];
const FROM: &str = "2026-03-01";
const TO: &str = "2026-03-31";

const FIRST: &str = "date,campaign_id,impressions,clicks,spend,age
2026-03-01,7,100,10,1.50,18-24
2026-03-01,7,300,20,2.50,25-34
2026-03-02,7,50,5,0.75,18-24
";
/// Day 1 has lost a row and changed another; day 2 is not mentioned.
const CORRECTED: &str = "date,campaign_id,impressions,clicks,spend,age
2026-03-01,7,200,40,1.25,18-24
";
const WRONG: &str = "date,campaign_id,impressions,clicks,spend,age
2026-03-04,7,100,10,1.50,18-24
2026-03-05,7,100,ten,1.50,18-24
2026-03-06,7,100,10,1.50,18-24
";

/// The values of [`ADS`] by day.
async fn by_day(team: &Team<'_>) -> Vec<String> {
    let rows = team.metrics(question(&ADS, &["TIME:DAY"], FROM, TO)).await;
    rows.iter().map(line).collect()
}

fn line(row: &Row) -> String {
    let values = ADS.map(|metric| row.get(metric).unwrap());
    format!("{}: {}", row.name(), values.join(" "))
}

on_both_databases! {
    async fn a_repeat_of_a_whole_export_changes_neither_rows_nor_answers(database: TestDatabase) {
        let Some(shared) = shared_data("a repeat of KAG") else { return };
        let app = service(&database, "2017-08-31").await;
        let team = Team::new(&app, new_team("kag")).await;
        let file = shared.join("kag_facebook_ads/canonical/ad_stats.csv.gz");
        let ask = ImportAsk { day: "2017-08-17".parse().ok(), ..ImportAsk::new(Format::AdStats) };
        let input = question(&ADS, &["CAMPAIGN", "PROPERTY:age", "PROPERTY:gender"], "2017-08-17", "2017-08-17");
        let mut answers = Vec::new();
        for (written, unchanged) in [(1_143, 0), (0, 1_143)] {
            let report = team.read(&ask, File::open(&file).unwrap()).await.unwrap();
            assert_eq!((report.written, report.unchanged, report.refused), (written, unchanged, 0), "{report}");
            answers.push(team.ask(METRICS, json!({ "input": input })).await.to_string());
        }
        // Unpacked it is the same file.
        let plain = GzDecoder::new(File::open(&file).unwrap());
        assert_eq!(team.read(&ask, plain).await.unwrap().unchanged, 1_143);
        assert_eq!(answers[0], answers[1]);
    }

    async fn a_corrected_export_corrects_the_days_that_it_names(database: TestDatabase) {
        let app = service(&database, "2026-04-01").await;
        let team = Team::new(&app, new_team("acme")).await;
        team.text(Format::AdStats, FIRST).await;
        assert_eq!(
            by_day(&team).await,
            ["2026-03-01: 400 30 4 0.075", "2026-03-02: 50 5 0.75 0.1"]
        );
        team.text(Format::AdStats, CORRECTED).await;
        assert_eq!(
            by_day(&team).await,
            ["2026-03-01: 200 40 1.25 0.2", "2026-03-02: 50 5 0.75 0.1"]
        );
        let ages = team.metrics(question(&ADS, &["PROPERTY:age"], FROM, TO)).await;
        assert_eq!(ages.iter().map(Row::name).collect::<Vec<_>>(), ["18-24"]);
    }

    async fn a_wrong_row_leaves_nothing_and_is_named(database: TestDatabase) {
        let app = service(&database, "2026-04-01").await;
        let team = Team::new(&app, new_team("acme")).await;
        team.text(Format::AdStats, FIRST).await;
        let before = by_day(&team).await;
        let report = team.text(Format::AdStats, WRONG).await;
        assert_eq!((report.read, report.written, report.refused, report.committed), (3, 0, 1, false));
        let refusal = &report.refusals[0];
        assert_eq!((refusal.line, refusal.column.as_deref()), (3, Some("clicks")));
        assert!(refusal.reason.contains("ten"), "{refusal}");
        assert_eq!(by_day(&team).await, before);
    }

    async fn a_partial_import_keeps_the_good_rows(database: TestDatabase) {
        let app = service(&database, "2026-04-01").await;
        let team = Team::new(&app, new_team("acme")).await;
        let ask = ImportAsk { partial: true, ..ImportAsk::new(Format::AdStats) };
        let report = team.read(&ask, WRONG.as_bytes()).await.unwrap();
        assert_eq!((report.read, report.written, report.refused, report.committed), (3, 2, 1, true));
        assert_eq!(
            by_day(&team).await,
            ["2026-03-04: 100 10 1.5 0.1", "2026-03-06: 100 10 1.5 0.1"]
        );
    }

    async fn rows_that_are_alike_in_all_but_their_figures_add_up(database: TestDatabase) {
        let app = service(&database, "2026-04-01").await;
        let team = Team::new(&app, new_team("acme")).await;
        let head = FIRST.lines().next().unwrap();
        let row = "2026-03-01,7,100,10,1.50,18-24\n";
        let report = team.text(Format::AdStats, &format!("{head}\n{row}{row}{row}")).await;
        assert_eq!((report.read, report.written), (3, 3));
        assert_eq!(by_day(&team).await, ["2026-03-01: 300 30 4.5 0.1"]);
    }

    async fn anonymous_orders_count_as_orders_and_as_nobody(database: TestDatabase) {
        let app = service(&database, "2026-04-01").await;
        let team = Team::new(&app, new_team("acme")).await;
        let orders = "order_id,customer_id,ordered_at,amount\n1,,2026-03-01,10\n2,,2026-03-01,20\n3,a,2026-03-02,30\n";
        assert_eq!(team.text(Format::Orders, orders).await.written, 3);
        let metrics = ["ORDERS", "REVENUE", "ACTIVE_CUSTOMERS", "NEW_CUSTOMERS"];
        let total = team.total(&metrics, FROM, TO).await;
        let values = metrics.map(|metric| total.get(metric).unwrap());
        assert_eq!(values, ["3", "60", "1", "1"]);
    }

    async fn a_file_that_is_no_text_is_refused_with_its_line_and_a_broken_workbook_as_such(database: TestDatabase) {
        let app = service(&database, "2026-04-01").await;
        let team = Team::new(&app, new_team("acme")).await;
        team.text(Format::AdStats, FIRST).await;
        let before = by_day(&team).await;
        let ask = ImportAsk::new(Format::AdStats);
        let workbook = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xb5\xfc\n".as_slice();
        let latin_1 = b"date,campaign_id,clicks,city\n2026-03-09,7,1,Rome\n2026-03-09,7,1,Forl\xec\n".as_slice();
        for (bytes, reason) in [(workbook, "the workbook cannot be read"), (latin_1, "line 3: the file is not UTF-8")] {
            let error = team.read(&ask, bytes).await.unwrap_err().to_string();
            assert!(error.starts_with(reason), "{error}");
        }
        assert_eq!(by_day(&team).await, before);
    }

    async fn instants_fall_on_the_team_s_days_when_clocks_change(database: TestDatabase) {
        let app = service(&database, "2026-12-01").await;
        let rome = NewTeam { time_zone: chrono_tz::Tz::Europe__Rome, ..new_team("rome") };
        let team = Team::new(&app, rome).await;
        let orders = "order_id,customer_id,ordered_at,amount
w1,a,2026-03-28T22:59:59Z,1
w2,a,2026-03-28T23:00:00Z,2
w3,a,2026-03-29 02:30:00,4
w4,a,2026-03-29T21:59:59Z,8
w5,a,2026-03-29T22:00:00Z,16
s1,a,2026-10-24T21:59:59Z,32
s2,a,2026-10-24T22:00:00Z,64
s3,a,2026-10-25 02:30:00,128
s4,a,2026-10-25T22:59:59Z,256
s5,a,2026-10-25T23:00:00Z,512
s6,a,2026-10-26,1024
";
        team.text(Format::Orders, orders).await;
        let rows = team.metrics(question(&["REVENUE"], &["TIME:DAY"], "2026-03-01", "2026-10-31")).await;
        let day = |row: &Row| format!("{} {}", row.name(), row.get("REVENUE").unwrap());
        let days: Vec<String> = rows.iter().map(day).collect();
        assert_eq!(
            days,
            [
                "2026-03-28 1",
                "2026-03-29 14",
                "2026-03-30 16",
                "2026-10-24 32",
                "2026-10-25 448",
                "2026-10-26 1536",
            ]
        );
    }
}
