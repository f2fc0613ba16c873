//! Costs beside media, exchange rates, published content.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{
    clustered, create, currency, drop, entity_table, index, reference, team_table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let cost_item = entity_table("cost_item")
            .col(string_len("name", 200))
            .col(string_len("kind", 20))
            .col(date("starts_on"))
            .col(date("ends_on"))
            .col(big_integer("amount"))
            .col(currency("currency"))
            // Whether the cost serves to win customers, and so counts for CAC.
            .col(boolean("acquisition"))
            .col(big_integer("campaign_id").default(0))
            .col(big_integer("channel_id").default(0))
            .foreign_key(&mut reference("cost_item", "campaign_id", "campaign"))
            .foreign_key(&mut reference("cost_item", "channel_id", "channel"))
            .to_owned();
        // The item's amount split over its days to the micro, so that any period's share is a plain sum.
        let mut cost_day = team_table("cost_day")
            .col(big_integer("cost_item_id"))
            .col(date("day"))
            .col(big_integer("amount"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("day")
                    .col("cost_item_id"),
            )
            .foreign_key(&mut reference("cost_day", "cost_item_id", "cost_item"))
            .to_owned();
        clustered(manager, &mut cost_day);
        let mut fx_rate = team_table("fx_rate")
            .col(currency("from_currency"))
            .col(currency("to_currency"))
            .col(date("day"))
            // Units of `to_currency` for one unit of `from_currency`, in billionths.
            .col(big_integer("rate_nanos"))
            .col(string_len("source", 60))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("from_currency")
                    .col("to_currency")
                    .col("day"),
            )
            .to_owned();
        clustered(manager, &mut fx_rate);
        let content_item = entity_table("content_item")
            .col(string_len("title", 500))
            .col(string_len("kind", 40))
            .col(string_len_null("url", 2000))
            .col(timestamp_with_time_zone("published_at"))
            .col(date("day"))
            .col(big_integer("campaign_id").default(0))
            .col(big_integer("channel_id").default(0))
            .foreign_key(&mut reference("content_item", "campaign_id", "campaign"))
            .foreign_key(&mut reference("content_item", "channel_id", "channel"))
            .to_owned();
        create(
            manager,
            vec![cost_item, cost_day, fx_rate, content_item],
            vec![
                index("cost_day", "item", &["cost_item_id"]),
                index("content_item", "day", &["day"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &["content_item", "fx_rate", "cost_day", "cost_item"],
        )
        .await
    }
}
