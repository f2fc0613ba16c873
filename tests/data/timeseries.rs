//! Online Retail as a series: changes from week to week and month to month, moving averages, and the days that are out of
//! the ordinary.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    expected::{assert_exact, by_name, golden, near},
    online_retail::{FROM, TO, retail},
    support::{TestDatabase, on_both_databases, shared_data},
    team::{Row, Team, question, service},
};

/// The days on which revenue lies at least 3.5 robust deviations and 20 % from the median of its eight weekdays before,
/// with the score: computed from the golden daily series with exact fractions (Python).
const UNUSUAL: [(&str, &str); 34] = [
    ("2011-02-21", "4.948807"),
    ("2011-03-03", "4.048485"),
    ("2011-03-17", "4.511970"),
    ("2011-03-20", "4.455830"),
    ("2011-03-21", "4.083193"),
    ("2011-03-24", "4.457042"),
    ("2011-03-29", "7.233659"),
    ("2011-04-17", "5.531613"),
    ("2011-04-18", "3.999262"),
    ("2011-04-22", "6.431820"),
    ("2011-04-24", "4.027182"),
    ("2011-04-28", "4.203575"),
    ("2011-04-29", "6.431820"),
    ("2011-05-12", "5.097528"),
    ("2011-05-22", "3.773432"),
    ("2011-06-05", "3.686915"),
    ("2011-06-08", "4.851182"),
    ("2011-06-10", "3.959812"),
    ("2011-07-28", "14.540449"),
    ("2011-08-04", "4.035889"),
    ("2011-08-11", "4.926566"),
    ("2011-08-12", "5.639648"),
    ("2011-08-17", "6.032675"),
    ("2011-08-24", "4.697647"),
    ("2011-08-29", "4.103235"),
    ("2011-09-02", "3.502542"),
    ("2011-09-13", "6.338624"),
    ("2011-09-19", "3.568334"),
    ("2011-09-20", "18.680884"),
    ("2011-10-03", "3.610813"),
    ("2011-11-07", "4.359666"),
    ("2011-11-14", "9.419830"),
    ("2011-12-05", "4.315253"),
    ("2011-12-09", "14.117569"),
];

const ANOMALIES: &str = "query ($day: Date!) { anomalies(first: 100,
    input: { metrics: [REVENUE], splitBy: [], day: $day, buckets: 100 }) {
    totalCount nodes { bucket { from } score verdict relative } } }";

on_both_databases! {
    async fn weeks_and_months_change_like_the_golden_ones(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: changes") else { return };
        let app = service(&database, "2011-12-10").await;
        let team = retail(&app, &shared).await;
        let golden = golden(&shared, "timeseries_online_retail");
        for (grain, table, [from, to], [before_from, before_to]) in [
            ("WEEK", "weekly_iso", ["2010-12-06", "2011-12-11"], ["2010-11-29", "2011-12-04"]),
            ("MONTH", "monthly", ["2011-01-01", "2011-12-31"], ["2010-12-01", "2011-11-30"]),
        ] {
            let expected = by_name(&golden["gross"], table);
            let mut question = question(&["REVENUE"], &[&format!("TIME:{grain}")], from, to);
            question["fill"] = json!("ZERO");
            question["options"] = json!({ "compareTo": { "to": "CUSTOM", "alignElapsed": false,
                "range": { "from": before_from, "to": before_to } } });
            let rows = team.metrics(question).await;
            assert_eq!(rows.len(), expected.len() - 1, "the first has none before");
            for row in &rows {
                let golden = &expected[&row.name()];
                assert_exact(row, "REVENUE", &golden["value"]);
                let comparison = &row.value("REVENUE")["comparison"];
                assert!(near(&comparison["absolute"], &golden["abs_change"], 1e-9), "{row}");
                // Nothing was sold in the week before: there is no relative change.
                assert_eq!(comparison["relative"].is_null(), golden["pct_change"].is_null(), "{row}");
                if !golden["pct_change"].is_null() {
                    assert!(near(&comparison["relative"], &golden["pct_change"], 1e-12), "{row}");
                }
            }
        }
    }

    async fn moving_averages_of_the_series_are_the_golden_ones(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: moving averages") else { return };
        let app = service(&database, "2011-12-10").await;
        let team = retail(&app, &shared).await;
        let golden = golden(&shared, "timeseries_online_retail");
        let mut days = question(&["REVENUE"], &["TIME:DAY"], FROM, TO);
        days["fill"] = json!("ZERO");
        let days = team.metrics(days).await;
        for (table, length) in [("ma7_trailing", 7), ("ma28_trailing", 28)] {
            let expected = by_name(&golden["gross"], table);
            assert_eq!(days.len(), expected.len());
            for (place, window) in days.windows(length).enumerate() {
                let value = |row: &Row| row.get("REVENUE").unwrap().parse::<Decimal>().unwrap();
                let mean: Decimal = window.iter().map(value).sum::<Decimal>() / Decimal::from(length);
                let last = &days[place + length - 1];
                assert!(near(&json!(mean.to_string()), &expected[&last.name()], 1e-9), "{last}: {mean}");
            }
        }
    }

    async fn unusual_days_are_found_where_the_rule_says(database: TestDatabase) {
        let Some(shared) = shared_data("online retail: anomalies") else { return };
        let app = service(&database, "2011-12-10").await;
        let team = retail(&app, &shared).await;
        let mut found: BTreeMap<String, Value> = BTreeMap::new();
        for day in ["2011-12-09", "2011-08-31", "2011-05-23", "2011-02-12"] {
            found.extend(unusual(&team, day).await);
        }
        assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), UNUSUAL.map(|(day, _)| day));
        for (day, score) in UNUSUAL {
            let anomaly = &found[day];
            let score: f64 = score.parse().unwrap();
            assert!((anomaly["score"].as_f64().unwrap() - score).abs() < 2e-6, "{anomaly}");
            let up = !anomaly["relative"].as_str().unwrap().starts_with('-');
            assert_eq!(anomaly["verdict"], if up { "BETTER" } else { "WORSE" }, "{anomaly}");
        }
        // The golden method measures by one median for each weekday of the whole year, without days that sold nothing. It
        // finds fewer days, of which these coincide. Of the others, the first two have too little history here, and four
        // are within what the eight weekdays before them vary.
        let golden = golden(&shared, "timeseries_online_retail");
        let golden = golden["gross"]["anomalies"]["robust_z_weekday"]["anomalies"].clone();
        let (both, theirs): (Vec<_>, Vec<_>) = golden.as_array().unwrap().iter()
            .map(|anomaly| anomaly["date"].as_str().unwrap())
            .partition(|day| found.contains_key(*day));
        assert_eq!(both, ["2011-09-20", "2011-11-07", "2011-11-14", "2011-12-05", "2011-12-09"]);
        assert_eq!(theirs, ["2010-12-07", "2011-01-18", "2011-10-05", "2011-11-23", "2011-12-07", "2011-12-08"]);
    }
}

/// The anomalies of the hundred days up to this one, by day.
async fn unusual(team: &Team<'_>, day: &str) -> BTreeMap<String, Value> {
    let answer = team.ask(ANOMALIES, json!({ "day": day })).await;
    let nodes = answer["anomalies"]["nodes"].as_array().unwrap();
    assert_eq!(answer["anomalies"]["totalCount"], nodes.len());
    let day = |node: &Value| node["bucket"]["from"].as_str().unwrap().to_owned();
    nodes.iter().map(|node| (day(node), node.clone())).collect()
}
