//! KPIs: numbers computed by hand against both doors, `kpis` and `metrics`.

mod allocation;
mod beside;
mod catalogue;
mod cohorts;
mod compare;
mod complete;
mod currency;
mod dates;
mod dimensions;
mod explain;
mod filters;
mod funnel;
mod grain;
mod having;
mod localisation;
mod money;
mod retention;
mod rows;
mod team_metrics;
mod time;
mod top;
mod undefined;

use entity::{
    ad_day, channel, conversion, cost_day, cost_item, customer, opportunity, orders, refund,
    stage_event,
    values::{ChannelKind, LifecycleStage, Outcome},
    web_day,
};
use kpigraph::store::TeamStore;
use serde_json::{Value, json};

use crate::{
    fixtures::{
        ads, budget, campaign, conversion, cost, customer, deal, deliver_all, order, range, refund,
        stage, units, web,
    },
    support::{App, json::path},
};

/// May 2026, the month that the shop's numbers are about.
fn may() -> Value {
    range("2026-05-01", "2026-05-31")
}

/// A shop with campaigns and channels 1 and 2, customers 1 to 4, and a May of which every sum fits in the head.
async fn shop(team: &TeamStore) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let ad = |campaign, on: &str, country: &str, device: &str, figures: [i64; 5]| {
        let [impressions, clicks, spend, conversions, value] = figures;
        ad_day::Model {
            country: country.to_owned(),
            device: device.to_owned(),
            impressions,
            clicks,
            spend: units(spend),
            conversions: units(conversions),
            conversion_value: units(value),
            ..ads(campaign, campaign, on)
        }
    };
    let ad_rows = vec![
        ad(1, "2025-05-05", "DE", "MOBILE", [20_000, 400, 80, 5, 100]),
        ad(1, "2026-04-05", "DE", "MOBILE", [10_000, 250, 100, 5, 200]),
        ad_day::Model {
            video_views: 500,
            watch_seconds: 6_000,
            engagements: 600,
            ..ad(1, "2026-05-01", "DE", "DESKTOP", [10_000, 200, 100, 4, 300])
        },
        ad_day::Model {
            video_views: 300,
            watch_seconds: 2_000,
            engagements: 1_000,
            ..ad(2, "2026-05-02", "FR", "MOBILE", [30_000, 300, 150, 6, 450])
        },
    ];
    let bought = |id, customer: Option<i64>, on: &str, net, goods| orders::Model {
        cost_of_goods: Some(units(goods)),
        ..order(id, customer, on, units(net))
    };
    let order_rows = vec![
        orders::Model {
            refunded: units(10),
            ..bought(1, Some(1), "2026-04-10", 40, 20)
        },
        bought(2, Some(1), "2026-05-03", 100, 40),
        orders::Model {
            refunded: units(50),
            ..bought(3, Some(2), "2026-05-04", 200, 80)
        },
        orders::Model {
            refunded: units(60),
            ..bought(4, Some(3), "2026-05-05", 60, 20)
        },
        bought(5, None, "2026-05-06", 40, 10),
        bought(6, Some(2), "2026-05-10", 100, 30),
        orders::Model {
            counted: false,
            ..bought(7, Some(4), "2026-05-07", 999, 1)
        },
    ];
    let refunds = vec![
        refund(1, 1, "2026-05-15", units(10)),
        refund(2, 4, "2026-05-20", units(60)),
        refund(3, 3, "2026-06-02", units(50)),
    ];
    let acquired = |id, campaign| customer::Model {
        acquired_campaign_id: Some(campaign),
        acquired_channel_id: Some(campaign),
        ..customer(id)
    };
    let people = vec![acquired(1, 1), acquired(2, 1), acquired(3, 2), customer(4)];
    let stages = vec![
        stage(1, 2, LifecycleStage::Lead, "2026-05-01"),
        stage(2, 3, LifecycleStage::Lead, "2026-05-02"),
        stage(3, 4, LifecycleStage::Lead, "2026-05-03"),
        stage(4, 4, LifecycleStage::Lead, "2026-05-20"),
        stage(5, 2, LifecycleStage::Mql, "2026-05-04"),
        stage(6, 3, LifecycleStage::Mql, "2026-05-05"),
        stage(7, 2, LifecycleStage::Sal, "2026-05-06"),
        stage(8, 3, LifecycleStage::Sal, "2026-05-07"),
        stage(9, 2, LifecycleStage::Sql, "2026-05-08"),
        stage(10, 3, LifecycleStage::Sql, "2026-05-09"),
        stage(11, 2, LifecycleStage::Sqo, "2026-05-10"),
    ];
    let deals = vec![
        opportunity::Model {
            opened_on: Some(crate::fixtures::day("2026-05-01")),
            ..deal(1, Outcome::Won, "2026-05-11", Some(units(1_000)))
        },
        deal(2, Outcome::Won, "2026-05-12", None),
        deal(3, Outcome::Lost, "2026-05-13", Some(units(500))),
        opportunity::Model {
            closed_on: None,
            ..deal(4, Outcome::Open, "2026-05-14", Some(units(7)))
        },
    ];
    let conversions = vec![
        conversion(1, "signup", "2026-05-08", Some(units(15))),
        conversion(2, "call", "2026-05-09", None),
    ];
    let (items, shares): (Vec<_>, Vec<_>) = [
        cost(1, "2026-05-01", units(50), false),
        cost(2, "2026-05-31", units(30), true),
    ]
    .into_iter()
    .unzip();
    let mut second = crate::fixtures::channel(2, "Social");
    second.kind = ChannelKind::PaidSocial;
    let done = async {
        writer
            .insert::<channel::Entity>(vec![crate::fixtures::channel(1, "Search"), second])
            .await?;
        writer
            .insert::<entity::campaign::Entity>(vec![campaign(1, "One"), campaign(2, "Two")])
            .await?;
        writer.insert::<customer::Entity>(people).await?;
        writer.insert::<ad_day::Entity>(ad_rows).await?;
        writer
            .insert::<web_day::Entity>(vec![
                web_day::Model {
                    landing_page: "/chairs".to_owned(),
                    engaged_sessions: 400,
                    pageviews: 1_800,
                    engagement_seconds: 30_000,
                    key_events: 22,
                    revenue: units(450),
                    ..web(1, "2026-05-01", 600, 20)
                },
                web_day::Model {
                    engaged_sessions: 200,
                    pageviews: 700,
                    engagement_seconds: 20_000,
                    key_events: 5,
                    revenue: units(150),
                    ..web(0, "2026-05-02", 400, 5)
                },
            ])
            .await?;
        writer.insert::<orders::Entity>(order_rows).await?;
        writer.insert::<refund::Entity>(refunds).await?;
        writer.insert::<stage_event::Entity>(stages).await?;
        writer.insert::<opportunity::Entity>(deals).await?;
        writer.insert::<conversion::Entity>(conversions).await?;
        writer.insert::<cost_item::Entity>(items).await?;
        writer.insert::<cost_day::Entity>(shares).await?;
        let budget = budget(&writer, 1, ["2026-05-01", "2026-05-31"], units(310));
        writer.set_budgets(1, vec![budget]).await?;
        beside::write(&writer).await?;
        writer.refresh_order_days(&[1, 2, 3, 4]).await?;
        writer.refresh_stages(&[1, 2, 3, 4]).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "shop", "2025-01-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}

/// `spend` for `SPEND`: the field of `kpis` for a key.
fn field(key: &str) -> String {
    let mut words = key.split('_').map(str::to_lowercase);
    let first = words.next().unwrap_or_default();
    let rest = words.map(|word| {
        let (head, tail) = word.split_at(1);
        head.to_uppercase() + tail
    });
    first + &rest.collect::<String>()
}

/// What is asked of a value.
const VALUE: &str =
    "fragment v on KpiValue { value numerator denominator undefinedReason { code message }
    quality { complete estimated } provenance { basis dateBasis currency } }";

