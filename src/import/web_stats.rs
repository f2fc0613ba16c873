//! `web-stats`: daily figures of the web site. What a file says of a campaign's day replaces all that the same source
//! said of it before.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{web_day, web_day_staged};
use sea_orm::ActiveEnum;

use super::{
    bulk::Days,
    cell,
    header::{Shape, amount, column, count, day},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
};
use crate::{error::Result, store::FactTable};

const COUNTS: [&str; 6] = [
    "sessions",
    "engaged_sessions",
    "converted_sessions",
    "pageviews",
    "engagement_seconds",
    "key_events",
];
const REVENUE: &str = "revenue";
/// The counts, and the revenue.
type Figures = [i64; 7];

/// A row of web figures.
pub(super) struct WebRow {
    day: NaiveDate,
    channel: String,
    campaign: String,
    country: String,
    device: String,
    landing_page: String,
    currency: String,
    properties: String,
    figures: Figures,
}

/// The loader of `web-stats`.
#[derive(Default)]
pub(super) struct WebStats {
    load_id: Option<i64>,
    totals: Figures,
}

impl Loader for WebStats {
    type Row = WebRow;

    const FACTS: &'static [FactTable] = &[FactTable::WebDay];
    const IN_ONE_STEP: bool = true;
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            day("date", &["day"]),
            column(
                "channel",
                &["default_channel_group", "session_default_channel_group"],
            ),
            column("campaign_id", &["campaign", "campaign_name"]),
            column("country", &["country_code", "country_id"]),
            column("device", &["device_category", "device_type"]),
            column("landing_page", &[]),
            count("sessions", &["visits"]),
            count("engaged_sessions", &[]),
            count("converted_sessions", &[]),
            count("pageviews", &["page_views", "views"]),
            count("engagement_seconds", &["user_engagement_duration"]),
            count("key_events", &[]),
            amount(REVENUE, &["total_revenue"]),
            column("currency", &["currency_code"]),
        ],
        required: &[&["date"], &["sessions"]],
        dated_by: "date",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<WebRow, Refusal> {
        let currency = reading.row_currency(row, "currency")?;
        // The key of a day has no currency: without this, amounts in two currencies would be added up.
        let foreign = currency != reading.currency;
        let more = [("currency", currency.as_str())];
        let mut figures = [0; 7];
        for (figure, column) in figures.iter_mut().zip(COUNTS) {
            *figure = row.get(column, cell::count)?.unwrap_or(0);
        }
        figures[COUNTS.len()] = row.get(REVENUE, cell::amount)?.unwrap_or(0);
        let device = row.get("device", cell::device)?.flatten();
        let parsed = WebRow {
            day: reading.row_date(row, "date")?,
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign: row
                .get("campaign_id", cell::external_id)?
                .unwrap_or_default(),
            country: row.get("country", cell::country)?.unwrap_or_default(),
            device: device.map(|device| device.to_value()).unwrap_or_default(),
            landing_page: row
                .get("landing_page", cell::label(500))?
                .unwrap_or_default(),
            properties: row.properties(if foreign { &more } else { &[] })?,
            currency,
            figures,
        };
        // Rows add up: as long as the whole file does, no sum of its rows can pass the database's numbers.
        for ((total, figure), column) in self
            .totals
            .iter_mut()
            .zip(figures)
            .zip(COUNTS.iter().chain(&[REVENUE]))
        {
            *total = total
                .checked_add(figure)
                .ok_or_else(|| row.refuse_value(column, "makes the file's total too large"))?;
        }
        reading.tally.cover(parsed.day);
        Ok(parsed)
    }

    async fn write(&mut self, batch: Vec<Parsed<WebRow>>, session: &mut Session<'_>) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let places = rows().map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        let load_id = *self.load_id.get_or_insert_with(|| session.writer.id());
        let mut staged: BTreeMap<_, web_day_staged::Model> = BTreeMap::new();
        for Parsed { row, .. } in batch {
            let row = row.staged(load_id, session);
            let key = (
                row.campaign_id,
                row.day,
                row.channel_id,
                row.country.clone(),
                row.device.clone(),
                row.properties.clone(),
                row.landing_page.clone(),
            );
            match staged.get_mut(&key) {
                Some(sum) => add(sum, &row),
                None => {
                    staged.insert(key, row);
                }
            }
        }
        session
            .writer
            .stage::<web_day_staged::Entity>(staged.into_values().collect())
            .await
    }

    async fn finish(&mut self, session: &mut Session<'_>) -> Result<()> {
        let Some(load_id) = self.load_id else {
            return Ok(());
        };
        let published = session
            .writer
            .publish::<web_day_staged::Entity>(load_id, session.source)
            .await?;
        session.tally.report.written = published.written;
        session.tally.report.unchanged = published.unchanged;
        Ok(())
    }
}

impl WebRow {
    fn staged(self, load_id: i64, session: &Session<'_>) -> web_day_staged::Model {
        let [
            sessions,
            engaged_sessions,
            converted_sessions,
            pageviews,
            engagement_seconds,
            key_events,
            revenue,
        ] = self.figures;
        web_day_staged::Model {
            team_id: session.team_id(),
            campaign_id: session.campaign(&self.campaign),
            day: self.day,
            source: session.source.to_owned(),
            channel_id: session.channel(&self.channel),
            country: self.country,
            device: self.device,
            properties: self.properties,
            landing_page: self.landing_page,
            load_id,
            row_count: 1,
            sessions,
            engaged_sessions,
            converted_sessions,
            pageviews,
            engagement_seconds,
            key_events,
            revenue,
            currency: self.currency,
        }
    }
}

/// Adds the figures of a row of the same key. The file's totals are bounded, and so are these sums.
fn add(sum: &mut web_day_staged::Model, row: &web_day_staged::Model) {
    sum.row_count += row.row_count;
    sum.sessions += row.sessions;
    sum.engaged_sessions += row.engaged_sessions;
    sum.converted_sessions += row.converted_sessions;
    sum.pageviews += row.pageviews;
    sum.engagement_seconds += row.engagement_seconds;
    sum.key_events += row.key_events;
    sum.revenue += row.revenue;
}

impl Days for WebStats {
    type Fact = web_day::Entity;

    async fn facts(
        &mut self,
        rows: Vec<WebRow>,
        session: &mut Session<'_>,
    ) -> Result<Vec<web_day::Model>> {
        let places = rows
            .iter()
            .map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        let rows = rows.into_iter();
        Ok(rows.map(|row| published(row.staged(0, session))).collect())
    }
}

/// A staged row as it is published.
fn published(row: web_day_staged::Model) -> web_day::Model {
    web_day::Model {
        team_id: row.team_id,
        campaign_id: row.campaign_id,
        day: row.day,
        source: row.source,
        channel_id: row.channel_id,
        country: row.country,
        device: row.device,
        properties: row.properties,
        landing_page: row.landing_page,
        sessions: row.sessions,
        engaged_sessions: row.engaged_sessions,
        converted_sessions: row.converted_sessions,
        pageviews: row.pageviews,
        engagement_seconds: row.engagement_seconds,
        key_events: row.key_events,
        revenue: row.revenue,
        currency: row.currency,
    }
}
