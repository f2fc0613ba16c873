//! How a team's own files are to be read.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, edited, entity_table, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mapping = edited(
            entity_table("import_mapping")
                .col(string_len("name", 100))
                .col(string_len("format", 30))
                .col(string_len("source", 60))
                .col(text("columns"))
                .col(string_len_null("decimal", 10))
                .col(string_len_null("dates", 20)),
        )
        .to_owned();
        let by_name = index("import_mapping", "name", &["name"])
            .unique()
            .to_owned();
        create(manager, vec![mapping], vec![by_name]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["import_mapping"]).await
    }
}
