//! The audit log.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, entity_table, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let entry = entity_table("audit_entry")
            .col(timestamp_with_time_zone("at"))
            .col(string_len("actor_kind", 20))
            .col(string_len("actor", 255))
            .col(big_integer_null("api_key_id"))
            .col(string_len("operation", 100))
            .col(string_len("action", 10))
            .col(string_len_null("subject", 30))
            .col(string_len_null("subject_id", 40))
            .col(string("changed").text())
            .col(string_null("before").text())
            .col(string_null("after").text())
            .to_owned();
        let indexes = vec![
            index("audit_entry", "subject", &["subject", "subject_id", "id"]),
            index("audit_entry", "operation", &["operation", "id"]),
        ];
        create(manager, vec![entry], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["audit_entry"]).await
    }
}
