//! Setting and archiving goals.

use async_graphql::{Context, ID, InputObject, MaybeUndefined};
use chrono::NaiveDate;
use entity::goal::{self, GoalKind};
use rust_decimal::Decimal;

use super::{
    GlobalId, Session,
    campaign_input::ArchiveInput,
    global_id::NodeType,
    goal::Goal,
    goal_check as check,
    goal_measure::{Asked, measure},
    goal_scope::GoalScopeInput,
    payload::{Mistakes, Outcome, payload},
    scalars::Date,
};
use crate::{
    auth::Scope as Right,
    error::ApiResult,
    kpi::{Kpi, by_name, definition::Cadence, goal::Scope, graphql_name},
    store::TeamWriter,
    time::Grain,
};

/// A goal, or changes to one. What is left out of changes stays.
#[derive(InputObject)]
pub struct SetGoalInput {
    /// Which goal to change; left out to make one.
    id: Option<ID>,
    /// The version that the caller has read; needed with `id`.
    version: Option<i32>,
    /// Its name, 1 to 300 characters; needed for a new goal.
    name: Option<String>,
    /// The metric. A new goal without one is an objective, measured by its key results alone.
    metric: Option<Kpi>,
    /// A level at the deadline, or a sum over the window. Default: ACCUMULATE for metrics that add up over days,
    /// REACH_LEVEL for others, which allow nothing else.
    kind: Option<GoalKind>,
    /// Which facts count: those that have one of the values in every dimension listed, up to 4 dimensions. Default:
    /// all of the team's.
    scope: Option<Vec<GoalScopeInput>>,
    /// Where it starts from, in the metric's unit. Null or left out of a new goal: from history, for a level that of
    /// the last bucket over before the start, for a sum that of the window of equal length before.
    baseline: MaybeUndefined<Decimal>,
    /// What it shall come to, in the metric's unit (rates are fractions of 1), in the team's currency for amounts; not
    /// the baseline, and above 0 for sums. Needed with a metric.
    target: Option<Decimal>,
    /// The first day that counts, within ten years of today. Default: today.
    starts_on: Option<Date>,
    /// The last day that counts, within ten years of today; needed for a new goal.
    deadline: Option<Date>,
    /// The size of the buckets whose values are levels, of which one at least must lie within the window: MONTH for
    /// leads a month. For REACH_LEVEL alone. Default: MONTH, WEEK or DAY, the first of which two lie within.
    grain: Option<Grain>,
    /// Who answers for it, 1 to 200 characters. Default: the subject of the token.
    owner: Option<String>,
    /// The goal that it is a key result of; null for none. Goals stand within each other up to 5 levels deep, each with
    /// 50 key results at most.
    key_result_of: MaybeUndefined<ID>,
    /// How often it is looked at again. Default: as often as the metric's cadence says, DAY, WEEK or MONTH.
    review_every: Option<Grain>,
}

payload!(SetGoalPayload, goal: Goal, "The goal. Null when there are mistakes.");
payload!(ArchiveGoalPayload, goal: Goal, "The goal. Null when there are mistakes.");

