//! Attribution: a team with few journeys, whose credits can be computed by hand.

mod acquisition;
mod basis;
mod report;
mod settings;
mod whole;

use chrono::{DateTime, Utc};
use entity::{
    ad_day, campaign, channel, conversion, customer, orders, refund, stage_event, touchpoint,
    values::{ChannelKind, LifecycleStage, TouchKind},
};
use kpigraph::store::{FactTable, TeamStore};
use serde_json::{Value, json};

use crate::{
    fixtures::{self, ads, customer, day, deliver_all, noon, order, range, stage, units},
    support::{App, json::path},
};

/// A touch of a customer through a channel, at noon; without one it has neither tags nor referrer.
pub fn touch(id: i64, customer_id: i64, on: &str, channel_id: Option<i64>) -> touchpoint::Model {
    touchpoint::Model {
        team_id: 0,
        id,
        customer_id,
        occurred_at: noon(on),
        day: day(on),
        kind: TouchKind::Click,
        campaign_id: None,
        channel_id,
        utm_source: None,
        utm_medium: None,
        utm_campaign: None,
        referrer: None,
        properties: "{}".to_owned(),
    }
}

fn conversion(id: i64, customer_id: Option<i64>, on: &str, value: i64) -> conversion::Model {
    conversion::Model {
        customer_id,
        value: Some(units(value)),
        ..fixtures::conversion(id, "sale", on, None)
    }
}

fn may() -> Value {
    range("2026-05-01", "2026-05-31")
}

/// Customer 1 is touched three, two and one week before a conversion of 100, and at its moment: by Search, Social,
/// Search and Direct. Customer 3 is touched by Social in April and converts in May, worth 30. Customer 2 and somebody
/// unknown convert without a touch, worth 50 and 20. Customer 1 then orders for 80; a tenth is given back in June.
async fn journeys(team: &TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let kind = |id, name: &str, kind| channel::Model {
        kind,
        ..fixtures::channel(id, name)
    };
    let channels = vec![
        kind(1, "Search", ChannelKind::PaidSearch),
        kind(2, "Social", ChannelKind::PaidSocial),
        kind(3, "Direct", ChannelKind::Direct),
    ];
    let campaigns = vec![fixtures::campaign(1, "One"), fixtures::campaign(2, "Two")];
    let tagged = |touch: touchpoint::Model, campaign: Option<i64>, tag: &str| touchpoint::Model {
        campaign_id: campaign,
        utm_campaign: Some(tag.to_owned()),
        ..touch
    };
    let touches = vec![
        tagged(touch(1, 1, "2026-05-08", Some(1)), Some(1), "a"),
        tagged(touch(2, 1, "2026-05-15", Some(2)), Some(2), "b"),
        tagged(touch(3, 1, "2026-05-22", Some(1)), Some(1), "c"),
        tagged(touch(4, 1, "2026-05-29", Some(3)), None, "d"),
        tagged(touch(5, 3, "2026-04-30", Some(2)), Some(2), "b"),
        // Far too early, after the fact, and of somebody who never converts.
        touch(6, 3, "2026-01-01", Some(1)),
        touch(7, 3, "2026-05-11", Some(1)),
        touch(8, 4, "2026-05-12", Some(3)),
    ];
    let conversions = vec![
        conversion(1, Some(1), "2026-05-29", 100),
        conversion(2, Some(2), "2026-05-20", 50),
        conversion(3, Some(3), "2026-05-10", 30),
        conversion(4, None, "2026-05-21", 20),
    ];
    let country = |id, code: &str| customer::Model {
        country: Some(code.to_owned()),
        ..customer(id)
    };
    let people = vec![
        country(1, "IT"),
        country(2, "IT"),
        country(3, "DE"),
        customer(4),
    ];
    let ad = |campaign, on, spend, claimed, value| ad_day::Model {
        spend: units(spend),
        conversions: units(claimed),
        conversion_value: units(value),
        ..ads(campaign, campaign, on)
    };
    let ad_rows = vec![
        ad(1, "2026-05-08", 50, 4, 300),
        ad(2, "2026-04-30", 20, 1, 40),
        ad(2, "2026-05-15", 10, 2, 60),
    ];
    let stages = vec![
        stage(1, 1, LifecycleStage::Lead, "2026-05-16"),
        stage(2, 1, LifecycleStage::Sqo, "2026-05-23"),
    ];
    let bought = orders::Model {
        refunded: units(8),
        ..order(1, Some(1), "2026-05-30", units(80))
    };
    let done = async {
        writer.insert::<channel::Entity>(channels).await?;
        writer.insert::<campaign::Entity>(campaigns).await?;
        writer.insert::<customer::Entity>(people).await?;
        writer.insert::<touchpoint::Entity>(touches).await?;
        writer.insert::<conversion::Entity>(conversions).await?;
        writer.insert::<ad_day::Entity>(ad_rows).await?;
        writer.insert::<stage_event::Entity>(stages).await?;
        writer.insert::<orders::Entity>(vec![bought]).await?;
        let given_back = fixtures::refund(1, 1, "2026-06-02", units(8));
        writer.insert::<refund::Entity>(vec![given_back]).await?;
        writer.refresh_order_days(&[1]).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "shop", "2026-01-01", "2026-06-14").await;
    writer
        .note_load("shop", FactTable::Touchpoint, None)
        .await
        .expect("a load is noted");
    writer.commit().await.expect("the transaction commits");
}

const REPORT: &str = "query ($input: AttributionReportInput!) { attribution(input: $input) {
    models period { from to } comparedTo { from to }
    rows { dimension { dimension key label } spend { value undefinedReason { code } }
        credits { model conversions revenue { amount currency amountMicros } undefinedReason { code }
            before { conversions revenue { amount } } } }
    unattributed { conversions revenue { amount } undefinedReason { code } before { conversions } }
    reconciliation { ...r } valueReconciliation { ...r }
} } fragment r on Reconciliation { attributed unattributed total platformClaimed overClaim undefinedReason { code } }";

/// The report's answer.
async fn report(app: &App, token: &str, input: Value) -> Value {
    let answer = app.graphql(token, REPORT, json!({ "input": input })).await;
    path(&answer, "data.attribution").clone()
}

/// Rows as pairs of the label and each model's credit as `count/amount`.
fn credits(report: &Value) -> Vec<(String, String)> {
    let plain = |value: &Value| value.as_str().unwrap_or("null").to_owned();
    let rows = report["rows"].as_array().expect("rows");
    let row = |row: &Value| {
        let each = row["credits"].as_array().expect("credits").iter();
        let each = each.map(|credit| {
            format!(
                "{}/{}",
                plain(&credit["conversions"]),
                plain(&credit["revenue"]["amount"])
            )
        });
        (
            plain(&row["dimension"]["label"]),
            each.collect::<Vec<_>>().join(" "),
        )
    };
    rows.iter().map(row).collect()
}

/// Rows as a test writes them.
fn expect(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter()
        .map(|(label, credits)| ((*label).to_owned(), (*credits).to_owned()))
        .collect()
}

/// A moment, for journeys that are closer together than days.
fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a test writes an instant")
}
