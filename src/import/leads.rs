//! `leads`: people who left contact data. Each is a customer that enters a stage, upserted by the source's lead ids.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{customer, values::LifecycleStage};

use super::{
    cell,
    header::{Shape, column, time},
    identity::address,
    pipeline::{Loader, Parsed},
    properties,
    report::Refusal,
    row::Row,
    session::{Reading, Session},
    stage_events::Entries,
};
use crate::{
    error::Result,
    store::{Change, FactTable},
};

/// A row of a lead.
pub(super) struct LeadRow {
    id: String,
    created_at: DateTime<Utc>,
    channel: String,
    campaign: String,
    email: Option<String>,
    name: Option<String>,
    country: Option<String>,
    stage: LifecycleStage,
    properties: String,
}

/// The loader of `leads`.
#[derive(Default)]
pub(super) struct Leads;

impl Loader for Leads {
    type Row = LeadRow;

    const FACTS: &'static [FactTable] = &[FactTable::StageEvent];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("lead_id", &["customer_id", "contact_id", "id"]),
            time("created_at", &["create_date", "date"]),
            column("channel", &["lead_source", "origin"]),
            column("campaign", &["campaign_id", "campaign_name"]),
            column("email", &["email_address", "e_mail"]),
            column("name", &["full_name"]),
            column("country", &["country_code"]),
            column("stage", &["lifecycle_stage"]),
        ],
        required: &[&["lead_id"], &["created_at"]],
        dated_by: "created_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<LeadRow, Refusal> {
        let created_at = reading.row_instant(row, "created_at")?;
        let email = row.get("email", cell::label(320))?;
        let parsed = LeadRow {
            id: row.need("lead_id", cell::external_id)?,
            created_at,
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign: row.get("campaign", cell::external_id)?.unwrap_or_default(),
            email: email.map(|email| address(&email)),
            name: row.get("name", cell::label(300))?,
            country: row
                .get("country", cell::country)?
                .filter(|country| !country.is_empty()),
            stage: row
                .get("stage", cell::choice)?
                .unwrap_or(LifecycleStage::Lead),
            properties: row.properties(&[])?,
        };
        reading.tally.cover(reading.day_of(created_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<LeadRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let places = rows().map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        let named = rows().map(|row| (row.id.as_str(), row.email.as_deref()));
        let named = named.collect();
        let earlier = std::mem::take(&mut session.made);
        let ids = session.resolve_people(named).await?;
        let mut unwritten = std::mem::replace(&mut session.made, earlier);
        session.made.extend(unwritten.iter().copied());
        let all: BTreeSet<i64> = ids.values().copied().collect();
        let wanted: Vec<i64> = all.iter().copied().collect();
        let mut people = session.writer.customers_by_id(&wanted).await?;
        let mut entries = Entries::of(session, all).await?;
        let mut changed = BTreeSet::new();
        for Parsed { line, row } in &batch {
            // Two names may mean the same customer: each row finds what those before it left.
            let Some(before) = ids.get(&row.id).and_then(|id| people.get(id)) else {
                continue;
            };
            let id = before.id;
            let is_new = unwritten.remove(&id);
            let mut after = row.customer(before, session);
            let change = Change::of(!is_new, after != *before);
            if change == Change::Updated {
                after.updated_at = session.writer.clock().now();
                after.version = before.version.saturating_add(1);
            }
            if change.is_written() {
                changed.insert(id);
                people.insert(id, after);
            }
            let entered = entries.enter(id, row.stage, row.created_at, session);
            session.tally.count(*line, change.and(entered));
        }
        let changed = changed.iter().filter_map(|id| people.remove(id)).collect();
        session.writer.upsert::<customer::Entity>(changed).await?;
        entries.store(session).await
    }
}

impl LeadRow {
    /// The customer as the row says. What the row leaves blank stays as it was.
    fn customer(&self, before: &customer::Model, session: &Session<'_>) -> customer::Model {
        let some = |id: i64| (id != 0).then_some(id);
        let campaign = some(session.campaign(&self.campaign));
        let channel = some(session.channel(&self.channel));
        // The earliest source that names itself has acquired the customer; a correction comes with the same time.
        let acquires = (campaign.is_some() || channel.is_some())
            && before.acquired_at.is_none_or(|at| self.created_at <= at);
        let acquired = match acquires {
            true => (campaign, channel, Some(self.created_at)),
            false => (
                before.acquired_campaign_id,
                before.acquired_channel_id,
                before.acquired_at,
            ),
        };
        customer::Model {
            email: self.email.clone().or_else(|| before.email.clone()),
            name: self.name.clone().or_else(|| before.name.clone()),
            country: self.country.clone().or_else(|| before.country.clone()),
            acquired_campaign_id: acquired.0,
            acquired_channel_id: acquired.1,
            acquired_at: acquired.2,
            properties: properties::merge(&before.properties, &self.properties),
            ..before.clone()
        }
    }
}