/// Makes or changes a goal.
pub async fn set(ctx: &Context<'_>, input: SetGoalInput) -> ApiResult<Outcome<Goal>> {
    let session = Session::with_scope(ctx, Right::GoalsWrite)?;
    session.caller.require(Right::MetricsRead)?;
    let writer = session.begin(ctx).await?;
    let calendar = writer.calendar()?;
    let today = calendar.today(writer.clock().now());
    let all = writer.all_goals(true).await?;
    let mut mistakes = Mistakes::default();
    let before = match &input.id {
        Some(id) => match known(&all, id, input.version, &mut mistakes) {
            Some(row) => Some(row.clone()),
            None => return Ok(Err(mistakes)),
        },
        None => {
            mistakes.check_no_version(input.version);
            check::room(&all, &mut mistakes);
            None
        }
    };
    let mut row = match &before {
        Some(row) => row.clone(),
        None => fresh(session, writer.id(), today),
    };
    if input.name.is_some() || before.is_none() {
        row.name = input.name.unwrap_or_default();
        mistakes.check_name("input.name", &row.name, 300);
    }
    if let Some(owner) = input.owner {
        mistakes.check_name("input.owner", &owner, 200);
        row.owner = owner;
    }
    row.starts_on = input.starts_on.map_or(row.starts_on, |day| day.0);
    match (input.deadline, &before) {
        (Some(day), _) => row.deadline = day.0,
        (None, Some(_)) => {}
        (None, None) => {
            mistakes.invalid("input.deadline", "input.deadline: a new goal needs one");
            return Ok(Err(mistakes));
        }
    }
    match &input.key_result_of {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => row.key_result_of = None,
        MaybeUndefined::Value(id) => {
            row.key_result_of = check::parent(&all, row.id, id, &mut mistakes);
        }
    }
    let metric = input.metric.or(match &before {
        Some(row) => row.metric.as_deref().and_then(by_name),
        None => None,
    });
    if let Some(every) = input.review_every {
        row.review_every = graphql_name(every);
    } else if before.is_none() {
        row.review_every = graphql_name(usual_review(metric));
    }
    let asked = Asked {
        metric,
        kind: input.kind,
        scope: input.scope,
        baseline: input.baseline,
        target: input.target,
        grain: input.grain,
    };
    measure(
        session,
        &writer,
        &calendar,
        &before,
        &mut row,
        asked,
        &mut mistakes,
    )
    .await?;
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    if before.is_none() {
        writer.insert::<goal::Entity>(vec![row.clone()]).await?;
        writer.commit().await?;
        session.store.wake();
        session.forget_loaded();
        return Ok(Ok(Goal::of(row)?));
    }
    save(session, writer, row).await
}

/// Puts a goal away.
pub async fn archive(ctx: &Context<'_>, input: ArchiveInput) -> ApiResult<Outcome<Goal>> {
    let session = Session::with_scope(ctx, Right::GoalsWrite)?;
    let writer = session.begin(ctx).await?;
    let all = writer.all_goals(true).await?;
    let mut mistakes = Mistakes::default();
    let Some(row) = known(&all, &input.id, Some(input.version), &mut mistakes) else {
        return Ok(Err(mistakes));
    };
    let row = goal::Model {
        archived: true,
        ..row.clone()
    };
    save(session, writer, row).await
}

async fn save(
    session: &Session,
    writer: TeamWriter,
    mut row: goal::Model,
) -> ApiResult<Outcome<Goal>> {
    let known_version = row.version;
    row.version += 1;
    row.updated_at = session.store.clock().now();
    if !writer.update_goal(row.clone(), known_version).await? {
        let mut mistakes = Mistakes::default();
        let current = writer.goals_by_id(&[row.id]).await?.remove(&row.id);
        mistakes.conflict(known_version, current.map_or(0, |row| row.version));
        return Ok(Err(mistakes));
    }
    writer.commit().await?;
    session.store.wake();
    session.forget_loaded();
    Ok(Ok(Goal::of(row)?))
}

/// The goal with this id, if it is still at this version.
fn known<'a>(
    all: &'a [goal::Model],
    id: &ID,
    version: Option<i32>,
    mistakes: &mut Mistakes,
) -> Option<&'a goal::Model> {
    let found = GlobalId::expect("input.id", id, NodeType::Goal)
        .ok()
        .and_then(|id| all.iter().find(|goal| goal.id == id));
    match (found, version) {
        (None, _) => mistakes.not_found("input.id", "input.id: there is no goal with this id"),
        (Some(_), None) => mistakes.invalid(
            "input.version",
            "input.version: it is needed to change a goal",
        ),
        (Some(row), Some(version)) if row.version != version => {
            mistakes.conflict(version, row.version);
        }
        (Some(row), Some(_)) => return Some(row),
    }
    None
}

fn fresh(session: &Session, id: i64, today: NaiveDate) -> goal::Model {
    let now = session.store.clock().now();
    goal::Model {
        team_id: session.store.team().id,
        id,
        name: String::new(),
        kind: None,
        metric: None,
        scope: Scope::default().to_json(),
        baseline: None,
        baseline_source: None,
        target: None,
        currency: None,
        grain: None,
        starts_on: today,
        deadline: today,
        owner: session.caller.subject().chars().take(200).collect(),
        key_result_of: None,
        review_every: String::new(),
        archived: false,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn usual_review(metric: Option<Kpi>) -> Grain {
    match metric.map(|metric| metric.definition().cadence) {
        Some(Cadence::Operational) => Grain::Day,
        Some(Cadence::Tactical) => Grain::Week,
        Some(Cadence::Strategic) | None => Grain::Month,
    }
}
