//! Notes about running imports, which do not wait for the team's writers: the import itself may be the writer.

use sea_orm::{ConnectionTrait, Value};

use super::TeamStore;
use crate::error::{Error, Result};

/// How every such statement begins.
const ALLOWED: &str = "UPDATE import_job SET ";

impl TeamStore {
    /// Changes rows of `import_job` at once, beside whoever is writing; says how many. In SQL `$1` is the team and the
    /// values follow from `$2` on.
    pub(in crate::store) async fn update_import_unqueued(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<u64> {
        if !sql.starts_with(ALLOWED) {
            return Err(Error::Internal(format!("not to be run unqueued: {sql}")));
        }
        let statement = self.statement(sql, values);
        Ok(self
            .connection
            .execute_raw(statement)
            .await?
            .rows_affected())
    }
}
