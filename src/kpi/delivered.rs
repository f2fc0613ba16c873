//! Which days the sources have delivered: a group without facts is zero there, and unknown elsewhere.

use std::collections::HashMap;

use entity::source_load;

use crate::{store::measures::Measure, time::DateRange};

/// Which days have been delivered of each fact, by any source.
pub struct Delivered {
    by_fact: HashMap<String, DateRange>,
}

impl Delivered {
    /// Reads `source_load` rows.
    pub fn new(loads: &[source_load::Model]) -> Self {
        let mut by_fact: HashMap<String, DateRange> = HashMap::new();
        for load in loads {
            let (Some(from), Some(to)) = (load.data_from, load.data_through) else {
                continue;
            };
            by_fact
                .entry(load.fact.clone())
                .and_modify(|days| {
                    *days = DateRange {
                        from: days.from.min(from),
                        to: days.to.max(to),
                    }
                })
                .or_insert(DateRange { from, to });
        }
        Self { by_fact }
    }

    /// Whether anything of the measure's fact was delivered for these days.
    pub fn covers(&self, measure: Measure, days: DateRange) -> bool {
        let spec = measure.spec();
        let Some(name) = spec.fact.loaded_as() else {
            return true;
        };
        let Some(delivered) = self.by_fact.get(name.name()) else {
            return spec.optional;
        };
        if spec.to_date {
            delivered.from <= days.to
        } else {
            spec.optional || delivered.intersect(&days).is_some()
        }
    }

    /// All days that anything was delivered for.
    pub fn all(&self) -> Option<DateRange> {
        let from = self.by_fact.values().map(|days| days.from).min()?;
        let to = self.by_fact.values().map(|days| days.to).max()?;
        DateRange::new(from, to)
    }
}
