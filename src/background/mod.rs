//! What the service does by itself, beside requests: tasks that run until it stops.

mod forget;
mod imports;
pub mod watch;

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::Settings,
    live::Feeds,
    store::Store,
    webhooks::{self, Reach},
};

/// How long tasks may take to end what they are at when the service stops.
const PATIENCE: Duration = Duration::from_secs(10);

/// The tasks that are running.
pub struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Background {
    /// Starts every task. Webhooks are sent as far as `reach`.
    pub fn start(store: &Store, settings: &Settings, reach: &Arc<Reach>, feeds: Feeds) -> Self {
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(forget::run(store.clone(), stop.clone()));
        tasks.spawn(imports::run(store.clone(), settings.into(), stop.clone()));
        tasks.spawn(webhooks::run(store.clone(), reach.clone(), stop.clone()));
        tasks.spawn(store.clone().relay_wakeups(stop.clone()));
        tasks.spawn(feeds.run(stop.clone()));
        tasks.spawn(watch::run(store.clone(), stop.clone()));
        Self { tasks, stop }
    }

    /// Tells the tasks to stop and waits a while for them; what is cut off is done again after the next start.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(PATIENCE, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("work in the background was cut off");
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
