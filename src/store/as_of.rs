//! Reading as of an earlier instant: who may be asked for what, and which facts can tell.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::sea_query::SqliteQueryBuilder;

use super::{
    TeamStore,
    measures::{Dimension, Fact, Measure},
    team::history_of,
};
use crate::error::{Error, Result};

impl TeamStore {
    /// This store, or with an instant that of the facts as they were known then.
    ///
    /// # Errors
    /// The instant lies in the future.
    pub fn reading(&self, as_of: Option<DateTime<Utc>>) -> Result<Self> {
        let Some(at) = as_of else {
            return Ok(self.clone());
        };
        let now = self.clock().now();
        if at > now {
            let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            return Err(Error::invalid(
                "options.asOf",
                text(at),
                &format!("it lies in the future: it is now {}", text(now)),
            ));
        }
        Ok(self.known_at(at))
    }
}

impl Measure {
    /// Whether all that it is read from is kept by version.
    pub fn keeps_history(self) -> bool {
        // Which database it is does not matter for the names of tables.
        let fact = self.spec().fact.select().to_string(SqliteQueryBuilder);
        history_of(&fact) && history_of(self.sql())
    }
}

impl Dimension {
    /// Whether what tells facts of this kind apart is kept by version. Whatever was imported about a person is not:
    /// it must not outlive its erasure.
    pub fn keeps_history(self, fact: Fact) -> bool {
        match self {
            Self::Property => !fact.tells_of_persons(),
            Self::CustomerSegment => false,
            _ => true,
        }
    }
}
