//! What bulk calls need to know: the answers that were given under an idempotency key, and when a source last changed
//! what it names.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, index, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut keys = team_table("idempotency_key");
        keys.col(string_len("mutation", 60))
            .col(string_len("key", 200))
            .col(string_len("payload_hash", 64))
            .col(text("answer"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("team_id").col("mutation").col("key"));
        create(
            manager,
            vec![keys],
            vec![index("idempotency_key", "created_at", &["created_at"])],
        )
        .await?;
        let told = Table::alter()
            .table("external_ref")
            .add_column(timestamp_with_time_zone_null("source_updated_at"))
            .to_owned();
        manager.alter_table(told).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let untold = Table::alter()
            .table("external_ref")
            .drop_column("source_updated_at")
            .to_owned();
        manager.alter_table(untold).await?;
        drop(manager, &["idempotency_key"]).await
    }
}
