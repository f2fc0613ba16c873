//! Imports as jobs: lists of them and of what was refused, asking for one, breaking one off.

use std::{collections::HashMap, slice};

use entity::{
    import_error,
    import_job::{self, Mode, State},
};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, Order},
};

use super::{
    Event, Page, PageAsk, PageCursor, Scoped, TeamStore, TeamWriter,
    page::{Sort, SortValue},
};
use crate::error::{Error, Result};

/// A file that is to be imported.
pub struct NewImport {
    /// The file's name, at most 255 characters.
    pub file_name: String,
    /// What is said about it, as JSON.
    pub options: String,
    /// How its rows are published.
    pub mode: Mode,
    /// Whether nothing is stored, only told what would be.
    pub dry_run: bool,
}

impl TeamStore {
    fn jobs(&self, states: &[State]) -> Scoped<'_, import_job::Entity> {
        let jobs = self.select::<import_job::Entity>();
        match states {
            [] => jobs,
            states => jobs.filter(import_job::Column::State.is_in(states.iter().copied())),
        }
    }

    /// One page of imports, the newest first; those in one of these states, or all when none is given.
    pub async fn imports(
        &self,
        states: &[State],
        ask: &PageAsk,
    ) -> Result<Page<import_job::Model>> {
        let sort = Sort {
            expr: None,
            id: Expr::col(import_job::Column::Id),
            descending: true,
            kind: SortValue::Id,
            cursor: |row: &import_job::Model| PageCursor::new(SortValue::Id, row.id),
        };
        self.jobs(states).page(ask, sort).await
    }

    /// How many imports are in one of these states.
    pub async fn import_count(&self, states: &[State]) -> Result<u64> {
        self.jobs(states).count().await
    }

    /// An import.
    pub async fn import_by_id(&self, id: i64) -> Result<Option<import_job::Model>> {
        Ok(self.imports_by_id(&[id]).await?.remove(&id))
    }

    /// These imports.
    pub async fn imports_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, import_job::Model>> {
        self.by_ids::<import_job::Entity>(import_job::Column::Id, ids, |row| row.id)
            .await
    }

    /// The refused rows of imports that are kept, by import, in the order of the file.
    pub async fn import_errors_of(
        &self,
        imports: &[i64],
    ) -> Result<HashMap<i64, Vec<import_error::Model>>> {
        let rows = self
            .select::<import_error::Entity>()
            .filter(import_error::Column::ImportId.is_in(imports.iter().copied()))
            .order_by(Expr::col(import_error::Column::Place), Order::Asc)
            .all()
            .await?;
        let mut found: HashMap<i64, Vec<import_error::Model>> = HashMap::new();
        for row in rows {
            found.entry(row.import_id).or_default().push(row);
        }
        Ok(found)
    }
}

impl TeamWriter {
    /// Makes an import that receives its file.
    pub async fn create_import(&self, new: NewImport) -> Result<import_job::Model> {
        let actor = self.actor();
        let job = import_job::Model {
            team_id: self.team().id,
            id: self.id(),
            file_name: new.file_name,
            bytes: 0,
            options: new.options,
            mode: new.mode,
            dry_run: new.dry_run,
            actor_kind: actor.kind,
            actor: actor.name.clone(),
            api_key_id: actor.api_key,
            created_at: self.clock().now(),
            state: State::Receiving,
            cancel_asked: false,
            started_at: None,
            finished_at: None,
            progress: 0,
            rows_read: 0,
            rows_written: 0,
            rows_unchanged: 0,
            rows_refused: 0,
            rows_passed_over: 0,
            preview: None,
            failure: None,
            attempts: 0,
            lease_owner: None,
            lease_until: None,
        };
        self.insert::<import_job::Entity>(vec![job.clone()]).await?;
        Ok(job)
    }

    /// Refuses an import that receives its file no longer, because it was broken off meanwhile.
    pub async fn expect_receiving(&self, id: i64) -> Result<()> {
        match self.import_by_id(id).await? {
            Some(job) if job.state == State::Receiving => Ok(()),
            _ => Err(Error::BadInput(
                "file: the import was broken off while its file came in".into(),
            )),
        }
    }

    /// Puts an import whose file is stored into the queue.
    pub async fn queue_import(&self, mut job: import_job::Model) -> Result<import_job::Model> {
        self.expect_receiving(job.id).await?;
        let sql =
            "UPDATE import_job SET state = 'QUEUED', bytes = $3 WHERE team_id = $1 AND id = $2";
        self.execute(sql, vec![job.id.into(), job.bytes.into()])
            .await?;
        self.emit(Event::ImportProgressed { import: job.id });
        job.state = State::Queued;
        Ok(job)
    }

    /// Breaks an import off: one that waits at once, one that is running when its worker looks. None when it is over.
    pub async fn cancel_import(&self, id: i64) -> Result<Option<import_job::Model>> {
        // A worker may take it up between reading and writing, which happens once.
        for _ in 0..2 {
            let before = self.import_by_id(id).await?;
            let Some(before) = before.filter(|job| !job.state.is_over()) else {
                return Ok(None);
            };
            let waits = matches!(before.state, State::Queued | State::Receiving);
            let mut after = before.clone();
            after.cancel_asked = true;
            if waits {
                after.state = State::Cancelled;
                after.finished_at = Some(self.clock().now());
            }
            if !self.write_cancelled(&before, &after).await? {
                continue;
            }
            if waits {
                self.delete_import_chunks(id).await?;
                let state = sea_orm::ActiveEnum::to_value(&after.state);
                self.emit(Event::ImportFinished { import: id, state });
            }
            let (before, after) = (slice::from_ref(&before), slice::from_ref(&after));
            self.note_rows::<import_job::Entity>(before, after);
            return Ok(after.first().cloned());
        }
        Ok(None)
    }

    /// Writes what breaking off changes and nothing else, as a worker may be writing the rest; false when the import
    /// moved on.
    async fn write_cancelled(
        &self,
        before: &import_job::Model,
        after: &import_job::Model,
    ) -> Result<bool> {
        let sql = "UPDATE import_job SET cancel_asked = TRUE, state = $3, finished_at = $4 \
                   WHERE team_id = $1 AND id = $2 AND state = $5";
        let values = vec![
            after.id.into(),
            after.state.into(),
            after.finished_at.into(),
            before.state.into(),
        ];
        Ok(self.execute(sql, values).await? > 0)
    }
}
