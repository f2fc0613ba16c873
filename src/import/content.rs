//! `content`: what the team published, upserted by the source's ids.

use chrono::{DateTime, Utc};
use entity::content_item;

use super::{
    bulk::Keyed,
    cell,
    header::{Shape, column, time},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
    upsert::{Known, TOLD_AT},
};
use crate::{
    error::Result,
    store::{Change, FactTable},
};

/// A row of a post.
pub(super) struct ContentRow {
    id: String,
    title: String,
    kind: String,
    url: Option<String>,
    published_at: DateTime<Utc>,
    channel: String,
    campaign: String,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `content`.
#[derive(Default)]
pub(super) struct Content;

impl Loader for Content {
    type Row = ContentRow;

    const FACTS: &'static [FactTable] = &[FactTable::ContentItem];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("content_id", &["post_id", "id"]),
            column("title", &["name"]),
            column("kind", &["type", "format"]),
            column("url", &["link"]),
            time("published_at", &["timestamp", "time", "date"]),
            column("channel", &["platform"]),
            column("campaign", &["campaign_id", "campaign_name"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["content_id"], &["published_at"]],
        dated_by: "published_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<ContentRow, Refusal> {
        let published_at = reading.row_instant(row, "published_at")?;
        let id = row.need("content_id", cell::external_id)?;
        let parsed = ContentRow {
            title: row
                .get("title", cell::label(500))?
                .unwrap_or_else(|| id.clone()),
            id,
            kind: row
                .get("kind", cell::label(40))?
                .unwrap_or_else(|| "post".to_owned()),
            url: row.get("url", cell::label(2_000))?,
            published_at,
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign: row.get("campaign", cell::external_id)?.unwrap_or_default(),
            told_at: row.get(TOLD_AT, reading.instants())?,
        };
        reading.tally.cover(reading.day_of(published_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<ContentRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let places = rows().map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        let mut known =
            Known::<content_item::Entity>::find(session, rows().map(|row| row.id.as_str())).await?;
        for Parsed { line, row } in &batch {
            if !known.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let id = known.id(&row.id, session);
            let model = content_item::Model {
                team_id: session.team_id(),
                id,
                title: row.title.clone(),
                kind: row.kind.clone(),
                url: row.url.clone(),
                published_at: row.published_at,
                day: session.day_of(row.published_at),
                campaign_id: session.campaign(&row.campaign),
                channel_id: session.channel(&row.channel),
            };
            let change = known.put(&row.id, id, model);
            session.tally.count(*line, change);
        }
        known.store(session).await
    }
}

impl Keyed for Content {
    fn key(row: &ContentRow) -> String {
        row.id.clone()
    }
}
