//! Versions of facts: since when a row is as it is, and beside each such table a twin for what it was before.
//!
//! `recorded_at` and `superseded_at` are instants in microseconds since 1970, whole numbers, so that both databases
//! compare them alike. Rows older than this migration count as known since ever.

use sea_orm_migration::{prelude::*, schema::*};

use crate::schema::{clustered, create, currency, drop, index, properties, team_table};

/// A table whose rows keep their versions.
struct Versioned {
    table: &'static str,
    history: &'static str,
    /// The key but for the team.
    key: &'static [&'static str],
    /// Every column but the team's, the key included, that questions about an earlier day can need.
    columns: Vec<ColumnDef>,
    /// Whether questions go by the day.
    dated: bool,
}

const DAILY_KEY: [&str; 7] = [
    "campaign_id",
    "day",
    "source",
    "channel_id",
    "country",
    "device",
    "properties",
];
const WEB_KEY: [&str; 8] = [
    "campaign_id",
    "day",
    "source",
    "channel_id",
    "country",
    "device",
    "properties",
    "landing_page",
];
const ID: [&str; 1] = ["id"];
/// The first day that a source's last load changed or took back: such days are likely to be changed again.
const RESTATED_FROM: &str = "restated_from";
/// The twins of what is delivered by the day.
const DELIVERED_DAILY: [&str; 2] = ["ad_day_history", "web_day_history"];

fn daily(more: Vec<ColumnDef>) -> Vec<ColumnDef> {
    let mut columns = vec![
        big_integer("campaign_id"),
        date("day"),
        string_len("source", 60),
        big_integer("channel_id"),
        string_len("country", 64),
        string_len("device", 10),
        properties(),
    ];
    columns.extend(more);
    columns
}

