//! From a claimed import to its end. Rows are checked first, which may go on where another worker stopped; then they
//! are published in one transaction, which also notes that the import is done: it happens once or not at all.

use std::{
    fs::File,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use entity::{
    audit_entry::ActorKind,
    import_job::{self, Mode, State},
};
use tokio::runtime::Handle;

use super::{
    batches,
    file::{fetch, rewind},
    running::{Counted, Running},
};
use crate::{
    error::Error,
    import::{
        ImportAsk, Ready, check,
        error::ImportError,
        load, loaders, open,
        pipeline::{Loader, MOST_KEPT},
        report::{Refusal, Report},
    },
    store::{Pulse, TeamWriter},
};

/// How often the database learns how far a check is.
const CHECKPOINT: Duration = Duration::from_secs(2);
/// How often an import that fails for no fault of its file is tried again by one worker, and how long after.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);
/// How many workers may die of one import.
const MOST_ATTEMPTS: i32 = 50;

/// Works on an import to its end, or until it is told to stop. It blocks the thread, which must not be one that drives
/// the runtime. The file is fetched into the folder.
pub fn work(running: &Running, folder: &Path, runtime: &Handle) {
    let import = running.id();
    for tries in 0.. {
        let ended = match attempt(running, folder, runtime) {
            Ok(()) => return,
            Err(ImportError::Stopped) => runtime.block_on(stopped(running)),
            Err(ImportError::Store(error)) if is_ours(&error) && tries < TRIES => {
                tracing::warn!(import, %error, "an import failed and is tried again");
                runtime.block_on(running.pause(PAUSE * 2_u32.pow(tries)));
                continue;
            }
            // Its turn will come.
            Err(ImportError::Store(Error::Busy(_) | Error::Unavailable(_))) => {
                runtime.block_on(running.store.release_import(&running.lease))
            }
            Err(error) => {
                tracing::info!(import, %error, "an import failed");
                runtime.block_on(failed(running, &error))
            }
        };
        if let Err(error) = ended {
            tracing::warn!(import, %error, "the end of an import was not noted");
        }
        return;
    }
}

/// Whether a failure is none of the file's.
fn is_ours(error: &Error) -> bool {
    matches!(
        error,
        Error::Busy(_) | Error::Unavailable(_) | Error::Database(_) | Error::Internal(_)
    )
}

/// Ends an import that was broken off, or leaves it to another worker.
async fn stopped(running: &Running) -> Result<(), Error> {
    running.look().await?;
    match running.pulse() {
        Pulse::Lost => Ok(()),
        Pulse::GoOn => running.store.release_import(&running.lease).await,
        Pulse::Cancelled => end(running, State::Cancelled, None).await,
    }
}

async fn failed(running: &Running, error: &ImportError) -> Result<(), Error> {
    let words = match error {
        ImportError::Store(error) => error.public_message(),
        error => error.to_string(),
    };
    end(running, State::Failed, Some(words)).await
}

/// Notes an end with what is known.
async fn end(running: &Running, state: State, failure: Option<String>) -> Result<(), Error> {
    let (_, report) = known(running).await?;
    let writer = running.store.begin(operation(running)).await?;
    let mut booking = running.booking(state, &report);
    booking.failure = failure;
    if writer.book_import(&running.lease, booking).await? {
        return writer.commit().await;
    }
    drop(writer);
    // It is another worker's now, or it was broken off: then that is its end, whatever else happened to it.
    running.look().await?;
    match running.pulse() {
        Pulse::Cancelled if state != State::Cancelled => {
            Box::pin(end(running, State::Cancelled, None)).await
        }
        _ => Ok(()),
    }
}

/// What the audit log calls the writing of rows.
pub(super) fn operation(running: &Running) -> &'static str {
    match running.job.actor_kind {
        ActorKind::CommandLine => "import",
        _ => "startImport",
    }
}

/// What the database knows of the import and its rows so far.
async fn known(running: &Running) -> Result<(import_job::Model, Report), Error> {
    let job = running.store.import_by_id(running.id()).await?;
    let job = job.ok_or_else(|| Error::Internal("an import is gone".into()))?;
    let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
    let refused = running.store.import_errors_of(&[job.id]).await?;
    let report = Report {
        read: count(job.rows_read),
        written: count(job.rows_written),
        unchanged: count(job.rows_unchanged),
        refused: count(job.rows_refused),
        passed_over: count(job.rows_passed_over),
        refusals: refused
            .into_values()
            .flatten()
            .map(|row| Refusal {
                line: count(row.line),
                column: row.column_name,
                reason: row.reason,
            })
            .collect(),
        ..Report::default()
    };
    Ok((job, report))
}

