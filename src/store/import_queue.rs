//! The queue of imports: which is next, over all teams, and who has it.
//!
//! A team's imports follow one another in the order in which they were asked for, as a later file may correct an earlier
//! one. A worker has an import for a time that it prolongs; when it dies, another one takes it up again after that time,
//! on SQLite, where there is one service, as soon as it starts.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::import_job::{self, Mode, State};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{BackgroundDoor, TeamStore, connection::Sees, team::Actor};
use crate::error::Result;

/// How long imports that are over are kept.
pub const IMPORT_DAYS: i64 = 90;
/// How long a file may take to be stored before its import is forgotten.
const RECEIVING: TimeDelta = TimeDelta::days(1);

/// How long an import belongs to its worker without a sign of life.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// The right to work on an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The import.
    pub import: i64,
    /// The name under which it is had; no two times are the same.
    pub owner: String,
}

/// Until when an import belongs to its worker from now on.
pub(super) fn lease_until(now: DateTime<Utc>) -> DateTime<Utc> {
    now + LEASE
}

/// What a process does for the queue.
pub struct Worker {
    /// The imports that it works on.
    pub own: HashSet<i64>,
    /// When a team had its turn, counted in turns.
    pub served: HashMap<i64, u64>,
    /// When it started.
    pub since: DateTime<Utc>,
}

/// What decides whose turn it is.
type Waiting = (i64, i64, State, Option<DateTime<Utc>>);

impl BackgroundDoor<'_> {
    /// A process that begins to work now.
    pub fn worker(&self) -> Worker {
        Worker {
            own: HashSet::new(),
            served: HashMap::new(),
            since: self.store.clock.now(),
        }
    }

    /// Takes up the next import that nobody works on, unless there is none: of the team that was served longest ago.
    /// The store writes in the name of who asked for it.
    pub async fn claim_import(
        &self,
        worker: &Worker,
    ) -> Result<Option<(TeamStore, import_job::Model, Lease)>> {
        use import_job::Column as C;
        let store = self.store;
        let waiting: Vec<Waiting> = import_job::Entity::find()
            .select_only()
            .columns([C::TeamId, C::Id, C::State, C::LeaseUntil])
            .filter(C::State.is_in([State::Queued, State::Checking, State::Publishing]))
            .order_by_asc(C::Id)
            .into_tuple()
            .all(&store.connection.seeing(Sees::Queues))
            .await?;
        let now = store.clock.now();
        let alone = store.connection.get_database_backend() == DbBackend::Sqlite;
        let is_free = |(_, id, state, until): &Waiting| {
            let dead = |until: &DateTime<Utc>| alone && *until - LEASE <= worker.since;
            let expired = until.is_none_or(|until| until < now || dead(&until));
            !worker.own.contains(id) && (*state == State::Queued || expired)
        };
        // The first of each team, as long as nobody works on one of that team.
        let mut first: BTreeMap<i64, Option<Waiting>> = BTreeMap::new();
        for job in waiting {
            let is_running = job.2 != State::Queued;
            match first.get_mut(&job.0) {
                None => {
                    first.insert(job.0, Some(job).filter(is_free));
                }
                Some(turn) if is_running && !is_free(&job) => *turn = None,
                Some(_) => {}
            }
        }
        let mut turns: Vec<Waiting> = first.into_values().flatten().collect();
        turns.sort_by_key(|(team, id, ..)| (worker.served.get(team).copied().unwrap_or(0), *id));
        for (team, id, ..) in turns {
            if let Some(claimed) = self.take(team, id, now).await? {
                return Ok(Some(claimed));
            }
        }
        Ok(None)
    }

    async fn take(
        &self,
        team: i64,
        id: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<(TeamStore, import_job::Model, Lease)>> {
        let Some(service) = self.team(team).await? else {
            return Ok(None);
        };
        let Some(mut job) = service.import_by_id(id).await? else {
            return Ok(None);
        };
        let lease = Lease {
            import: id,
            owner: super::team::next_id(service.clock()).to_string(),
        };
        let state = match (job.state, job.mode) {
            (State::Queued, Mode::Staged) => State::Checking,
            (State::Queued, Mode::Partial) => State::Publishing,
            (state, _) => state,
        };
        let until = lease_until(now);
        let sql = "UPDATE import_job SET state = $3, lease_owner = $4, lease_until = $5, attempts = attempts + 1, \
                   started_at = COALESCE(started_at, $6) \
                   WHERE team_id = $1 AND id = $2 AND state = $7 AND lease_owner IS NOT DISTINCT FROM $8";
        let values = vec![
            id.into(),
            state.into(),
            lease.owner.clone().into(),
            until.into(),
            now.into(),
            job.state.into(),
            job.lease_owner.clone().into(),
        ];
        if service.update_import_unqueued(sql, values).await? == 0 {
            return Ok(None);
        }
        job.state = state;
        job.lease_owner = Some(lease.owner.clone());
        job.lease_until = Some(until);
        job.attempts += 1;
        job.started_at = job.started_at.or(Some(now));
        let actor = Actor {
            kind: job.actor_kind,
            name: job.actor.clone(),
            api_key: job.api_key_id,
        };
        Ok(Some((service.acting_as(actor), job, lease)))
    }

    /// Imports that are not to be kept any longer, at most 100, each with its team.
    pub async fn old_imports(&self) -> Result<Vec<(i64, i64)>> {
        use import_job::Column as C;
        let now = self.store.clock.now();
        let over = C::FinishedAt.lt(now - TimeDelta::days(IMPORT_DAYS));
        let given_up = C::State
            .eq(State::Receiving)
            .and(C::CreatedAt.lt(now - RECEIVING));
        Ok(import_job::Entity::find()
            .select_only()
            .columns([C::TeamId, C::Id])
            .filter(over.or(given_up))
            .limit(100)
            .into_tuple()
            .all(&self.store.connection.seeing(Sees::Queues))
            .await?)
    }
}
