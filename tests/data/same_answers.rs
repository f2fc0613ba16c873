//! The same files give the same answers, byte by byte, whatever the database.

use kpigraph::import::Format;
use serde_json::json;

use crate::{
    excerpt::{ORDERS, pounds},
    support::{TestDatabase, shared_data},
    team::{Team, question, service},
};

/// Without ids: each database is filled at another moment.
const WITHOUT_IDS: &str = "query ($input: MetricsInput!) {
    metrics(input: $input, first: 1000) {
        totalCount
        meta { period { from to label complete } freshness { source fact dataFrom dataThrough } }
        totals { values { value numerator denominator } }
        nodes {
            bucket { from to label }
            dimensions { dimension label }
            values {
                metric { key } value float formatted numerator denominator undefinedReason { code message }
                money { amount currency amountMicros } comparison { absolute relative trend verdict }
            }
        }
    }
}";

const METRICS: [&str; 14] = [
    "IMPRESSIONS",
    "SPEND",
    "CTR",
    "CPC",
    "CONVERSIONS",
    "ORDERS",
    "REVENUE",
    "AOV",
    "ACTIVE_CUSTOMERS",
    "NEW_CUSTOMERS",
    "REPEAT_PURCHASE_RATE",
    "LEADS",
    "WON_DEALS",
    "CAC",
];

const CUTS: [&[&str]; 10] = [
    &[],
    &["TIME:DAY"],
    &["TIME:WEEK"],
    &["TIME:QUARTER"],
    &["CAMPAIGN"],
    &["CHANNEL", "TIME:MONTH"],
    &["CHANNEL_KIND"],
    &["DEVICE", "COUNTRY"],
    &["PROPERTY:age", "PROPERTY:gender"],
    &["PROPERTY:Größe"],
];

const ADS: &str = "date,channel,campaign_id,campaign_name,impressions,clicks,spend,conversions,country,device,Größe
2011-11-21,facebook,1,zeta,7,3,0.10,1,GB,mobile,ß
2011-11-22,facebook,2,Alpha,3,1,0.20,0.5,US,desktop,Z
2011-11-23,google_ads,3,älter,9,2,0.70,,,,a
2011-11-28,google_ads,4,_under,9,0,1000000.000001,0.333333,GB,tablet,_
2011-11-28,google_ads,5,-minus,0,0,0,,GB,tablet,
";

/// The answers to every cut, as texts.
async fn answers(database: TestDatabase) -> Vec<String> {
    let app = service(&database, "2018-12-31").await;
    let team = Team::new(&app, pounds("retail")).await;
    team.text(Format::Orders, ORDERS).await;
    team.text(Format::AdStats, ADS).await;
    if let Some(shared) = shared_data("the same answers") {
        for (format, file) in [
            (
                Format::AdStats,
                "kag_facebook_ads/canonical/ad_stats.csv.gz",
            ),
            (Format::Orders, "online_retail/canonical/orders.csv.gz"),
            (Format::Leads, "olist_funnel/canonical/leads.csv.gz"),
        ] {
            team.load(format, &shared, file, Some("2011-11-24")).await;
        }
    }
    let mut answers = Vec::new();
    for cuts in CUTS {
        let mut input = question(&METRICS, cuts, "2011-10-01", "2011-12-31");
        input["fill"] = "ZERO".into();
        input["options"] = json!({ "compareTo": { "to": "PREVIOUS_PERIOD" } });
        let variables = json!({ "input": input });
        let (_, _, answer) = app.graphql_raw(&team.token, WITHOUT_IDS, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        assert_ne!(answer["data"]["metrics"]["totalCount"], 0);
        answers.push(answer["data"].to_string());
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_and_postgresql_answer_alike_to_the_byte() {
    let Some(postgres) = TestDatabase::postgres().await else {
        return;
    };
    let (sqlite, postgres) = (
        answers(TestDatabase::sqlite()).await,
        answers(postgres).await,
    );
    for ((cuts, ours), theirs) in CUTS.iter().zip(&sqlite).zip(&postgres) {
        assert_eq!(ours, theirs, "{cuts:?}");
    }
}
