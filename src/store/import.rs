//! What only file imports ask of the store: names in bulk, web figures by load, sums that follow from imported rows.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{
    campaign, channel, conversion, cost_day, external_ref, fx_rate, values::RefEntity, web_day,
};
use sea_orm::{
    ColumnTrait, Value,
    sea_query::{Alias, Expr, ExprTrait, OnConflict},
};

use super::{FactTable, TeamStore, TeamWriter};
use crate::error::Result;

/// The most characters of a source's name.
const LONGEST_SOURCE: usize = 60;
/// Marks sources that are loads under way.
const STAGED: char = '~';
/// Ids per statement.
const CHUNK: usize = 2_000;

/// The key of a web figure but for team and source.
const WEB_KEY: [&str; 7] = [
    "campaign_id",
    "day",
    "channel_id",
    "country",
    "device",
    "properties",
    "landing_page",
];
const WEB_VALUES: [&str; 5] = [
    "sessions",
    "engaged_sessions",
    "converted_sessions",
    "pageviews",
    "engagement_seconds",
];

/// Whether a text can name a source: 1 to 60 characters, not beginning with `~`.
pub fn is_source_name(text: &str) -> bool {
    (1..=LONGEST_SOURCE).contains(&text.chars().count())
        && text.trim() == text
        && !text.starts_with(STAGED)
}

impl TeamStore {
    /// The channels of these very names, archived or not.
    pub async fn channels_named(&self, names: &[&str]) -> Result<HashMap<String, i64>> {
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self
            .select::<channel::Entity>()
            .filter(channel::Column::Id.gt(0))
            .filter(channel::Column::Name.is_in(names.iter().copied()))
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.id)).collect())
    }

    /// The campaigns of these very names; a name that several campaigns have finds none of them.
    pub async fn campaigns_named(&self, names: &[&str]) -> Result<HashMap<String, i64>> {
        if names.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = self
            .select::<campaign::Entity>()
            .filter(campaign::Column::Id.gt(0))
            .filter(campaign::Column::Name.is_in(names.iter().copied()))
            .all()
            .await?;
        let mut found = HashMap::new();
        let mut several = HashSet::new();
        for row in rows {
            if found.insert(row.name.clone(), row.id).is_some() {
                several.insert(row.name);
            }
        }
        found.retain(|name, _| !several.contains(name));
        Ok(found)
    }

    /// The exchange rates of these days.
    pub async fn fx_rates_of(&self, days: &[NaiveDate]) -> Result<Vec<fx_rate::Model>> {
        self.select::<fx_rate::Entity>()
            .filter(fx_rate::Column::Day.is_in(days.iter().copied()))
            .all()
            .await
    }
}

impl TeamWriter {
    /// Adds rows to a load of web figures. Rows of one load with the same key add up.
    pub async fn stage_web(&self, load_id: i64, rows: Vec<web_day::Model>) -> Result<()> {
        let key = ["team_id", "source"].into_iter().chain(WEB_KEY);
        let mut conflict = OnConflict::columns(key.map(Alias::new));
        for column in WEB_VALUES {
            let sum = Expr::col(("web_day", column)).add(Expr::col(("excluded", column)));
            conflict.value(column, sum);
        }
        let rows = rows
            .into_iter()
            .map(|row| web_day::Model {
                source: staged_source(load_id),
                ..row
            })
            .collect();
        self.write::<web_day::Entity>(rows, Some(conflict)).await
    }

    /// Replaces what `source` delivered before for the campaigns and days of the load by the load. Says how many stored
    /// rows are new or differ from before.
    pub async fn publish_web(&self, load_id: i64, source: &str) -> Result<u64> {
        let values = || -> Vec<Value> { vec![staged_source(load_id).into(), source.into()] };
        self.refresh_statistics(&[FactTable::WebDay]).await?;
        let same = WEB_KEY
            .iter()
            .chain(&WEB_VALUES)
            .map(|column| format!("f.{column} = s.{column}"))
            .collect::<Vec<_>>()
            .join(" AND ");
        let changed = format!(
            "SELECT COUNT(*) AS n FROM web_day s WHERE s.team_id = $1 AND s.source = $2 AND NOT EXISTS \
             (SELECT 1 FROM web_day f WHERE f.team_id = s.team_id AND f.source = $3 AND {same})"
        );
        let changed = self.number(&changed, values()).await?;
        self.execute(
            "DELETE FROM web_day WHERE team_id = $1 AND source = $3 AND EXISTS (SELECT 1 FROM web_day s \
             WHERE s.team_id = web_day.team_id AND s.source = $2 AND s.campaign_id = web_day.campaign_id \
             AND s.day = web_day.day)",
            values(),
        )
        .await?;
        self.execute(
            "UPDATE web_day SET source = $3 WHERE team_id = $1 AND source = $2",
            values(),
        )
        .await?;
        Ok(u64::try_from(changed).unwrap_or(0))
    }

    /// Sums up anew what was refunded of these orders.
    pub async fn refresh_refunded(&self, orders: &[i64]) -> Result<()> {
        for chunk in orders.chunks(CHUNK) {
            let (ids, values) = self.id_list(chunk);
            let sql = format!(
                "UPDATE orders SET refunded = (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refund r \
                 WHERE r.team_id = orders.team_id AND r.order_id = orders.id) \
                 WHERE team_id = $1 AND id IN ({ids})"
            );
            self.execute(&sql, values).await?;
        }
        Ok(())
    }

    /// Makes these the days of cost items, in place of all days that the items had.
    pub async fn replace_cost_days(&self, items: &[i64], days: Vec<cost_day::Model>) -> Result<()> {
        for chunk in items.chunks(CHUNK) {
            self.delete::<cost_day::Entity>(
                cost_day::Column::CostItemId.is_in(chunk.iter().copied()),
            )
            .await?;
        }
        self.insert::<cost_day::Entity>(days).await
    }

    /// Deletes conversions with the names that other systems have for them.
    pub async fn delete_conversions(&self, ids: &[i64]) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            self.delete::<conversion::Entity>(conversion::Column::Id.is_in(chunk.iter().copied()))
                .await?;
            let names = external_ref::Column::Entity
                .eq(RefEntity::Conversion)
                .and(external_ref::Column::EntityId.is_in(chunk.iter().copied()));
            self.delete::<external_ref::Entity>(names).await?;
        }
        Ok(())
    }
}

fn staged_source(load_id: i64) -> String {
    format!("{STAGED}{load_id}")
}
