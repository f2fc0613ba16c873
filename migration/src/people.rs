//! Customers, the stages they entered, what they answered.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, edited, entity_table, index, reference};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let customer = edited(
            entity_table("customer")
                .col(string_len_null("email", 320))
                .col(string_len_null("name", 300))
                .col(string_len_null("country", 64))
                .col(string_len_null("lifecycle", 20))
                .col(big_integer_null("acquired_campaign_id"))
                .col(big_integer_null("acquired_channel_id"))
                .col(timestamp_with_time_zone_null("acquired_at"))
                .col(date_null("first_order_day"))
                .col(date_null("second_order_day"))
                .col(timestamp_with_time_zone_null("source_updated_at"))
                .col(crate::schema::properties())
                .foreign_key(&mut reference(
                    "customer",
                    "acquired_campaign_id",
                    "campaign",
                ))
                .foreign_key(&mut reference("customer", "acquired_channel_id", "channel")),
        )
        .to_owned();
        let stage_event = entity_table("stage_event")
            .col(big_integer("customer_id"))
            .col(string_len("stage", 20))
            .col(timestamp_with_time_zone("entered_at"))
            .col(date("day"))
            .col(boolean("first_entry"))
            .col(string_len("source", 60))
            .foreign_key(&mut reference("stage_event", "customer_id", "customer"))
            .to_owned();
        let survey_response = entity_table("survey_response")
            .col(string_len("survey", 200))
            .col(string_len("kind", 20))
            .col(big_integer_null("customer_id"))
            .col(integer("score"))
            .col(integer("scale_max"))
            .col(timestamp_with_time_zone("answered_at"))
            .col(date("day"))
            .foreign_key(&mut reference("survey_response", "customer_id", "customer"))
            .to_owned();
        create(
            manager,
            vec![customer, stage_event, survey_response],
            vec![
                index("customer", "email", &["email"]),
                index(
                    "customer",
                    "first_order",
                    &[
                        "first_order_day",
                        "acquired_campaign_id",
                        "acquired_channel_id",
                        "country",
                    ],
                ),
                index(
                    "customer",
                    "second_order",
                    &[
                        "second_order_day",
                        "acquired_campaign_id",
                        "acquired_channel_id",
                        "country",
                    ],
                ),
                index("customer", "campaign", &["acquired_campaign_id"]),
                // Tells who acquired a customer without a visit to the table.
                index(
                    "customer",
                    "acquired",
                    &[
                        "id",
                        "acquired_campaign_id",
                        "acquired_channel_id",
                        "country",
                    ],
                ),
                index(
                    "stage_event",
                    "entry",
                    &["customer_id", "stage", "entered_at"],
                )
                .unique()
                .to_owned(),
                index(
                    "stage_event",
                    "day",
                    &["day", "first_entry", "stage", "customer_id"],
                ),
                index("survey_response", "day", &["kind", "day"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["survey_response", "stage_event", "customer"]).await
    }
}
