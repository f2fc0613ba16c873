//! Daily facts of a call: each row is stored by its natural key. Files replace whole days of campaigns; a call may
//! hold
//! a part of a day only, and so replaces more than its own keys where it names the days alone.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{EntityTrait, ModelTrait};

use super::rows::refuse_duplicate;
use crate::{
    error::Result,
    import::{
        pipeline::{Loader, Parsed},
        report::Refusal,
        session::Session,
    },
    store::{Delivered, day_key},
    time::DateRange,
};

/// A model of the facts that a loader stores.
pub(in crate::import) type FactOf<L> = <<L as Days>::Fact as EntityTrait>::Model;

/// A loader of daily facts.
pub(in crate::import) trait Days: Loader {
    /// The facts.
    type Fact: Delivered<Model: ModelTrait<Entity = Self::Fact> + PartialEq>;

    /// The facts that rows tell, in their order.
    async fn facts(
        &mut self,
        rows: Vec<Self::Row>,
        session: &mut Session<'_>,
    ) -> Result<Vec<FactOf<Self>>>;
}

/// Stores the rows; says how many others in the window went away.
pub(super) async fn write<L: Days>(
    loader: &mut L,
    rows: Vec<Parsed<L::Row>>,
    window: Option<DateRange>,
    session: &mut Session<'_>,
) -> Result<u64> {
    let (places, rows): (Vec<u64>, Vec<L::Row>) = rows
        .into_iter()
        .map(|parsed| (parsed.line, parsed.row))
        .unzip();
    let facts = loader.facts(rows, session).await?;
    let mut last: HashMap<Vec<String>, u64> = HashMap::with_capacity(facts.len());
    for (place, fact) in places.iter().zip(&facts) {
        last.insert(day_key::<L::Fact>(fact), *place);
    }
    let (mut kept_places, mut kept) = (Vec::new(), Vec::new());
    for (place, fact) in places.into_iter().zip(facts) {
        let later = last.get(&day_key::<L::Fact>(&fact)).copied();
        let later = later.filter(|later| *later != place);
        if let Some(later) = later {
            refuse_duplicate(place, later, session);
        } else if let Some(refusal) = outside(place, L::Fact::day(&fact), window) {
            session.tally.refuse(refusal);
        } else {
            kept_places.push(place);
            kept.push(fact);
        }
    }
    // With a row refused, one that is stored would seem to have gone away at the source.
    let window = window.filter(|_| session.tally.report.refused == 0);
    let source = session.source;
    let (changes, gone) = session
        .writer
        .upsert_days::<L::Fact>(source, kept, window)
        .await?;
    for (place, change) in kept_places.into_iter().zip(changes) {
        session.tally.count(place, change);
    }
    Ok(gone)
}

fn outside(place: u64, day: NaiveDate, window: Option<DateRange>) -> Option<Refusal> {
    let window = window.filter(|window| !window.contains(day))?;
    Some(Refusal {
        line: place,
        column: Some("date".to_owned()),
        reason: format!("{day} is not within replaceWindow, {window}"),
    })
}
