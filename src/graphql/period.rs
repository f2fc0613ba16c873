//! Periods in answers.

use async_graphql::Object;
use chrono::{DateTime, Utc};

use super::{
    Session,
    scalars::{Date, TimeZone},
};
use crate::{
    error::ApiResult,
    time::{Bucket, DateRange, ResolvedPeriod},
};

/// A period as it was resolved.
pub struct Period(pub ResolvedPeriod);

impl Period {
    /// A range of days of the session's team, as it looks at an instant; now without one.
    pub fn of_days(
        session: &Session,
        at: Option<DateTime<Utc>>,
        range: DateRange,
        label: Option<String>,
    ) -> ApiResult<Self> {
        let calendar = session.store.calendar()?;
        let today = calendar.today(at.unwrap_or_else(|| session.store.clock().now()));
        let elapsed = range.elapsed_days(today);
        Ok(Self(ResolvedPeriod {
            range,
            complete: range.to < today,
            elapsed_share: elapsed as f64 / range.days() as f64,
            label: label.unwrap_or_else(|| range.to_string()),
            time_zone: calendar.time_zone,
        }))
    }
}

impl Period {
    /// A bucket of the session's team.
    pub fn of_bucket(session: &Session, bucket: Bucket) -> ApiResult<Self> {
        let calendar = session.store.calendar()?;
        let label = calendar.label(bucket);
        Self::of_days(session, None, calendar.range(bucket), Some(label))
    }
}

/// Days with both ends included, as the service understood them.
#[Object(name = "ResolvedPeriod")]
impl Period {
    /// The first day.
    async fn from(&self) -> Date {
        Date(self.0.range.from)
    }

    /// The last day, included.
    async fn to(&self) -> Date {
        Date(self.0.range.to)
    }

    /// The zone in which the days are cut.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.0.time_zone.name().to_owned())
    }

    /// Whether the last day is over. Values of an incomplete period will still change.
    async fn complete(&self) -> bool {
        self.0.complete
    }

    /// The share of the days that are over, 0 to 1; today is not over.
    async fn elapsed_share(&self) -> f64 {
        self.0.elapsed_share
    }

    /// The period in a word, such as `2026-03`.
    async fn label(&self) -> &str {
        &self.0.label
    }
}
