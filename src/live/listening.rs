//! Listening to a team's events from a cursor on, without a gap and without a repetition.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::event::Kind;
use futures_util::{Stream, stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    feed::{Feed, Feeds},
    told::Told,
};
use crate::{
    error::{Error, Result},
    store::{EVENT_DAYS, TeamStore},
};

/// How many events are read at once where the table is read.
const PAGE: u64 = 100;
/// How long to wait after the table could not be read.
const PAUSE: Duration = Duration::from_secs(2);

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// With what happens from now on.
    Now,
    /// With what happened after the event with this cursor.
    Cursor(i64),
}

/// Somebody who listens.
pub struct Listening {
    team: TeamStore,
    kinds: Vec<Kind>,
    /// The last event that was given, or passed over.
    last: i64,
    /// Events that were read and not given yet.
    read: VecDeque<Arc<Told>>,
    /// Whether there is more in the table than was told.
    behind: bool,
    told: Receiver<Arc<Told>>,
    _feed: Arc<Feed>,
}

impl Listening {
    /// Listens to events of these kinds. It holds no connection while it waits.
    ///
    /// # Errors
    /// When events after the cursor may have been forgotten already.
    pub async fn to(feeds: &Feeds, team: &TeamStore, kinds: &[Kind], after: After) -> Result<Self> {
        let (feed, told) = feeds.join(team).await?;
        let last = match after {
            After::Now => team.last_event().await?,
            After::Cursor(cursor) => {
                let oldest = team.clock().now() - TimeDelta::days(EVENT_DAYS);
                if cursor < oldest.timestamp_micros() {
                    return Err(Error::Expired(format!(
                        "after: the cursor is older than {EVENT_DAYS} days, and so are events that followed it; \
                         read anew what you need, and subscribe without a cursor"
                    )));
                }
                cursor
            }
        };
        Ok(Self {
            team: team.clone(),
            kinds: kinds.to_vec(),
            last,
            read: VecDeque::new(),
            behind: true,
            told,
            _feed: feed,
        })
    }

    /// The events as they come. It ends when the service does; while the database does not answer, it waits.
    pub fn events(self) -> impl Stream<Item = Arc<Told>> + Send {
        stream::unfold(self, |mut listening| async {
            let event = listening.next().await?;
            Some((event, listening))
        })
    }

    async fn next(&mut self) -> Option<Arc<Told>> {
        loop {
            if let Some(event) = self.read.pop_front() {
                return Some(event);
            }
            if self.behind {
                if let Err(error) = self.catch_up().await {
                    tracing::warn!(%error, "events cannot be read at the moment");
                    tokio::time::sleep(PAUSE).await;
                }
                continue;
            }
            match self.told.recv().await {
                Ok(event) if event.recorded.seq > self.last => {
                    self.last = event.recorded.seq;
                    if self.kinds.contains(&event.recorded.event.kind()) {
                        return Some(event);
                    }
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Reads the next page from the table. All that is not in the last page will be told.
    async fn catch_up(&mut self) -> Result<()> {
        let page = self.team.events_after(self.last, &self.kinds, PAGE).await?;
        self.behind = u64::try_from(page.len()).is_ok_and(|read| read == PAGE);
        if let Some(last) = page.last() {
            self.last = last.seq;
        }
        self.read.extend(Told::together(page));
        Ok(())
    }
}
