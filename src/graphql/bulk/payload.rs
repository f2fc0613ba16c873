//! What bulk mutations answer.

use async_graphql::SimpleObject;

use crate::{
    graphql::payload::{Mistakes, UserError},
    import::bulk::{Answer, Fault, NoAnswer, RowAnswer, UpsertOutcome},
};

/// When a call that is being worked on may be asked for again.
const RETRY_AFTER_MS: i32 = 1_000;

/// What became of the rows, in the order of the request.
#[derive(SimpleObject, Default)]
pub struct BulkPayload {
    /// One result per item; none when the call as a whole is refused.
    results: Vec<RowResult>,
    /// How many of each outcome.
    counts: BulkCounts,
    /// Whether this is the answer to an earlier call with the same idempotency key.
    replayed: bool,
    /// Mistakes of the call as a whole; nothing was written then.
    errors: Vec<UserError>,
}

/// What became of a row.
#[derive(SimpleObject)]
pub struct RowResult {
    /// The item's place in the request, from 0.
    index: usize,
    /// What happened.
    outcome: UpsertOutcome,
    /// Why it failed; empty also when another row kept the whole call from being written.
    errors: Vec<UserError>,
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
    /// Rows that are not allowed, or were not written because others are not.
    failed: usize,
    /// Facts in `replaceWindow` that the call does not have; they are gone.
    deleted: u64,
}

impl BulkCounts {
    /// Counts the outcomes of an answer.
    pub fn of(answer: &Answer) -> Self {
        let mut counts = Self {
            deleted: answer.gone,
            ..Self::default()
        };
        for row in &answer.rows {
            *match row.outcome {
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

impl From<Vec<UserError>> for BulkPayload {
    fn from(errors: Vec<UserError>) -> Self {
        Self {
            errors,
            ..Self::default()
        }
    }
}

impl From<Answer> for BulkPayload {
    fn from(answer: Answer) -> Self {
        let counts = BulkCounts::of(&answer);
        let rows = answer.rows.into_iter().enumerate();
        let result = |(index, row): (usize, RowAnswer)| RowResult {
            index,
            outcome: row.outcome,
            errors: faults(index, row.fault),
        };
        Self {
            results: rows.map(result).collect(),
            counts,
            replayed: answer.replayed,
            errors: vec![],
        }
    }
}

/// The mistake of an item, as a list.
pub fn faults(index: usize, fault: Option<Fault>) -> Vec<UserError> {
    let mut mistakes = Mistakes::default();
    if let Some(fault) = fault {
        let item = format!("input.items[{index}]");
        let path = fault
            .field
            .map_or(item.clone(), |field| format!("{item}.{field}"));
        mistakes.add(&fault.code, &path, format!("{path}: {}", fault.reason));
    }
    mistakes.into_errors()
}

/// Why a call has no answer, as mistakes of it.
pub fn unanswered(reason: NoAnswer, mistakes: &mut Mistakes) {
    let path = "input.idempotencyKey";
    match reason {
        NoAnswer::OtherPayload => mistakes.add(
            "CONFLICT",
            path,
            format!("{path}: a call of other content had this key in the last 7 days; a key stands for one content"),
        ),
        NoAnswer::Running => mistakes.running(
            path,
            format!("{path}: a call with this key is being worked on; the same call later tells its answer"),
            RETRY_AFTER_MS,
        ),
    }
}
