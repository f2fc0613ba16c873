//! `orders` and `refunds`.

use super::*;
use crate::support::{TestDatabase, on_both_databases};

const HEAD: &str = "order_id,customer_id,ordered_at,amount,currency,status\n";

on_both_databases! {
    async fn orders_are_upserted_by_their_ids(database: TestDatabase) {
        let world = World::new(database).await;
        let text = format!(
            "{HEAD}1,17850,2026-03-28 23:30:00,139.12,GBP,Completed\n2,,2026-03-29 02:30:00,5,,\n"
        );
        assert_eq!(world.good(Format::Orders, &text).await, (2, 0));
        assert_eq!(
            world.rows("SELECT ordered_at, day, net, gross, currency, status, counted, customer_id IS NULL FROM orders ORDER BY ordered_at").await,
            [
                "2026-03-28T22:30:00+00:00|2026-03-28|139120000|139120000|GBP|completed|1|0",
                "2026-03-29T01:30:00+00:00|2026-03-29|5000000|5000000|EUR|completed|1|1",
            ]
        );
        assert_eq!(
            world.one("SELECT first_order_day FROM customer").await,
            "2026-03-28"
        );
        assert_eq!(world.good(Format::Orders, &text).await, (0, 2));
        let moved = format!("{HEAD}1,17851,2026-03-28 23:30:00,139.12,GBP,canceled\n");
        assert_eq!(world.good(Format::Orders, &moved).await, (1, 0));
        assert_eq!(
            world.one("SELECT COUNT(*), SUM(CASE WHEN counted THEN 1 ELSE 0 END) FROM orders").await,
            "2|1"
        );
        assert_eq!(
            world.rows("SELECT first_order_day FROM customer").await,
            ["null", "null"]
        );
    }

    async fn an_id_that_is_there_twice_is_unchanged_or_the_last_wins(database: TestDatabase) {
        let world = World::new(database).await;
        let text = format!("{HEAD}1,a,2026-03-01,1,,\n1,a,2026-03-01,1,,\n1,a,2026-03-01,2,,\n");
        assert_eq!(world.good(Format::Orders, &text).await, (2, 1));
        assert_eq!(world.one("SELECT net FROM orders").await, "2000000");
    }

    async fn amounts_come_net_or_gross_with_what_is_taken_off(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "order_id,ordered_at,amount,gross,discount,tax,shipping,cogs\n";
        let text = format!(
            "{head}1,2026-03-01,,120,10,20,5,30\n2,2026-03-02,85,,10,20,5,\n3,2026-03-03,85,120,10,20,5,\n"
        );
        world.good(Format::Orders, &text).await;
        assert_eq!(
            world
                .rows("SELECT gross, net, cost_of_goods FROM orders ORDER BY day")
                .await,
            [
                "120000000|85000000|30000000",
                "120000000|85000000|null",
                "120000000|85000000|null"
            ]
        );
        for (row, column) in [
            ("4,2026-03-01,90,120,10,20,5,", "column amount"),
            ("4,2026-03-01,,10,20,,,", "more than gross"),
            ("4,2026-03-01,,,,,,", "column amount: is blank"),
            ("4,2026-03-01,-1,,,,,", "'-1' is negative"),
            ("4,2026-03-01,1,,,,,x", "column cogs"),
            (",2026-03-01,1,,,,,", "column order_id"),
            ("4,yesterday,1,,,,,", "column ordered_at"),
        ] {
            let refusal = world
                .refusal(Format::Orders, &format!("{head}{row}\n"))
                .await;
            assert!(refusal.contains(column), "{refusal}");
        }
    }

    async fn an_unknown_currency_is_refused(database: TestDatabase) {
        let world = World::new(database).await;
        let refusal = world
            .refusal(Format::Orders, &format!("{HEAD}1,,2026-03-01,1,XYZ,\n"))
            .await;
        assert_eq!(
            refusal,
            "line 2, column currency: 'XYZ' is not an ISO 4217 currency code"
        );
    }

    async fn refunds_belong_to_orders_and_are_summed_there(database: TestDatabase) {
        let world = World::new(database).await;
        let orders = format!("{HEAD}1,a,2026-03-01,10,,\n2,a,2026-03-01,10,USD,\n");
        world.good(Format::Orders, &orders).await;
        let head = "refund_id,order_id,refunded_at,amount,currency\n";
        let text = format!("{head}r1,1,2026-03-05,2,\nr2,1,2026-03-06,3,EUR\n");
        assert_eq!(world.good(Format::Refunds, &text).await, (2, 0));
        assert_eq!(world.good(Format::Refunds, &text).await, (0, 2));
        let refunded = "SELECT refunded FROM orders WHERE currency = 'EUR'";
        assert_eq!(world.one(refunded).await, "5000000");
        assert_eq!(world.good(Format::Orders, &orders).await, (0, 2));
        assert_eq!(world.one(refunded).await, "5000000");
        for (row, reason) in [
            ("r3,9,2026-03-05,1,", "column order_id: '9' is no order"),
            (
                "r3,2,2026-03-05,1,",
                "column currency: 'EUR' is not the order's, which is USD",
            ),
        ] {
            let refusal = world
                .refusal(Format::Refunds, &format!("{head}{row}\n"))
                .await;
            assert!(
                refusal.starts_with("line 2") && refusal.contains(reason),
                "{refusal}"
            );
        }
    }
}
