//! API keys and their secrets.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, entity_table, reference, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let api_key = entity_table("api_key")
            .col(string_len("name", 200))
            .col(string_len("prefix", 20))
            .col(string("scopes").text())
            .col(string_len("created_by", 255))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("expires_at"))
            .col(timestamp_with_time_zone_null("overlap_ends_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .to_owned();
        let secret = team_table("api_key_secret")
            .col(big_integer("api_key_id"))
            .col(string_len("prefix", 20))
            .col(string_len("hash", 64))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("ends_at"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("api_key_id")
                    .col("prefix"),
            )
            .foreign_key(&mut reference("api_key_secret", "api_key_id", "api_key"))
            .to_owned();
        // The one look-up that does not know the team yet: the key's row tells it.
        let by_prefix = Index::create()
            .name("idx_api_key_secret_prefix")
            .table("api_key_secret")
            .col("prefix")
            .to_owned();
        create(manager, vec![api_key, secret], vec![by_prefix]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["api_key_secret", "api_key"]).await
    }
}
