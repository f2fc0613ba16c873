//! The change feed: each team's clock, since when rows are as they are, and what is left of deleted ones.
//!
//! Instants are microseconds since 1970 by the team's clock, which goes on with every transaction that writes for the
//! team, whatever the clocks of the service's instances say.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, index, team_table};

/// Rows that keep no versions, and so do not know yet since when they are as they are.
const UNSTAMPED: [&str; 3] = ["campaign", "channel", "goal"];
/// Rows that know it already.
const STAMPED: [&str; 7] = [
    "customer",
    "stage_event",
    "opportunity",
    "orders",
    "refund",
    "touchpoint",
    "conversion",
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut clock = team_table("team_clock");
        clock
            .col(big_integer("last_at"))
            .primary_key(Index::create().col("team_id"));
        let mut tombstone = team_table("tombstone");
        tombstone
            .col(integer("kind"))
            .col(big_integer("row_id"))
            .col(big_integer("deleted_at"))
            .primary_key(Index::create().col("team_id").col("kind").col("row_id"));
        let mut indexes = vec![index(
            "tombstone",
            "deleted",
            &["deleted_at", "kind", "row_id"],
        )];
        for table in UNSTAMPED {
            let since = big_integer("recorded_at").default(0).take();
            let alter = Table::alter().table(table).add_column(since).to_owned();
            manager.alter_table(alter).await?;
        }
        for table in UNSTAMPED.into_iter().chain(STAMPED) {
            indexes.push(index(table, "recorded", &["recorded_at", "id"]));
        }
        create(manager, vec![clock, tombstone], indexes).await?;
        // Clocks go on from the last instant that was written.
        let written = STAMPED.map(|table| format!("SELECT team_id, recorded_at FROM {table}"));
        let sql = format!(
            "INSERT INTO team_clock (team_id, last_at) \
             SELECT team_id, MAX(recorded_at) FROM ({}) written GROUP BY team_id",
            written.join(" UNION ALL ")
        );
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["tombstone", "team_clock"]).await?;
        for table in UNSTAMPED.into_iter().chain(STAMPED) {
            let index = Index::drop()
                .name(format!("idx_{table}_recorded"))
                .table(table)
                .to_owned();
            manager.drop_index(index).await?;
        }
        for table in UNSTAMPED {
            let alter = Table::alter()
                .table(table)
                .drop_column("recorded_at")
                .to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
