//! `people`: distinct people as a source counted them over some days and one breakdown. What a file says of a kind and
//! its days replaces what the same source said of them before.

use std::collections::{BTreeMap, btree_map::Entry};

use chrono::NaiveDate;
use entity::{people_count, values::PeopleKind};
use sea_orm::ActiveEnum;

use super::{
    bulk::Days,
    cell,
    header::{Shape, column, count, day},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
};
use crate::{
    error::Result,
    store::{Delivered, FactTable},
};

/// A row of a count.
pub(super) struct PeopleRow {
    kind: PeopleKind,
    from: NaiveDate,
    to: NaiveDate,
    channel: String,
    campaign: String,
    country: String,
    device: String,
    people: i64,
}

/// Which people were counted: what, from when to when, of which campaign, channel, country and device.
type Key = (String, NaiveDate, NaiveDate, i64, i64, String, String);

/// The loader of `people`.
#[derive(Default)]
pub(super) struct People {
    rows: BTreeMap<Key, people_count::Model>,
}

impl Loader for People {
    type Row = PeopleRow;

    const FACTS: &'static [FactTable] = &[FactTable::PeopleCount];
    const IN_ONE_STEP: bool = true;
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("kind", &["metric"]),
            day("from", &["date", "day", "from_day", "starts_on"]),
            day("to", &["to_day", "ends_on"]),
            column("channel", &["platform"]),
            column("campaign_id", &["campaign", "campaign_name"]),
            column("country", &["country_code"]),
            column("device", &["device_type"]),
            count("people", &["count", "value"]),
        ],
        required: &[&["kind"], &["from"], &["people"]],
        dated_by: "from",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<PeopleRow, Refusal> {
        let from = reading.row_date(row, "from")?;
        let to = row.get("to", cell::date)?.unwrap_or(from);
        if to < from {
            return Err(row.refuse_value("to", &format!("is before the first day, {from}")));
        }
        reading.tally.cover(from);
        reading.tally.cover(to);
        let device = row.get("device", cell::device)?.flatten();
        Ok(PeopleRow {
            kind: row.need("kind", cell::choice)?,
            from,
            to,
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign: row
                .get("campaign_id", cell::external_id)?
                .unwrap_or_default(),
            country: row.get("country", cell::country)?.unwrap_or_default(),
            device: device.map(|device| device.to_value()).unwrap_or_default(),
            people: row.need("people", cell::count)?,
        })
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<PeopleRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        // Only those whom ads reached tell that a channel is advertising.
        for reached in [true, false] {
            let rows = rows().filter(|row| (row.kind == PeopleKind::Reach) == reached);
            let places = rows.map(|row| (row.channel.as_str(), row.campaign.as_str()));
            session.resolve_places(places, reached).await?;
        }
        for Parsed { line, row } in batch {
            let model = row.model(session);
            let key = (
                model.kind.clone(),
                model.from_day,
                model.to_day,
                model.campaign_id,
                model.channel_id,
                model.country.clone(),
                model.device.clone(),
            );
            match self.rows.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(model);
                }
                Entry::Occupied(_) => session.tally.refuse(Refusal {
                    line,
                    column: None,
                    reason:
                        "counts the same people as an earlier row: distinct people do not add up"
                            .to_owned(),
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
            .replace::<people_count::Entity>(session.source, rows)
            .await?;
        session.tally.report.written = published.written;
        session.tally.report.unchanged = published.unchanged;
        Ok(())
    }
}

impl PeopleRow {
    fn model(self, session: &Session<'_>) -> people_count::Model {
        people_count::Model {
            team_id: session.team_id(),
            kind: self.kind.to_value(),
            from_day: self.from,
            to_day: self.to,
            source: session.source.to_owned(),
            campaign_id: session.campaign(&self.campaign),
            channel_id: session.channel(&self.channel),
            country: self.country,
            device: self.device,
            people: self.people,
        }
    }
}

impl Delivered for people_count::Entity {
    const SOURCE: people_count::Column = people_count::Column::Source;
    const DAY: people_count::Column = people_count::Column::FromDay;
    const CAMPAIGN: people_count::Column = people_count::Column::CampaignId;
    type Whole = (String, NaiveDate, NaiveDate);

    fn whole(row: &people_count::Model) -> Self::Whole {
        (row.kind.clone(), row.from_day, row.to_day)
    }

    fn day(row: &people_count::Model) -> NaiveDate {
        row.from_day
    }

    fn campaign(row: &people_count::Model) -> i64 {
        row.campaign_id
    }
}

impl Days for People {
    type Fact = people_count::Entity;

    async fn facts(
        &mut self,
        rows: Vec<PeopleRow>,
        session: &mut Session<'_>,
    ) -> Result<Vec<people_count::Model>> {
        let places = rows
            .iter()
            .map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, true).await?;
        Ok(rows.into_iter().map(|row| row.model(session)).collect())
    }
}
