//! What a goal must be to be set: its window, its numbers, its place in the tree.

use std::collections::HashMap;

use async_graphql::ID;
use chrono::{Months, NaiveDate};
use entity::goal::{self, GoalKind};
use rust_decimal::Decimal;

use super::{GlobalId, global_id::NodeType, payload::Mistakes};
use crate::{
    kpi::{Kpi, benchmark::out_of_range, goal::measured::whole_buckets, graphql_name},
    store::measures::Additivity,
    time::{Calendar, DateRange, Grain},
};

/// The most goals of a team, archived ones left out.
const MOST_GOALS: usize = 500;
/// The most key results of one goal.
const MOST_KEY_RESULTS: usize = 50;
/// The most levels of goals within each other.
const MOST_LEVELS: usize = 5;
/// How far from today a goal may begin and end, in years.
const MOST_YEARS: u32 = 10;

/// The window, if it is one.
pub fn window(
    from: NaiveDate,
    deadline: NaiveDate,
    today: NaiveDate,
    mistakes: &mut Mistakes,
) -> Option<DateRange> {
    let years = Months::new(12 * MOST_YEARS);
    let near = DateRange::new(
        today.checked_sub_months(years)?,
        today.checked_add_months(years)?,
    )?;
    for (field, day) in [("startsOn", from), ("deadline", deadline)] {
        if !near.contains(day) {
            let path = format!("input.{field}");
            mistakes.invalid(&path, format!("{path}: {day} was given; {near} is allowed"));
            return None;
        }
    }
    let window = DateRange::new(from, deadline);
    if window.is_none() {
        let text = format!("input.deadline: {deadline} lies before startsOn {from}");
        mistakes.invalid("input.deadline", text);
    }
    window
}

/// The kind asked, or the one that suits the metric.
pub fn kind(metric: Kpi, asked: Option<GoalKind>, mistakes: &mut Mistakes) -> GoalKind {
    let additive = metric.definition().additivity() == Additivity::Additive;
    match asked {
        None if additive => GoalKind::Accumulate,
        None => GoalKind::ReachLevel,
        Some(GoalKind::Accumulate) if !additive => {
            let metric = graphql_name(metric);
            let text = format!(
                "input.kind: ACCUMULATE was given, but {metric} does not add up over days; REACH_LEVEL is allowed"
            );
            mistakes.invalid("input.kind", text);
            GoalKind::Accumulate
        }
        Some(kind) => kind,
    }
}

/// The size of the buckets whose values are levels: the one asked, or the coarsest of months, weeks and days of which
/// two lie within the window. Days for sums.
pub fn grain(
    calendar: &Calendar,
    kind: GoalKind,
    asked: Option<Grain>,
    window: DateRange,
    mistakes: &mut Mistakes,
) -> Grain {
    let within =
        |grain| whole_buckets(calendar, grain, window).map_or(0, |(first, last)| last - first + 1);
    match (kind, asked) {
        (GoalKind::Accumulate, None | Some(Grain::Day)) => Grain::Day,
        (GoalKind::Accumulate, Some(grain)) => {
            let grain = graphql_name(grain);
            let text = format!(
                "input.grain: {grain} was given; sums have none, only a REACH_LEVEL goal has"
            );
            mistakes.invalid("input.grain", text);
            Grain::Day
        }
        (GoalKind::ReachLevel, Some(grain)) => {
            if within(grain) == 0 {
                let name = graphql_name(grain);
                let text = format!(
                    "input.grain: no whole {name} lies within {window}; a finer grain is needed"
                );
                mistakes.invalid("input.grain", text);
            }
            grain
        }
        (GoalKind::ReachLevel, None) => [Grain::Month, Grain::Week]
            .into_iter()
            .find(|grain| within(*grain) >= 2)
            .unwrap_or(Grain::Day),
    }
}

/// A number that can be kept and computed with.
pub fn number(field: &str, value: Decimal, mistakes: &mut Mistakes) -> Decimal {
    let path = format!("input.{field}");
    let value = value.normalize();
    if let Some(allowed) = out_of_range(value) {
        mistakes.invalid(&path, format!("{path}: {value} was given; {allowed}"));
    }
    value
}

/// The goal that this one shall be a key result of, if it can be: it exists, is not put away, is not this one nor below
/// it, and the tree does not grow too high or too wide.
pub fn parent(all: &[goal::Model], this: i64, parent: &ID, mistakes: &mut Mistakes) -> Option<i64> {
    const PATH: &str = "input.keyResultOf";
    let by_id: HashMap<i64, &goal::Model> = all.iter().map(|goal| (goal.id, goal)).collect();
    let found = GlobalId::expect(PATH, parent, NodeType::Goal)
        .ok()
        .filter(|id| by_id.get(id).is_some_and(|goal| !goal.archived));
    let Some(found) = found else {
        mistakes.not_found(PATH, format!("{PATH}: there is no goal with this id"));
        return None;
    };
    let mut above = Vec::new();
    let mut next = Some(found);
    while let Some(id) = next {
        if id == this {
            let text =
                format!("{PATH}: this goal is that one itself or above it; a tree has no cycles");
            mistakes.invalid(PATH, text);
            return None;
        }
        above.push(id);
        next = by_id
            .get(&id)
            .and_then(|goal| goal.key_result_of)
            .filter(|_| above.len() <= all.len());
    }
    let levels = above.len() + height(all, this, all.len());
    if levels > MOST_LEVELS {
        let text = format!(
            "{PATH}: the tree would have {levels} levels; at most {MOST_LEVELS} are allowed"
        );
        mistakes.invalid(PATH, text);
    }
    let beside = |goal: &&goal::Model| {
        goal.key_result_of == Some(found) && !goal.archived && goal.id != this
    };
    if all.iter().filter(beside).count() >= MOST_KEY_RESULTS {
        let text =
            format!("{PATH}: that goal has {MOST_KEY_RESULTS} key results, which is the most");
        mistakes.invalid(PATH, text);
    }
    Some(found)
}

/// How many levels a goal and what is below it have.
fn height(all: &[goal::Model], this: i64, most: usize) -> usize {
    let below = all.iter().filter(|goal| goal.key_result_of == Some(this));
    let heights = below.map(|goal| match most {
        0 => 0,
        most => height(all, goal.id, most - 1),
    });
    1 + heights.max().unwrap_or(0)
}

/// Whether the team may have one more goal.
pub fn room(all: &[goal::Model], mistakes: &mut Mistakes) {
    let goals = all.iter().filter(|goal| !goal.archived).count();
    if goals >= MOST_GOALS {
        let text =
            format!("input: the team has {goals} goals, which is the most; archive some first");
        mistakes.invalid("input", text);
    }
}
