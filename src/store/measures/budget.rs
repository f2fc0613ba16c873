//! Budgets, spread evenly over their days.

use chrono::NaiveDate;
use entity::budget;
use sea_orm::ColumnTrait;

use crate::{error::Result, store::TeamStore, time::DateRange};

/// A budget of a campaign that overlaps a range.
pub struct PlannedBudget {
    /// Whose.
    pub campaign_id: i64,
    /// Its days.
    pub days: DateRange,
    /// Its amount in micros of the team's currency.
    pub amount: i64,
}

impl TeamStore {
    /// The budgets that have a day between `from` and `to`; of these campaigns, or of all.
    pub async fn budgets_between(
        &self,
        from: NaiveDate,
        to: NaiveDate,
        campaigns: Option<&[i64]>,
    ) -> Result<Vec<PlannedBudget>> {
        let mut select = self
            .select::<budget::Entity>()
            .filter(budget::Column::StartsOn.lte(to))
            .filter(budget::Column::EndsOn.gte(from));
        if let Some(ids) = campaigns {
            select = select.filter(budget::Column::CampaignId.is_in(ids.iter().copied()));
        }
        let rows = select.all().await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some(PlannedBudget {
                    campaign_id: row.campaign_id,
                    days: DateRange::new(row.starts_on, row.ends_on)?,
                    amount: row.amount,
                })
            })
            .collect())
    }
}
