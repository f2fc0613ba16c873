//! `fx-rates`: exchange rates of days, upserted by day and pair of currencies.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use entity::fx_rate;

use super::{
    bulk::Keyed,
    cell,
    header::{Shape, amount, column, day},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
};
use crate::{
    error::Result,
    store::{Change, FactTable},
};

/// The loader of `fx-rates`.
#[derive(Default)]
pub(super) struct FxRates;

type Key = (NaiveDate, String, String);

fn key(row: &fx_rate::Model) -> Key {
    let (from, to) = (&row.from_currency, &row.to_currency);
    (row.day, from.clone(), to.clone())
}

impl Loader for FxRates {
    type Row = fx_rate::Model;

    const FACTS: &'static [FactTable] = &[];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            day("date", &["day"]),
            column("from", &["from_currency", "base"]),
            column("to", &["to_currency", "quote"]),
            amount("rate", &[]),
        ],
        required: &[&["date"], &["from"], &["to"], &["rate"]],
        dated_by: "date",
    };

    fn parse(
        &mut self,
        row: &Row<'_>,
        reading: &mut Reading<'_>,
    ) -> Result<fx_rate::Model, Refusal> {
        let from_currency = row.need("from", cell::currency)?;
        let to_currency = reading.row_currency(row, "to")?;
        if from_currency == to_currency {
            return Err(row.refuse_value("from", "is the currency that it is exchanged to"));
        }
        Ok(fx_rate::Model {
            team_id: reading.team_id(),
            from_currency,
            to_currency,
            day: reading.row_date(row, "date")?,
            rate_nanos: row.need("rate", cell::rate_nanos)?,
            source: reading.source.to_owned(),
        })
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<fx_rate::Model>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let days: BTreeSet<NaiveDate> = batch.iter().map(|parsed| parsed.row.day).collect();
        let days: Vec<NaiveDate> = days.into_iter().collect();
        let stored = session.writer.fx_rates_of(&days).await?;
        let mut known: HashMap<Key, fx_rate::Model> =
            stored.into_iter().map(|row| (key(&row), row)).collect();
        let (mut new, mut changed) = (BTreeMap::new(), BTreeMap::new());
        for Parsed { line, row } in batch {
            let key = key(&row);
            let before = known.get(&key);
            let change = Change::of(before.is_some(), before != Some(&row));
            session.tally.count(line, change);
            if change.is_written() {
                known.insert(key.clone(), row.clone());
                // A new one that comes again is still new.
                let rows = match change {
                    Change::Updated if !new.contains_key(&key) => &mut changed,
                    _ => &mut new,
                };
                rows.insert(key, row);
            }
        }
        let rows = |rows: BTreeMap<Key, fx_rate::Model>| rows.into_values().collect();
        session.writer.insert::<fx_rate::Entity>(rows(new)).await?;
        session
            .writer
            .upsert::<fx_rate::Entity>(rows(changed))
            .await
    }
}

impl Keyed for FxRates {
    fn key(row: &fx_rate::Model) -> String {
        format!("{:?}", key(row))
    }
}