/// The answer to a `metrics` question.
async fn metrics(app: &App, token: &str, input: Value) -> Value {
    let query = format!(
        "query ($input: MetricsInput!) {{ metrics(first: 1000, input: $input) {{ totalCount
            totals {{ values {{ ...v }} }}
            nodes {{ dimensions {{ key label }} bucket {{ from to label }} values {{ ...v
                comparison {{ absolute relative trend verdict period {{ from to }} baseline {{ ...v }} }} }} }}
            meta {{ period {{ from to }} comparedTo {{ from to }} }} }} }} {VALUE}"
    );
    let answer = app.graphql(token, &query, json!({ "input": input })).await;
    path(&answer, "data.metrics").clone()
}

/// Rows as pairs of the labels joined by `/` and the values joined by a blank; a reason stands for a missing value.
fn table(metrics: &Value) -> Vec<(String, String)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let rows = list(&metrics["nodes"]);
    let row = |row: &Value| {
        let labels: Vec<_> = list(&row["dimensions"])
            .iter()
            .map(|part| plain(&part["label"]))
            .collect();
        let values: Vec<_> = list(&row["values"]).iter().map(shown).collect();
        (labels.join("/"), values.join(" "))
    };
    rows.iter().map(row).collect()
}

/// A KPI value as a text, or the code of the reason why there is none.
fn shown(value: &Value) -> String {
    let reason = &value["undefinedReason"]["code"];
    assert_eq!(value["value"].is_null(), !reason.is_null(), "{value:#}");
    plain(if reason.is_null() {
        &value["value"]
    } else {
        reason
    })
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Rows as a test writes them.
fn expect(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter()
        .map(|(key, values)| ((*key).to_owned(), (*values).to_owned()))
        .collect()
}
