//! Goals: where they stand now, against where they stood when last looked at.

use entity::watched::Subject;

use super::RIGHTS;
use crate::{
    error::Result,
    kpi::{
        goal::{GoalStatus, standing::standings},
        graphql_name,
    },
    store::{Event, TeamStore, TeamWriter},
};

/// Where a goal stands, by its id.
pub type Standing = (i64, GoalStatus);

/// Where every goal stands.
pub async fn work_out(team: &TeamStore) -> Result<Vec<Standing>> {
    let rows = team.all_goals(false).await?;
    standings(team, RIGHTS, &rows).await
}

/// Tells of those that stand otherwise; says how many. What is not known of a goal yet is no news.
pub async fn tell(writer: &TeamWriter, goals: &[Standing]) -> Result<usize> {
    let known = writer.watched(Subject::Goal).await?;
    let mut changed = Vec::new();
    let mut told = 0;
    for (goal, status) in goals {
        let (key, to) = (goal.to_string(), graphql_name(*status));
        let from = known.get(&key).cloned();
        if from.as_ref() == Some(&to) {
            continue;
        }
        let begins = matches!(status, GoalStatus::NotStarted | GoalStatus::Unknown);
        if from.is_some() || !begins {
            told += 1;
            writer.emit(Event::GoalStatusChanged {
                goal: *goal,
                from,
                to: to.clone(),
            });
        }
        changed.push((key, to));
    }
    writer.set_watched(Subject::Goal, changed).await?;
    Ok(told)
}
