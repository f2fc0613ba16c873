//! What a team has before it walks, and what its walk cannot let happen.

use entity::ad_day;
use kpigraph::store::{Event, TeamStore};

use crate::fixtures::{self, Filled, ads, day, deliver_all, units};

/// A little of everything, and a campaign whose last day cost much more than others, which is an anomaly.
pub async fn fill(team: &TeamStore, name: &str) {
    let Filled {
        campaigns,
        channels,
        ..
    } = fixtures::fill(team, name, 3).await;
    let writer = team.begin("test").await.expect("a transaction begins");
    let last = day("2026-06-14");
    let days = day("2026-04-01").iter_days().take_while(|at| *at <= last);
    let rows = days.map(|at| ad_day::Model {
        impressions: 10_000,
        clicks: 200,
        spend: units(if at == last { 160 } else { 100 }),
        conversions: units(10),
        ..ads(campaigns[0], channels[0], &at.to_string())
    });
    let written = writer.insert::<ad_day::Entity>(rows.collect()).await;
    written.expect("the rows are written");
    deliver_all(&writer, "ads", "2026-04-01", "2026-06-14").await;
    writer.commit().await.expect("the transaction commits");
}

/// Events that no mutation is followed by at once. A subscription that nothing else feeds needs its event here.
pub async fn happen(team: &TeamStore) {
    let writer = team.begin("test").await.expect("a transaction begins");
    writer.emit(Event::AnomalyDetected {
        rule: None,
        kpi: "CTR".into(),
        scope: format!("PROPERTY {}", team.team().slug),
        day: day("2026-06-14"),
        anomaly: None,
    });
    writer.commit().await.expect("the transaction commits");
}
