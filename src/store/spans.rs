//! Spans of days that single rows cover, as `source_load` keeps them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::source_load;

use crate::{
    error::{Error, Result},
    time::DateRange,
};

/// The most spans of one source and fact.
const MOST: usize = 5_000;

/// The spans that a source has noted of a fact.
pub fn spans(load: &source_load::Model) -> Vec<DateRange> {
    let pairs: Vec<(NaiveDate, NaiveDate)> = serde_json::from_str(&load.spans).unwrap_or_default();
    let range = |(from, to)| DateRange::new(from, to);
    pairs.into_iter().filter_map(range).collect()
}

/// The spans after a load that delivered days, some of them as spans. A load of days one by one takes the place of the
/// spans that lie within them.
pub(super) fn merge(
    known: Option<&source_load::Model>,
    days: Option<DateRange>,
    new: &BTreeSet<DateRange>,
) -> Result<String> {
    let mut all: BTreeSet<DateRange> = known.map(spans).unwrap_or_default().into_iter().collect();
    if let Some(days) = days.filter(|_| new.is_empty()) {
        all.retain(|span| span.intersect(&days) != Some(*span));
    }
    all.extend(new);
    if all.len() > MOST {
        return Err(Error::Limit(format!(
            "the source would have {} reports that cover several days; at most {MOST} are allowed: export by day",
            all.len()
        )));
    }
    let pairs: Vec<_> = all.iter().map(|span| (span.from, span.to)).collect();
    serde_json::to_string(&pairs).map_err(|error| Error::Internal(error.to_string()))
}
