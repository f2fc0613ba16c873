//! Where all goals of a team stand, worked out together.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::goal;

use super::{
    answers,
    measured::Measured,
    objective::{self, KeyResult},
    progress::{GoalStatus, Progress},
};
use crate::{error::Result, kpi::Rights, store::TeamStore};

/// Key results of key results of objectives, and no deeper: a cycle would go on for ever.
const MOST_LEVELS: usize = 20;

/// Where each of a team's goals stands, by its id. `rows` are all of them but those that were put away.
pub async fn standings(
    store: &TeamStore,
    rights: Rights,
    rows: &[goal::Model],
) -> Result<Vec<(i64, GoalStatus)>> {
    let measured: Vec<Option<Measured>> = rows.iter().map(Measured::of).collect::<Result<_>>()?;
    let asked: Vec<Measured> = measured.iter().flatten().cloned().collect();
    let mut found = answers::progress(store, rights, &asked).await?.into_iter();
    let calendar = store.calendar()?;
    let mut tree = Tree {
        today: calendar.today(store.clock().now()),
        goals: HashMap::new(),
        key_results: HashMap::new(),
    };
    for (row, measured) in rows.iter().zip(&measured) {
        let progress = measured.as_ref().and_then(|_| found.next());
        tree.goals
            .insert(row.id, (row, measured.as_ref(), progress));
        if let Some(parent) = row.key_result_of {
            tree.key_results.entry(parent).or_default().push(row.id);
        }
    }
    let statuses = rows.iter().filter_map(|row| {
        let progress = tree.progress(row.id, 0)?;
        Some((row.id, progress.status))
    });
    Ok(statuses.collect())
}

type Known<'a> = (&'a goal::Model, Option<&'a Measured>, Option<Progress>);

struct Tree<'a> {
    today: NaiveDate,
    goals: HashMap<i64, Known<'a>>,
    key_results: HashMap<i64, Vec<i64>>,
}

impl Tree<'_> {
    fn progress(&self, id: i64, level: usize) -> Option<Progress> {
        let (row, _, own) = self.goals.get(&id)?;
        if own.is_some() {
            return own.clone();
        }
        let parts = self.key_results.get(&id).into_iter().flatten();
        let parts = parts.filter(|_| level < MOST_LEVELS).filter_map(|part| {
            let (_, measured, _) = self.goals.get(part)?;
            KeyResult::of(*measured, &self.progress(*part, level + 1)?)
        });
        let parts: Vec<KeyResult> = parts.collect();
        Some(objective::progress(
            row.starts_on,
            row.deadline,
            self.today,
            &parts,
        ))
    }
}
