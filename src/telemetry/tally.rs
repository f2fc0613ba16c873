//! What one operation takes of the database, counted wherever its statements run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

/// The statements of an operation.
#[derive(Debug, Default)]
pub struct Tally {
    statements: AtomicU32,
    micros: AtomicU64,
}

tokio::task_local! {
    static TALLY: Arc<Tally>;
}

impl Tally {
    /// Runs what the tally counts.
    pub async fn over<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        TALLY.scope(self, work).await
    }

    /// The tally that counts here.
    pub fn current() -> Option<Arc<Self>> {
        TALLY.try_with(Arc::clone).ok()
    }

    /// Counts a statement that took so long, where somebody counts.
    pub fn note(elapsed: Duration) {
        // Statements outside operations belong to nobody's tally.
        let _ = TALLY.try_with(|tally| {
            tally.statements.fetch_add(1, Ordering::Relaxed);
            let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
            tally.micros.fetch_add(micros, Ordering::Relaxed);
        });
    }

    /// How many statements there were.
    pub fn statements(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How long they took together; statements that run at the same time count each.
    pub fn time(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Relaxed))
    }
}
