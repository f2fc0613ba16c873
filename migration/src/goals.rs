//! What a team steers towards: goals, benchmarks of its trade, and the KPIs of its dashboards.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, drop, edited, entity_table, index, reference, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Numbers of a metric are exact decimals as texts: their unit is the metric's, with as many places as needed.
        let goal = edited(
            entity_table("goal")
                .col(string_len("name", 300))
                .col(string_len_null("kind", 20))
                .col(string_len_null("metric", 60))
                .col(string("scope").text())
                .col(string_len_null("baseline", 40))
                .col(string_len_null("baseline_source", 10))
                .col(string_len_null("target", 40))
                .col(string_len_null("currency", 3))
                .col(string_len_null("grain", 20))
                .col(date("starts_on"))
                .col(date("deadline"))
                .col(string_len("owner", 200))
                .col(big_integer_null("key_result_of"))
                .col(string_len("review_every", 20))
                .col(boolean("archived").default(false))
                .foreign_key(&mut reference("goal", "key_result_of", "goal")),
        )
        .to_owned();
        let benchmark = edited(
            entity_table("benchmark")
                .col(string_len("metric", 60))
                .col(string_len("industry", 120))
                .col(string_len_null("p25", 40))
                .col(string_len("p50", 40))
                .col(string_len_null("p75", 40))
                .col(string_len_null("currency", 3))
                .col(string_len("source", 500))
                .col(date("as_of")),
        )
        .to_owned();
        let dashboard = edited(
            team_table("dashboard")
                .col(string_len("audience", 20))
                .col(string("metrics").text())
                .primary_key(Index::create().col("team_id").col("audience")),
        )
        .to_owned();
        create(
            manager,
            vec![goal, benchmark, dashboard],
            vec![
                index("goal", "deadline", &["deadline", "id"]),
                index("goal", "key_result_of", &["key_result_of"]),
                index(
                    "benchmark",
                    "key",
                    &["metric", "industry", "as_of", "source"],
                )
                .unique()
                .to_owned(),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["dashboard", "benchmark", "goal"]).await
    }
}
