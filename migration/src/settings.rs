//! Teams: the one table that all others refer to.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, currency, drop};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let team = Table::create()
            .table("team")
            .col(big_integer("id").primary_key())
            .col(string_len("slug", 63).unique_key())
            .col(string_len("name", 200))
            .col(currency("currency"))
            .col(string_len("time_zone", 64))
            .col(string_len("week_start", 8))
            .col(integer("fiscal_year_start_month"))
            .col(string_len("ad_basis", 20))
            .col(timestamp_with_time_zone("created_at"))
            .col(integer("version").default(1))
            .to_owned();
        create(manager, vec![team], vec![]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["team"]).await
    }
}
