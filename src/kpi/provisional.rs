//! Which days are provisional: sources restate them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::source_load;

use crate::{store::measures::Measure, time::DateRange};

/// Since when each kind of fact is provisional.
pub(super) struct Provisional {
    since: HashMap<String, NaiveDate>,
}

impl Provisional {
    /// By what sources restated in their last loads: the earliest of all sources of a fact counts.
    pub fn new(loads: &[source_load::Model]) -> Self {
        let mut since: HashMap<String, NaiveDate> = HashMap::new();
        for load in loads {
            if let Some(from) = load.restated_from {
                let first = since.entry(load.fact.clone()).or_insert(from);
                *first = from.min(*first);
            }
        }
        Self { since }
    }

    /// Whether any of the days that a value is made of is provisional.
    pub fn touches(&self, measures: impl Iterator<Item = Measure>, days: DateRange) -> bool {
        let mut facts = measures.filter_map(|measure| measure.spec().fact.loaded_as());
        facts.any(|fact| {
            self.since
                .get(fact.name())
                .is_some_and(|since| *since <= days.to)
        })
    }
}
