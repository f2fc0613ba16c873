//! Whole data sets beside the project, where they are present.

use std::{fs::File, path::Path};

use super::*;

fn data(name: &str) -> Option<File> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(name);
    let file = File::open(path).ok();
    println!(
        "{name}: {}",
        if file.is_some() {
            "found"
        } else {
            "not there, not tested"
        }
    );
    file
}

#[tokio::test]
async fn every_data_set_imports_and_a_repeat_changes_nothing() {
    let world = World::new().await;
    for (name, format, rows) in [
        (
            "kag_facebook_ads/canonical/ad_stats.csv.gz",
            Format::AdStats,
            1_143,
        ),
        (
            "prjctr_daily_ads/canonical/ad_stats.csv.gz",
            Format::AdStats,
            6_071,
        ),
        (
            "online_retail/canonical/orders.csv.gz",
            Format::Orders,
            19_960,
        ),
        ("olist_funnel/canonical/leads.csv.gz", Format::Leads, 8_000),
        ("olist_funnel/canonical/deals.csv.gz", Format::Deals, 842),
        ("maven_crm/canonical/deals.csv.gz", Format::Deals, 8_800),
    ] {
        let ask = ImportAsk {
            source: name.split('/').next().unwrap().into(),
            day: "2017-08-30".parse().ok(),
            ..ImportAsk::new(format)
        };
        for first in [true, false] {
            let Some(file) = data(name) else { return };
            let report = world.read(&ask, file).await.unwrap();
            let expected = if first { (rows, 0) } else { (0, rows) };
            assert_eq!(
                (report.written, report.unchanged),
                expected,
                "{name}: {report}"
            );
        }
    }
    let kag = "SELECT SUM(impressions), SUM(clicks), SUM(conversions) FROM ad_day WHERE source = 'kag_facebook_ads'";
    assert_eq!(world.one(kag).await, "213434828|38165|3264000000");
    let retail = "SELECT COUNT(*), SUM(customer_id IS NULL) FROM orders WHERE currency = 'GBP'";
    assert_eq!(world.one(retail).await, "19960|1428");
}
