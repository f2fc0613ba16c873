//! prjctr: a month of Google and Facebook figures, by day, campaign, channel, week and month.

use kpigraph::import::Format;
use serde_json::Value;

use crate::{
    expected::{assert_exact, assert_near, by_name, golden},
    support::{TestDatabase, new_team, on_both_databases, shared_data},
    team::{Row, Team, question, service},
};

const METRICS: [&str; 6] = ["IMPRESSIONS", "CLICKS", "SPEND", "CTR", "CPC", "CPM"];
const FROM: &str = "2023-10-01";
const TO: &str = "2023-11-01";

on_both_databases! {
    async fn every_breakdown_of_prjctr_is_right(database: TestDatabase) {
        let Some(shared) = shared_data("prjctr") else { return };
        let app = service(&database, "2023-11-30").await;
        let team = Team::new(&app, new_team("prjctr")).await;
        team.load(Format::AdStats, &shared, "prjctr_daily_ads/canonical/ad_stats.csv.gz", None).await;
        let golden = golden(&shared, "ads_prjctr_daily");

        assert_ads(&team.total(&METRICS, FROM, TO).await, &golden["total"]);
        for (cuts, table) in [
            (&["CHANNEL"][..], "by_channel"),
            (&["CHANNEL", "CAMPAIGN"], "by_channel_campaign"),
            (&["CHANNEL", "TIME:MONTH"], "by_channel_month"),
            (&["CHANNEL", "TIME:WEEK"], "by_channel_iso_week"),
            (&["TIME:DAY"], "by_day"),
            (&["CHANNEL", "TIME:DAY"], "by_channel_day"),
        ] {
            let expected = by_name(&golden, table);
            let rows = team.metrics(question(&METRICS, cuts, FROM, TO)).await;
            assert_eq!(rows.len(), expected.len(), "{table}");
            for row in &rows {
                assert_ads(row, &expected[&row.name()]);
            }
        }
    }
}

fn assert_ads(row: &Row, golden: &Value) {
    assert_exact(row, "IMPRESSIONS", &golden["impressions"]);
    assert_exact(row, "CLICKS", &golden["clicks"]);
    assert_near(row, "CTR", &golden["ctr"], 1e-12);
    for (metric, name) in [("SPEND", "spend"), ("CPC", "cpc"), ("CPM", "cpm")] {
        assert_near(row, metric, &golden[name], 1e-7);
    }
}
