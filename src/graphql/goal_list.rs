//! Lists of goals.

use async_graphql::Context;
use entity::goal;

use super::{
    Session,
    connection::count,
    goal::{Goal, GoalConnection},
    goal_loaders::GoalsOf,
    goal_progress::progress_of,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Result},
    kpi::goal::GoalStatus,
    store::{Page, PageAsk, goal_cursor},
};

/// One page of the team's goals.
pub async fn goals(
    ctx: &Context<'_>,
    status: Option<GoalStatus>,
    archived: bool,
    ask: PageAsk,
) -> ApiResult<GoalConnection> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    if let Some(status) = status {
        let rows = session.store.all_goals(archived).await?;
        return of_list(with_status(session, rows, status).await?, &ask);
    }
    let page = session.store.goals(archived, &ask).await?;
    let rows = page.rows.into_iter();
    let rows = rows
        .map(|(cursor, row)| Ok((cursor, Goal::of(row)?)))
        .collect::<Result<_>>()?;
    let page = Page {
        rows,
        has_next: page.has_next,
        has_previous: page.has_previous,
    };
    Ok(GoalConnection::new(
        page,
        count(move |store| async move { store.goal_count(archived).await }),
    ))
}

/// One page of the goals whose scope names a campaign.
pub async fn goals_of(ctx: &Context<'_>, campaign: i64, ask: PageAsk) -> ApiResult<GoalConnection> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let rows = session.load.load_one(GoalsOf(campaign)).await?;
    let goals = rows.unwrap_or_default().into_iter().map(Goal::of);
    of_list(goals.collect::<Result<_>>()?, &ask)
}

/// Those that stand so. Where a goal stands is computed, so all are computed, together.
async fn with_status(
    session: &Session,
    rows: Vec<goal::Model>,
    status: GoalStatus,
) -> ApiResult<Vec<Goal>> {
    let goals: Vec<Goal> = rows.into_iter().map(Goal::of).collect::<Result<_>>()?;
    let progress = goals
        .iter()
        .map(|goal| progress_of(session, &goal.row, goal.measured.as_ref()));
    let progress = futures_util::future::try_join_all(progress).await?;
    let both = goals.into_iter().zip(progress);
    Ok(both
        .filter(|(_, progress)| progress.status == status)
        .map(|(goal, _)| goal)
        .collect())
}

fn of_list(goals: Vec<Goal>, ask: &PageAsk) -> ApiResult<GoalConnection> {
    let total = goals.len() as u64;
    let page = Page::of_list(goals, ask, |goal| goal_cursor(&goal.row))?;
    Ok(GoalConnection::new(
        page,
        count(move |_| async move { Ok(total) }),
    ))
}
