//! `figures`: daily figures that others count for the team, one per row. What a file says of a figure and a day replaces
//! what the same source said of it before.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::outside_day;

use super::{
    bulk::Days,
    cell,
    header::{Shape, amount, column, day},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
};
use crate::{
    error::Result,
    store::{Delivered, FactTable, measures::OUTSIDE_FIGURES},
};

/// A row of a figure.
pub(super) struct FigureRow {
    figure: &'static str,
    day: NaiveDate,
    channel: String,
    campaign: String,
    country: String,
    properties: String,
    value: i64,
    currency: String,
}

/// Which figure: its name and day, campaign, channel, country and further breakdowns.
type Key = (String, NaiveDate, i64, i64, String, String);

/// The loader of `figures`.
#[derive(Default)]
pub(super) struct Figures {
    rows: BTreeMap<Key, outside_day::Model>,
    read: u64,
}

impl Loader for Figures {
    type Row = FigureRow;

    const FACTS: &'static [FactTable] = &[FactTable::OutsideDay];
    const IN_ONE_STEP: bool = true;
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("figure", &["metric", "key"]),
            day("date", &["day"]),
            column("channel", &["platform"]),
            column("campaign_id", &["campaign", "campaign_name"]),
            column("country", &["country_code"]),
            amount("value", &["count", "amount"]),
            column("currency", &["currency_code"]),
        ],
        required: &[&["figure"], &["date"], &["value"]],
        dated_by: "date",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<FigureRow, Refusal> {
        let day = reading.row_date(row, "date")?;
        reading.tally.cover(day);
        Ok(FigureRow {
            figure: row.need("figure", known)?,
            day,
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign: row
                .get("campaign_id", cell::external_id)?
                .unwrap_or_default(),
            country: row.get("country", cell::country)?.unwrap_or_default(),
            properties: row.properties(&[])?,
            value: row.need("value", cell::amount)?,
            currency: reading.row_currency(row, "currency")?,
        })
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<FigureRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let places = rows().map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        for Parsed { line, row } in batch {
            let row = row.model(session);
            let key = (
                row.figure.clone(),
                row.day,
                row.campaign_id,
                row.channel_id,
                row.country.clone(),
                row.properties.clone(),
            );
            let refused = match self.rows.get_mut(&key) {
                None => {
                    self.rows.insert(key, row);
                    None
                }
                Some(sum) if sum.currency != row.currency => {
                    Some("is in another currency than an earlier row of the same figure and day")
                }
                Some(sum) => match sum.value.checked_add(row.value) {
                    None => Some("makes the total of its day too large"),
                    Some(value) => {
                        sum.value = value;
                        None
                    }
                },
            };
            match refused {
                None => self.read += 1,
                Some(reason) => session.tally.refuse(Refusal {
                    line,
                    column: None,
                    reason: reason.to_owned(),
                }),
            }
        }
        Ok(())
    }

    fn held(&self) -> usize {
        self.rows.len()
    }

    async fn finish(&mut self, session: &mut Session<'_>) -> Result<()> {
        let rows = std::mem::take(&mut self.rows).into_values().collect();
        let published = session
            .writer
            .replace::<outside_day::Entity>(session.source, rows)
            .await?;
        session.tally.report.written = published.written;
        session.tally.report.unchanged = self.read.saturating_sub(published.written);
        Ok(())
    }
}

/// The name of a figure that a KPI is made of.
fn known(text: &str) -> cell::Cell<&'static str> {
    let name = text.to_ascii_lowercase();
    let found = OUTSIDE_FIGURES.iter().find(|figure| **figure == name);
    found
        .copied()
        .ok_or_else(|| format!("is no figure; allowed are {}", OUTSIDE_FIGURES.join(", ")))
}

impl FigureRow {
    fn model(self, session: &Session<'_>) -> outside_day::Model {
        outside_day::Model {
            team_id: session.team_id(),
            figure: self.figure.to_owned(),
            day: self.day,
            source: session.source.to_owned(),
            campaign_id: session.campaign(&self.campaign),
            channel_id: session.channel(&self.channel),
            country: self.country,
            properties: self.properties,
            value: self.value,
            currency: self.currency,
        }
    }
}

impl Delivered for outside_day::Entity {
    const SOURCE: outside_day::Column = outside_day::Column::Source;
    const DAY: outside_day::Column = outside_day::Column::Day;
    const CAMPAIGN: outside_day::Column = outside_day::Column::CampaignId;
    type Whole = (String, NaiveDate);

    fn whole(row: &outside_day::Model) -> Self::Whole {
        (row.figure.clone(), row.day)
    }

    fn day(row: &outside_day::Model) -> NaiveDate {
        row.day
    }

    fn campaign(row: &outside_day::Model) -> i64 {
        row.campaign_id
    }
}

impl Days for Figures {
    type Fact = outside_day::Entity;

    async fn facts(
        &mut self,
        rows: Vec<FigureRow>,
        session: &mut Session<'_>,
    ) -> Result<Vec<outside_day::Model>> {
        let places = rows
            .iter()
            .map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        Ok(rows.into_iter().map(|row| row.model(session)).collect())
    }
}
