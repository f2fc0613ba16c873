//! Daily facts of ads, web, e-mail and social; and which source delivered which days.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{clustered, create, currency, drop, index, properties, reference, team_table};

/// The natural key of a daily fact. The campaign comes before the day, because lists of campaigns are what is asked
/// most; `properties` holds what is finer than the named columns (ad set, ad, age, …).
const KEY: [&str; 8] = [
    "team_id",
    "campaign_id",
    "day",
    "source",
    "channel_id",
    "country",
    "device",
    "properties",
];

fn fact_table(name: &'static str) -> TableCreateStatement {
    team_table(name)
        .col(big_integer("campaign_id"))
        .col(date("day"))
        .col(string_len("source", 60))
        .col(big_integer("channel_id"))
        .col(string_len("country", 64))
        .col(string_len("device", 10))
        .col(properties())
        .foreign_key(&mut reference(name, "campaign_id", "campaign"))
        .foreign_key(&mut reference(name, "channel_id", "channel"))
        .to_owned()
}

fn key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(*column);
    }
    key
}

fn counts(table: &mut TableCreateStatement, names: &[&'static str]) {
    for name in names {
        table.col(big_integer(*name).default(0));
    }
}

const AD_COUNTS: [&str; 7] = [
    "impressions",
    "clicks",
    "video_views",
    "engagements",
    "spend",
    // Platforms claim fractions of conversions: millionths, like amounts.
    "conversions",
    "conversion_value",
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut ad_day = fact_table("ad_day");
        ad_day.col(currency("currency")).primary_key(&mut key(&KEY));
        counts(&mut ad_day, &AD_COUNTS);

        // An import gathers its rows here, then publishes them in one step.
        let mut ad_day_staged = fact_table("ad_day_staged");
        ad_day_staged
            .col(currency("currency"))
            .col(big_integer("load_id"))
            .col(integer("row_count"));
        let mut staged_key = vec!["team_id", "load_id"];
        staged_key.extend(&KEY[1..]);
        ad_day_staged.primary_key(&mut key(&staged_key));
        counts(&mut ad_day_staged, &AD_COUNTS);

        let mut web_day = fact_table("web_day");
        web_day.col(string_len("landing_page", 500).default(""));
        counts(
            &mut web_day,
            &[
                "sessions",
                "engaged_sessions",
                "converted_sessions",
                "pageviews",
                "engagement_seconds",
            ],
        );
        let mut web_key = KEY.to_vec();
        web_key.push("landing_page");
        web_day.primary_key(&mut key(&web_key));

        let mut email_day = fact_table("email_day");
        email_day.primary_key(&mut key(&KEY));
        counts(
            &mut email_day,
            &[
                "sent",
                "delivered",
                "unique_opens",
                "machine_opens",
                "unique_clicks",
                "unsubscribes",
                "bounces",
                "complaints",
            ],
        );

        let mut social_day = fact_table("social_day");
        social_day.primary_key(&mut key(&KEY));
        counts(
            &mut social_day,
            &[
                "followers",
                "followers_gained",
                "followers_lost",
                "mentions",
                "engagements",
            ],
        );

        let source_load = team_table("source_load")
            .col(string_len("source", 60))
            .col(string_len("fact", 20))
            .col(date_null("data_from"))
            .col(date_null("data_through"))
            .col(timestamp_with_time_zone("loaded_at"))
            .primary_key(Index::create().col("team_id").col("source").col("fact"))
            .to_owned();

        let mut facts = vec![ad_day, ad_day_staged, web_day, email_day, social_day];
        for table in &mut facts {
            clustered(manager, table);
        }
        facts.push(source_load);
        create(
            manager,
            facts,
            vec![
                // Holds what most questions about the whole team need, so that they do not visit the table.
                index(
                    "ad_day",
                    "day",
                    &[
                        "day",
                        "campaign_id",
                        "channel_id",
                        "currency",
                        "spend",
                        "impressions",
                        "clicks",
                        "conversions",
                        "conversion_value",
                    ],
                ),
                index("web_day", "day", &["day"]),
                index("email_day", "day", &["day"]),
                index("social_day", "day", &["day"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &[
                "source_load",
                "social_day",
                "email_day",
                "web_day",
                "ad_day_staged",
                "ad_day",
            ],
        )
        .await
    }
}
