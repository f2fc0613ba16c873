//! What the worker of an import notes: how far it is, what it refused, how it ended. Whoever lost the import to another
//! worker cannot note anything.

use entity::{import_error, import_job::State};
use sea_orm::{ColumnTrait, DbBackend, Value};

use super::{Event, Lease, TeamStore, TeamWriter, import_queue::lease_until};
use crate::error::Result;

/// How far an import is.
#[derive(Clone, Debug)]
pub struct Booking {
    /// Its state from now on.
    pub state: State,
    /// In thousandths.
    pub progress: i32,
    /// Rows of the file behind it, from which work goes on.
    pub rows_read: u64,
    /// New or changed rows.
    pub rows_written: u64,
    /// Rows that said what was known.
    pub rows_unchanged: u64,
    /// Rows that cannot be stored.
    pub rows_refused: u64,
    /// Totals and remarks.
    pub rows_passed_over: u64,
    /// How the file is read, as JSON; what is noted already stays when `None`.
    pub preview: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// A refused row.
pub struct RowError {
    /// The line of the file.
    pub line: u64,
    /// The column at fault.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// What a worker learns when it gives a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pulse {
    /// The import still is its own.
    GoOn,
    /// The import is to be broken off.
    Cancelled,
    /// Another worker has it, or it is gone.
    Lost,
}

impl TeamStore {
    /// Prolongs a lease and notes the progress in thousandths, while a writer of the team may be at work, and tells
    /// whether to go on.
    pub async fn prolong_import(&self, lease: &Lease, progress: i32) -> Result<Pulse> {
        let sql = "UPDATE import_job SET lease_until = $4, progress = $5 \
                   WHERE team_id = $1 AND id = $2 AND lease_owner = $3";
        let values = vec![
            lease.import.into(),
            lease.owner.clone().into(),
            lease_until(self.clock().now()).into(),
            progress.into(),
        ];
        if self.update_import_unqueued(sql, values).await? == 0 {
            return Ok(Pulse::Lost);
        }
        let job = self.import_by_id(lease.import).await?;
        Ok(match job {
            Some(job) if job.cancel_asked => Pulse::Cancelled,
            Some(_) => Pulse::GoOn,
            None => Pulse::Lost,
        })
    }

    /// Whether leases can be prolonged while a transaction of this process writes.
    pub fn writers_let_others_write(&self) -> bool {
        self.backend() != DbBackend::Sqlite
    }

    /// Gives an import back, for another worker to go on with.
    pub async fn release_import(&self, lease: &Lease) -> Result<()> {
        let sql = "UPDATE import_job SET state = 'QUEUED', lease_owner = NULL, lease_until = NULL, \
                   attempts = attempts - 1 WHERE team_id = $1 AND id = $2 AND lease_owner = $3";
        let values = vec![lease.import.into(), lease.owner.clone().into()];
        self.update_import_unqueued(sql, values).await?;
        Ok(())
    }
}

impl TeamWriter {
    /// Notes how far an import is; false when it is another worker's, or is to be broken off: then this transaction
    /// must not be committed. An import that is over loses its file.
    pub async fn book_import(&self, lease: &Lease, booking: Booking) -> Result<bool> {
        let over = booking.state.is_over();
        let now = self.clock().now();
        let count = |rows: u64| -> Value { i64::try_from(rows).unwrap_or(i64::MAX).into() };
        let sql = "UPDATE import_job SET state = $4, progress = $5, rows_read = $6, rows_written = $7, \
                   rows_unchanged = $8, rows_refused = $9, rows_passed_over = $10, \
                   preview = COALESCE($11, preview), failure = $12, lease_owner = $13, lease_until = $14, \
                   finished_at = $15 \
                   WHERE team_id = $1 AND id = $2 AND lease_owner = $3 AND (cancel_asked = FALSE OR $4 = 'CANCELLED')";
        let values: Vec<Value> = vec![
            lease.import.into(),
            lease.owner.clone().into(),
            booking.state.into(),
            booking.progress.into(),
            count(booking.rows_read),
            count(booking.rows_written),
            count(booking.rows_unchanged),
            count(booking.rows_refused),
            count(booking.rows_passed_over),
            booking.preview.into(),
            booking.failure.into(),
            Some(lease.owner.clone()).filter(|_| !over).into(),
            Some(lease_until(now)).filter(|_| !over).into(),
            Some(now).filter(|_| over).into(),
        ];
        if self.execute(sql, values).await? == 0 {
            return Ok(false);
        }
        let import = lease.import;
        if over {
            self.delete_import_chunks(import).await?;
            let state = sea_orm::ActiveEnum::to_value(&booking.state);
            self.emit(Event::ImportFinished { import, state });
        } else {
            self.emit(Event::ImportProgressed { import });
        }
        Ok(true)
    }

    /// Adds refused rows of an import after the first `known`.
    pub async fn add_import_errors(
        &self,
        import: i64,
        known: usize,
        errors: Vec<RowError>,
    ) -> Result<()> {
        let first = i64::try_from(known).unwrap_or(i64::MAX).saturating_add(1);
        let row = |(place, error): (i64, RowError)| import_error::Model {
            team_id: self.team().id,
            import_id: import,
            place,
            line: i64::try_from(error.line).unwrap_or(i64::MAX),
            column_name: error.column,
            reason: error.reason,
        };
        let rows = (first..).zip(errors).map(row).collect();
        self.insert::<import_error::Entity>(rows).await
    }

    /// Forgets the refused rows of an import.
    pub async fn delete_import_errors(&self, import: i64) -> Result<()> {
        self.delete::<import_error::Entity>(import_error::Column::ImportId.eq(import))
            .await?;
        Ok(())
    }
}
