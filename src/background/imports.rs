//! The workers of imports: some at once, each on a thread of its own; teams take turns.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use tokio::{
    runtime::Handle,
    sync::broadcast::error::RecvError,
    task::{Id, JoinSet},
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::Settings,
    error::Result,
    import::job::{Running, work},
    store::{Store, Worker},
};

/// How often the queue is looked at when nobody rings.
const POLL: Duration = Duration::from_secs(2);

/// How imports are worked on.
pub struct Workers {
    at_once: usize,
    /// Where files lie while they are read.
    folder: PathBuf,
}

impl From<&Settings> for Workers {
    fn from(settings: &Settings) -> Self {
        Self {
            at_once: settings.import_jobs,
            folder: settings.data_dir.clone(),
        }
    }
}

/// What this process works on.
struct AtWork {
    threads: JoinSet<()>,
    imports: HashMap<Id, i64>,
    worker: Worker,
    turns: u64,
}

/// Takes up imports until told to stop; then those under way are left where they are, for whoever goes on.
pub async fn run(store: Store, workers: Workers, stop: CancellationToken) {
    if workers.at_once == 0 {
        return;
    }
    let mut news = store.wakeups().listen();
    let mut at_work = AtWork {
        threads: JoinSet::new(),
        imports: HashMap::new(),
        worker: store.background().worker(),
        turns: 0,
    };
    loop {
        while at_work.imports.len() < workers.at_once && !stop.is_cancelled() {
            match at_work.take_up(&store, &workers, &stop).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "the queue of imports cannot be read");
                    break;
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = at_work.threads.join_next_with_id() => at_work.ended(ended),
            rung = news.recv() => if matches!(rung, Err(RecvError::Closed)) {
                return;
            },
            () = tokio::time::sleep(POLL) => {}
        }
    }
    while let Some(ended) = at_work.threads.join_next_with_id().await {
        at_work.ended(ended);
    }
}

impl AtWork {
    /// Takes up the next import; false when there is none.
    async fn take_up(
        &mut self,
        store: &Store,
        workers: &Workers,
        stop: &CancellationToken,
    ) -> Result<bool> {
        let claimed = store.background().claim_import(&self.worker).await?;
        let Some((team, job, lease)) = claimed else {
            return Ok(false);
        };
        self.turns += 1;
        self.worker.served.insert(job.team_id, self.turns);
        self.worker.own.insert(job.id);
        tracing::info!(
            team = team.team().slug,
            import = job.id,
            attempt = job.attempts,
            "an import is taken up"
        );
        let import = job.id;
        let running = Running::start(team, job, lease, stop.clone());
        let (folder, runtime) = (workers.folder.clone(), Handle::current());
        let task = self
            .threads
            .spawn_blocking(move || work(&running, &folder, &runtime));
        self.imports.insert(task.id(), import);
        Ok(true)
    }

    fn ended(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a worker of imports failed");
                error.id()
            }
        };
        if let Some(import) = self.imports.remove(&id) {
            self.worker.own.remove(&import);
        }
    }
}
