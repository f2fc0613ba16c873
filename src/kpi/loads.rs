//! What the sources have delivered, as answers tell of it.

use chrono::NaiveDate;
use entity::source_load;

use crate::{
    store::{FactTable, spans},
    time::{Calendar, DateRange, Grain},
};

/// The days that each source has delivered of each fact.
#[derive(Debug)]
pub struct Loads {
    rows: Vec<source_load::Model>,
    /// Days whose facts are booked on the last of them, by the fact.
    spans: Vec<(String, DateRange)>,
    /// The last day that is over: nobody can have delivered later ones.
    yesterday: NaiveDate,
}

impl Loads {
    /// What was read of the team, on a day.
    pub fn new(rows: Vec<source_load::Model>, today: NaiveDate) -> Self {
        let yesterday = today.pred_opt().unwrap_or(today);
        let spans = rows.iter().flat_map(|load| {
            let of_fact = |span| (load.fact.clone(), span);
            spans(load).into_iter().map(of_fact)
        });
        Self {
            spans: spans.collect(),
            rows,
            yesterday,
        }
    }

    /// Every load.
    pub fn rows(&self) -> &[source_load::Model] {
        &self.rows
    }

    /// The first of the spans of a fact that these days, or the buckets of this grain, cut.
    pub fn cut_span(
        &self,
        fact: FactTable,
        days: DateRange,
        buckets: Option<(Grain, &Calendar)>,
    ) -> Option<DateRange> {
        let parted = |span: &DateRange| {
            buckets.is_some_and(|(grain, calendar)| {
                calendar.bucket(grain, span.from) != calendar.bucket(grain, span.to)
            })
        };
        let cut = |span: &DateRange| {
            let within = span.intersect(&days);
            within.is_some_and(|within| within != *span || parted(span))
        };
        let mut spans = self.spans.iter().filter(|(of, _)| of == fact.name());
        spans.find(|(_, span)| cut(span)).map(|(_, span)| *span)
    }

    /// The sources of these facts, each once, by name.
    pub fn sources(&self, facts: Vec<&str>) -> Vec<&str> {
        self.named(|load| facts.contains(&load.fact.as_str()))
    }

    /// Those of them whose last day lies before `through`, as far as that is over.
    pub fn behind(&self, facts: Vec<&str>, through: NaiveDate) -> Vec<&str> {
        let due = through.min(self.yesterday);
        self.named(|load| {
            facts.contains(&load.fact.as_str()) && load.data_through.is_some_and(|last| last < due)
        })
    }

    fn named(&self, which: impl Fn(&source_load::Model) -> bool) -> Vec<&str> {
        let loads = self.rows.iter().filter(|load| which(load));
        let mut names: Vec<&str> = loads.map(|load| load.source.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
