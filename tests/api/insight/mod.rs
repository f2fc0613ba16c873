//! Anomalies, drivers, alert rules and experiments, against numbers computed by hand.

mod alert_rules;
mod anomalies;
mod drivers;
mod experiments;

use entity::ad_day;
use kpigraph::store::TeamStore;

use crate::fixtures::{ads, campaign, channel, day, deliver_all, units};

/// What the channels spent beyond 100 on the Sundays before yesterday, the last first.
const SUNDAYS: [i64; 8] = [0, 10, -10, 20, -20, 0, 10, -10];

/// A team that advertises daily from 2026-03-01 through yesterday, Sunday 2026-06-14: on `channels` channels with
/// campaigns of the same numbers. Channel 2 never varies: 20 000 impressions, 100 clicks, 2 conversions for 50. All others
/// have 10 000 impressions, 200 clicks and 10 conversions for 100, on Sundays somewhat more or less; and yesterday they
/// cost 160.
pub async fn market(team: &TeamStore, channels: i64) {
    let writer = team.begin("fixture").await.expect("a transaction begins");
    let yesterday = day("2026-06-14");
    let mut rows = Vec::new();
    for at in day("2026-03-01")
        .iter_days()
        .take_while(|at| *at <= yesterday)
    {
        let back = (yesterday - at).num_days();
        let more = match usize::try_from(back / 7) {
            _ if back % 7 != 0 => 0,
            Ok(0) => 60,
            Ok(weeks) => SUNDAYS.get(weeks - 1).copied().unwrap_or(0),
            Err(_) => 0,
        };
        for id in 1..=channels {
            let figures = match id {
                2 => [20_000, 100, 50, 2],
                _ => [10_000, 200, 100 + more, 10],
            };
            let [impressions, clicks, spend, conversions] = figures;
            rows.push(ad_day::Model {
                impressions,
                clicks,
                spend: units(spend),
                conversions: units(conversions),
                ..ads(id, id, &at.to_string())
            });
        }
    }
    let named = |id| match id {
        1 => "Search".to_owned(),
        2 => "Display".to_owned(),
        _ => format!("Channel {id:03}"),
    };
    let done = async {
        let all = (1..=channels).map(|id| channel(id, &named(id))).collect();
        writer.insert::<entity::channel::Entity>(all).await?;
        let all = (1..=channels).map(|id| campaign(id, &named(id))).collect();
        writer.insert::<entity::campaign::Entity>(all).await?;
        writer.insert::<ad_day::Entity>(rows).await
    };
    done.await.expect("the rows are written");
    deliver_all(&writer, "ads", "2026-03-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}
