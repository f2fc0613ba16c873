//! How far a goal is, in answers.

use std::pin::Pin;

use async_graphql::{Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::goal;
use rust_decimal::Decimal;

use super::{
    Session,
    goal_loaders::{KeyResultsOf, ProgressOf},
    scalars::Date,
};
use crate::{
    error::{ApiResult, Error},
    kpi::{
        KpiValue,
        goal::{
            ExpectedFrom, GoalStatus, Measured, Progress,
            history::GoalWarningCode,
            objective::{self, KeyResult},
        },
    },
};

/// The progress of a goal at some instant.
pub struct GoalProgress {
    /// The progress.
    pub progress: Progress,
    /// The instant.
    pub as_of: DateTime<Utc>,
}

/// How far a goal is, how far it should be, and where it is heading. Only buckets of time that are over count.
#[Object]
impl GoalProgress {
    /// The metric's value now: the level of the last bucket that is over, or the sum since the start. Null before a
    /// bucket is over, and for an objective without a metric.
    async fn current(&self) -> Option<&KpiValue> {
        self.progress.current.as_ref()
    }

    /// The share of the way that is done, 1 for all of it: from the baseline to the target for a level, of the target
    /// for a sum; for an objective the mean of its key results, none of which counts for more than 1. Can be negative
    /// and above 1. Null when `current` has no value.
    async fn attained(&self) -> Option<Decimal> {
        self.progress.attained
    }

    /// The share of the way that should be done by the end of `through`. Null when nothing is over yet.
    async fn expected_by_now(&self) -> Option<Decimal> {
        self.progress.expected
    }

    /// What `expectedByNow` rests on. Null when it is, and for an objective without a metric.
    async fn expected_from(&self) -> Option<ExpectedFrom> {
        self.progress.expected_from
    }

    /// What the metric comes to at the deadline if it goes on like this: for a level on the least-squares line through
    /// the buckets that are over (two at least), for a sum with the daily mean of the last 28 days on every day left.
    /// After the deadline, what it came to. Null when it cannot be said.
    async fn projected(&self) -> Option<Decimal> {
        self.progress.projected
    }

    /// Where the goal stands.
    async fn status(&self) -> GoalStatus {
        self.progress.status
    }

    /// The last day that counts. Null when nothing is over yet, and for an objective without a metric.
    async fn through(&self) -> Option<Date> {
        self.progress.through.map(Date)
    }

    /// The instant that all this is said of: now.
    async fn as_of(&self) -> DateTime<Utc> {
        self.as_of
    }
}

/// Something remarkable about a goal, which does not keep it from being set.
#[derive(SimpleObject)]
pub struct GoalWarning {
    /// The case, for programs.
    pub code: GoalWarningCode,
    /// The case in words, with the numbers.
    pub message: String,
}

/// The progress of a goal: its metric's, or the mean of its key results where it has none. Goals of one answer are
/// computed together, level by level of the tree.
pub fn progress_of<'a>(
    session: &'a Session,
    row: &'a goal::Model,
    measured: Option<&'a Measured>,
) -> Pin<Box<dyn Future<Output = ApiResult<Progress>> + Send + 'a>> {
    Box::pin(async move {
        if let Some(measured) = measured {
            let found = session.load.load_one(ProgressOf(measured.clone())).await?;
            return found.ok_or_else(|| Error::Internal("a goal without progress".into()).into());
        }
        let parts = session
            .load
            .load_one(KeyResultsOf(row.id))
            .await?
            .unwrap_or_default();
        let parts = parts.iter().map(async |part| {
            let measured = Measured::of(part)?;
            let progress = progress_of(session, part, measured.as_ref()).await?;
            ApiResult::Ok(KeyResult::of(measured.as_ref(), &progress))
        });
        let parts = futures_util::future::try_join_all(parts).await?;
        let known: Vec<KeyResult> = parts.into_iter().flatten().collect();
        let calendar = session.store.calendar()?;
        let today = calendar.today(session.store.clock().now());
        Ok(objective::progress(
            row.starts_on,
            row.deadline,
            today,
            &known,
        ))
    })
}
