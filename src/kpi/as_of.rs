//! The instant whose facts an answer tells, and what cannot be told of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::KpiValue;
use crate::store::{
    TeamStore,
    measures::{Dimension, Fact, Measure},
};

/// When facts were read, or as of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadAt {
    /// The instant: the one asked, or that of the answer.
    pub at: DateTime<Utc>,
    /// Whether it was asked.
    pub asked: bool,
}

/// What of a question can be told of its instant.
pub(super) struct Reading {
    /// The instant.
    pub at: ReadAt,
    forgotten: HashSet<Measure>,
}

impl Reading {
    /// What a store can tell of these measures.
    pub fn new(store: &TeamStore, measures: impl Iterator<Item = Measure>) -> Self {
        let at = ReadAt {
            at: store.clock().now(),
            asked: store.as_of().is_some(),
        };
        let forgotten = measures.filter(|measure| at.asked && !measure.keeps_history());
        Self {
            at,
            forgotten: forgotten.collect(),
        }
    }

    /// Whether a measure cannot be told.
    pub fn forgets(&self, measure: Measure) -> bool {
        self.forgotten.contains(&measure)
    }

    /// Whether facts of this kind cannot be told apart by a dimension.
    pub fn forgets_dimension(&self, fact: Fact, dimension: Dimension) -> bool {
        self.at.asked && !dimension.keeps_history(fact)
    }
}

impl KpiValue {
    /// The instant asked, if one was.
    pub fn asked_as_of(&self) -> Option<DateTime<Utc>> {
        self.read.filter(|read| read.asked).map(|read| read.at)
    }
}
