//! All that is held on one person, as one JSON document.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use entity::{audit_entry, campaign, channel, customer, external_ref, refund, values::RefEntity};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, ModelTrait};
use serde_json::{Map, Value, json};

use super::{
    history::{Former, bounds, former},
    of_persons,
    person::OfPerson,
    state::MergeState,
};
use crate::{
    error::Result,
    store::{
        TeamStore,
        team::{customer_columns, fields},
    },
};

/// Fields that hold micros.
const AMOUNTS: [&str; 9] = [
    "amount",
    "costOfGoods",
    "discount",
    "gross",
    "net",
    "refunded",
    "shipping",
    "tax",
    "value",
];
const MICROS_DIGITS: u32 = 6;
const CHUNK: usize = 10_000;

/// The names of what rows refer to.
struct Places {
    campaigns: HashMap<i64, String>,
    channels: HashMap<i64, String>,
}

impl TeamStore {
    /// All that is held on a customer. Amounts are decimals in the currency beside them, instants are UTC.
    pub async fn customer_data(&self, row: &customer::Model) -> Result<Value> {
        let places = self.places().await?;
        let merges = self
            .merges_of(&[row.id])
            .await?
            .remove(&row.id)
            .unwrap_or_default();
        let active = merges.iter().filter(|merge| merge.undone_at.is_none());
        let people: Vec<i64> = [row.id]
            .into_iter()
            .chain(active.map(|merge| merge.merged_id))
            .collect();
        let mut document = Map::new();
        let erased = self.erasures_of(&[row.id]).await?.remove(&row.id);
        document.insert("customer".into(), shown(row, &places));
        document.insert("erasedAt".into(), json!(erased.map(instant)));
        let names = self.external_refs(RefEntity::Customer, &[row.id]).await?;
        let names = names.get(&row.id).map_or(&[][..], Vec::as_slice);
        document.insert("externalRefs".into(), named(names));
        let mut versions = Map::new();
        versions.insert("customer".into(), self.former_customers(&people).await?);
        macro_rules! rows {
            ($table:ty) => {
                let (rows, former) = self.rows_told::<$table>(row.id, &people, &places).await?;
                let name = field(<$table as OfPerson>::TABLE);
                document.insert(name.clone(), rows);
                versions.insert(name, former);
            };
        }
        // Answers to surveys keep no versions: their part stays empty.
        of_persons!(rows);
        let told = merges.iter().map(|merge| {
            let before = merge.state.as_deref().map(MergeState::read).transpose()?;
            Ok(json!({
                "id": merge.id.to_string(),
                "mergedId": merge.merged_id.to_string(),
                "mergedAt": instant(merge.merged_at),
                "undoneAt": merge.undone_at.map(instant),
                "before": before,
            }))
        });
        document.insert("merges".into(), told.collect::<Result<_>>()?);
        document.insert("formerVersions".into(), Value::Object(versions));
        document.insert("auditLog".into(), self.log_of(&people).await?);
        Ok(Value::Object(document))
    }

    /// A person's rows in a table, each with other systems' names for it, and what such rows were before.
    async fn rows_told<E: OfPerson>(
        &self,
        customer: i64,
        people: &[i64],
        places: &Places,
    ) -> Result<(Value, Value)> {
        let select = self.select::<E>().filter(E::CUSTOMER.eq(customer));
        let mut rows = select.all().await?;
        rows.sort_by_key(E::id);
        let ids: Vec<i64> = rows.iter().map(E::id).collect();
        let mut names = HashMap::new();
        for chunk in ids.chunks(CHUNK) {
            names.extend(self.external_refs(E::KIND, chunk).await?);
        }
        let mut refunds = match E::KIND {
            RefEntity::Order => self.refunds_told(&ids, places).await?,
            _ => HashMap::new(),
        };
        let told = rows.iter().map(|row| {
            let mut told = shown(row, places);
            let names = names.get(&E::id(row)).map_or(&[][..], Vec::as_slice);
            told["externalRefs"] = named(names);
            if E::KIND == RefEntity::Order {
                told["refunds"] = refunds.remove(&E::id(row)).unwrap_or_default().into();
            }
            told
        });
        let told = told.collect();
        if E::TABLE == "survey_response" {
            return Ok((told, json!([])));
        }
        let former = self.former_rows::<E>(people, &ids).await?;
        let former = former.into_iter().map(|former| {
            let Former {
                row,
                recorded_at,
                superseded_at,
            } = former;
            until(shown(&row, places), recorded_at, superseded_at)
        });
        Ok((told, former.collect()))
    }

    async fn refunds_told(
        &self,
        orders: &[i64],
        places: &Places,
    ) -> Result<HashMap<i64, Vec<Value>>> {
        let mut found: HashMap<i64, Vec<Value>> = HashMap::new();
        for chunk in orders.chunks(CHUNK) {
            let of_orders = refund::Column::OrderId.is_in(chunk.iter().copied());
            let mut rows = self
                .select::<refund::Entity>()
                .filter(of_orders)
                .all()
                .await?;
            rows.sort_by_key(|row| row.id);
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            let names = self.external_refs(RefEntity::Refund, &ids).await?;
            for row in rows {
                let mut told = shown(&row, places);
                let names = names.get(&row.id).map_or(&[][..], Vec::as_slice);
                told["externalRefs"] = named(names);
                found.entry(row.order_id).or_default().push(told);
            }
        }
        Ok(found)
    }

