//! `leads`, `stage-events`, `touchpoints`: what people did.

use super::*;
use crate::support::{TestDatabase, on_both_databases};

const LEADS: &str = "lead_id,created_at,channel,campaign,email,landing_page\n\
                     a,2026-03-01,social,,Ann@Example.com,x\n\
                     b,2026-03-02,paid_search,Spring,,\n";

on_both_databases! {
    async fn a_lead_is_a_customer_that_entered_a_stage(database: TestDatabase) {
        let world = World::new(database).await;
        assert_eq!(world.good(Format::Leads, LEADS).await, (2, 0));
        assert_eq!(world.good(Format::Leads, LEADS).await, (0, 2));
        assert_eq!(
            world.rows("SELECT email, lifecycle, acquired_at, properties, version FROM customer ORDER BY acquired_at").await,
            [
                r#"ann@example.com|LEAD|2026-02-28T23:00:00+00:00|{"landing_page":"x"}|1"#,
                "null|LEAD|2026-03-01T23:00:00+00:00|{}|1",
            ]
        );
        assert_eq!(
            world
                .rows("SELECT stage, day, first_entry FROM stage_event ORDER BY day")
                .await,
            ["LEAD|2026-03-01|1", "LEAD|2026-03-02|1"]
        );
        let corrected = "lead_id,created_at,email,name\na,2026-03-01,,Ann\n";
        assert_eq!(world.good(Format::Leads, corrected).await, (1, 0));
        assert_eq!(
            world
                .one("SELECT name, email, acquired_channel_id > 0 FROM customer WHERE name IS NOT NULL")
                .await,
            "Ann|ann@example.com|1"
        );
    }

    async fn a_touch_keeps_its_tags_and_the_page_it_came_from(database: TestDatabase) {
        let world = World::new(database).await;
        let touches = "touch_id,customer_id,occurred_at,utm_source,Referer\n\
                       1,a,2026-03-01,news,https://blog.example/x\n2,a,2026-03-02,,\n";
        assert_eq!(world.good(Format::Touchpoints, touches).await, (2, 0));
        assert_eq!(world.good(Format::Touchpoints, touches).await, (0, 2));
        assert_eq!(
            world.rows("SELECT utm_source, referrer FROM touchpoint ORDER BY occurred_at").await,
            ["news|https://blog.example/x", "null|null"]
        );
    }

    async fn stages_follow_each_other_and_first_entries_are_marked(database: TestDatabase) {
        let world = World::new(database).await;
        world.good(Format::Leads, LEADS).await;
        let text = "customer_id,stage,entered_at\na,mql,2026-03-03\na,MQL,2026-03-04\na,mql,2026-03-03\nz,SQL,2026-03-05\n";
        assert_eq!(world.good(Format::StageEvents, text).await, (3, 1));
        assert_eq!(world.good(Format::StageEvents, text).await, (0, 4));
        assert_eq!(
            world
                .rows(
                    "SELECT stage, day, first_entry FROM stage_event WHERE stage <> 'LEAD' ORDER BY day"
                )
                .await,
            ["MQL|2026-03-03|1", "MQL|2026-03-04|0", "SQL|2026-03-05|1"]
        );
        assert_eq!(
            world
                .rows("SELECT lifecycle FROM customer ORDER BY lifecycle")
                .await,
            ["LEAD", "MQL", "SQL"]
        );
        let refusal = world
            .refusal(
                Format::StageEvents,
                "customer_id,stage,entered_at\na,fan,2026-03-03\n",
            )
            .await;
        assert!(refusal.starts_with("line 2, column stage: 'fan' is not allowed; allowed are VISITOR"));
    }

    async fn touchpoints_tell_conversions_and_who_acquired(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "touch_id,customer_id,occurred_at,channel,campaign,kind,is_conversion,value\n";
        let text = format!(
            "{head}t1,a,2026-03-02T10:00:00Z,Facebook,Spring,,0,0\nt2,a,2026-03-01T10:00:00Z,Email,,view,1,6.5\n"
        );
        assert_eq!(world.good(Format::Touchpoints, &text).await, (2, 0));
        assert_eq!(world.good(Format::Touchpoints, &text).await, (0, 2));
        assert_eq!(
            world
                .rows("SELECT kind, campaign_id IS NULL FROM touchpoint ORDER BY occurred_at")
                .await,
            ["VIEW|1", "CLICK|0"]
        );
        assert_eq!(
            world
                .one("SELECT kind, value, currency FROM conversion")
                .await,
            "conversion|6500000|EUR"
        );
        assert_eq!(
            world.one("SELECT h.name, acquired_at FROM customer c JOIN channel h ON h.id = c.acquired_channel_id").await,
            "Email|2026-03-01T10:00:00+00:00"
        );
        // A conversion that a later export takes back is gone, and can come again.
        let taken_back = text.replace("view,1,6.5", "view,0,6.5");
        assert_eq!(world.good(Format::Touchpoints, &taken_back).await, (1, 1));
        assert_eq!(world.one("SELECT COUNT(*) FROM conversion").await, "0");
        assert_eq!(world.good(Format::Touchpoints, &text).await, (1, 1));
        assert_eq!(world.one("SELECT COUNT(*) FROM conversion").await, "1");
    }

    async fn campaigns_are_found_by_name_where_the_source_has_no_id_for_them(database: TestDatabase) {
        let world = World::new(database).await;
        world
            .good(
                Format::AdStats,
                "date,campaign_id,campaign_name,clicks\n2026-03-01,7,Spring,1\n",
            )
            .await;
        world.good(Format::Leads, LEADS).await;
        world
            .good(
                Format::Leads,
                "lead_id,created_at,campaign\nc,2026-03-01,7\n",
            )
            .await;
        assert_eq!(
            world
                .one("SELECT COUNT(*) FROM campaign WHERE id > 0")
                .await,
            "1"
        );
        let acquired = "SELECT COUNT(*) FROM customer WHERE acquired_campaign_id > 0";
        assert_eq!(world.one(acquired).await, "2");
    }
}
