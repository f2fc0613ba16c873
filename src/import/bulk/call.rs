//! One call: its rows as one transaction, all or none where asked, tried or done, answered once for an idempotency
//! key.

use async_graphql::Enum;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Fault, Given, Kind,
    rows::{self, Settled},
};
use crate::{
    error::{Error, Result},
    store::{Change, TeamStore, TeamWriter},
    time::DateRange,
};

/// Whether good rows are written when others are bad.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BulkMode {
    /// Good rows are written.
    #[default]
    Partial,
    /// Nothing is written if any row is bad.
    AllOrNone,
}

/// What happened to a row.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UpsertOutcome {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It was so already.
    Unchanged,
    /// A later state is stored.
    SkippedStale,
    /// It is not allowed, or another row kept the whole call from being written.
    Failed,
}

/// What a program asks.
#[derive(Debug)]
pub struct Call {
    /// The mutation: keys of different ones have nothing to do with each other.
    pub mutation: &'static str,
    /// What the rows are.
    pub kind: Kind,
    /// Who tells, a name that [`crate::store::is_source_name`] takes.
    pub source: String,
    /// The name of this call, by which a repeat is known.
    pub key: Option<String>,
    /// Whether good rows are written when others are bad.
    pub mode: BulkMode,
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// The days that the rows replace, for daily facts.
    pub window: Option<DateRange>,
    /// The rows.
    pub rows: Vec<Given>,
}

/// What became of a call's rows, in their order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    /// One for each row.
    pub rows: Vec<RowAnswer>,
    /// How many facts in the window went away.
    pub gone: u64,
    /// Whether this is the answer to an earlier call with the same key.
    #[serde(skip)]
    pub replayed: bool,
}

/// What became of a row.
#[derive(Debug, Serialize, Deserialize)]
pub struct RowAnswer {
    /// The kind of outcome.
    pub outcome: UpsertOutcome,
    /// As which row it is stored, where somebody asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Why it failed; also absent when another row is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The key stands for a call that asked for something else.
    OtherPayload,
    /// A call with the key is being worked on.
    Running,
}

/// Answers a call. A call that fails leaves nothing, its key included; nor do keys of calls that write nothing.
pub async fn answer(store: &TeamStore, call: Call) -> Result<Result<Answer, NoAnswer>> {
    let key = call.key.clone().filter(|_| !call.dry_run);
    // Of customers the audit log tells each.
    let bulk = call.kind != Kind::Customers;
    let Some(key) = key else {
        let writer = match bulk {
            true => store.begin_bulk(call.mutation).await?,
            false => store.begin(call.mutation).await?,
        };
        let dry_run = call.dry_run;
        let worked = work(&writer, call).await?;
        if !dry_run && !worked.in_vain {
            writer.commit().await?;
        }
        return Ok(Ok(worked.answer));
    };
    let claim = format!("{} {key}", call.mutation);
    let Some(writer) = store.begin_claiming(call.mutation, bulk, &claim).await? else {
        return Ok(Err(NoAnswer::Running));
    };
    let hash = call.hash();
    if let Some(known) = writer.answered(call.mutation, &key).await? {
        if known.payload_hash != hash {
            return Ok(Err(NoAnswer::OtherPayload));
        }
        let answer: Answer = serde_json::from_str(&known.answer).map_err(unreadable)?;
        return Ok(Ok(Answer {
            replayed: true,
            ..answer
        }));
    }
    let mutation = call.mutation;
    let worked = work(&writer, call).await?;
    if !worked.in_vain {
        let text = serde_json::to_string(&worked.answer).map_err(unreadable)?;
        writer.store_answer(mutation, &key, hash, text).await?;
        writer.commit().await?;
    }
    Ok(Ok(worked.answer))
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::Internal(format!("a stored answer: {error}"))
}

/// An answer, and whether nothing of it is to be kept.
struct Worked {
    answer: Answer,
    in_vain: bool,
}

async fn work(writer: &TeamWriter, call: Call) -> Result<Worked> {
    let Call {
        kind,
        source,
        mode,
        window,
        rows,
        ..
    } = call;
    let (settled, gone) = rows::upsert(writer, kind, &source, rows, window).await?;
    let mut rows: Vec<RowAnswer> = settled.into_iter().map(RowAnswer::of).collect();
    let failed = |row: &RowAnswer| row.outcome == UpsertOutcome::Failed;
    let whole = mode == BulkMode::AllOrNone || window.is_some();
    let in_vain = whole && rows.iter().any(failed);
    if in_vain {
        for row in &mut rows {
            (row.outcome, row.id) = (UpsertOutcome::Failed, None);
        }
    }
    let answer = Answer {
        rows,
        gone: if in_vain { 0 } else { gone },
        replayed: false,
    };
    Ok(Worked { answer, in_vain })
}

impl RowAnswer {
    fn of(settled: Settled) -> Self {
        let (outcome, id, fault) = match settled {
            Settled::Stored(Change::Created, id) => (UpsertOutcome::Created, id, None),
            Settled::Stored(Change::Updated, id) => (UpsertOutcome::Updated, id, None),
            Settled::Stored(Change::Unchanged, id) => (UpsertOutcome::Unchanged, id, None),
            Settled::Stored(Change::Stale, id) => (UpsertOutcome::SkippedStale, id, None),
            Settled::Refused(fault) => (UpsertOutcome::Failed, None, Some(fault)),
        };
        Self { outcome, id, fault }
    }
}

impl Call {
    /// What tells calls of one key apart: all that decides what they write.
    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        let head = (&self.source, self.mode, self.window, self.rows.len());
        hash.update(format!("{head:?}"));
        for row in &self.rows {
            hash.update(row.canonical());
        }
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}
