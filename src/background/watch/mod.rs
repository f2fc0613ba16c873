//! Watches goals and alert rules: after facts came in, after a goal or a rule was changed, and once a day it works out
//! how they stand, and tells what changed as events. Teams without goals and rules cost two counts.

mod anomalies;
mod due;
mod goals;
mod names;
mod rules;

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use entity::{event::Kind, watched::Subject};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

use self::due::Due;
use crate::{
    error::{Error, Result},
    kpi::Rights,
    store::{Signs, Store, TeamStore},
};

/// How often every team is looked at: a day begins, a wake-up was lost, or a try failed.
const SWEEP_EVERY: Duration = Duration::from_mins(5);
/// How long one look at a team may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// After this time the work of an instance that gave no sign of life is taken over.
const LEASE: TimeDelta = TimeDelta::minutes(3);
/// When another instance is at work, or a try failed, it is tried again after this time.
const LATER: Duration = Duration::from_secs(15);
/// Nobody reads what is worked out here; whoever is told of it is shown no more than they may see.
const RIGHTS: Rights = Rights {
    money: true,
    personal: false,
};

/// What a look at a team came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Nothing has happened since the last look.
    Unchanged,
    /// It was worked out anew; so many events were told.
    Anew(usize),
    /// Another instance is at work.
    Busy,
}

/// What the last look was worked out from.
#[derive(PartialEq, Serialize, Deserialize)]
struct Basis {
    /// The last event that was known.
    cursor: i64,
    /// The day, in the team's time zone.
    day: NaiveDate,
    signs: Signs,
}

/// Watches all teams until told to stop.
pub async fn run(store: Store, stop: CancellationToken) {
    let holder = format!("{:016x}", getrandom::u64().unwrap_or_default());
    let mut wakeups = store.wakeups().listen();
    let mut sweeps = interval(SWEEP_EVERY);
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due = Due::default();
    loop {
        let next = due.next();
        let waiting = async {
            match next {
                Some((at, _)) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            woken = wakeups.recv() => match woken {
                Ok(team) => due.changed(team, Instant::now()),
                Err(RecvError::Lagged(_)) => sweeps.reset_immediately(),
                Err(RecvError::Closed) => return,
            },
            _ = sweeps.tick() => match store.background().teams().await {
                Ok(teams) => teams.iter().for_each(|team| due.at(team.team().id, Instant::now())),
                Err(error) => tracing::error!(%error, "goals and alert rules were not looked at"),
            },
            () = waiting => if let Some((_, team)) = next {
                let begun = Instant::now();
                due.begun(team);
                let look = tokio::time::timeout(PATIENCE, look_at(&store, team, &holder));
                let looked = tokio::select! {
                    () = stop.cancelled() => return,
                    looked = look => looked,
                };
                due.done(team, begun, Instant::now());
                let again = match looked {
                    Ok(Ok(looked)) => looked == Looked::Busy,
                    Ok(Err(error)) => {
                        tracing::error!(%error, team, "goals and alert rules could not be looked at");
                        matches!(error, Error::Busy(_) | Error::Unavailable(_))
                    }
                    Err(_) => {
                        tracing::error!(team, "goals and alert rules take too long to look at");
                        false
                    }
                };
                if again {
                    due.at(team, Instant::now() + LATER);
                }
            },
        }
    }
}

async fn look_at(store: &Store, team: i64, holder: &str) -> Result<Looked> {
    match store.background().team(team).await? {
        Some(team) => look(&team, holder).await,
        None => Ok(Looked::Unchanged),
    }
}

/// Works out how a team's goals and alert rules stand, if anything has happened since that was last done, and tells
/// what changed. What is worked out is read without a transaction; the events and the new state are one.
pub async fn look(team: &TeamStore, holder: &str) -> Result<Looked> {
    let signs = team.signs().await?;
    if signs.are_none() {
        return Ok(Looked::Unchanged);
    }
    let basis = Basis {
        cursor: team.last_event().await?,
        day: team.calendar()?.today(team.clock().now()),
        signs,
    };
    let before = team.watched(Subject::Team).await?.remove("");
    let before: Option<Basis> = before.and_then(|state| serde_json::from_str(&state).ok());
    if let Some(before) = before
        && (before.day, before.signs) == (basis.day, basis.signs)
    {
        let refreshed = [Kind::DataRefreshed];
        let news = team.events_after(before.cursor, &refreshed, 1).await?;
        if news.is_empty() {
            return Ok(Looked::Unchanged);
        }
    }
    if !team.take_lease(holder, LEASE).await? {
        return Ok(Looked::Busy);
    }
    let worked_out = work_out(team).await;
    let writer = team.begin("watch").await?;
    let mut told = 0;
    if let Ok((goals, rules, anomalies)) = &worked_out {
        told += goals::tell(&writer, goals).await?;
        told += rules::tell(&writer, rules).await?;
        told += anomalies::tell(&writer, anomalies).await?;
        let state = serde_json::to_string(&basis)
            .map_err(|error| Error::Internal(format!("the basis of a look: {error}")))?;
        let basis = [(String::new(), state)];
        writer.set_watched(Subject::Team, basis).await?;
    }
    writer.give_lease_back().await?;
    writer.commit().await?;
    worked_out.map(|_| Looked::Anew(told))
}

type WorkedOut = (
    Vec<goals::Standing>,
    Vec<rules::Firing>,
    Vec<anomalies::Found>,
);

async fn work_out(team: &TeamStore) -> Result<WorkedOut> {
    Ok((
        goals::work_out(team).await?,
        rules::work_out(team).await?,
        anomalies::work_out(team).await?,
    ))
}
