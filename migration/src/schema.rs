//! What all tables of a team share: their first columns, their keys, their references.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, string, timestamp_with_time_zone},
    sea_orm::DbBackend,
};

/// A table whose rows belong to a team, with `team_id` as its first column. The caller adds columns and the key.
pub fn team_table(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(big_integer("team_id"))
        .foreign_key(
            ForeignKey::create()
                .name(format!("fk_{name}_team"))
                .from(name, "team_id")
                .to("team", "id"),
        )
        .to_owned()
}

/// A team's table with rows that have an id of their own: key `(team_id, id)`.
pub fn entity_table(name: &'static str) -> TableCreateStatement {
    team_table(name)
        .col(big_integer("id"))
        .primary_key(Index::create().col("team_id").col("id"))
        .to_owned()
}

/// The columns of rows that people edit: creation, last change, and the number for the optimistic lock.
pub fn edited(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(sea_orm_migration::schema::integer("version").default(1))
}

/// `(team_id, column)` refers to the row of `target` that has this id in the same team, so that a row can never point
/// into another team.
pub fn reference(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, ("team_id", column))
        .to(target, ("team_id", "id"))
        .to_owned()
}

/// An ISO 4217 code.
pub fn currency(name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.string_len(3).not_null();
    column
}

/// Breakdowns that have no column of their own, as one JSON object with sorted keys (`{}` when there are none).
pub fn properties() -> ColumnDef {
    let mut column = string("properties");
    column.text().default("{}");
    column
}

/// An index `idx_<table>_<name>` over `team_id` and `columns`.
pub fn index(
    table: &'static str,
    name: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("idx_{table}_{name}"))
        .table(table)
        .col("team_id");
    for column in columns {
        index.col(*column);
    }
    index
}

/// SQLite keeps a table that is read by ranges of its key several times faster without the hidden row id.
pub fn clustered(manager: &SchemaManager<'_>, table: &mut TableCreateStatement) {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
}

/// Creates the tables, then their indexes.
pub async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops the tables in the order given: those that refer to others first.
pub async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(*table).to_owned())
            .await?;
    }
    Ok(())
}
