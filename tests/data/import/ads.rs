//! `ad-stats` and `web-stats`: facts of days.

use super::*;
use crate::support::{TestDatabase, on_both_databases};

const HEAD: &str =
    "date,channel,campaign_id,campaign_name,impressions,clicks,spend,conversions,age\n";
const SUMS: &str =
    "SELECT COUNT(*), SUM(impressions), SUM(clicks), SUM(spend), SUM(conversions) FROM ad_day";

fn file(rows: &str) -> String {
    format!("{HEAD}{rows}")
}

const TWO_DAYS: &str = "2026-03-01,facebook,7,Spring,100,10,1.429999948,1,30-34\n\
                        2026-03-01,facebook,7,Spring,50,5,1,0.5,35-39\n\
                        2026-03-02,google_ads,7,Spring,10,1,0.5,,\n";

on_both_databases! {
    async fn a_repeat_changes_nothing_and_a_corrected_export_corrects(database: TestDatabase) {
        let world = World::new(database).await;
        assert_eq!(world.good(Format::AdStats, &file(TWO_DAYS)).await, (3, 0));
        assert_eq!(world.one(SUMS).await, "3|160|16|2930000|1500000");
        assert_eq!(world.good(Format::AdStats, &file(TWO_DAYS)).await, (0, 3));
        // The corrected day has one row less and one that differs; the other day is not in the file.
        let corrected = "2026-03-01,facebook,7,Spring,90,9,1,1,30-34\n";
        assert_eq!(world.good(Format::AdStats, &file(corrected)).await, (1, 0));
        assert_eq!(world.one(SUMS).await, "2|100|10|1500000|1000000");
        assert_eq!(world.one("SELECT COUNT(*) FROM ad_day_staged").await, "0");
        assert_eq!(
            world
                .one("SELECT source, fact, data_from, data_through FROM source_load")
                .await,
            "import|ad_day|2026-03-01|2026-03-02"
        );
    }

    async fn campaigns_and_channels_are_created_once_and_linked(database: TestDatabase) {
        let world = World::new(database).await;
        world.good(Format::AdStats, &file(TWO_DAYS)).await;
        world.good(Format::AdStats, &file(TWO_DAYS)).await;
        let campaigns = "SELECT name, objective, status FROM campaign WHERE id > 0";
        assert_eq!(world.one(campaigns).await, "Spring|SALES|ACTIVE");
        assert_eq!(
            world
                .rows("SELECT name, kind, paid FROM channel WHERE id > 0 ORDER BY name")
                .await,
            ["facebook|PAID_SOCIAL|1", "google_ads|PAID_SEARCH|1"]
        );
        assert_eq!(
            world.one("SELECT COUNT(*) FROM campaign_channel").await,
            "2"
        );
        assert_eq!(
            world
                .one("SELECT entity, external_id FROM external_ref WHERE entity = 'CAMPAIGN'")
                .await,
            "CAMPAIGN|7"
        );
    }

    async fn identical_rows_add_up_within_and_across_batches(database: TestDatabase) {
        let world = World::new(database).await;
        let row = "2026-03-01,,,Spring,1,1,0.000001,1,\n";
        assert_eq!(
            world.good(Format::AdStats, &file(&row.repeat(2))).await,
            (2, 0)
        );
        assert_eq!(world.one(SUMS).await, "1|2|2|2|2000000");
        assert_eq!(
            world.good(Format::AdStats, &file(&row.repeat(2_500))).await,
            (2_500, 0)
        );
        assert_eq!(world.one(SUMS).await, "1|2500|2500|2500|2500000000");
        assert_eq!(
            world.good(Format::AdStats, &file(&row.repeat(2_500))).await,
            (0, 2_500)
        );
        let key = "SELECT channel_id, country, device, properties, currency FROM ad_day";
        assert_eq!(world.one(key).await, "0|||{}|EUR");
    }

    async fn columns_beyond_the_known_ones_become_breakdowns(database: TestDatabase) {
        let world = World::new(database).await;
        let text = "Day,Campaign,Cost,Ad Set,Gender,Country,Device\n2026-03-01,A,1,x,F,2840,iPhone\n";
        world.good(Format::AdStats, text).await;
        assert_eq!(
            world
                .one("SELECT properties, country, device FROM ad_day")
                .await,
            r#"{"ad_set":"x","gender":"F"}|US|MOBILE"#
        );
    }

    async fn rows_in_another_currency_are_kept_apart(database: TestDatabase) {
        let world = World::new(database).await;
        let text = "date,campaign_id,spend,currency\n2026-03-01,7,1,\n2026-03-01,7,2,USD\n2026-03-01,7,3,eur\n";
        world.good(Format::AdStats, text).await;
        assert_eq!(
            world
                .rows("SELECT currency, spend, properties FROM ad_day ORDER BY currency")
                .await,
            ["EUR|4000000|{}", r#"USD|2000000|{"currency":"USD"}"#]
        );
    }

    async fn a_day_dates_rows_that_have_none(database: TestDatabase) {
        let world = World::new(database).await;
        let ask = ImportAsk {
            day: "2026-02-28".parse().ok(),
            ..ImportAsk::new(Format::AdStats)
        };
        let text = "date,campaign_id,clicks\n,7,1\n2026-03-01,7,2\n";
        assert!(world.read(&ask, text.as_bytes()).await.unwrap().committed);
        let undated = "campaign_id,clicks\n8,1\n";
        assert!(
            world
                .read(&ask, undated.as_bytes())
                .await
                .unwrap()
                .committed
        );
        assert_eq!(
            world
                .rows("SELECT day, SUM(clicks) FROM ad_day GROUP BY day ORDER BY day")
                .await,
            ["2026-02-28|2", "2026-03-01|2"]
        );
        let refusal = world.refusal(Format::AdStats, text).await;
        assert_eq!(refusal, "line 2, column date: is blank, but must be given");
    }

    async fn sources_do_not_replace_each_others_days(database: TestDatabase) {
        let world = World::new(database).await;
        for source in ["one", "two"] {
            let ask = ImportAsk {
                source: source.into(),
                ..ImportAsk::new(Format::AdStats)
            };
            world.read(&ask, file(TWO_DAYS).as_bytes()).await.unwrap();
        }
        assert_eq!(world.one("SELECT COUNT(*) FROM ad_day").await, "6");
        // Channels have the same name for everyone, campaign ids are each source's own.
        assert_eq!(
            world.one("SELECT COUNT(*) FROM channel WHERE id > 0").await,
            "2"
        );
        assert_eq!(
            world
                .one("SELECT COUNT(*) FROM campaign WHERE id > 0")
                .await,
            "2"
        );
    }

    async fn a_total_that_no_number_holds_is_refused(database: TestDatabase) {
        let world = World::new(database).await;
        let row = "2026-03-01,,A,A,9223372036854775807,0,0,0,\n";
        let refusal = world.refusal(Format::AdStats, &file(&row.repeat(2))).await;
        assert!(
            refusal.starts_with("line 3, column impressions:"),
            "{refusal}"
        );
        assert!(refusal.ends_with("makes the file's total too large"));
    }

    async fn web_figures_replace_add_up_and_repeat_like_those_of_ads(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "date,channel,campaign_id,landing_page,sessions,pageviews,browser\n";
        let text = format!(
            "{head}2026-03-01,direct,,/a,5,9,x\n2026-03-01,direct,,/a,1,1,x\n2026-03-02,email,Spring,/b,2,2,\n"
        );
        let sums = "SELECT COUNT(*), SUM(sessions), SUM(pageviews), MIN(source) FROM web_day";
        assert_eq!(world.good(Format::WebStats, &text).await, (3, 0));
        assert_eq!(world.one(sums).await, "2|8|12|import");
        assert_eq!(world.good(Format::WebStats, &text).await, (0, 3));
        let corrected = format!("{head}2026-03-01,direct,,/a,4,4,x\n");
        assert_eq!(world.good(Format::WebStats, &corrected).await, (1, 0));
        assert_eq!(world.one(sums).await, "2|6|6|import");
    }
}
