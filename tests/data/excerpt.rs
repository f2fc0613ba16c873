//! Two weeks of real orders that travel with the project: see `fixtures/README.md` for the source and the figures.

use kpigraph::{import::Format, store::NewTeam};
use serde_json::json;

use crate::{
    support::{TestDatabase, new_team, on_both_databases},
    team::{Row, Team, question, service},
};

/// The orders of 21 November to 4 December 2011.
pub const ORDERS: &str = include_str!("fixtures/online_retail_excerpt.csv");

const FROM: &str = "2011-11-21";
const TO: &str = "2011-12-04";

/// Orders, revenue and distinct customers of each day.
const DAYS: [(&str, &str, &str, &str); 14] = [
    ("2011-11-21", "100", "49805.72", "85"),
    ("2011-11-22", "135", "64089.82", "120"),
    ("2011-11-23", "131", "80104.18", "107"),
    ("2011-11-24", "113", "50978.63", "98"),
    ("2011-11-25", "83", "50822.73", "69"),
    ("2011-11-26", "0", "0", "0"),
    ("2011-11-27", "57", "20611.08", "51"),
    ("2011-11-28", "115", "57165.19", "97"),
    ("2011-11-29", "135", "72595.93", "109"),
    ("2011-11-30", "108", "60126.96", "92"),
    ("2011-12-01", "121", "52197.25", "111"),
    ("2011-12-02", "120", "57664.07", "95"),
    ("2011-12-03", "0", "0", "0"),
    ("2011-12-04", "66", "24621.43", "58"),
];

/// Metrics with their values for the first week, the second, and both.
const WEEKS: [(&str, [&str; 3]); 7] = [
    ("ORDERS", ["619", "665", "1284"]),
    ("REVENUE", ["316412.16", "324370.83", "640782.99"]),
    (
        "AOV",
        [
            "511.166655896607431",
            "487.775684210526316",
            "499.052172897196262",
        ],
    ),
    ("ACTIVE_CUSTOMERS", ["492", "516", "915"]),
    ("NEW_CUSTOMERS", ["492", "423", "915"]),
    ("RETURNING_CUSTOMERS", ["0", "93", "0"]),
    (
        "REPEAT_PURCHASE_RATE",
        [
            "0.126016260162602",
            "0.195628415300546",
            "0.195628415300546",
        ],
    ),
];

/// A team in pounds.
pub fn pounds(slug: &str) -> NewTeam {
    NewTeam {
        currency: iso_currency::Currency::GBP,
        ..new_team(slug)
    }
}

on_both_databases! {
    async fn weeks_and_their_total_are_right(database: TestDatabase) {
        let app = service(&database, "2011-12-10").await;
        let team = Team::new(&app, pounds("retail")).await;
        assert_eq!(team.text(Format::Orders, ORDERS).await.written, 1284);

        let metrics = WEEKS.map(|(metric, _)| metric);
        let mut rows = team.metrics(question(&metrics, &["TIME:WEEK"], FROM, TO)).await;
        assert_eq!(rows.iter().map(Row::name).collect::<Vec<_>>(), ["2011-W47", "2011-W48"]);
        rows.push(team.total(&metrics, FROM, TO).await);
        for (metric, expected) in WEEKS {
            assert_eq!(rows.iter().map(|row| row.get(metric).unwrap()).collect::<Vec<_>>(), expected, "{metric}");
        }
    }

    async fn days_without_sales_are_rows_of_zeros(database: TestDatabase) {
        let app = service(&database, "2011-12-10").await;
        let team = Team::new(&app, pounds("retail")).await;
        team.text(Format::Orders, ORDERS).await;

        let mut question = question(&["ORDERS", "REVENUE", "ACTIVE_CUSTOMERS", "AOV"], &["TIME:DAY"], FROM, TO);
        question["fill"] = "ZERO".into();
        let rows = team.metrics(question).await;
        assert_eq!(rows.len(), DAYS.len());
        for (row, (day, orders, revenue, customers)) in rows.iter().zip(DAYS) {
            assert_eq!(row.name(), day);
            assert_eq!(row.get("ORDERS"), Some(orders), "{row}");
            assert_eq!(row.get("REVENUE"), Some(revenue), "{row}");
            assert_eq!(row.get("ACTIVE_CUSTOMERS"), Some(customers), "{row}");
            assert_eq!(row.get("AOV").is_none(), orders == "0", "{row}");
        }
        assert_eq!(rows[5].value("AOV")["undefinedReason"]["code"], "ZERO_DENOMINATOR");
    }

    async fn a_week_is_compared_with_the_week_before(database: TestDatabase) {
        let app = service(&database, "2011-12-10").await;
        let team = Team::new(&app, pounds("retail")).await;
        team.text(Format::Orders, ORDERS).await;

        let mut question = question(&["REVENUE", "ORDERS"], &[], "2011-11-28", TO);
        question["options"] = json!({ "compareTo": { "to": "PREVIOUS_PERIOD" } });
        let row = team.metrics(question).await.remove(0);
        for (metric, baseline, absolute, relative) in [
            ("REVENUE", "316412.16", "7958.67", "0.025152857589291"),
            ("ORDERS", "619", "46", "0.074313408723748"),
        ] {
            let comparison = &row.value(metric)["comparison"];
            assert_eq!(comparison["baseline"]["value"], baseline, "{row}");
            assert_eq!(comparison["absolute"], absolute, "{row}");
            assert_eq!(comparison["relative"], relative, "{row}");
        }
    }

    async fn orders_without_a_customer_can_be_told_apart(database: TestDatabase) {
        let app = service(&database, "2011-12-10").await;
        let team = Team::new(&app, pounds("retail")).await;
        team.text(Format::Orders, ORDERS).await;

        let anonymous = json!({ "dimension": { "dimension": "CUSTOMER", "op": "IS_NULL", "values": [] } });
        for (filter, orders, revenue, customers) in [
            (anonymous.clone(), "57", "139462.09", "0"),
            (json!({ "not": anonymous }), "1227", "501320.9", "915"),
        ] {
            let mut question = question(&["ORDERS", "REVENUE", "ACTIVE_CUSTOMERS"], &[], FROM, TO);
            question["filter"] = filter;
            let row = team.metrics(question).await.remove(0);
            assert_eq!(row.get("ORDERS"), Some(orders));
            assert_eq!(row.get("REVENUE"), Some(revenue));
            assert_eq!(row.get("ACTIVE_CUSTOMERS"), Some(customers));
        }
    }
}
