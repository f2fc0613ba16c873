//! `ad-stats`: daily figures of advertising campaigns. What a file says of a campaign's day replaces all that the same
//! source said of it before.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use entity::{ad_day, ad_day_staged};
use sea_orm::ActiveEnum;

use super::{
    bulk::Days,
    cell,
    header::{Shape, amount, column, count, day},
    pipeline::{Loader, Parsed},
    report::Refusal,
    resolve::{CampaignMatch, MOST_REMEMBERED},
    row::Row,
    session::{Reading, Session},
};
use crate::{error::Result, store::FactTable};

/// The figures, in the order of [`Figures`].
const COUNTS: [&str; 5] = [
    "impressions",
    "clicks",
    "video_views",
    "watch_seconds",
    "engagements",
];
const AMOUNTS: [&str; 3] = ["spend", "conversions", "conversion_value"];
type Figures = [i64; 8];

/// A row of advertising figures.
pub(super) struct AdRow {
    day: NaiveDate,
    channel: String,
    campaign: String,
    campaign_name: String,
    country: String,
    device: String,
    currency: String,
    properties: String,
    figures: Figures,
}

/// The loader of `ad-stats`.
#[derive(Default)]
pub(super) struct AdStats {
    load_id: Option<i64>,
    linked: HashSet<(i64, i64)>,
    totals: Figures,
}

impl Loader for AdStats {
    type Row = AdRow;

    const FACTS: &'static [FactTable] = &[FactTable::AdDay];
    const IN_ONE_STEP: bool = true;
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            day("date", &["day", "date_start", "segments_date"]),
            column("channel", &["platform"]),
            column("campaign_id", &[]),
            column("campaign_name", &["campaign"]),
            count("impressions", &["impr"]),
            count("clicks", &[]),
            amount("spend", &["cost", "amount_spent"]),
            amount("conversions", &[]),
            amount("conversion_value", &["conversions_value", "conv_value"]),
            column("currency", &["currency_code", "account_currency"]),
            column("country", &["country_code"]),
            column("device", &["device_type", "impression_device"]),
            count("video_views", &[]),
            count("watch_seconds", &["watch_time"]),
            count("engagements", &[]),
        ],
        required: &[
            &["date"],
            &["campaign_id", "campaign_name"],
            &["impressions", "clicks", "spend"],
        ],
        dated_by: "date",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<AdRow, Refusal> {
        let id = row.get("campaign_id", cell::external_id)?;
        let name = row.get("campaign_name", cell::label(300))?;
        let campaign = match id {
            Some(id) => id,
            None => row.need("campaign_name", cell::external_id)?,
        };
        let currency = reading.row_currency(row, "currency")?;
        // The key of a day has no currency: without this, amounts in two currencies would be added up.
        let foreign = currency != reading.currency;
        let more = [("currency", currency.as_str())];
        let device = row.get("device", cell::device)?.flatten();
        let mut figures = [0; 8];
        for (figure, column) in figures.iter_mut().zip(COUNTS) {
            *figure = row.get(column, cell::count)?.unwrap_or(0);
        }
        for (figure, column) in figures[COUNTS.len()..].iter_mut().zip(AMOUNTS) {
            *figure = row.get(column, cell::amount)?.unwrap_or(0);
        }
        let parsed = AdRow {
            day: reading.row_date(row, "date")?,
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign_name: name.unwrap_or_else(|| campaign.clone()),
            campaign,
            country: row.get("country", cell::country)?.unwrap_or_default(),
            device: device.map(|device| device.to_value()).unwrap_or_default(),
            properties: row.properties(if foreign { &more } else { &[] })?,
            currency,
            figures,
        };
        // Rows add up: as long as the whole file does, no sum of its rows can pass the database's numbers.
        for ((total, figure), column) in self
            .totals
            .iter_mut()
            .zip(figures)
            .zip(COUNTS.iter().chain(&AMOUNTS))
        {
            *total = total
                .checked_add(figure)
                .ok_or_else(|| row.refuse_value(column, "makes the file's total too large"))?;
        }
        reading.tally.cover(parsed.day);
        Ok(parsed)
    }

    async fn write(&mut self, batch: Vec<Parsed<AdRow>>, session: &mut Session<'_>) -> Result<()> {
        self.resolve(batch.iter().map(|parsed| &parsed.row), session)
            .await?;
        let load_id = *self.load_id.get_or_insert_with(|| session.writer.id());
        let mut staged: BTreeMap<_, ad_day_staged::Model> = BTreeMap::new();
        for Parsed { row, .. } in batch {
            let row = row.staged(load_id, session);
            let key = (
                row.campaign_id,
                row.day,
                row.channel_id,
                row.country.clone(),
                row.device.clone(),
                row.properties.clone(),
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
            .stage::<ad_day_staged::Entity>(staged.into_values().collect())
            .await
    }

    async fn finish(&mut self, session: &mut Session<'_>) -> Result<()> {
        let Some(load_id) = self.load_id else {
            return Ok(());
        };
        let published = session
            .writer
            .publish::<ad_day_staged::Entity>(load_id, session.source)
            .await?;
        session.tally.report.written = published.written;
        session.tally.report.unchanged = published.unchanged;
        Ok(())
    }
}

impl AdStats {
    /// Finds or makes campaigns and channels, and notes which campaign runs on which channel.
    async fn resolve<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r AdRow> + Clone,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let channels = rows.clone().map(|row| row.channel.as_str());
        session.resolve_channels(channels, true).await?;
        let campaigns = rows
            .clone()
            .map(|row| (row.campaign.as_str(), row.campaign_name.as_str()));
        session
            .resolve_campaigns(campaigns, CampaignMatch::ById)
            .await?;
        if self.linked.len() > MOST_REMEMBERED {
            self.linked.clear();
        }
        let mut links = Vec::new();
        for row in rows {
            let pair = (
                session.campaign(&row.campaign),
                session.channel(&row.channel),
            );
            if pair.1 != 0 && self.linked.insert(pair) {
                links.push(pair);
            }
        }
        session.writer.add_campaign_channels(links).await
    }
}

