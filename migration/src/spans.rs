//! Which days rows cover that a source booked on the last of them.

use sea_orm_migration::{prelude::*, schema::*};

/// Loads and their versions.
const TABLES: [&str; 2] = ["source_load", "source_load_history"];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let mut column = Table::alter();
            column.table(table).add_column(text("spans").default("[]"));
            manager.alter_table(column.to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            let mut column = Table::alter();
            column.table(table).drop_column("spans");
            manager.alter_table(column.to_owned()).await?;
        }
        Ok(())
    }
}
