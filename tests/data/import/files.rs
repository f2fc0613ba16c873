//! Files as such: compression, text, headers, refused rows, all or nothing.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;
use crate::support::{TestDatabase, on_both_databases};

const GOOD: &str = "date,campaign_id,clicks\n2026-03-01,7,1\n2026-03-02,7,2\n";
const CLICKS: &str = "SELECT SUM(clicks) FROM ad_day";

async fn failure(world: &World, bytes: &[u8]) -> String {
    let error = world
        .read(&ImportAsk::new(Format::AdStats), bytes)
        .await
        .unwrap_err();
    assert_eq!(world.one(CLICKS).await, "null");
    error.to_string()
}

on_both_databases! {
    async fn gzipped_files_and_those_with_a_byte_order_mark_read_like_any_other(database: TestDatabase) {
        let world = World::new(database).await;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(GOOD.as_bytes()).unwrap();
        let gzipped = encoder.finish().unwrap();
        let ask = ImportAsk::new(Format::AdStats);
        assert_eq!(world.read(&ask, &*gzipped).await.unwrap().written, 2);
        let marked = format!("\u{feff}{GOOD}");
        assert_eq!(world.good(Format::AdStats, &marked).await, (0, 2));
        let windows = GOOD.replace('\n', "\r\n");
        assert_eq!(world.good(Format::AdStats, &windows).await, (0, 2));
    }

    async fn what_is_not_a_text_with_a_header_is_refused_as_a_whole(database: TestDatabase) {
        let world = World::new(database).await;
        assert!(failure(&world, b"").await.contains("the file is empty"));
        assert!(failure(&world, b"\n\n").await.contains("the file is empty"));
        assert!(
            failure(&world, b"\x89PNG\r\n\x1a\n\0\0")
                .await
                .starts_with("line 1: the file is not UTF-8")
        );
        let latin = [GOOD.as_bytes(), b"2026-03-01,Se\xf1or,1\n"].concat();
        assert!(
            failure(&world, &latin)
                .await
                .starts_with("line 4: the file is not UTF-8")
        );
        let nul = format!("{GOOD}2026-03-01,\0,1\n");
        assert!(failure(&world, nul.as_bytes()).await.starts_with("line 4"));
    }

    async fn a_gzipped_file_that_was_cut_is_refused(database: TestDatabase) {
        let world = World::new(database).await;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(GOOD.as_bytes()).unwrap();
        let gzipped = encoder.finish().unwrap();
        assert!(failure(&world, &gzipped[..30]).await.contains("cannot be read"));
    }

    async fn a_header_that_does_not_fit_is_refused_with_what_it_lacks(database: TestDatabase) {
        let world = World::new(database).await;
        let error = failure(&world, b"dated;campaign_id;clicks\n2026-03-01;7;1\n").await;
        assert_eq!(
            error,
            "line 1: the column date is missing; the file has dated, campaign_id, clicks"
        );
        let error = failure(&world, b"date,clicks\n2026-03-01,1\n").await;
        assert!(
            error.contains("campaign_id or campaign_name is missing"),
            "{error}"
        );
        let error = failure(&world, b"date,campaign_id,clicks,Clicks\n").await;
        assert!(error.contains("'Clicks' is there twice"), "{error}");
    }

    async fn a_wrong_row_leaves_nothing_of_the_file(database: TestDatabase) {
        let world = World::new(database).await;
        for (row, expected) in [
            ("2026-03-03,7,-1", "line 4, column clicks: '-1' is negative"),
            (
                "2026-02-30,7,1",
                "line 4, column date: '2026-02-30' is not a date of the form YYYY-MM-DD",
            ),
            (
                "03/01/2026,7,1",
                "line 4, column date: '03/01/2026' can be read as 2026-01-03 and as 2026-03-01: say which by --dates",
            ),
            (
                "2026-03-03,,1",
                "line 4, column campaign_name: is blank, but must be given",
            ),
            (
                "2026-03-03,7,1.5",
                "line 4, column clicks: '1.5' is not a whole number",
            ),
            (
                "2026-03-03,7,x",
                "line 4, column clicks: 'x' is not a number",
            ),
            (
                "2026-03-03,7",
                "line 4: the row is malformed: it has 2 fields, the header has 3",
            ),
            (
                "2026-03-03,7,1,9",
                "line 4: the row is malformed: it has 4 fields, the header has 3",
            ),
            (
                "2026-03-03,\"7\"x,1",
                "line 4: the row is malformed: text follows a closing quote",
            ),
            (
                "2026-03-03,7,\"1",
                "line 4: the row is malformed: a quote is opened and not closed before the end of the file",
            ),
            (
                "2026-03-03,7,99999999999999999999",
                "line 4, column clicks: '99999999999999999999' is too large (or has too many digits) to be stored",
            ),
        ] {
            let refusal = world
                .refusal(Format::AdStats, &format!("{GOOD}{row}\n"))
                .await;
            assert_eq!(refusal, expected);
        }
        assert_eq!(world.one(CLICKS).await, "null");
        assert_eq!(
            world
                .one("SELECT COUNT(*) FROM campaign WHERE id > 0")
                .await,
            "0"
        );
        assert_eq!(world.one("SELECT COUNT(*) FROM source_load").await, "0");
    }

    async fn a_partial_import_keeps_the_good_rows_and_reports_up_to_the_end(database: TestDatabase) {
        let world = World::new(database).await;
        let text = format!("{GOOD}2026-03-03,7,-1\n2026-03-04,7,4\nbad\n");
        let ask = ImportAsk {
            partial: true,
            ..ImportAsk::new(Format::AdStats)
        };
        let report = world.read(&ask, text.as_bytes()).await.unwrap();
        assert_eq!((report.read, report.written, report.refused), (5, 3, 2));
        assert!(report.committed);
        assert_eq!(
            report.refusals.iter().map(|r| r.line).collect::<Vec<_>>(),
            [4, 6]
        );
        assert_eq!(world.one(CLICKS).await, "7");
    }

    async fn a_file_with_a_header_alone_changes_nothing(database: TestDatabase) {
        let world = World::new(database).await;
        for format in <Format as clap::ValueEnum>::value_variants() {
            let header = "date,campaign_id,clicks,sessions,order_id,customer_id,ordered_at,amount,lead_id,\
                          created_at,deal_id,outcome,stage,entered_at,touch_id,occurred_at,refund_id,refunded_at,\
                          cost_id,starts_on,from,to,rate,sent,followers,conversion_id,answer_id,kind,score,\
                          answered_at,content_id,published_at,people,figure,value\n";
            assert_eq!(world.good(*format, header).await, (0, 0));
        }
    }

    async fn progress_is_told_per_batch_and_statements_do_not_grow_with_its_rows(database: TestDatabase) {
        let world = World::new(database).await;
        let orders = |count: usize| {
            let rows: String = (0..count)
                .map(|n| format!("o{n},c{n},2026-03-01 10:00,{n}.50\n"))
                .collect();
            format!("order_id,customer_id,ordered_at,amount\n{rows}")
        };
        let mut statements = Vec::new();
        for count in [10, 999, 3_000] {
            let before = world.team.statements();
            let told = std::sync::Mutex::new(Vec::new());
            let text = orders(count);
            let ask = ImportAsk {
                source: format!("shop {count}"),
                ..ImportAsk::new(Format::Orders)
            };
            import::import(&world.team, &ask, text.as_bytes(), &|read| {
                told.lock().unwrap().push(read)
            })
            .await
            .unwrap();
            assert_eq!(told.lock().unwrap().last(), Some(&(count as u64)));
            statements.push(world.team.statements() - before);
        }
        // A batch of ten orders costs as many statements as one of a thousand.
        let [few, one_batch, three_batches] = statements[..] else {
            panic!("{statements:?}")
        };
        assert_eq!(few, one_batch);
        assert!(three_batches < 3 * one_batch, "{statements:?}");
    }

    async fn a_source_has_a_sensible_name(database: TestDatabase) {
        let world = World::new(database).await;
        for source in ["", "x ", " x", &"x".repeat(61)] {
            let ask = ImportAsk {
                source: source.into(),
                ..ImportAsk::new(Format::AdStats)
            };
            let error = world.read(&ask, GOOD.as_bytes()).await.unwrap_err();
            assert!(error.to_string().contains("source"), "{error}");
        }
    }
}
