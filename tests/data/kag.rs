//! KAG: real advertising figures of three campaigns, as totals, by campaign and by breakdowns.

use kpigraph::import::Format;
use serde_json::{Value, json};

use crate::{
    expected::{assert_exact, assert_near, by_name, golden},
    support::{TestDatabase, json::text, new_team, on_both_databases, shared_data},
    team::{Row, Team, question, service},
};

const DAY: &str = "2017-08-17";
const METRICS: [&str; 9] = [
    "IMPRESSIONS",
    "CLICKS",
    "CONVERSIONS",
    "SPEND",
    "CTR",
    "CPC",
    "CPM",
    "CPA",
    "CLICK_CONVERSION_RATE",
];

on_both_databases! {
    async fn every_breakdown_of_kag_is_right(database: TestDatabase) {
        let Some(shared) = shared_data("kag: breakdowns") else { return };
        let app = service(&database, "2017-08-31").await;
        let team = Team::new(&app, new_team("kag")).await;
        team.load(Format::AdStats, &shared, "kag_facebook_ads/canonical/ad_stats.csv.gz", Some(DAY)).await;
        let golden = golden(&shared, "ads_kag");

        assert_ads(&team.total(&METRICS, DAY, DAY).await, &golden["total"]);
        for (cuts, table) in [
            (&["CAMPAIGN"][..], "by_campaign"),
            (&["PROPERTY:age"], "by_age"),
            (&["PROPERTY:gender"], "by_gender"),
            (&["PROPERTY:age", "PROPERTY:gender"], "by_age_gender"),
            (&["CAMPAIGN", "PROPERTY:age", "PROPERTY:gender"], "by_campaign_age_gender"),
            (&["PROPERTY:interest"], "by_interest"),
        ] {
            let expected = by_name(&golden, table);
            let rows = team.metrics(question(&METRICS, cuts, DAY, DAY)).await;
            assert_eq!(rows.len(), expected.len(), "{table}");
            for row in &rows {
                let name = row.name();
                assert_ads(row, &expected[name.trim_start_matches("campaign ")]);
            }
        }
    }

    async fn both_doors_give_the_same_numbers(database: TestDatabase) {
        let Some(shared) = shared_data("kag: both doors") else { return };
        let app = service(&database, "2017-08-31").await;
        let team = Team::new(&app, new_team("kag")).await;
        team.load(Format::AdStats, &shared, "kag_facebook_ads/canonical/ad_stats.csv.gz", Some(DAY)).await;
        let golden = golden(&shared, "ads_kag");

        let period = json!({ "range": { "from": DAY, "to": DAY } });
        let answer = team.ask(CAMPAIGNS, json!({ "period": period })).await;
        let campaigns = answer["campaigns"]["nodes"].as_array().unwrap();
        let rows = team.metrics(question(&METRICS, &["CAMPAIGN"], DAY, DAY)).await;
        assert_eq!((campaigns.len(), rows.len()), (3, 3));
        for campaign in campaigns {
            let id = text(campaign, "id");
            let other = rows.iter().find(|row| row.key(0) == Some(id)).unwrap();
            for metric in METRICS {
                let same = &campaign["kpis"][metric.to_lowercase()]["value"];
                assert_eq!(same, &other.value(metric)["value"], "{metric} of {campaign:#}");
            }
            let external = text(campaign, "externalRefs.0.id");
            assert_ads(&of_kpis(campaign), &golden["by_campaign"][external]);
        }
    }

    async fn days_around_the_delivered_one_have_no_data(database: TestDatabase) {
        let Some(shared) = shared_data("kag: other days") else { return };
        let app = service(&database, "2017-08-31").await;
        let team = Team::new(&app, new_team("kag")).await;
        team.load(Format::AdStats, &shared, "kag_facebook_ads/canonical/ad_stats.csv.gz", Some(DAY)).await;
        for metric in METRICS {
            // Alone, because what is asked beside a metric must not change its value.
            let before = team.total(&[metric], "2017-08-01", "2017-08-16").await;
            assert_eq!(before.value(metric)["undefinedReason"]["code"], "NO_DATA", "{metric}");
        }
    }
}

/// Checks figures of advertising against golden ones: counts exactly, amounts and ratios as closely as the source's
/// nine decimals allow.
fn assert_ads(row: &Row, golden: &Value) {
    for (metric, name) in [
        ("IMPRESSIONS", "Impressions"),
        ("CLICKS", "Clicks"),
        ("CONVERSIONS", "Total_Conversion"),
    ] {
        assert_exact(row, metric, &golden[name]);
    }
    assert_near(row, "CTR", &golden["ctr"], 1e-12);
    let rate = &golden["conversion_rate_total"];
    assert_near(row, "CLICK_CONVERSION_RATE", rate, 1e-12);
    for (metric, name) in [
        ("SPEND", "Spent"),
        ("CPC", "cpc"),
        ("CPM", "cpm"),
        ("CPA", "cpa_total"),
    ] {
        assert_near(row, metric, &golden[name], 1e-7);
    }
}

const CAMPAIGNS: &str = "query ($period: PeriodInput!) {
    campaigns(first: 10) { nodes {
        id name externalRefs { system id }
        kpis(period: $period) {
            impressions { ...value } clicks { ...value } conversions { ...value } spend { ...value }
            ctr { ...value } cpc { ...value } cpm { ...value } cpa { ...value }
            click_conversion_rate: clickConversionRate { ...value }
        }
    } }
}
fragment value on KpiValue { metric { key } value undefinedReason { code } }";

/// The KPIs of a campaign in the shape of a row of `metrics`.
fn of_kpis(campaign: &Value) -> Row {
    let kpis = campaign["kpis"].as_object().unwrap();
    let values: Vec<&Value> = kpis.values().collect();
    Row(json!({ "dimensions": [{ "label": campaign["name"] }], "values": values }))
}
