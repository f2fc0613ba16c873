//! `touchpoints`: contacts of customers with campaigns and channels, upserted by the source's ids; those that converted
//! are conversions too.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{conversion, touchpoint, values::TouchKind};

use super::{
    bulk::Keyed,
    cell,
    header::{Shape, amount, column, time},
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

/// The kind of conversions that a touchpoint tells of.
const CONVERSION_KIND: &str = "conversion";

/// A row of a touchpoint.
pub(super) struct TouchRow {
    id: String,
    customer: String,
    occurred_at: DateTime<Utc>,
    channel: String,
    campaign: String,
    kind: TouchKind,
    utm: [Option<String>; 3],
    referrer: Option<String>,
    /// `None` when the source does not say: what is known of it stays.
    converted: Option<bool>,
    value: Option<i64>,
    currency: String,
    properties: String,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `touchpoints`.
#[derive(Default)]
pub(super) struct Touchpoints;

impl Loader for Touchpoints {
    type Row = TouchRow;

    const FACTS: &'static [FactTable] = &[FactTable::Touchpoint, FactTable::Conversion];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("touch_id", &["touchpoint_id", "event_id", "id"]),
            column("customer_id", &["user_id", "lead_id", "contact_id"]),
            time("occurred_at", &["timestamp", "time", "date"]),
            column("channel", &[]),
            column("campaign", &["campaign_id", "campaign_name"]),
            column("kind", &["interaction", "type"]),
            column("utm_source", &[]),
            column("utm_medium", &[]),
            column("utm_campaign", &[]),
            column("referrer", &["referer", "referrer_url"]),
            column("is_conversion", &["conversion", "converted"]),
            amount("value", &["conversion_value"]),
            column("currency", &["currency_code"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["touch_id"], &["customer_id"], &["occurred_at"]],
        dated_by: "occurred_at",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<TouchRow, Refusal> {
        let occurred_at = reading.row_instant(row, "occurred_at")?;
        let utm = |name| row.get(name, cell::label(200));
        let parsed = TouchRow {
            id: row.need("touch_id", cell::external_id)?,
            customer: row.need("customer_id", cell::external_id)?,
            occurred_at,
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            campaign: row.get("campaign", cell::external_id)?.unwrap_or_default(),
            kind: row.get("kind", cell::choice)?.unwrap_or(TouchKind::Click),
            utm: [utm("utm_source")?, utm("utm_medium")?, utm("utm_campaign")?],
            referrer: row.get("referrer", cell::label(1_000))?,
            converted: row.get("is_conversion", cell::flag)?,
            value: row.get("value", cell::amount)?,
            currency: reading.row_currency(row, "currency")?,
            properties: row.properties(&[])?,
            told_at: row.get(TOLD_AT, reading.instants())?,
        };
        reading.tally.cover(reading.day_of(occurred_at));
        Ok(parsed)
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<TouchRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let places = rows().map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        let customers = session
            .resolve_customers(rows().map(|row| row.customer.as_str()))
            .await?;
        let ids = || rows().map(|row| row.id.as_str());
        let mut touches = Known::<touchpoint::Entity>::find(session, ids()).await?;
        let mut conversions = Known::<conversion::Entity>::find(session, ids()).await?;
        let mut touched = BTreeSet::new();
        let mut gone = Vec::new();
        for Parsed { line, row } in &batch {
            if !touches.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let Some(customer_id) = customers.get(&row.customer).copied() else {
                continue;
            };
            let id = touches.id(&row.id, session);
            let mut change = touches.put(&row.id, id, row.touchpoint(id, customer_id, session));
            if row.converted == Some(true) {
                let id = conversions.id(&row.id, session);
                let converted =
                    conversions.put(&row.id, id, row.conversion(id, customer_id, session));
                change = change.and(converted.is_written());
            } else if row.converted == Some(false)
                && let Some(id) = conversions.remove(&row.id)
            {
                gone.push(id);
                change = change.and(true);
            }
            session.tally.count(*line, change);
            if change.is_written() {
                touched.insert(customer_id);
            }
        }
        touches.store(session).await?;
        session.writer.delete_conversions(&gone).await?;
        conversions.store(session).await?;
        let touched: Vec<i64> = touched.into_iter().collect();
        session.writer.refresh_acquisition(&touched).await
    }
}

impl TouchRow {
    fn touchpoint(&self, id: i64, customer_id: i64, session: &Session<'_>) -> touchpoint::Model {
        let some = |id: i64| (id != 0).then_some(id);
        let [utm_source, utm_medium, utm_campaign] = self.utm.clone();
        touchpoint::Model {
            team_id: session.team_id(),
            id,
            customer_id,
            occurred_at: self.occurred_at,
            day: session.day_of(self.occurred_at),
            kind: self.kind,
            campaign_id: some(session.campaign(&self.campaign)),
            channel_id: some(session.channel(&self.channel)),
            utm_source,
            utm_medium,
            utm_campaign,
            referrer: self.referrer.clone(),
            properties: self.properties.clone(),
        }
    }

    fn conversion(&self, id: i64, customer_id: i64, session: &Session<'_>) -> conversion::Model {
        conversion::Model {
            team_id: session.team_id(),
            id,
            customer_id: Some(customer_id),
            kind: CONVERSION_KIND.to_owned(),
            occurred_at: self.occurred_at,
            day: session.day_of(self.occurred_at),
            value: self.value,
            currency: self.currency.clone(),
        }
    }
}

impl Keyed for Touchpoints {
    fn key(row: &TouchRow) -> String {
        row.id.clone()
    }
}
