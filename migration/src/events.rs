//! What happened, for webhooks and subscriptions.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut events = team_table("event");
        events
            .col(big_integer("seq"))
            .col(timestamp_with_time_zone("at"))
            .col(string_len("kind", 30))
            .col(text("data"))
            .primary_key(Index::create().col("team_id").col("seq"));
        create(manager, vec![events], vec![]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["event"]).await
    }
}
