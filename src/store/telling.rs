//! Events that follow from facts, whichever way these came: of data refreshed, and of customers in new stages.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
};

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};

use super::{Event, TeamWriter};
use crate::{error::Result, time::DateRange};

/// The most customers of one transaction whose new stages are told one by one. Of more, the event of the data refreshed
/// stands for all of them.
pub const MOST_STAGES: usize = 1_000;
/// Customers per statement.
const CHUNK: usize = 2_000;

/// The stages of customers; `None` when there are too many to tell.
pub(super) type StagesBefore = Option<HashMap<i64, String>>;

impl TeamWriter {
    /// Tells that a source has delivered facts: once per source, of all days together.
    pub(super) fn tell_refreshed(&self, source: &str, days: Option<DateRange>) {
        let (first, last) = days.map(|days| (days.from, days.to)).unzip();
        for event in self.events().iter_mut() {
            match event {
                Event::DataRefreshed {
                    source: told,
                    from,
                    to,
                } if told == source => {
                    *from = [*from, first].into_iter().flatten().min();
                    *to = Ord::max(*to, last);
                    return;
                }
                _ => {}
            }
        }
        self.emit(Event::DataRefreshed {
            source: source.to_owned(),
            from: first,
            to: last,
        });
    }

    /// The stages of these customers before they are found anew.
    pub(super) async fn stages_before(&self, customers: &[i64]) -> Result<StagesBefore> {
        match self.stages_changed.load(Ordering::Relaxed) > MOST_STAGES {
            true => Ok(None),
            false => self.current_stages(customers).await.map(Some),
        }
    }

    /// Tells which of these customers are in another stage than before.
    pub(super) async fn tell_stages(&self, before: StagesBefore, customers: &[i64]) -> Result<()> {
        let Some(before) = before else {
            return Ok(());
        };
        let mut now: Vec<(i64, String)> =
            self.current_stages(customers).await?.into_iter().collect();
        now.retain(|(customer, stage)| before.get(customer) != Some(stage));
        now.sort_unstable();
        let changed = self.stages_changed.fetch_add(now.len(), Ordering::Relaxed) + now.len();
        let changes: HashSet<i64> = now.iter().map(|(customer, _)| *customer).collect();
        // Of several changes of one customer the last is told.
        self.events().retain(|event| match event {
            Event::CustomerStageChanged { customer, .. } => {
                changed <= MOST_STAGES && !changes.contains(customer)
            }
            _ => true,
        });
        if changed <= MOST_STAGES {
            for (customer, stage) in now {
                self.emit(Event::CustomerStageChanged { customer, stage });
            }
        }
        Ok(())
    }

    async fn current_stages(&self, customers: &[i64]) -> Result<HashMap<i64, String>> {
        let column = |name: &'static str| Expr::col((Alias::new("f"), Alias::new(name)));
        let mut found = HashMap::new();
        for chunk in customers.chunks(CHUNK) {
            let mut select = Query::select();
            select
                .expr_as(column("id"), "id")
                .expr_as(column("lifecycle"), "lifecycle")
                .from_as("customer", "f")
                .and_where(column("id").is_in(chunk.iter().copied()))
                .and_where(column("lifecycle").is_not_null());
            for row in self.rows_of_f(select).await? {
                found.insert(row.try_get("", "id")?, row.try_get("", "lifecycle")?);
            }
        }
        Ok(found)
    }
}
