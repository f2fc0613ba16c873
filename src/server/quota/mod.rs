//! What a team, and each of its keys, may take: points of its bucket, and operations at once.

mod bucket;
mod share;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex as SyncMutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use self::{
    bucket::{Bucket, Rate},
    share::{Share, Taken},
};
use super::seats::{Held, Seats};
use crate::{
    auth::Caller,
    config::Settings,
    error::{Error, RateLimited, Result},
    store::TeamStore,
};

/// So many buckets are kept in memory; then those nobody uses are forgotten, and fill in meanwhile, and if all are in
/// use, those of keys.
const KEPT: usize = 10_000;
/// After this time without a request a bucket may be forgotten.
const IDLE: Duration = Duration::from_secs(600);

/// The allowances of all teams.
pub struct Quotas {
    rate: Rate,
    key_percent: i64,
    at_once: usize,
    running: Seats,
    start: Instant,
    meters: SyncMutex<HashMap<(i64, String), Meter>>,
}

/// A bucket as this process has it.
#[derive(Clone)]
struct Meter {
    level: Arc<Mutex<Level>>,
    used: Duration,
}

enum Level {
    /// Nobody else has a part in it: the database is a file of this process.
    Own(Bucket),
    /// It is shared by all instances, through the database.
    Shared(Share),
}

/// An operation that may run, and what it has taken.
pub struct Admission {
    meters: [Arc<Mutex<Level>>; 2],
    points: i64,
    /// What is left in the emptier of both buckets.
    pub remaining: i64,
    _place: Held,
}

impl Quotas {
    /// The allowances by the settings.
    pub fn new(settings: &Settings) -> Self {
        let rate = Rate {
            size: settings.rate_burst_points,
            per_second: settings.rate_points_per_second,
        };
        Self {
            rate,
            key_percent: settings.rate_key_percent,
            at_once: settings.max_team_requests,
            running: Seats::default(),
            start: Instant::now(),
            meters: SyncMutex::default(),
        }
    }

    /// Takes an operation's points out of the buckets of its team and of its key, which is an API key or the subject of
    /// a token.
    ///
    /// # Errors
    /// Who has taken too much, and when to come again.
    pub async fn admit(
        &self,
        caller: &Caller,
        store: &TeamStore,
        points: u64,
    ) -> Result<Admission> {
        let place = self.running.take(store.team().id, 1, self.at_once);
        let place = place.ok_or({
            Error::RateLimited(RateLimited {
                whose: "operations of the team at once",
                limit: i64::try_from(self.at_once).unwrap_or(i64::MAX),
                wait: Duration::from_secs(1),
            })
        })?;
        let (meters, points, remaining) = self.pay(caller, store, points).await?;
        Ok(Admission {
            meters,
            points,
            remaining,
            _place: place,
        })
    }

    /// Takes points out as soon as there are so many.
    ///
    /// # Errors
    /// The database that has the buckets failed.
    pub async fn draw(&self, caller: &Caller, store: &TeamStore, points: u64) -> Result<()> {
        loop {
            match self.pay(caller, store, points).await {
                Err(Error::RateLimited(limited)) => tokio::time::sleep(limited.wait).await,
                paid => return paid.map(drop),
            }
        }
    }

    /// Takes points out of both buckets; says which, how many, and what is left in the emptier.
    async fn pay(
        &self,
        caller: &Caller,
        store: &TeamStore,
        points: u64,
    ) -> Result<([Arc<Mutex<Level>>; 2], i64, i64)> {
        let points = i64::try_from(points).unwrap_or(i64::MAX);
        let key = match caller.api_key() {
            Some(id) => format!("key {id}"),
            None => format!("subject {}", caller.subject()),
        };
        let own = self.rate.percent(self.key_percent);
        let of_key = self.meter(store, &key, own);
        let of_team = self.meter(store, "", self.rate);
        let left = self
            .take(store, &key, &of_key, own, points, "points of the key")
            .await?;
        let of_team_left = self
            .take(store, "", &of_team, self.rate, points, "points of the team")
            .await;
        let remaining = match of_team_left {
            Ok(of_team_left) => left.min(of_team_left),
            Err(error) => {
                of_key.lock().await.give_back(points);
                return Err(error);
            }
        };
        Ok(([of_key, of_team], points, remaining))
    }

    fn meter(&self, store: &TeamStore, subject: &str, rate: Rate) -> Arc<Mutex<Level>> {
        let now = self.start.elapsed();
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        let of = (store.team().id, subject.to_owned());
        if meters.len() >= KEPT && !meters.contains_key(&of) {
            meters.retain(|_, meter| now.saturating_sub(meter.used) < IDLE);
            if meters.len() >= KEPT {
                // Their teams' buckets bind them all the same.
                meters.retain(|(_, subject), _| subject.is_empty());
            }
        }
        let found = meters.entry(of);
        let meter = found.or_insert_with(|| Meter {
            level: Arc::new(Mutex::new(match store.shares_quotas() {
                true => Level::Shared(Share::empty(rate)),
                false => Level::Own(Bucket::full(rate, now)),
            })),
            used: now,
        });
        meter.used = now;
        meter.level.clone()
    }

    async fn take(
        &self,
        store: &TeamStore,
        subject: &str,
        level: &Mutex<Level>,
        rate: Rate,
        points: i64,
        whose: &'static str,
    ) -> Result<i64> {
        let refused = |wait| {
            Error::RateLimited(RateLimited {
                whose,
                limit: rate.size,
                wait,
            })
        };
        // Whoever leases holds the others up, so that they do not all lease at once.
        let mut level = level.lock().await;
        let share = match &mut *level {
            Level::Own(bucket) => {
                let now = self.start.elapsed();
                return bucket.take(points, now).map_err(refused);
            }
            Level::Shared(share) => share,
        };
        let asked = match share.take(points, self.start.elapsed()) {
            Taken::Done(left) => return Ok(left),
            Taken::Wait(wait) => return Err(refused(wait)),
            Taken::Lease(asked) => asked,
        };
        let leased = store.lease_points(subject, asked, rate.size, rate.per_second);
        let (granted, left) = leased.await?;
        share.add(asked, granted, left, self.start.elapsed());
        match share.take(points, self.start.elapsed()) {
            Taken::Done(left) => Ok(left),
            Taken::Wait(wait) => Err(refused(wait)),
            Taken::Lease(missing) => Err(refused(rate.time_for(missing))),
        }
    }
}

impl Admission {
    /// Settles what the operation has really cost.
    pub async fn settle(mut self, actual: u64) -> i64 {
        let unused = self.points - i64::try_from(actual).unwrap_or(i64::MAX);
        for meter in &self.meters {
            meter.lock().await.give_back(unused);
        }
        self.remaining = self.remaining.saturating_add(unused).max(0);
        self.remaining
    }
}

impl Level {
    fn give_back(&mut self, points: i64) {
        match self {
            Self::Own(bucket) => bucket.give_back(points),
            Self::Shared(share) => share.give_back(points),
        }
    }
}
