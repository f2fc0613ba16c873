//! The events of a team. They are stored by the transaction that makes them, so there is one exactly if what it tells
//! of was done; who wants to know of them reads from a cursor, and is woken up after commits.

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};
use entity::event::{self, Kind};
use sea_orm::{ColumnTrait, Iterable, Order};
use serde::{Deserialize, Serialize};

use super::{TeamStore, TeamWriter};
use crate::error::{Error, Result};

/// How long events are kept.
pub const EVENT_DAYS: i64 = 30;

/// Something that happened to a team's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase"
)]
pub enum Event {
    /// A goal has another status than when it was last looked at; none before means that it is the first.
    GoalStatusChanged {
        goal: i64,
        from: Option<String>,
        to: String,
    },
    /// A figure left its usual range, or a rule's threshold was crossed.
    AnomalyDetected {
        /// The rule that found it; none for the search of the service itself.
        rule: Option<i64>,
        kpi: String,
        /// What the figure was of, such as a channel; empty for the whole team.
        scope: String,
        /// The last day of the figure's bucket.
        day: NaiveDate,
        /// The id of the anomaly among the team's nodes; none for rules that look at a value or at its change.
        anomaly: Option<String>,
    },
    /// An import job came further.
    ImportProgressed { import: i64 },
    /// An import job ended, well or not.
    ImportFinished { import: i64, state: String },
    /// Facts of a source were written.
    DataRefreshed {
        source: String,
        /// The first and the last day of what was written; none where the facts have no day.
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    },
    /// A customer entered a stage.
    CustomerStageChanged { customer: i64, stage: String },
}

impl Event {
    /// What kind of event it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::GoalStatusChanged { .. } => Kind::GoalStatusChanged,
            Self::AnomalyDetected { .. } => Kind::AnomalyDetected,
            Self::ImportProgressed { .. } => Kind::ImportProgressed,
            Self::ImportFinished { .. } => Kind::ImportFinished,
            Self::DataRefreshed { .. } => Kind::DataRefreshed,
            Self::CustomerStageChanged { .. } => Kind::CustomerStageChanged,
        }
    }

    /// The customer that it is about.
    pub fn customer(&self) -> Option<i64> {
        match self {
            Self::CustomerStageChanged { customer, .. } => Some(*customer),
            Self::GoalStatusChanged { .. }
            | Self::AnomalyDetected { .. }
            | Self::ImportProgressed { .. }
            | Self::ImportFinished { .. }
            | Self::DataRefreshed { .. } => None,
        }
    }
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The cursor after which the next one comes.
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub event: Event,
}

impl TeamStore {
    /// The team's events after a cursor, the oldest first, `most` at most; of all kinds when `kinds` is empty.
    pub async fn events_after(
        &self,
        cursor: i64,
        kinds: &[Kind],
        most: u64,
    ) -> Result<Vec<Recorded>> {
        use event::Column as C;
        let mut events = self
            .select::<event::Entity>()
            .filter(C::Seq.gt(cursor))
            .order_by(C::Seq.into_expr(), Order::Asc)
            .limit(most);
        // What a newer version of the service tells of beside this one is passed over.
        let kinds: Vec<Kind> = match kinds {
            [] => Kind::iter().collect(),
            kinds => kinds.to_vec(),
        };
        events = events.filter(C::Kind.is_in(kinds));
        events.all().await?.into_iter().map(recorded).collect()
    }

    /// Whether there are events older than [`EVENT_DAYS`].
    pub async fn has_old_events(&self) -> Result<bool> {
        let oldest = self.clock().now() - TimeDelta::days(EVENT_DAYS);
        let old = self
            .select::<event::Entity>()
            .filter(event::Column::At.lt(oldest))
            .limit(1);
        Ok(old.one().await?.is_some())
    }

    /// The cursor after the team's last event; whoever reads on from here sees what happens from now on.
    pub async fn last_event(&self) -> Result<i64> {
        let sql = "SELECT COALESCE(MAX(seq), 0) AS n FROM event WHERE team_id = $1";
        self.number(sql, vec![]).await
    }
}

impl TeamWriter {
    /// Tells of something that this transaction does. It becomes an event when the transaction is committed.
    pub fn emit(&self, event: Event) {
        self.events().push(event);
    }

    /// Stores the events told of, after those of all earlier transactions; says whether there are any. A cursor is
    /// the instant in microseconds, or the one after the last, so that it grows even where clocks differ and where
    /// old events are gone.
    pub(super) async fn write_events(&self) -> Result<bool> {
        let told = std::mem::take(&mut *self.events());
        if told.is_empty() {
            return Ok(false);
        }
        let first = (self.last_event().await? + 1).max(self.at());
        // To the microsecond, as both databases keep it.
        let at = self.clock().now().trunc_subsecs(6);
        let row = |(event, seq): (&Event, i64)| {
            Ok(event::Model {
                team_id: self.team().id,
                seq,
                at,
                kind: event.kind(),
                data: serde_json::to_string(event).map_err(unreadable)?,
            })
        };
        let rows = told.iter().zip(first..).map(row);
        self.insert::<event::Entity>(rows.collect::<Result<_>>()?)
            .await?;
        self.address_webhooks(&told, first, at).await?;
        Ok(true)
    }

    /// Forgets events older than [`EVENT_DAYS`]; says how many.
    pub async fn forget_events(&self) -> Result<u64> {
        let oldest = self.clock().now() - TimeDelta::days(EVENT_DAYS);
        self.delete::<event::Entity>(event::Column::At.lt(oldest))
            .await
    }
}

fn recorded(row: event::Model) -> Result<Recorded> {
    Ok(Recorded {
        seq: row.seq,
        at: row.at,
        event: serde_json::from_str(&row.data).map_err(unreadable)?,
    })
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::Internal(format!("an event cannot be read or written: {error}"))
}
