//! `costs`: costs beside media, spread evenly over their days, upserted by the source's cost ids.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    cost_day, cost_item,
    values::{CostAllocation, CostKind},
};

use super::{
    bulk::Keyed,
    cell,
    header::{Shape, amount, column, day, time},
    pipeline::{Loader, Parsed},
    report::Refusal,
    row::Row,
    session::{Reading, Session},
    upsert::{Known, TOLD_AT},
};
use crate::{
    error::Result,
    store::{Change, FactTable, split_evenly},
    time::DateRange,
};

/// The most days that a cost can be spread over: ten years.
const MOST_DAYS: i64 = 3_660;

/// A row of a cost.
pub(super) struct CostRow {
    id: String,
    name: String,
    kind: CostKind,
    days: DateRange,
    amount: i64,
    currency: String,
    acquisition: bool,
    campaign: String,
    channel: String,
    allocation: CostAllocation,
    told_at: Option<DateTime<Utc>>,
}

/// The loader of `costs`.
#[derive(Default)]
pub(super) struct Costs;

impl Loader for Costs {
    type Row = CostRow;

    const FACTS: &'static [FactTable] = &[];
    const SHAPE: &'static Shape = &Shape {
        columns: &[
            column("cost_id", &["id"]),
            column("name", &["description"]),
            column("kind", &["type", "category"]),
            day("starts_on", &["start_date", "date"]),
            day("ends_on", &["end_date"]),
            amount("amount", &["cost"]),
            column("currency", &["currency_code"]),
            column("acquisition", &["is_acquisition"]),
            column("campaign", &["campaign_id", "campaign_name"]),
            column("channel", &[]),
            column("allocation", &["allocate_by"]),
            time(TOLD_AT, &[]),
        ],
        required: &[&["cost_id"], &["starts_on"], &["amount"]],
        dated_by: "starts_on",
    };

    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<CostRow, Refusal> {
        let id = row.need("cost_id", cell::external_id)?;
        let starts_on = reading.row_date(row, "starts_on")?;
        Ok(CostRow {
            name: row
                .get("name", cell::label(200))?
                .unwrap_or_else(|| id.clone()),
            id,
            kind: row.get("kind", cell::choice)?.unwrap_or(CostKind::Other),
            days: days(row, starts_on)?,
            amount: row.need("amount", cell::amount)?,
            currency: reading.row_currency(row, "currency")?,
            acquisition: row.get("acquisition", cell::flag)?.unwrap_or(false),
            campaign: row.get("campaign", cell::external_id)?.unwrap_or_default(),
            channel: row.get("channel", cell::external_id)?.unwrap_or_default(),
            allocation: row
                .get("allocation", cell::choice)?
                .unwrap_or(CostAllocation::None),
            told_at: row.get(TOLD_AT, reading.instants())?,
        })
    }

    async fn write(
        &mut self,
        batch: Vec<Parsed<CostRow>>,
        session: &mut Session<'_>,
    ) -> Result<()> {
        let rows = || batch.iter().map(|parsed| &parsed.row);
        let places = rows().map(|row| (row.channel.as_str(), row.campaign.as_str()));
        session.resolve_places(places, false).await?;
        let mut known =
            Known::<cost_item::Entity>::find(session, rows().map(|row| row.id.as_str())).await?;
        for Parsed { line, row } in &batch {
            if !known.admits(&row.id, row.told_at) {
                session.tally.count(*line, Change::Stale);
                continue;
            }
            let id = known.id(&row.id, session);
            let change = known.put(&row.id, id, row.item(id, session));
            session.tally.count(*line, change);
        }
        let changed: Vec<cost_item::Model> = known.changed().cloned().collect();
        known.store(session).await?;
        let items: Vec<i64> = changed.iter().map(|item| item.id).collect();
        let days = changed.iter().flat_map(spread).collect();
        session.writer.replace_cost_days(&items, days).await
    }
}

impl CostRow {
    fn item(&self, id: i64, session: &Session<'_>) -> cost_item::Model {
        cost_item::Model {
            team_id: session.team_id(),
            id,
            name: self.name.clone(),
            kind: self.kind,
            starts_on: self.days.from,
            ends_on: self.days.to,
            amount: self.amount,
            currency: self.currency.clone(),
            acquisition: self.acquisition,
            campaign_id: session.campaign(&self.campaign),
            channel_id: session.channel(&self.channel),
            allocation: self.allocation,
        }
    }
}

/// From the first day to the last, which is the first one when not given.
fn days(row: &Row<'_>, starts_on: NaiveDate) -> Result<DateRange, Refusal> {
    let ends_on = row.get("ends_on", cell::date)?.unwrap_or(starts_on);
    let days = DateRange::new(starts_on, ends_on).ok_or_else(|| {
        row.refuse_value("ends_on", &format!("is before the first day, {starts_on}"))
    })?;
    if days.days() > MOST_DAYS {
        let reason = format!(
            "is {} days after the first day; allowed are {MOST_DAYS}",
            days.days()
        );
        return Err(row.refuse_value("ends_on", &reason));
    }
    Ok(days)
}

fn spread(item: &cost_item::Model) -> Vec<cost_day::Model> {
    let days = DateRange {
        from: item.starts_on,
        to: item.ends_on,
    };
    split_evenly(item.amount, days)
        .map(|(day, amount)| cost_day::Model {
            team_id: item.team_id,
            cost_item_id: item.id,
            day,
            amount,
        })
        .collect()
}

impl Keyed for Costs {
    fn key(row: &CostRow) -> String {
        row.id.clone()
    }
}