impl AdRow {
    fn staged(self, load_id: i64, session: &Session<'_>) -> ad_day_staged::Model {
        let [
            impressions,
            clicks,
            video_views,
            watch_seconds,
            engagements,
            spend,
            conversions,
            conversion_value,
        ] = self.figures;
        ad_day_staged::Model {
            team_id: session.team_id(),
            campaign_id: session.campaign(&self.campaign),
            day: self.day,
            source: session.source.to_owned(),
            channel_id: session.channel(&self.channel),
            country: self.country,
            device: self.device,
            properties: self.properties,
            load_id,
            row_count: 1,
            impressions,
            clicks,
            video_views,
            watch_seconds,
            engagements,
            spend,
            conversions,
            conversion_value,
            currency: self.currency,
        }
    }
}

/// Adds the figures of a row of the same key. The file's totals are bounded, and so are these sums.
fn add(sum: &mut ad_day_staged::Model, row: &ad_day_staged::Model) {
    sum.row_count += row.row_count;
    sum.impressions += row.impressions;
    sum.clicks += row.clicks;
    sum.video_views += row.video_views;
    sum.watch_seconds += row.watch_seconds;
    sum.engagements += row.engagements;
    sum.spend += row.spend;
    sum.conversions += row.conversions;
    sum.conversion_value += row.conversion_value;
}

impl Days for AdStats {
    type Fact = ad_day::Entity;

    async fn facts(
        &mut self,
        rows: Vec<AdRow>,
        session: &mut Session<'_>,
    ) -> Result<Vec<ad_day::Model>> {
        self.resolve(rows.iter(), session).await?;
        let rows = rows.into_iter();
        Ok(rows.map(|row| published(row.staged(0, session))).collect())
    }
}

/// A staged row as it is published.
fn published(row: ad_day_staged::Model) -> ad_day::Model {
    ad_day::Model {
        team_id: row.team_id,
        campaign_id: row.campaign_id,
        day: row.day,
        source: row.source,
        channel_id: row.channel_id,
        country: row.country,
        device: row.device,
        properties: row.properties,
        impressions: row.impressions,
        clicks: row.clicks,
        video_views: row.video_views,
        watch_seconds: row.watch_seconds,
        engagements: row.engagements,
        spend: row.spend,
        conversions: row.conversions,
        conversion_value: row.conversion_value,
        currency: row.currency,
    }
}
