//! After how many days without an order a team takes a customer for lost.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = Table::alter();
        column.table("team").add_column(integer_null("churn_days"));
        manager.alter_table(column.to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut column = Table::alter();
        column.table("team").drop_column("churn_days");
        manager.alter_table(column.to_owned()).await
    }
}
