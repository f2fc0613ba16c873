//! Changing the team's settings.

use async_graphql::{Context, InputObject, MaybeUndefined};

use super::{
    Session,
    payload::{Mistakes, Outcome, payload},
    team::Team,
};
use crate::{auth::Scope, error::ApiResult};

/// The most days of `churnDays`: ten years.
const MOST_CHURN_DAYS: i32 = 3_650;

/// Changes to the team. What is left out stays.
#[derive(InputObject)]
pub struct UpdateTeamSettingsInput {
    /// The version that the caller has read, of `settings`.
    version: i32,
    /// The team's name for people, 1 to 200 characters.
    name: Option<String>,
    /// After how many days without an order a customer counts as lost, 1 to 3650. Null takes the setting away: then
    /// each period stands against the one before it.
    churn_days: MaybeUndefined<i32>,
    /// Whether a new reference that comes with the e-mail address of exactly one customer names that customer. True
    /// unless it was turned off.
    match_by_email: Option<bool>,
}

payload!(UpdateTeamSettingsPayload, team: Team, "The team. Null when there are mistakes.");

/// Changes the team.
pub async fn update(ctx: &Context<'_>, input: UpdateTeamSettingsInput) -> ApiResult<Outcome<Team>> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let mut row = writer.team_now().await?;
    if row.version != input.version {
        mistakes.conflict(input.version, row.version);
        return Ok(Err(mistakes));
    }
    if let Some(name) = input.name {
        mistakes.check_name("input.name", &name, 200);
        row.name = name;
    }
    row.match_by_email = input.match_by_email.unwrap_or(row.match_by_email);
    match input.churn_days {
        MaybeUndefined::Undefined => {}
        MaybeUndefined::Null => row.churn_days = None,
        MaybeUndefined::Value(days) => {
            if !(1..=MOST_CHURN_DAYS).contains(&days) {
                mistakes.invalid(
                    "input.churnDays",
                    format!(
                        "input.churnDays: {days} was given; 1 to {MOST_CHURN_DAYS} are allowed"
                    ),
                );
            }
            row.churn_days = Some(days);
        }
    }
    if !mistakes.is_empty() {
        return Ok(Err(mistakes));
    }
    row.version = input.version.saturating_add(1);
    if !writer.update_team(row.clone(), input.version).await? {
        // Writers of one team follow one another, so only a change past this service comes between.
        let current = writer.team_now().await?.version;
        mistakes.conflict(input.version, current);
        return Ok(Err(mistakes));
    }
    writer.commit().await?;
    session.forget_loaded();
    Ok(Ok(Team(row)))
}
