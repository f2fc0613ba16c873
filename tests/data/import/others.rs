//! `deals`, `costs`, `fx-rates`.

use super::*;
use crate::support::{TestDatabase, on_both_databases};

on_both_databases! {
    async fn deals_keep_an_unknown_amount_apart_from_zero(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "deal_id,lead_id,opened_at,closed_at,outcome,stage,amount,currency,owner\n";
        let text = format!(
            "{head}1,a,2026-03-01,2026-03-05 23:30:00,Won,closed,100,USD,Bob\n2,,,2026-03-06,lost,,0,,\n3,,2026-03-01,2026-09-01,,Engaging,,,\n"
        );
        assert_eq!(world.good(Format::Deals, &text).await, (3, 0));
        assert_eq!(world.good(Format::Deals, &text).await, (0, 3));
        assert_eq!(
            world.rows("SELECT outcome, opened_on, closed_on, amount, currency, customer_id IS NULL, properties FROM opportunity ORDER BY outcome DESC").await,
            [
                r#"WON|2026-03-01|2026-03-05|100000000|USD|0|{"owner":"Bob"}"#,
                r#"OPEN|2026-03-01|null|null|EUR|1|{"expected_close":"2026-09-01"}"#,
                "LOST|null|2026-03-06|0|EUR|1|{}",
            ]
        );
        for (row, reason) in [
            ("4,,,,won,,1,,", "column closed_at: is blank"),
            ("4,,,2026-03-01,won,,-1,,", "'-1' is negative"),
            ("4,,,,maybe,,1,,", "allowed are OPEN, WON, LOST"),
        ] {
            let refusal = world
                .refusal(Format::Deals, &format!("{head}{row}\n"))
                .await;
            assert!(refusal.contains(reason), "{refusal}");
        }
    }

    async fn costs_are_spread_over_their_days_to_the_micro(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "cost_id,name,kind,starts_on,ends_on,amount,acquisition,campaign\n";
        let text = format!(
            "{head}1,Agency,agency,2026-03-01,2026-03-03,100,true,Spring\n2,,,2026-03-01,,5,,\n"
        );
        let days = "SELECT COUNT(*), SUM(amount), MAX(amount) - MIN(amount) FROM cost_day WHERE amount <> 5000000";
        assert_eq!(world.good(Format::Costs, &text).await, (2, 0));
        assert_eq!(world.good(Format::Costs, &text).await, (0, 2));
        assert_eq!(world.one(days).await, "3|100000000|1");
        assert_eq!(
            world
                .rows("SELECT name, kind, acquisition, campaign_id > 0 FROM cost_item ORDER BY name")
                .await,
            ["2|OTHER|0|0", "Agency|AGENCY|1|1"]
        );
        let shorter = format!("{head}1,Agency,agency,2026-03-01,2026-03-02,100,true,Spring\n");
        assert_eq!(world.good(Format::Costs, &shorter).await, (1, 0));
        assert_eq!(world.one(days).await, "2|100000000|0");
        for (row, reason) in [
            ("3,,,2026-03-02,2026-03-01,1,,", "is before the first day"),
            ("3,,,2026-03-02,2100-03-01,1,,", "allowed are 3660"),
            ("3,,rent,2026-03-02,,1,,", "allowed are AGENCY"),
        ] {
            let refusal = world
                .refusal(Format::Costs, &format!("{head}{row}\n"))
                .await;
            assert!(refusal.contains(reason), "{refusal}");
        }
    }

    async fn exchange_rates_are_upserted_by_day_and_pair(database: TestDatabase) {
        let world = World::new(database).await;
        let text = "date,from,to,rate\n2026-03-01,USD,EUR,0.92\n2026-03-01,gbp,,1.153\n";
        assert_eq!(world.good(Format::FxRates, text).await, (2, 0));
        assert_eq!(world.good(Format::FxRates, text).await, (0, 2));
        assert_eq!(
            world
                .good(Format::FxRates, &text.replace("0.92", "0.93"))
                .await,
            (1, 1)
        );
        assert_eq!(
            world
                .rows("SELECT from_currency, to_currency, rate_nanos FROM fx_rate ORDER BY 1")
                .await,
            ["GBP|EUR|1153000000", "USD|EUR|930000000"]
        );
        for (row, reason) in [
            ("2026-03-01,USD,EUR,0", "greater than 0"),
            ("2026-03-01,USD,USD,1", "exchanged to"),
            ("2026-03-01,,EUR,1", "column from: is blank"),
            ("2026-03-01,USD,EUR,", "column rate: is blank"),
        ] {
            let refusal = world
                .refusal(Format::FxRates, &format!("date,from,to,rate\n{row}\n"))
                .await;
            assert!(refusal.contains(reason), "{refusal}");
        }
    }
}
