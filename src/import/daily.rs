//! `email-stats` and `social-stats`: daily figures of mailings and social accounts. What a file says of a campaign's day
//! replaces all that the same source said of it before.

use std::{collections::BTreeMap, marker::PhantomData};

use chrono::NaiveDate;
use entity::{email_day, social_day};
use sea_orm::{ActiveEnum, ModelTrait};

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

/// A table of daily figures.
pub(super) trait Daily: Delivered {
    /// Its columns of figures.
    const FIGURES: &'static [&'static str];
    const SHAPE: &'static Shape;
    const TABLE: FactTable;

    /// A row; the figures come in the order of [`Self::FIGURES`].
    fn row(place: Place, source: &str, team_id: i64, figures: &[i64]) -> Self::Model;
}

/// Where and when figures were counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    campaign_id: i64,
    day: NaiveDate,
    channel_id: i64,
    country: String,
    device: String,
    properties: String,
}

/// A row as the file has it.
pub(super) struct DailyRow {
    channel: String,
    campaign: String,
    place: Place,
    figures: Vec<i64>,
}

/// The loader of a table's format.
pub(super) struct DailyFigures<E> {
    rows: BTreeMap<Place, Vec<i64>>,
    read: u64,
    table: PhantomData<E>,
}

impl<E> Default for DailyFigures<E> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            read: 0,
            table: PhantomData,
        }
    }
}

impl<E> Loader for DailyFigures<E>
where
    E: Daily,
    E::Model: ModelTrait<Entity = E> + PartialEq,
{
    type Row = DailyRow;

    const FACTS: &'static [FactTable] = &[E::TABLE];
    const IN_ONE_STEP: bool = true;
    const SHAPE: &'static Shape = E::SHAPE;

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<DailyRow, Refusal> {
        let figure = |name: &&str| Ok(row.get(name, cell::count)?.unwrap_or(0));
        let figures = E::FIGURES
            .iter()
            .map(figure)
            .collect::<Result<Vec<_>, _>>()?;
        let device = row.get("device", cell::device)?.flatten();
        let day = reading.row_date(row, "date")?;
        reading.tally.cover(day);
        Ok(DailyRow {
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign: row
                .get("campaign_id", cell::external_id)?
                .unwrap_or_default(),
            place: Place {
                campaign_id: 0,
                day,
                channel_id: 0,
                country: row.get("country", cell::country)?.unwrap_or_default(),
                device: device.map(|device| device.to_value()).unwrap_or_default(),
                properties: row.properties(&[])?,
            },
            figures,
        })
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<DailyRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let places = rows().map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        for Parsed { line, row } in batch {
            let place = row.placed(session);
            let sums = self
                .rows
                .entry(place)
                .or_insert_with(|| vec![0; row.figures.len()]);
            let added: Option<Vec<i64>> = sums
                .iter()
                .zip(&row.figures)
                .map(|(sum, figure)| sum.checked_add(*figure))
                .collect();
            match added {
                Some(added) => {
                    *sums = added;
                    self.read += 1;
                }
                None => session.tally.refuse(Refusal {
                    line,
                    column: None,
                    reason: "makes the total of its day too large".to_owned(),
                }),
            }
        }
        Ok(())
    }

    fn held(&self) -> usize {
        self.rows.len()
    }

    async fn finish(&mut self, session: &mut Session<'_>) -> Result<()> {
        let rows = std::mem::take(&mut self.rows)
            .into_iter()
            .map(|(place, figures)| E::row(place, session.source, session.team_id(), &figures))
            .collect();
        let published = session.writer.replace::<E>(session.source, rows).await?;
        // Several rows of the file may make one stored row: then the first counts as written, the others as unchanged.
        session.tally.report.written = published.written;
        session.tally.report.unchanged = self.read.saturating_sub(published.written);
        Ok(())
    }
}

impl<E> Days for DailyFigures<E>
where
    E: Daily,
    E::Model: ModelTrait<Entity = E> + PartialEq,
{
    type Fact = E;

    async fn facts(
        &mut self,
        rows: Vec<DailyRow>,
        session: &mut Session<'_>,
    ) -> Result<Vec<E::Model>> {
        let places = rows
            .iter()
            .map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        let (source, team) = (session.source, session.team_id());
        let rows = rows.into_iter();
        Ok(rows
            .map(|row| {
                let place = row.placed(session);
                E::row(place, source, team, &row.figures)
            })
            .collect())
    }
}

impl DailyRow {
    fn placed(&self, session: &Session<'_>) -> Place {
        Place {
            campaign_id: session.campaign(&self.campaign),
            channel_id: session.channel(&self.channel),
            ..self.place.clone()
        }
    }
}

macro_rules! daily {
    ($table:ident, $fact:ident, $figures:ident, [$(($figure:ident, $others:expr)),+ $(,)?]) => {
        const $figures: &[&str] = &[$(stringify!($figure)),+];

        impl Daily for $table::Entity {
            const FIGURES: &'static [&'static str] = $figures;
            const TABLE: FactTable = FactTable::$fact;
            const SHAPE: &'static Shape = &Shape {
                columns: &[
                    day("date", &["day"]),
                    column("channel", &["platform", "network"]),
                    column("campaign_id", &["campaign", "campaign_name"]),
                    column("country", &["country_code"]),
                    column("device", &["device_type"]),
                    $(count(stringify!($figure), &$others)),+
                ],
                required: &[&["date"], $figures],
                dated_by: "date",
            };

            fn row(place: Place, source: &str, team_id: i64, figures: &[i64]) -> $table::Model {
                let mut figures = figures.iter().copied();
                $(let $figure = figures.next().unwrap_or(0);)+
                $table::Model {
                    team_id,
                    campaign_id: place.campaign_id,
                    day: place.day,
                    source: source.to_owned(),
                    channel_id: place.channel_id,
                    country: place.country,
                    device: place.device,
                    properties: place.properties,
                    $($figure),+
                }
            }
        }
    };
}

daily!(
    email_day,
    EmailDay,
    EMAIL,
    [
        (sent, ["emails_sent"]),
        (delivered, ["emails_delivered"]),
        (unique_opens, ["opens"]),
        (machine_opens, ["apple_mpp_opens"]),
        (unique_clicks, []),
        (unsubscribes, ["unsubscribed"]),
        (bounces, ["bounced"]),
        (complaints, ["abuse_reports"]),
    ]
);
daily!(
    social_day,
    SocialDay,
    SOCIAL,
    [
        (followers, ["follower_count"]),
        (followers_gained, ["new_followers"]),
        (followers_lost, ["unfollows"]),
        (mentions, []),
        (engagements, ["reactions"]),
        (impressions, ["impr"]),
        (likes, []),
        (shares, []),
    ]
);
