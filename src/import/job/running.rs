//! An import that a worker has: whether to go on with it, how far it is, and what of that the database knows.

use std::{
    fs::File,
    io::{self, Read},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering},
    },
    time::Duration,
};

use entity::import_job::{self, State};
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    error::Result,
    import::{error::ImportError, report::Report},
    store::{Booking, Lease, Pulse, RowError, TeamStore, TeamWriter},
};

/// How often the worker gives a sign of life.
const BEAT: Duration = Duration::from_secs(2);

/// An import under way.
pub struct Running {
    pub(super) store: TeamStore,
    pub(super) job: import_job::Model,
    pub(super) lease: Lease,
    shared: Arc<Shared>,
    stop: CancellationToken,
    beating: AbortHandle,
}

/// What the worker and its signs of life share.
struct Shared {
    progress: AtomicI32,
    pulse: Mutex<Pulse>,
    /// No signs of life: the worker itself is writing, and the database lets nobody else write.
    silent: AtomicBool,
}

impl Running {
    /// Begins to give signs of life for an import that was claimed, on the current runtime.
    pub fn start(
        store: TeamStore,
        job: import_job::Model,
        lease: Lease,
        stop: CancellationToken,
    ) -> Self {
        let shared = Arc::new(Shared {
            progress: AtomicI32::new(job.progress),
            pulse: Mutex::new(Pulse::GoOn),
            silent: AtomicBool::new(false),
        });
        let beating = tokio::spawn(beat(store.clone(), lease.clone(), shared.clone()));
        Self {
            store,
            job,
            lease,
            shared,
            stop,
            beating: beating.abort_handle(),
        }
    }

    /// The import's id.
    pub fn id(&self) -> i64 {
        self.job.id
    }

    /// The id of the import's team.
    pub fn team(&self) -> i64 {
        self.job.team_id
    }

    /// Whether to go on.
    pub(super) fn goes_on(&self) -> bool {
        !self.stop.is_cancelled() && self.pulse() == Pulse::GoOn
    }

    /// What the last sign of life brought.
    pub(super) fn pulse(&self) -> Pulse {
        *self
            .shared
            .pulse
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks now whether the import is still to be worked on.
    pub(super) async fn look(&self) -> Result<()> {
        self.shared.beat(&self.store, &self.lease).await
    }

    /// Notes how far it is, from 0 to 1, for the next sign of life.
    pub(super) fn advance(&self, share: f64) {
        // Rounded down, and 1 only when all is done.
        let thousandths = (share * 1_000.0).clamp(0.0, 999.0) as i32;
        self.shared.progress.store(thousandths, Ordering::Relaxed);
    }

    /// Gives no signs of life while this is held, where others cannot write beside a writer.
    pub(super) fn silence(&self) -> Silence<'_> {
        let silent = !self.store.writers_let_others_write();
        self.shared.silent.store(silent, Ordering::Relaxed);
        Silence(&self.shared)
    }

    /// What the database is to know of it.
    pub(super) fn booking(&self, state: State, report: &Report) -> Booking {
        let preview = report.preview.as_ref();
        Booking {
            state,
            progress: match state {
                State::Done => 1_000,
                _ => self.shared.progress.load(Ordering::Relaxed),
            },
            rows_read: report.read,
            rows_written: report.written,
            rows_unchanged: report.unchanged,
            rows_refused: report.refused,
            rows_passed_over: report.passed_over,
            preview: preview.and_then(|preview| serde_json::to_string(preview).ok()),
            failure: None,
        }
    }

    /// Books in a transaction and adds the refusals after the first `known`; says how many are known now.
    ///
    /// # Errors
    /// [`ImportError::Stopped`] when the import is another worker's, or is to be broken off. Nothing must be committed
    /// after an error.
    pub(super) async fn book(
        &self,
        writer: &TeamWriter,
        booking: Booking,
        report: &Report,
        known: usize,
    ) -> Result<usize, ImportError> {
        let new = report.refusals.iter().skip(known).map(|refusal| RowError {
            line: refusal.line,
            column: refusal.column.clone(),
            reason: refusal.reason.clone(),
        });
        let import = self.lease.import;
        writer
            .add_import_errors(import, known, new.collect())
            .await?;
        match writer.book_import(&self.lease, booking).await? {
            true => Ok(report.refusals.len()),
            false => Err(ImportError::Stopped),
        }
    }

    /// Waits, though not longer than there is work to go on with.
    pub(super) async fn pause(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.stop.cancelled() => {}
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

/// Ends the silence when dropped.
pub(super) struct Silence<'a>(&'a Shared);

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        self.0.silent.store(false, Ordering::Relaxed);
    }
}

impl Shared {
    async fn beat(&self, store: &TeamStore, lease: &Lease) -> Result<()> {
        let progress = self.progress.load(Ordering::Relaxed);
        let pulse = store.prolong_import(lease, progress).await?;
        *self.pulse.lock().unwrap_or_else(PoisonError::into_inner) = pulse;
        Ok(())
    }
}

async fn beat(store: TeamStore, lease: Lease, shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(BEAT).await;
        if shared.silent.load(Ordering::Relaxed) {
            continue;
        }
        if let Err(error) = shared.beat(&store, &lease).await {
            tracing::debug!(%error, "an import gave no sign of life");
        }
    }
}

/// A file that counts the bytes read of it.
pub(super) struct Counted<'a> {
    file: &'a File,
    read: &'a AtomicU64,
}

impl<'a> Counted<'a> {
    /// A file from its current place on.
    pub fn new(file: &'a File, read: &'a AtomicU64) -> Self {
        read.store(0, Ordering::Relaxed);
        Self { file, read }
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        let bytes = u64::try_from(read).unwrap_or(u64::MAX);
        self.read.fetch_add(bytes, Ordering::Relaxed);
        Ok(read)
    }
}
