//! The reader of a team's events. It reads when it is woken up, once for all who listen.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use tokio::sync::{
    Notify, OnceCell,
    broadcast::{self, Receiver, error::RecvError},
};
use tokio_util::sync::CancellationToken;

use super::told::Told;
use crate::{
    error::{Error, Result},
    store::{Store, TeamStore},
};

/// How often a reader looks although nobody woke it up: a wake-up from another process can be lost.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How many events are read at once.
const MOST: u64 = 500;
/// How many events a listener may be behind before it reads the table itself.
const BEHIND: usize = 1_024;

/// The readers of the teams that somebody listens to.
#[derive(Clone)]
pub struct Feeds {
    store: Store,
    teams: Arc<Mutex<HashMap<i64, Weak<Feed>>>>,
}

/// The reader of one team, as long as somebody listens.
pub(super) struct Feed {
    news: Arc<Notify>,
    tell: broadcast::Sender<Arc<Told>>,
    /// Where it began to read.
    start: OnceCell<i64>,
}

impl Drop for Feed {
    fn drop(&mut self) {
        // So that the reader sees that nobody listens any more.
        self.news.notify_one();
    }
}

impl Feeds {
    /// The feeds of a store; somebody must [run](Self::run) them.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            teams: Arc::default(),
        }
    }

    /// Wakes readers up, until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut wakeups = self.store.wakeups().listen();
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let team = tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => None,
                team = wakeups.recv() => match team {
                    Ok(team) => Some(team),
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return,
                },
            };
            self.wake(team);
        }
    }

    fn wake(&self, team: Option<i64>) {
        let teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        let feeds: Vec<&Weak<Feed>> = match team {
            Some(team) => teams.get(&team).into_iter().collect(),
            None => teams.values().collect(),
        };
        for feed in feeds.into_iter().filter_map(Weak::upgrade) {
            feed.news.notify_one();
        }
    }

    /// The reader of a team, and what it reads from now on. All that it does not tell was there before.
    pub(super) async fn join(&self, team: &TeamStore) -> Result<(Arc<Feed>, Receiver<Arc<Told>>)> {
        let id = team.team().id;
        let feed = {
            let mut teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
            match teams.get(&id).and_then(Weak::upgrade) {
                Some(feed) => feed,
                None => {
                    teams.retain(|_, feed| feed.strong_count() > 0);
                    let feed = Arc::new(Feed {
                        news: Arc::default(),
                        tell: broadcast::channel(BEHIND).0,
                        start: OnceCell::new(),
                    });
                    teams.insert(id, Arc::downgrade(&feed));
                    feed
                }
            }
        };
        let told = feed.tell.subscribe();
        feed.start
            .get_or_try_init(|| async {
                // By a store of its own, because the listener's ends with its token.
                let own = self.store.background().team(id).await?;
                let own = own.unwrap_or_else(|| team.clone());
                let start = own.last_event().await?;
                tokio::spawn(read(own, start, feed.news.clone(), Arc::downgrade(&feed)));
                Ok::<_, Error>(start)
            })
            .await?;
        Ok((feed, told))
    }
}

/// Reads whenever it is woken up, and tells what it read.
async fn read(team: TeamStore, start: i64, news: Arc<Notify>, feed: Weak<Feed>) {
    let mut cursor = start;
    loop {
        news.notified().await;
        loop {
            let events = match team.events_after(cursor, &[], MOST).await {
                Ok(events) => events,
                Err(error) => {
                    tracing::warn!(%error, team = team.team().slug, "events cannot be read at the moment");
                    break;
                }
            };
            let Some(feed) = feed.upgrade() else {
                return;
            };
            let last_page = u64::try_from(events.len()).is_ok_and(|read| read < MOST);
            for event in Told::together(events) {
                cursor = event.recorded.seq;
                // An error says that nobody listens.
                let _ = feed.tell.send(event);
            }
            if last_page {
                break;
            }
        }
    }
}
