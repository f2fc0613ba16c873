//! What a team plans: channels, campaigns, budgets; and the names that other systems have for everything.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{
    clustered, create, currency, drop, edited, entity_table, index, reference, team_table,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The campaign and the channel with id 0 stand for "none": daily facts that name none refer to them, so that
        // both can be part of the facts' key.
        let channel = edited(
            entity_table("channel")
                .col(string_len("name", 200))
                .col(string_len("kind", 20))
                .col(boolean("paid"))
                .col(boolean("archived").default(false)),
        )
        .to_owned();
        let campaign = edited(
            entity_table("campaign")
                .col(string_len("name", 300))
                .col(string_len("objective", 20))
                .col(string_len("status", 20))
                .col(date_null("starts_on"))
                .col(date_null("ends_on"))
                .col(string_len_null("utm_source", 200))
                .col(string_len_null("utm_medium", 200))
                .col(string_len_null("utm_campaign", 200))
                .col(string_len_null("utm_term", 200))
                .col(string_len_null("utm_content", 200)),
        )
        .to_owned();
        let campaign_channel = team_table("campaign_channel")
            .col(big_integer("campaign_id"))
            .col(big_integer("channel_id"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("campaign_id")
                    .col("channel_id"),
            )
            .foreign_key(&mut reference(
                "campaign_channel",
                "campaign_id",
                "campaign",
            ))
            .foreign_key(&mut reference("campaign_channel", "channel_id", "channel"))
            .to_owned();
        let budget = entity_table("budget")
            .col(big_integer("campaign_id"))
            .col(date("starts_on"))
            .col(date("ends_on"))
            .col(big_integer("amount"))
            .col(currency("currency"))
            .foreign_key(&mut reference("budget", "campaign_id", "campaign"))
            .to_owned();
        // The budget split over its days to the micro, so that any period's share is a plain sum. The key keeps
        // budgets of one campaign from overlapping.
        let mut budget_day = team_table("budget_day")
            .col(big_integer("campaign_id"))
            .col(date("day"))
            .col(big_integer("budget_id"))
            .col(big_integer("amount"))
            .col(currency("currency"))
            .primary_key(Index::create().col("team_id").col("campaign_id").col("day"))
            .foreign_key(&mut reference("budget_day", "budget_id", "budget"))
            .to_owned();
        clustered(manager, &mut budget_day);
        let mut external_ref = team_table("external_ref")
            .col(string_len("entity", 20))
            .col(string_len("system", 60))
            .col(string_len("external_id", 200))
            .col(big_integer("entity_id"))
            .primary_key(
                Index::create()
                    .col("team_id")
                    .col("entity")
                    .col("system")
                    .col("external_id"),
            )
            .to_owned();
        clustered(manager, &mut external_ref);
        create(
            manager,
            vec![
                channel,
                campaign,
                campaign_channel,
                budget,
                budget_day,
                external_ref,
            ],
            vec![
                index("channel", "name", &["name"]).unique().to_owned(),
                index("campaign", "name", &["name", "id"]),
                index(
                    "campaign_channel",
                    "channel",
                    &["channel_id", "campaign_id"],
                ),
                index("budget", "campaign", &["campaign_id", "starts_on"])
                    .unique()
                    .to_owned(),
                index("budget_day", "budget", &["budget_id"]),
                index("external_ref", "entity", &["entity", "entity_id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &[
                "external_ref",
                "budget_day",
                "budget",
                "campaign_channel",
                "campaign",
                "channel",
            ],
        )
        .await
    }
}
