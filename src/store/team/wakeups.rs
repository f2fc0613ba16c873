//! Wakes who waits for events, within this process.

use tokio::sync::broadcast::{Receiver, Sender, channel};

/// Teams that may have news and nobody has looked at yet; who is slower looks at every team.
const WAITING: usize = 1024;

/// Tells listeners which team has new events.
#[derive(Clone)]
pub struct Wakeups(Sender<i64>);

impl Default for Wakeups {
    fn default() -> Self {
        Self(channel(WAITING).0)
    }
}

impl Wakeups {
    /// Tells that a team has new events.
    pub fn wake(&self, team: i64) {
        // An error says that nobody listens.
        let _ = self.0.send(team);
    }

    /// The ids of teams that get new events from now on. It may be told of a team that has none, and is behind
    /// (`Lagged`) where it did not listen for long: then any team may have some.
    pub fn listen(&self) -> Receiver<i64> {
        self.0.subscribe()
    }
}
