//! Alert rules and experiments.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{create, currency, drop, edited, entity_table, index, reference, team_table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alert_rule = edited(
            entity_table("alert_rule")
                .col(string_len("name", 200))
                .col(string_len("metric", 60))
                .col(string("scope").text())
                .col(string_len("grain", 20))
                .col(string_len("condition", 10))
                .col(string_len_null("op", 3))
                .col(big_integer_null("threshold"))
                .col(integer_null("min_volume"))
                .col(boolean("enabled")),
        )
        .to_owned();
        let experiment = edited(
            entity_table("experiment")
                .col(string_len("name", 200))
                .col(string_len_null("hypothesis", 2000))
                .col(date("starts_on"))
                .col(date_null("ends_on")),
        )
        .to_owned();
        let variant = team_table("experiment_variant")
            .col(big_integer("experiment_id"))
            .col(integer("place"))
            .col(string_len("name", 200))
            .col(big_integer("exposures"))
            .col(big_integer("conversions"))
            .col(big_integer_null("value"))
            .col(currency("currency"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("experiment_id")
                    .col("place"),
            )
            .foreign_key(&mut reference(
                "experiment_variant",
                "experiment_id",
                "experiment",
            ))
            .to_owned();
        create(
            manager,
            vec![alert_rule, experiment, variant],
            vec![index("experiment", "name", &["name"]).unique().to_owned()],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["experiment_variant", "experiment", "alert_rule"]).await
    }
}
