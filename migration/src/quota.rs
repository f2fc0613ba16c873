//! What each team, and each of its keys, may still take: buckets of points that all instances share.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bucket = team_table("quota_bucket")
            .col(text("subject"))
            .col(big_integer("level"))
            .col(big_integer("filled_at"))
            .col(big_integer("granted"))
            .primary_key(Index::create().col("team_id").col("subject"))
            .to_owned();
        create(manager, vec![bucket], vec![]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["quota_bucket"]).await
    }
}