fn attempt(running: &Running, folder: &Path, runtime: &Handle) -> Result<(), ImportError> {
    let (job, known) = runtime.block_on(known(running))?;
    if job.attempts > MOST_ATTEMPTS {
        let words =
            format!("given up: the service ended {MOST_ATTEMPTS} times while working on it");
        return Err(Error::Limit(words).into());
    }
    let ask: ImportAsk = serde_json::from_str(&job.options)
        .map_err(|error| Error::BadInput(format!("the options are not known any more: {error}")))?;
    let mut file = runtime.block_on(fetch(&running.store, job.id, folder))?;
    let source = Source {
        running,
        ask: &ask,
        read: AtomicU64::new(0),
    };
    if job.mode == Mode::Partial && !job.dry_run {
        let ready = source.open(&file)?;
        if !in_one_step(&ready) {
            return runtime.block_on(batches::run(running, &ask, ready, known, || {
                running.advance(source.share());
            }));
        }
        drop(ready);
        rewind(&mut file)?;
    }
    let total = match job.state {
        State::Checking => {
            let Some(total) = source.check(&file, known, runtime)? else {
                return Ok(());
            };
            rewind(&mut file)?;
            Some(total)
        }
        _ => Some(known.read).filter(|rows| *rows > 0),
    };
    runtime.block_on(source.publish(&file, total))
}

/// Whether the rows of a file can only be written together.
fn in_one_step(ready: &Ready<'_>) -> bool {
    macro_rules! in_one_step {
        ($loader:ty) => {
            <$loader as Loader>::IN_ONE_STEP
        };
    }
    loaders!(ready.preview.layout.format(), in_one_step)
}

/// A file that is being read.
struct Source<'a> {
    running: &'a Running,
    ask: &'a ImportAsk,
    read: AtomicU64,
}

impl Source<'_> {
    fn open<'f>(&'f self, file: &'f File) -> Result<Ready<'f>, ImportError> {
        let counted = Counted::new(file, &self.read);
        open(self.running.store.team(), self.ask, counted)
    }

    /// The share of the file that was read.
    fn share(&self) -> f64 {
        let all = self.running.job.bytes.max(1) as f64;
        (self.read.load(Ordering::Relaxed) as f64 / all).min(1.0)
    }

    /// Checks the rows that are not checked yet and says how many there are; `None` when the import ends with that.
    fn check(
        &self,
        file: &File,
        known: Report,
        runtime: &Handle,
    ) -> Result<Option<u64>, ImportError> {
        let running = self.running;
        let mut noted = known.refusals.len();
        let mut last = Instant::now();
        let mut goes_on = |report: &Report| {
            running.advance(self.share() / 2.0);
            if last.elapsed() > CHECKPOINT && report.read > 0 {
                last = Instant::now();
                match runtime.block_on(self.note(State::Checking, report, noted)) {
                    Ok(known) => noted = known,
                    Err(ImportError::Stopped) => return false,
                    // What is not noted is checked again after an end of the service.
                    Err(error) => tracing::debug!(%error, "a checkpoint was not noted"),
                }
            }
            running.goes_on()
        };
        let file = Counted::new(file, &self.read);
        let report = check(running.store.team(), self.ask, file, known, &mut goes_on)?;
        let vain = report.refused > 0 && !self.ask.partial;
        let state = match (vain, self.ask.dry_run) {
            (true, true) => State::Done,
            (true, false) => State::Failed,
            (false, _) => State::Publishing,
        };
        running.advance(0.5);
        runtime.block_on(self.note(state, &report, noted))?;
        Ok((!vain).then_some(report.read))
    }

    /// Writes the rows in one transaction, which also notes the end.
    async fn publish(&self, file: &File, total: Option<u64>) -> Result<(), ImportError> {
        let running = self.running;
        let ready = self.open(file)?;
        let goes_on = |rows: u64| {
            running.advance(match total {
                Some(total) => 0.5 + 0.5 * (rows as f64 / total.max(1) as f64),
                None => self.share(),
            });
            running.goes_on()
        };
        let silence = running.silence();
        let writer = running.store.begin_bulk(operation(running)).await?;
        let report = load(&writer, self.ask, ready, MOST_KEPT, &goes_on).await?;
        if report.committed {
            writer.describe(report.told());
            let import = running.job.id;
            writer.delete_import_errors(import).await?;
            let booking = running.booking(State::Done, &report);
            running.book(&writer, booking, &report, 0).await?;
            return Ok(writer.commit().await?);
        }
        drop(writer);
        drop(silence);
        let state = match self.ask.dry_run {
            true => State::Done,
            false => State::Failed,
        };
        let writer = running.store.begin(operation(running)).await?;
        writer.delete_import_errors(running.job.id).await?;
        self.note_in(writer, state, &report, 0).await.map(drop)
    }

    async fn note(
        &self,
        state: State,
        report: &Report,
        known: usize,
    ) -> Result<usize, ImportError> {
        let writer = self.running.store.begin(operation(self.running)).await?;
        self.note_in(writer, state, report, known).await
    }

    async fn note_in(
        &self,
        writer: TeamWriter,
        state: State,
        report: &Report,
        known: usize,
    ) -> Result<usize, ImportError> {
        let mut booking = self.running.booking(state, report);
        if state == State::Failed {
            booking.failure = Some(format!(
                "{} of {} rows are refused, so nothing is stored",
                report.refused, report.read
            ));
        }
        let known = self.running.book(&writer, booking, report, known).await?;
        writer.commit().await?;
        Ok(known)
    }
}
