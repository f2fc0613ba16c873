//! Whole data sets beside the checkout, where they are present.

use std::fs::File;

use super::*;
use crate::support::{on_both_databases, shared_data};

const FILES: [(&str, Format, u64); 6] = [
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
];

on_both_databases! {
    async fn every_data_set_imports_and_a_repeat_changes_nothing(database: TestDatabase) {
        let Some(folder) = shared_data("imports of whole data sets") else {
            return;
        };
        let world = World::new(database).await;
        for (name, format, rows) in FILES {
            let ask = ImportAsk {
                source: name.split('/').next().unwrap().into(),
                day: "2017-08-30".parse().ok(),
                ..ImportAsk::new(format)
            };
            for expected in [(rows, 0), (0, rows)] {
                let file = File::open(folder.join(name)).unwrap();
                let report = world.read(&ask, file).await.unwrap();
                assert_eq!((report.written, report.unchanged), expected, "{name}: {report}");
            }
        }
        let kag = "SELECT SUM(impressions), SUM(clicks), SUM(conversions) FROM ad_day WHERE source = 'kag_facebook_ads'";
        assert_eq!(world.one(kag).await, "213434828|38165|3264000000");
        let retail = "SELECT COUNT(*), COUNT(*) - COUNT(customer_id) FROM orders WHERE currency = 'GBP'";
        assert_eq!(world.one(retail).await, "19960|1428");
    }
}
