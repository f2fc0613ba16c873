//! What web analytics counted as results of visits: key events and revenue.

use sea_orm_migration::{prelude::*, schema::*};

/// The facts, their versions, and the rows that a load has not published yet.
const TABLES: [&str; 3] = ["web_day", "web_day_history", "web_day_staged"];
const COLUMNS: [&str; 3] = ["key_events", "revenue", "currency"];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            for column in COLUMNS {
                let column = match column {
                    "currency" => string_len(column, 3).default("").take(),
                    _ => big_integer(column).default(0).take(),
                };
                let alter = Table::alter().table(table).add_column(column).to_owned();
                manager.alter_table(alter).await?;
            }
            // Amounts of zero are in the team's currency, too.
            let fill = format!(
                "UPDATE {table} SET currency = (SELECT t.currency FROM team t WHERE t.id = {table}.team_id)"
            );
            manager.get_connection().execute_unprepared(&fill).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            for column in COLUMNS {
                let alter = Table::alter().table(table).drop_column(column).to_owned();
                manager.alter_table(alter).await?;
            }
        }
        Ok(())
    }
}
