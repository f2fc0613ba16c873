//! Metrics that a team defines over the catalogue's KPIs, and what they were before they were changed.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, edited, entity_table, reference, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What a version of a metric says.
fn definition(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table
        .col(string_len("name", 200))
        .col(string_len("description", 2000))
        .col(string_len("expression", 500))
        .col(string_len("unit", 20))
        .col(string_len("direction", 10))
        .col(string_len_null("stage", 20))
        .col(string_len("cadence", 20))
        .col(boolean("archived"))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut now = entity_table("metric_definition");
        edited(definition(&mut now));
        let mut before = team_table("metric_version");
        before.col(big_integer("metric_id")).col(integer("version"));
        definition(&mut before)
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("metric_id")
                    .col("version"),
            )
            .foreign_key(&mut reference(
                "metric_version",
                "metric_id",
                "metric_definition",
            ));
        create(manager, vec![now, before], vec![]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["metric_version", "metric_definition"]).await
    }
}
