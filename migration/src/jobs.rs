//! Imports as jobs: the files as they came, in chunks, and what became of their rows.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, entity_table, index, reference, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let job = entity_table("import_job")
            .col(string_len("file_name", 255))
            .col(big_integer("bytes"))
            .col(text("options"))
            .col(string_len("mode", 10))
            .col(boolean("dry_run"))
            .col(string_len("actor_kind", 20))
            .col(string_len("actor", 255))
            .col(big_integer_null("api_key_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(string_len("state", 12))
            .col(boolean("cancel_asked").default(false))
            .col(timestamp_with_time_zone_null("started_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .col(integer("progress").default(0))
            .col(big_integer("rows_read").default(0))
            .col(big_integer("rows_written").default(0))
            .col(big_integer("rows_unchanged").default(0))
            .col(big_integer("rows_refused").default(0))
            .col(big_integer("rows_passed_over").default(0))
            .col(text_null("preview"))
            .col(text_null("failure"))
            .col(integer("attempts").default(0))
            .col(string_len_null("lease_owner", 40))
            .col(timestamp_with_time_zone_null("lease_until"))
            .to_owned();
        let mut chunks = team_table("import_chunk");
        chunks
            .col(big_integer("import_id"))
            .col(integer("place"))
            .col(blob("bytes"))
            .primary_key(Index::create().col("team_id").col("import_id").col("place"))
            .foreign_key(&mut reference("import_chunk", "import_id", "import_job"));
        let mut errors = team_table("import_error");
        errors
            .col(big_integer("import_id"))
            .col(big_integer("place"))
            .col(big_integer("line"))
            .col(text_null("column_name"))
            .col(text("reason"))
            .primary_key(Index::create().col("team_id").col("import_id").col("place"))
            .foreign_key(&mut reference("import_error", "import_id", "import_job"));
        create(
            manager,
            vec![job, chunks, errors],
            vec![index("import_job", "state", &["state", "id"])],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["import_error", "import_chunk", "import_job"]).await
    }
}
