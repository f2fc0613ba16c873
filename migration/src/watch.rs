//! What is known of goals and alert rules since they were last looked at.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut watched = team_table("watched");
        watched
            .col(string_len("subject", 10))
            .col(string_len("key", 64))
            .col(text("state"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("team_id").col("subject").col("key"));
        create(manager, vec![watched], vec![]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["watched"]).await
    }
}