    /// What customers were before; versions do not keep who they are.
    async fn former_customers(&self, people: &[i64]) -> Result<Value> {
        use sea_orm::sea_query::{Alias, Expr, ExprTrait};
        let mut select = former("customer", customer_columns().into_iter());
        let id = Expr::col((Alias::new("f"), Alias::new("id")));
        select.and_where(id.is_in(people.iter().copied()));
        let mut told = Vec::new();
        for row in self.rows_of_f(select).await? {
            let [recorded_at, superseded_at] = bounds(&row)?;
            let id: i64 = row.try_get("", "id")?;
            let text = |column| row.try_get::<Option<String>>("", column);
            let number = |column| row.try_get::<Option<i64>>("", column);
            let day = |column| row.try_get::<Option<chrono::NaiveDate>>("", column);
            let at = |column| row.try_get::<Option<DateTime<Utc>>>("", column);
            let one = json!({
                "id": id.to_string(),
                "country": text("country")?,
                "lifecycle": text("lifecycle")?,
                "acquiredCampaignId": number("acquired_campaign_id")?.map(|id| id.to_string()),
                "acquiredChannelId": number("acquired_channel_id")?.map(|id| id.to_string()),
                "acquiredAt": at("acquired_at")?.map(instant),
                "firstOrderDay": day("first_order_day")?,
                "secondOrderDay": day("second_order_day")?,
                "createdAt": at("created_at")?.map(instant),
            });
            told.push(until(one, recorded_at, superseded_at));
        }
        Ok(told.into())
    }

    /// What the audit log tells of customers: who changed which fields when.
    async fn log_of(&self, people: &[i64]) -> Result<Value> {
        use audit_entry::Column as C;
        let ids = people.iter().map(i64::to_string);
        let mut rows = self
            .select::<audit_entry::Entity>()
            .filter(C::Subject.eq(audit_entry::Subject::Customer))
            .filter(C::SubjectId.is_in(ids))
            .all()
            .await?;
        rows.sort_by_key(|row| row.id);
        let told = rows.iter().map(|row| {
            let changed: Value = serde_json::from_str(&row.changed).unwrap_or_default();
            json!({
                "at": instant(row.at),
                "actor": row.actor,
                "operation": row.operation,
                "action": sea_orm::ActiveEnum::to_value(&row.action),
                "changedFields": changed,
            })
        });
        Ok(told.collect())
    }

    async fn places(&self) -> Result<Places> {
        let campaigns = self.select::<campaign::Entity>().all().await?;
        let channels = self.select::<channel::Entity>().all().await?;
        Ok(Places {
            campaigns: campaigns
                .into_iter()
                .map(|row| (row.id, row.name))
                .collect(),
            channels: channels.into_iter().map(|row| (row.id, row.name)).collect(),
        })
    }
}

/// A row as the document shows it: amounts as decimals, names beside the ids of campaigns and channels.
fn shown<M: ModelTrait>(row: &M, places: &Places) -> Value {
    let mut told = Map::new();
    for (name, value) in fields(row, "") {
        let amount = value.as_i64().filter(|_| AMOUNTS.contains(&name.as_str()));
        let names = match name.as_str() {
            "campaignId" | "acquiredCampaignId" => Some(&places.campaigns),
            "channelId" | "acquiredChannelId" => Some(&places.channels),
            _ => None,
        };
        let id = value.as_str().and_then(|id| id.parse::<i64>().ok());
        if let Some(place) = names.zip(id).and_then(|(names, id)| names.get(&id)) {
            let name = name.strip_suffix("Id").unwrap_or(&name);
            told.insert(name.to_owned(), json!(place));
        }
        let value = amount.map_or(value, |micros| json!(decimal(micros)));
        told.insert(name, value);
    }
    Value::Object(told)
}

fn decimal(micros: i64) -> String {
    Decimal::new(micros, MICROS_DIGITS).normalize().to_string()
}

fn named(names: &[external_ref::Model]) -> Value {
    let told = names.iter().map(|name| {
        json!({
            "system": name.system,
            "id": name.external_id,
            "sourceUpdatedAt": name.source_updated_at.map(instant),
        })
    });
    told.collect()
}

fn until(mut row: Value, recorded_at: i64, superseded_at: i64) -> Value {
    let at = |micros| DateTime::from_timestamp_micros(micros).map(instant);
    row["recordedAt"] = json!(at(recorded_at));
    row["supersededAt"] = json!(at(superseded_at));
    row
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The name of a table's part in the document.
fn field(table: &str) -> String {
    match table {
        "opportunity" => "opportunities".to_owned(),
        "orders" => "orders".to_owned(),
        "stage_event" => "stageEvents".to_owned(),
        "survey_response" => "surveyAnswers".to_owned(),
        other => format!("{other}s"),
    }
}
