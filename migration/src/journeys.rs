//! Touchpoints and conversions: what people did on their way.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, currency, drop, entity_table, index, properties, reference};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let touchpoint = entity_table("touchpoint")
            .col(big_integer("customer_id"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(date("day"))
            .col(string_len("kind", 10))
            .col(big_integer_null("campaign_id"))
            .col(big_integer_null("channel_id"))
            .col(string_len_null("utm_source", 200))
            .col(string_len_null("utm_medium", 200))
            .col(string_len_null("utm_campaign", 200))
            .col(properties())
            .foreign_key(&mut reference("touchpoint", "customer_id", "customer"))
            .foreign_key(&mut reference("touchpoint", "campaign_id", "campaign"))
            .foreign_key(&mut reference("touchpoint", "channel_id", "channel"))
            .to_owned();
        let conversion = entity_table("conversion")
            .col(big_integer_null("customer_id"))
            .col(string_len("kind", 100))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(date("day"))
            .col(big_integer_null("value"))
            .col(currency("currency"))
            .foreign_key(&mut reference("conversion", "customer_id", "customer"))
            .to_owned();
        create(
            manager,
            vec![touchpoint, conversion],
            vec![
                index("touchpoint", "customer", &["customer_id", "occurred_at"]),
                index("touchpoint", "day", &["day"]),
                index("conversion", "day", &["day", "kind"]),
                index("conversion", "customer", &["customer_id", "occurred_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["conversion", "touchpoint"]).await
    }
}
