//! Persons: who was erased, and which customers are one person.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, entity_table, index, reference, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut erasure = team_table("customer_erasure");
        erasure
            .col(big_integer("customer_id"))
            .col(timestamp_with_time_zone("erased_at"))
            .primary_key(Index::create().col("team_id").col("customer_id"))
            .foreign_key(&mut reference(
                "customer_erasure",
                "customer_id",
                "customer",
            ));
        // The customers have no references: those merged away are not there, those kept may be merged away later.
        let merge = entity_table("customer_merge")
            .col(big_integer("kept_id"))
            .col(big_integer("merged_id"))
            // Who the merged one's id stands for now: the kept one, or whom that one was merged into.
            .col(big_integer("stands_for_id"))
            .col(string_len("reason", 10))
            .col(timestamp_with_time_zone("merged_at"))
            .col(timestamp_with_time_zone_null("undone_at"))
            // What undoing needs, as JSON; null when it cannot be undone any more.
            .col(text_null("state"))
            .to_owned();
        create(
            manager,
            vec![erasure, merge],
            vec![
                index("customer_merge", "merged", &["merged_id"]),
                index("customer_merge", "stands_for", &["stands_for_id"]),
                index("customer_merge", "kept", &["kept_id"]),
            ],
        )
        .await?;
        let setting = boolean("match_by_email").default(true).take();
        let alter = Table::alter().table("team").add_column(setting).to_owned();
        manager.alter_table(alter).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter()
            .table("team")
            .drop_column("match_by_email")
            .to_owned();
        manager.alter_table(alter).await?;
        drop(manager, &["customer_merge", "customer_erasure"]).await
    }
}
