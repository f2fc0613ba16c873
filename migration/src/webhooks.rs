//! Webhooks: endpoints with their secrets, and what is sent to them.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, edited, entity_table, index, reference, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut endpoint = entity_table("webhook_endpoint");
        endpoint
            .col(string_len("url", 2000))
            .col(string_len("description", 200))
            .col(text("event_types"))
            .col(boolean("enabled"))
            .col(string_len_null("disabled_reason", 10))
            .col(timestamp_with_time_zone_null("disabled_at"));
        let endpoint = edited(&mut endpoint).to_owned();
        let secret = entity_table("webhook_secret")
            .col(big_integer("endpoint_id"))
            .col(string_len("secret", 100))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("ends_at"))
            .foreign_key(&mut reference(
                "webhook_secret",
                "endpoint_id",
                "webhook_endpoint",
            ))
            .to_owned();
        let health = team_table("webhook_health")
            .col(big_integer("endpoint_id"))
            .col(timestamp_with_time_zone_null("failing_since"))
            .col(timestamp_with_time_zone_null("last_success_at"))
            .primary_key(Index::create().col("team_id").col("endpoint_id"))
            .foreign_key(&mut reference(
                "webhook_health",
                "endpoint_id",
                "webhook_endpoint",
            ))
            .to_owned();
        let delivery = entity_table("webhook_delivery")
            .col(big_integer("endpoint_id"))
            .col(big_integer("event_id"))
            .col(string_len("event_type", 60))
            .col(string_len("webhook_id", 60))
            .col(text("payload"))
            .col(string_len("state", 10))
            .col(integer("attempts"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone("next_attempt_at"))
            .col(big_integer_null("lease"))
            .col(timestamp_with_time_zone_null("leased_until"))
            .col(integer_null("last_status"))
            .col(string_len_null("last_failure", 20))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .foreign_key(&mut reference(
                "webhook_delivery",
                "endpoint_id",
                "webhook_endpoint",
            ))
            .to_owned();
        let attempt = team_table("webhook_attempt")
            .col(big_integer("delivery_id"))
            .col(integer("number"))
            .col(timestamp_with_time_zone("at"))
            .col(integer("latency_ms"))
            .col(integer_null("status"))
            .col(string_len_null("failure", 20))
            .col(text_null("response_head"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("delivery_id")
                    .col("number"),
            )
            .foreign_key(&mut reference(
                "webhook_attempt",
                "delivery_id",
                "webhook_delivery",
            ))
            .to_owned();
        let indexes = vec![
            index("webhook_secret", "endpoint", &["endpoint_id"]),
            index(
                "webhook_delivery",
                "due",
                &["endpoint_id", "state", "next_attempt_at"],
            ),
            index("webhook_delivery", "age", &["created_at"]),
            // An event is sent to an endpoint once, however often it is told.
            index("webhook_delivery", "event", &["endpoint_id", "event_id"])
                .unique()
                .to_owned(),
        ];
        let tables = vec![endpoint, secret, health, delivery, attempt];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "webhook_attempt",
            "webhook_delivery",
            "webhook_health",
            "webhook_secret",
            "webhook_endpoint",
        ];
        drop(manager, &tables).await
    }
}
