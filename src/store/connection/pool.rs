//! The connections of the database, shared so that nobody takes all of them.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnAcquireErr, DbBackend, DbErr};
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use super::{
    claims::Claims,
    lanes::{Lane, Lanes},
    purpose::Purpose,
    shares::Shares,
    turns::{Turn, Turns},
};
use crate::{error::Result, store::PoolState};

/// How long a statement waits for a connection before the service is called busy.
const PATIENCE: Duration = Duration::from_secs(3);
/// The queue of what is written beside teams' writers on SQLite; ids of teams are positive.
const BESIDE: i64 = -1;

/// Writers queue for a few connections, readers for the others, and of these one request takes a half at most. Who waits
/// holds no connection.
#[derive(Clone)]
pub struct Pool {
    pub lanes: Lanes,
    turns: Arc<Turns>,
    pub claims: Claims,
    readers: Arc<Semaphore>,
    /// The service's own work writes one after another.
    beside: Arc<Semaphore>,
    /// What this request may take of them at once.
    own: Arc<Semaphore>,
    share: usize,
    /// What its team may take of them at once.
    team: Arc<Semaphore>,
    shares: Shares,
    /// How long a statement of a request may take.
    pub longest: Duration,
}

/// A reader's place; its lane is left before the place is.
pub struct Place<'a> {
    lane: Lane,
    _permits: [SemaphorePermit<'a>; 3],
}

impl Place<'_> {
    pub fn lane(&self) -> &Lane {
        &self.lane
    }
}

impl Pool {
    /// SQLite lets one write at a time; on PostgreSQL three tenths of the connections are for writers.
    pub fn of(lanes: Lanes, longest: Duration) -> Self {
        let connections = lanes.connections();
        let writers = match lanes.backend() {
            DbBackend::Sqlite => 1,
            _ => (connections * 3 / 10).max(1),
        };
        let readers = connections.saturating_sub(writers).max(1);
        let share = readers.div_ceil(2);
        Self {
            lanes,
            turns: Arc::new(Turns::new(writers)),
            claims: Claims::default(),
            readers: Arc::new(Semaphore::new(readers)),
            beside: Arc::new(Semaphore::new(1)),
            own: Arc::new(Semaphore::new(share)),
            share,
            team: Arc::new(Semaphore::new(readers)),
            shares: Shares::of(readers),
            longest,
        }
    }

    /// The same pool for another request, with a share of its own.
    pub fn for_request(&self) -> Self {
        Self {
            own: Arc::new(Semaphore::new(self.share)),
            ..self.clone()
        }
    }

    /// Takes no more from now on than the team's share.
    pub fn take_for(&mut self, slug: &str) {
        self.team = self.shares.of_team(slug);
    }

    /// Waits for a reader's place.
    pub async fn reader(&self, purpose: &Purpose) -> Result<Place<'_>, DbErr> {
        // Who waits for other statements of the same request is not kept waiting by the service.
        let own = self.own.acquire().await.map_err(|_| busy())?;
        let others = async {
            let team = self.team.acquire().await?;
            Ok::<_, AcquireError>([team, self.readers.acquire().await?])
        };
        let _waiting = self.turns.wait();
        let [team, reader] = patiently(others).await?;
        Ok(Place {
            _permits: [own, team, reader],
            lane: self.lanes.take(purpose),
        })
    }

    /// Waits for the turn to write for a team; `bulk` is for rows by the thousand.
    pub async fn writer(&self, team: i64, bulk: bool) -> Result<Turn> {
        self.turns.take(team, bulk).await
    }

    /// Waits for no writer where the database lets several write: takes the place of a reader.
    pub async fn writer_beside(&self) -> Result<Turn> {
        if self.lanes.backend() == DbBackend::Sqlite {
            return self.turns.take(BESIDE, false).await;
        }
        let both = async {
            let beside = self.beside.clone().acquire_owned().await?;
            let reader = self.readers.clone().acquire_owned().await?;
            Ok::<_, AcquireError>(vec![beside, reader])
        };
        Ok(Turn::beside(patiently(both).await?))
    }

    /// How busy the connections are.
    pub fn state(&self) -> PoolState {
        PoolState::of(self.lanes.databases(), self.turns.waiting())
    }

    /// Closes all connections, waiting for the statements under way.
    pub async fn close(&self) -> Result<(), DbErr> {
        for database in self.lanes.databases() {
            database.clone().close().await?;
        }
        Ok(())
    }
}

async fn patiently<T>(places: impl Future<Output = Result<T, AcquireError>>) -> Result<T, DbErr> {
    match tokio::time::timeout(PATIENCE, places).await {
        Ok(Ok(places)) => Ok(places),
        _ => Err(busy()),
    }
}

fn busy() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}
