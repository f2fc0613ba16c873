//! What only file imports ask of the store: names in bulk, sums that follow from imported rows.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{campaign, channel, conversion, cost_day, external_ref, fx_rate, values::RefEntity};
use sea_orm::{ColumnTrait, sea_query::ExprTrait};

use super::{TeamStore, TeamWriter};
use crate::error::Result;

/// The most characters of a source's name.
const LONGEST_SOURCE: usize = 60;
/// Ids per statement.
const CHUNK: usize = 2_000;

/// Whether a text can name a source: 1 to 60 characters, without blanks around them.
pub fn is_source_name(text: &str) -> bool {
    (1..=LONGEST_SOURCE).contains(&text.chars().count()) && text.trim() == text
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
    /// Sums up anew what was refunded of these orders.
    pub async fn refresh_refunded(&self, orders: &[i64]) -> Result<()> {
        for chunk in orders.chunks(CHUNK) {
            let (ids, values) = self.id_list(chunk);
            let sum = "(SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refund r \
                       WHERE r.team_id = orders.team_id AND r.order_id = orders.id)";
            let set = [("refunded", sum.to_owned())];
            self.amend("orders", &set, &format!("id IN ({ids})"), values)
                .await?;
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
