//! Wakes who waits for events, within this process; the relay of the store passes it on to others.

use tokio::sync::broadcast::{Receiver, Sender, channel};

/// Teams that may have news and nobody has looked at yet; who is slower looks at every team.
const WAITING: usize = 1024;

/// Tells listeners which team has new events.
#[derive(Clone)]
pub struct Wakeups {
    all: Sender<i64>,
    /// Those of this process alone, which others do not know of yet.
    own: Sender<i64>,
}

impl Default for Wakeups {
    fn default() -> Self {
        Self {
            all: channel(WAITING).0,
            own: channel(WAITING).0,
        }
    }
}

impl Wakeups {
    /// Tells that this process has written events of a team.
    pub fn wake(&self, team: i64) {
        self.pass_on(team);
        // An error says that nobody listens.
        let _ = self.own.send(team);
    }

    /// Tells that another process has written events of a team.
    pub fn pass_on(&self, team: i64) {
        let _ = self.all.send(team);
    }

    /// The ids of teams that get new events from now on. It may be told of a team that has none, and is behind
    /// (`Lagged`) where it did not listen for long: then any team may have some.
    pub fn listen(&self) -> Receiver<i64> {
        self.all.subscribe()
    }

    /// The same, but only of events that this process writes.
    pub fn listen_to_own(&self) -> Receiver<i64> {
        self.own.subscribe()
    }
}
