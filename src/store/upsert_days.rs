//! Daily facts row by row: what a source says of a natural key replaces what it said of that key before, and, where it
//! names a window of days, all that it said of them.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ModelTrait};

use super::{
    Delivered, TeamWriter,
    replace::{CHUNK, is, key},
};
use crate::{error::Result, time::DateRange};

/// What became of a row that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// It differs from what was stored.
    Updated,
    /// It was stored so already.
    Unchanged,
    /// A later state is stored.
    Stale,
}

impl Change {
    /// Of a row that is stored already or not, and differs or not.
    pub fn of(known: bool, differs: bool) -> Self {
        match (known, differs) {
            (false, _) => Self::Created,
            (true, true) => Self::Updated,
            (true, false) => Self::Unchanged,
        }
    }

    /// Whether anything was written.
    pub fn is_written(self) -> bool {
        matches!(self, Self::Created | Self::Updated)
    }

    /// The same for a row with which something else was written too, or not.
    pub fn and(self, written: bool) -> Self {
        match self {
            Self::Unchanged if written => Self::Updated,
            other => other,
        }
    }
}

impl TeamWriter {
    /// Stores rows of a source by their keys and says in their order what became of each, and how many others of the
    /// source in the `window` went away. No two rows may have the same key, and all must be this team's and in the
    /// window.
    pub async fn upsert_days<E>(
        &self,
        source: &str,
        rows: Vec<E::Model>,
        window: Option<DateRange>,
    ) -> Result<(Vec<Change>, u64)>
    where
        E: Delivered,
        E::Model: ModelTrait<Entity = E> + PartialEq,
    {
        let stored = self.select::<E>().filter(E::SOURCE.eq(source));
        let stored = match window {
            Some(days) => stored.filter(E::DAY.between(days.from, days.to)),
            None => {
                let days: BTreeSet<NaiveDate> = rows.iter().map(E::day).collect();
                let campaigns: BTreeSet<i64> = rows.iter().map(E::campaign).collect();
                stored
                    .filter(E::DAY.is_in(days))
                    .filter(E::CAMPAIGN.is_in(campaigns))
            }
        };
        let stored = stored.all().await?;
        let mut known: HashMap<Vec<String>, E::Model> = stored
            .into_iter()
            .map(|row| (key::<E>(&row), row))
            .collect();
        let (mut new, mut differing) = (Vec::new(), Vec::new());
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            let before = known.remove(&key::<E>(&row));
            let change = Change::of(before.is_some(), before.as_ref() != Some(&row));
            match change {
                Change::Created => new.push(row),
                Change::Updated => differing.push(row),
                _ => {}
            }
            changes.push(change);
        }
        let mut gone = 0;
        if window.is_some() {
            let vanished: Vec<E::Model> = known.into_values().collect();
            for chunk in vanished.chunks(CHUNK) {
                let rows = chunk
                    .iter()
                    .fold(sea_orm::Condition::any(), |any, row| any.add(is::<E>(row)));
                gone += self.delete::<E>(rows).await?;
            }
        }
        self.insert::<E>(new).await?;
        self.upsert::<E>(differing).await?;
        Ok((changes, gone))
    }
}

/// The natural key of a row but for the team, to compare with others of its table.
pub fn day_key<E>(row: &E::Model) -> Vec<String>
where
    E: Delivered,
    E::Model: ModelTrait<Entity = E>,
{
    key::<E>(row)
}