fn counts<const N: usize>(names: [&'static str; N]) -> Vec<ColumnDef> {
    names.map(big_integer).into()
}

fn web_columns() -> Vec<ColumnDef> {
    let mut columns = daily(counts([
        "sessions",
        "engaged_sessions",
        "converted_sessions",
        "pageviews",
        "engagement_seconds",
    ]));
    columns.push(string_len("landing_page", 500));
    columns
}

fn versioned() -> Vec<Versioned> {
    let table = |table, history, key, columns, dated| Versioned {
        table,
        history,
        key,
        columns,
        dated,
    };
    let mut ads = daily(counts([
        "impressions",
        "clicks",
        "video_views",
        "watch_seconds",
        "engagements",
        "spend",
        "conversions",
        "conversion_value",
    ]));
    ads.push(currency("currency"));
    vec![
        table("ad_day", "ad_day_history", &DAILY_KEY, ads, true),
        table("web_day", "web_day_history", &WEB_KEY, web_columns(), true),
        table(
            "orders",
            "orders_history",
            &ID,
            vec![
                big_integer("id"),
                big_integer_null("customer_id"),
                timestamp_with_time_zone("ordered_at"),
                date("day"),
                string_len("status", 40),
                boolean("counted"),
                currency("currency"),
                big_integer("gross"),
                big_integer("discount"),
                big_integer("tax"),
                big_integer("shipping"),
                big_integer("net"),
                big_integer_null("cost_of_goods"),
                big_integer("refunded"),
                string_len_null("country", 64),
                string_len_null("device", 10),
                properties(),
            ],
            true,
        ),
        table(
            "refund",
            "refund_history",
            &ID,
            vec![
                big_integer("id"),
                big_integer("order_id"),
                timestamp_with_time_zone("refunded_at"),
                date("day"),
                currency("currency"),
                big_integer("amount"),
            ],
            true,
        ),
        table(
            "stage_event",
            "stage_event_history",
            &ID,
            vec![
                big_integer("id"),
                big_integer("customer_id"),
                string_len("stage", 20),
                timestamp_with_time_zone("entered_at"),
                date("day"),
                boolean("first_entry"),
                string_len("source", 60),
            ],
            true,
        ),
        table(
            "opportunity",
            "opportunity_history",
            &ID,
            vec![
                big_integer("id"),
                big_integer_null("customer_id"),
                date_null("opened_on"),
                timestamp_with_time_zone_null("closed_at"),
                date_null("closed_on"),
                string_len("outcome", 10),
                string_len_null("stage", 100),
                big_integer_null("amount"),
                currency("currency"),
                properties(),
            ],
            false,
        ),
        table(
            "conversion",
            "conversion_history",
            &ID,
            vec![
                big_integer("id"),
                big_integer_null("customer_id"),
                string_len("kind", 100),
                timestamp_with_time_zone("occurred_at"),
                date("day"),
                big_integer_null("value"),
                currency("currency"),
            ],
            true,
        ),
        table(
            "touchpoint",
            "touchpoint_history",
            &ID,
            vec![
                big_integer("id"),
                big_integer("customer_id"),
                timestamp_with_time_zone("occurred_at"),
                date("day"),
                string_len("kind", 10),
                big_integer_null("campaign_id"),
                big_integer_null("channel_id"),
                string_len_null("utm_source", 200),
                string_len_null("utm_medium", 200),
                string_len_null("utm_campaign", 200),
                properties(),
            ],
            true,
        ),
        // Nothing that tells who somebody is: that is not needed for numbers, and must not outlive its erasure.
        table(
            "customer",
            "customer_history",
            &ID,
            vec![
                big_integer("id"),
                string_len_null("country", 64),
                string_len_null("lifecycle", 20),
                big_integer_null("acquired_campaign_id"),
                big_integer_null("acquired_channel_id"),
                timestamp_with_time_zone_null("acquired_at"),
                date_null("first_order_day"),
                date_null("second_order_day"),
                timestamp_with_time_zone("created_at"),
            ],
            false,
        ),
        table(
            "cost_item",
            "cost_item_history",
            &ID,
            vec![
                big_integer("id"),
                string_len("name", 200),
                string_len("kind", 20),
                date("starts_on"),
                date("ends_on"),
                big_integer("amount"),
                currency("currency"),
                boolean("acquisition"),
                string_len("allocation", 10),
                big_integer("campaign_id"),
                big_integer("channel_id"),
            ],
            false,
        ),
        table(
            "cost_day",
            "cost_day_history",
            &["day", "cost_item_id"],
            vec![
                big_integer("cost_item_id"),
                date("day"),
                big_integer("amount"),
            ],
            false,
        ),
        table(
            "budget_day",
            "budget_day_history",
            &["campaign_id", "day"],
            vec![
                big_integer("campaign_id"),
                date("day"),
                big_integer("budget_id"),
                big_integer("amount"),
                currency("currency"),
            ],
            false,
        ),
        table(
            "fx_rate",
            "fx_rate_history",
            &["from_currency", "to_currency", "day"],
            vec![
                currency("from_currency"),
                currency("to_currency"),
                date("day"),
                big_integer("rate_nanos"),
                string_len("source", 60),
            ],
            false,
        ),
        table(
            "source_load",
            "source_load_history",
            &["source", "fact"],
            vec![
                string_len("source", 60),
                string_len("fact", 20),
                date_null("data_from"),
                date_null("data_through"),
                timestamp_with_time_zone("loaded_at"),
                date_null(RESTATED_FROM),
            ],
            false,
        ),
    ]
}

fn keyed(table: &mut TableCreateStatement, columns: &[&'static str]) {
    let mut key = Index::create();
    key.col("team_id");
    for column in columns {
        key.col(*column);
    }
    table.primary_key(&mut key);
}

/// Web figures are gathered like those of advertising: beside the facts, then published in one step.
fn web_day_staged() -> TableCreateStatement {
    let mut staged = team_table("web_day_staged");
    for column in web_columns() {
        staged.col(column);
    }
    staged.col(big_integer("load_id")).col(integer("row_count"));
    let mut key = vec!["load_id"];
    key.extend(WEB_KEY);
    keyed(&mut staged, &key);
    staged
}

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tables = Vec::new();
        let mut indexes = Vec::new();
        for Versioned {
            table,
            history,
            key,
            columns,
            dated,
        } in versioned()
        {
            let since = big_integer("recorded_at").default(0).take();
            let alter = Table::alter().table(table).add_column(since).to_owned();
            manager.alter_table(alter).await?;
            let mut twin = team_table(history);
            for column in columns {
                twin.col(column);
            }
            twin.col(big_integer("recorded_at"))
                .col(big_integer("superseded_at"));
            let mut versions = key.to_vec();
            versions.push("superseded_at");
            keyed(&mut twin, &versions);
            tables.push(twin);
            if dated {
                indexes.push(index(history, "day", &["day"]));
            }
        }
        let restated = date_null(RESTATED_FROM).take();
        let alter = Table::alter()
            .table("source_load")
            .add_column(restated)
            .to_owned();
        manager.alter_table(alter).await?;
        for history in DELIVERED_DAILY {
            indexes.push(index(history, "load", &["superseded_at", "source", "day"]));
        }
        tables.push(web_day_staged());
        for table in &mut tables {
            clustered(manager, table);
        }
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["web_day_staged"]).await?;
        let alter = Table::alter()
            .table("source_load")
            .drop_column(RESTATED_FROM)
            .to_owned();
        manager.alter_table(alter).await?;
        for Versioned { table, history, .. } in versioned() {
            drop(manager, &[history]).await?;
            let alter = Table::alter()
                .table(table)
                .drop_column("recorded_at")
                .to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
