//! The audit log: the writer's doors note what they write, and the commit stores it in the same transaction.
//!
//! A mutation cannot forget the log: a transaction begins with the name of what is done, and whatever is written
//! through the writer is noted by itself. What is kept of each table stands in `tables`.

mod journal;
mod json;
mod tables;

use std::sync::{MutexGuard, PoisonError};

use entity::{
    TeamOwned,
    audit_entry::{self, ActorKind},
    team,
};
use sea_orm::sea_query::Condition;

use self::json::text;
use super::TeamWriter;
use crate::{auth::Caller, error::Result};
pub(super) use journal::Journal;
use json::Fields;
pub(in crate::store) use json::fields;
pub(super) use tables::Trace;

/// Who writes.
#[derive(Clone, Debug)]
pub(in crate::store) struct Actor {
    pub kind: ActorKind,
    pub name: String,
    pub api_key: Option<i64>,
}

impl Actor {
    /// Whoever works on the service's own machine.
    pub fn command_line() -> Self {
        Self {
            kind: ActorKind::CommandLine,
            name: "cli".to_owned(),
            api_key: None,
        }
    }

    /// The service itself, in work that nobody asked for by a request.
    pub fn service() -> Self {
        Self {
            kind: ActorKind::Service,
            name: "service".to_owned(),
            api_key: None,
        }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        let api_key = caller.api_key();
        Self {
            kind: api_key.map_or(ActorKind::User, |_| ActorKind::ApiKey),
            name: caller.subject().to_owned(),
            api_key,
        }
    }
}

impl TeamWriter {
    /// Notes for the audit log what there is to say of the whole transaction, such as the source of a file.
    pub fn describe(&self, details: serde_json::Value) {
        if let serde_json::Value::Object(details) = details {
            self.journal().describe(details);
        }
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the log keeps of an entity's rows in this transaction.
    fn trace<E: TeamOwned>(&self) -> Trace {
        match Trace::of(E::default().table_name()) {
            Trace::Nothing => Trace::Nothing,
            _ if self.journal().is_bulk() => Trace::Count,
            trace => trace,
        }
    }

    /// The rows that meet a condition, where the log keeps what they were.
    pub(super) async fn audited_rows<E: TeamOwned>(
        &self,
        conditions: impl FnOnce() -> Vec<Condition>,
    ) -> Result<Vec<E::Model>> {
        let mut rows = Vec::new();
        if !matches!(self.trace::<E>(), Trace::Count | Trace::Nothing) {
            for condition in conditions() {
                rows.extend(self.select::<E>().filter(condition).all().await?);
            }
        }
        Ok(rows)
    }

    /// Notes rows that are about to be written, beside those of the same keys that were there.
    pub(in crate::store) fn note_rows<E: TeamOwned>(
        &self,
        before: &[E::Model],
        after: &[E::Model],
    ) {
        let trace = self.trace::<E>();
        let mut journal = self.journal();
        let rows = || {
            let gone = before.iter().map(|row| (Some(row), None));
            gone.chain(after.iter().map(|row| (None, Some(row))))
        };
        match trace {
            Trace::Nothing => {}
            Trace::Count => {
                let rows = u64::try_from(after.len()).unwrap_or(u64::MAX);
                journal.count_written(E::default().table_name(), rows);
            }
            Trace::Part(subject, owner, list) => {
                for (before, after) in rows() {
                    let Some(row) = before.or(after) else {
                        continue;
                    };
                    let shown = |row: &E::Model| fields(row, owner);
                    journal.note_part(
                        subject,
                        text(row, owner),
                        list,
                        before.map(shown),
                        after.map(shown),
                    );
                }
            }
            Trace::Row(subject, id) | Trace::Fields(subject, id) => {
                let shown = |row: &E::Model| (text(row, id), fields(row, id));
                let mut stored: std::collections::HashMap<String, Fields> =
                    before.iter().map(shown).collect();
                for (key, after) in after.iter().map(shown) {
                    let before = stored.remove(&key);
                    journal.note(subject, key, before, Some(after));
                }
                for (key, before) in stored {
                    journal.note(subject, key, Some(before), None);
                }
            }
        }
    }

    /// Notes rows that were deleted; `count` of them, where the log does not keep what they were.
    pub(super) fn note_deleted<E: TeamOwned>(&self, before: &[E::Model], count: u64) {
        match self.trace::<E>() {
            Trace::Count => self.note_removed(E::default().table_name(), count),
            _ => self.note_rows::<E>(before, &[]),
        }
    }

    /// Counts rows that a statement wrote into a table.
    pub(super) fn note_written(&self, table: &str, count: u64) {
        self.journal().count_written(table, count);
    }

    /// Counts rows that a statement removed from a table.
    pub(super) fn note_removed(&self, table: &str, count: u64) {
        self.journal().count_removed(table, count);
    }

    /// Notes new settings of the team.
    pub(super) fn note_team(&self, before: &team::Model, after: &team::Model) {
        let shown = |row: &team::Model| Some(fields(row, "id"));
        let (id, subject) = (after.id.to_string(), audit_entry::Subject::Team);
        self.journal()
            .note(subject, id, shown(before), shown(after));
    }

    /// Stores what was noted.
    pub(super) async fn write_audit(&self) -> Result<()> {
        let journal = std::mem::replace(&mut *self.journal(), Journal::new("", false));
        let operation = journal.operation().to_owned();
        let now = self.clock().now();
        let json = |value: Option<serde_json::Value>| value.map(|value| value.to_string());
        let rows = journal.entries().into_iter().map(|entry| {
            let (subject, subject_id) = entry.subject.unzip();
            audit_entry::Model {
                team_id: self.team().id,
                id: self.id(),
                at: now,
                actor_kind: self.actor.kind,
                actor: self.actor.name.clone(),
                api_key_id: self.actor.api_key,
                operation: operation.clone(),
                action: entry.action,
                subject,
                subject_id,
                changed: serde_json::to_string(&entry.changed).unwrap_or_default(),
                before: json(entry.before),
                after: json(entry.after),
            }
        });
        let rows = rows.collect();
        self.write::<audit_entry::Entity>(rows, None).await
    }
}
