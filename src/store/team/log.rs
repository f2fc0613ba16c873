//! What a database keeps of deleted rows.

use sea_orm::{ConnectionTrait, DbBackend};

use super::TeamStore;
use crate::error::Result;

impl TeamStore {
    /// Empties SQLite's write-ahead log, in which what was deleted still stands. While others read, it may stay as it
    /// is until the next time. PostgreSQL's log is its own business.
    pub async fn empty_log(&self) -> Result<()> {
        if self.backend() == DbBackend::Sqlite {
            self.connection
                .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
                .await?;
        }
        Ok(())
    }
}
