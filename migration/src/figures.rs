//! Figures that a team's sources count for it: people, and whatever lies outside the team's own books (search volume,
//! market size, mentions of competitors); and columns that more KPIs need.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{clustered, create, drop, index, properties, reference, team_table};

const ADDED: [(&str, &str); 5] = [
    ("ad_day", "watch_seconds"),
    ("ad_day_staged", "watch_seconds"),
    ("social_day", "impressions"),
    ("social_day", "likes"),
    ("social_day", "shares"),
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in ADDED {
            let column = big_integer(column).default(0).to_owned();
            manager
                .alter_table(Table::alter().table(table).add_column(column).to_owned())
                .await?;
        }
        // How a cost that names neither campaign nor channel is shared out among them.
        let allocation = string_len("allocation", 10).default("NONE").to_owned();
        manager
            .alter_table(
                Table::alter()
                    .table("cost_item")
                    .add_column(allocation)
                    .to_owned(),
            )
            .await?;
        // Distinct people cannot be added up, so that each count stands for exactly the days and the breakdown that
        // its row names; what it does not name is 0 or empty and means "all".
        let mut people_count = team_table("people_count")
            .col(string_len("kind", 20))
            .col(date("from_day"))
            .col(date("to_day"))
            .col(string_len("source", 60))
            .col(big_integer("campaign_id"))
            .col(big_integer("channel_id"))
            .col(string_len("country", 64))
            .col(string_len("device", 10))
            .col(big_integer("people"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("kind")
                    .col("from_day")
                    .col("to_day")
                    .col("source")
                    .col("campaign_id")
                    .col("channel_id")
                    .col("country")
                    .col("device"),
            )
            .foreign_key(&mut reference("people_count", "campaign_id", "campaign"))
            .foreign_key(&mut reference("people_count", "channel_id", "channel"))
            .to_owned();
        let mut outside_day = team_table("outside_day")
            .col(string_len("figure", 40))
            .col(date("day"))
            .col(string_len("source", 60))
            .col(big_integer("campaign_id"))
            .col(big_integer("channel_id"))
            .col(string_len("country", 64))
            .col(properties())
            // Millionths; micros of `currency` where the figure is an amount.
            .col(big_integer("value"))
            .col(string_len("currency", 3))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("figure")
                    .col("day")
                    .col("source")
                    .col("campaign_id")
                    .col("channel_id")
                    .col("country")
                    .col("properties"),
            )
            .foreign_key(&mut reference("outside_day", "campaign_id", "campaign"))
            .foreign_key(&mut reference("outside_day", "channel_id", "channel"))
            .to_owned();
        clustered(manager, &mut people_count);
        clustered(manager, &mut outside_day);
        create(
            manager,
            vec![people_count, outside_day],
            vec![
                index("outside_day", "day", &["day"]),
                index(
                    "survey_response",
                    "customer",
                    &["customer_id", "survey", "answered_at"],
                ),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .table("survey_response")
                    .name("idx_survey_response_customer")
                    .to_owned(),
            )
            .await?;
        drop(manager, &["outside_day", "people_count"]).await?;
        let mut added: Vec<_> = ADDED.into();
        added.push(("cost_item", "allocation"));
        for (table, column) in added {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
