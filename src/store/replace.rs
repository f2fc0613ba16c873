//! Facts that a source delivers in whole: what it says of a day replaces what it said of it before.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

use chrono::NaiveDate;
use entity::{TeamOwned, ad_day, email_day, social_day, web_day};
use sea_orm::{
    ColumnTrait, Iterable, ModelTrait, PrimaryKeyToColumn,
    sea_query::{Cond, Condition, Value},
};

use super::{Published, TeamWriter};
use crate::error::Result;

/// Rows per statement that deletes.
pub(super) const CHUNK: usize = 200;

/// Facts with a source and a day.
pub trait Delivered: TeamOwned {
    /// The column of the source.
    const SOURCE: Self::Column;
    /// The column of the day; of several days the first.
    const DAY: Self::Column;
    /// The column of the campaign.
    const CAMPAIGN: Self::Column;
    /// What is delivered in whole: all rows of a source that agree in it are replaced together.
    type Whole: Eq + Hash;
    /// Which whole a row is part of.
    fn whole(row: &Self::Model) -> Self::Whole;
    /// The day of a row.
    fn day(row: &Self::Model) -> NaiveDate;
    /// The campaign of a row; 0 for none.
    fn campaign(row: &Self::Model) -> i64;
}

macro_rules! delivered_by_campaign_and_day {
    ($($table:ident),+) => {
        $(impl Delivered for $table::Entity {
            const SOURCE: $table::Column = $table::Column::Source;
            const DAY: $table::Column = $table::Column::Day;
            const CAMPAIGN: $table::Column = $table::Column::CampaignId;
            type Whole = (i64, NaiveDate);

            fn whole(row: &$table::Model) -> (i64, NaiveDate) {
                (row.campaign_id, row.day)
            }

            fn day(row: &$table::Model) -> NaiveDate {
                row.day
            }

            fn campaign(row: &$table::Model) -> i64 {
                row.campaign_id
            }
        })+
    };
}

delivered_by_campaign_and_day!(ad_day, web_day, email_day, social_day);

impl TeamWriter {
    /// Replaces what `source` delivered of the wholes that the rows are part of. Rows that stay as they were are not
    /// written. No two rows may have the same key, and all must be this team's.
    pub async fn replace<E>(&self, source: &str, rows: Vec<E::Model>) -> Result<Published>
    where
        E: Delivered,
        E::Model: ModelTrait<Entity = E> + PartialEq,
    {
        let days = || rows.iter().map(E::day);
        let (Some(first), Some(last)) = (days().min(), days().max()) else {
            return Ok(Published::default());
        };
        let wholes: HashSet<E::Whole> = rows.iter().map(E::whole).collect();
        let stored = self
            .select::<E>()
            .filter(E::SOURCE.eq(source))
            .filter(E::DAY.between(first, last))
            .all()
            .await?;
        let mut gone: HashMap<Vec<String>, E::Model> = stored
            .into_iter()
            .filter(|row| wholes.contains(&E::whole(row)))
            .map(|row| (key::<E>(&row), row))
            .collect();
        let mut published = Published::default();
        let mut new = Vec::new();
        for row in rows {
            let key = key::<E>(&row);
            if gone.get(&key) == Some(&row) {
                gone.remove(&key);
                published.unchanged += 1;
            } else {
                new.push(row);
                published.written += 1;
            }
        }
        let gone: Vec<E::Model> = gone.into_values().collect();
        for chunk in gone.chunks(CHUNK) {
            let rows = chunk
                .iter()
                .fold(Cond::any(), |any, row| any.add(is::<E>(row)));
            self.delete::<E>(rows).await?;
        }
        self.insert::<E>(new).await?;
        Ok(published)
    }
}

/// The columns of the key but for the team.
fn columns<E: TeamOwned>() -> impl Iterator<Item = E::Column> {
    E::PrimaryKey::iter().map(|key| key.into_column()).skip(1)
}

pub(super) fn key<E>(row: &E::Model) -> Vec<String>
where
    E: TeamOwned,
    E::Model: ModelTrait<Entity = E>,
{
    let text = |value: Value| format!("{value:?}");
    columns::<E>().map(|column| text(row.get(column))).collect()
}

/// Whether a row has the key of this one.
pub(super) fn is<E>(row: &E::Model) -> Condition
where
    E: TeamOwned,
    E::Model: ModelTrait<Entity = E>,
{
    columns::<E>().fold(Cond::all(), |all, column| {
        all.add(column.eq(row.get(column)))
    })
}
