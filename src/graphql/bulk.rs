//! What all bulk mutations share: modes, outcomes, counts.

use async_graphql::{Enum, SimpleObject};

/// Whether good rows are written when others are bad.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum BulkMode {
    /// Good rows are written.
    Partial,
    /// Nothing is written if any row is bad.
    AllOrNone,
}

/// What happened to a row.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum UpsertOutcome {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It was so already.
    Unchanged,
    /// A later state is stored, or follows in the same call.
    SkippedStale,
    /// It is not allowed, or another row kept the whole call from being written.
    Failed,
}

/// How many rows had each outcome.
#[derive(SimpleObject, Default)]
pub struct BulkCounts {
    /// New rows.
    created: usize,
    /// Changed rows.
    updated: usize,
    /// Rows that were so already.
    unchanged: usize,
    /// Rows older than what is stored.
    skipped: usize,
    /// Rows that are not allowed.
    failed: usize,
}

impl BulkCounts {
    /// Counts outcomes.
    pub fn of(outcomes: impl Iterator<Item = UpsertOutcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            *match outcome {
                UpsertOutcome::Created => &mut counts.created,
                UpsertOutcome::Updated => &mut counts.updated,
                UpsertOutcome::Unchanged => &mut counts.unchanged,
                UpsertOutcome::SkippedStale => &mut counts.skipped,
                UpsertOutcome::Failed => &mut counts.failed,
            } += 1;
        }
        counts
    }
}
