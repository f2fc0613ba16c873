//! Orders, refunds, opportunities.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, currency, drop, entity_table, index, properties, reference};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let orders = entity_table("orders")
            .col(big_integer_null("customer_id"))
            .col(timestamp_with_time_zone("ordered_at"))
            .col(date("day"))
            .col(string_len("status", 40))
            // False for test and cancelled orders, which no KPI counts.
            .col(boolean("counted"))
            .col(currency("currency"))
            .col(big_integer("gross"))
            .col(big_integer("discount"))
            .col(big_integer("tax"))
            .col(big_integer("shipping"))
            // gross - discount - tax - shipping, kept so that it can be summed from an index.
            .col(big_integer("net"))
            .col(big_integer_null("cost_of_goods"))
            // The sum of the order's refunds, kept for the order-date view of refunds.
            .col(big_integer("refunded").default(0))
            .col(string_len_null("country", 64))
            .col(string_len_null("device", 10))
            .col(properties())
            .foreign_key(&mut reference("orders", "customer_id", "customer"))
            .to_owned();
        let refund = entity_table("refund")
            .col(big_integer("order_id"))
            .col(timestamp_with_time_zone("refunded_at"))
            .col(date("day"))
            .col(currency("currency"))
            .col(big_integer("amount"))
            .foreign_key(&mut reference("refund", "order_id", "orders"))
            .to_owned();
        let opportunity = entity_table("opportunity")
            .col(big_integer_null("customer_id"))
            .col(date_null("opened_on"))
            .col(timestamp_with_time_zone_null("closed_at"))
            .col(date_null("closed_on"))
            .col(string_len("outcome", 10))
            .col(string_len_null("stage", 100))
            .col(big_integer_null("amount"))
            .col(currency("currency"))
            .col(properties())
            .foreign_key(&mut reference("opportunity", "customer_id", "customer"))
            .to_owned();
        create(
            manager,
            vec![orders, refund, opportunity],
            vec![
                // Holds what sums over orders need, so that they do not visit the table.
                index(
                    "orders",
                    "day",
                    &[
                        "day",
                        "counted",
                        "currency",
                        "customer_id",
                        "net",
                        "refunded",
                        "cost_of_goods",
                    ],
                ),
                index("orders", "customer", &["customer_id", "day", "counted"]),
                index("refund", "day", &["day"]),
                index("refund", "order", &["order_id"]),
                index("opportunity", "closed", &["closed_on"]),
                index("opportunity", "opened", &["opened_on"]),
                index("opportunity", "customer", &["customer_id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["opportunity", "refund", "orders"]).await
    }
}
