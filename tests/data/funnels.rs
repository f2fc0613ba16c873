//! Funnels: the leads and deals of Olist, and the sales pipeline of Maven.

use kpigraph::{import::Format, store::NewTeam};
use serde_json::Value;

use crate::{
    expected::{ByName, assert_exact, assert_near, by_name, golden},
    support::{App, TestDatabase, new_team, on_both_databases, shared_data},
    team::{Row, Team, question, service},
};

const FROM: &str = "2017-06-01";
const TO: &str = "2018-11-30";
/// What golden answers call leads without an origin.
pub const NO_ORIGIN: &str = "(missing)";

pub async fn olist<'a>(app: &'a App, shared: &std::path::Path) -> Team<'a> {
    let real = NewTeam {
        currency: iso_currency::Currency::BRL,
        ..new_team("olist")
    };
    let team = Team::new(app, real).await;
    for (format, file) in [
        (Format::Leads, "olist_funnel/canonical/leads.csv.gz"),
        (Format::Deals, "olist_funnel/canonical/deals.csv.gz"),
    ] {
        team.load(format, shared, file, None).await;
    }
    team
}

on_both_databases! {
    async fn leads_are_counted_by_origin_and_month(database: TestDatabase) {
        let Some(shared) = shared_data("olist: leads") else { return };
        let app = service(&database, "2018-12-31").await;
        let team = olist(&app, &shared).await;
        let golden = golden(&shared, "funnel_olist");

        let origins = by_name(&golden, "by_origin");
        let by_origin = team.metrics(question(&["LEADS"], &["CHANNEL"], FROM, TO)).await;
        assert_eq!(by_origin.len(), origins.len());
        for row in &by_origin {
            assert_exact(row, "LEADS", &origins[origin(row)]["mqls"]);
        }
        let by_month = team.metrics(question(&["LEADS"], &["TIME:MONTH"], FROM, TO)).await;
        assert_counts(&by_month, "LEADS", &by_name(&golden, "mqls_by_month"));
        assert_by_origin_and_month(&team, "LEADS", &golden["mqls_by_origin_month"]).await;
    }

    async fn deals_are_counted_by_the_origin_of_their_lead_and_by_the_day_they_were_won(database: TestDatabase) {
        let Some(shared) = shared_data("olist: deals") else { return };
        let app = service(&database, "2018-12-31").await;
        let team = olist(&app, &shared).await;
        let golden = golden(&shared, "funnel_olist");
        let metrics = ["WON_DEALS", "LEADS", "LEAD_CLOSE_RATE", "WON_AMOUNT", "AVERAGE_DEAL_VALUE"];

        assert_won(&team.total(&metrics, FROM, TO).await, &golden["total"]);
        let origins = by_name(&golden, "by_origin");
        let by_origin = team.metrics(question(&metrics, &["CHANNEL"], FROM, TO)).await;
        assert_eq!(by_origin.len(), origins.len());
        for row in &by_origin {
            assert_won(row, &origins[origin(row)]);
        }
        let by_month = team.metrics(question(&["WON_DEALS"], &["TIME:MONTH"], FROM, TO)).await;
        assert_counts(&by_month, "WON_DEALS", &by_name(&golden, "won_by_won_month"));
        assert_by_origin_and_month(&team, "WON_DEALS", &golden["won_by_origin_won_month"]).await;
    }

    async fn the_pipeline_of_maven_is_right_for_every_owner_and_product(database: TestDatabase) {
        let Some(shared) = shared_data("maven: pipeline") else { return };
        let app = service(&database, "2018-12-31").await;
        let dollars = NewTeam {
            currency: iso_currency::Currency::USD,
            ..new_team("maven")
        };
        let team = Team::new(&app, dollars).await;
        team.load(Format::Deals, &shared, "maven_crm/canonical/deals.csv.gz", None).await;
        let golden = golden(&shared, "funnel_maven_crm");
        let metrics = ["WON_DEALS", "LOST_DEALS", "WIN_RATE", "WON_AMOUNT", "AVERAGE_DEAL_VALUE", "SALES_VELOCITY"];

        let (from, to) = ("2016-10-01", "2017-12-31");
        assert_pipeline(&team.total(&metrics, from, to).await, &golden["total"]);
        for (cut, table) in [("PROPERTY:owner", "by_agent"), ("PROPERTY:product", "by_product")] {
            let expected = by_name(&golden, table);
            let rows = team.metrics(question(&metrics, &[cut], from, to)).await;
            assert_eq!(rows.len(), expected.len(), "{table}");
            for row in &rows {
                assert_pipeline(row, &expected[&row.name()]);
            }
        }
        let expected = by_name(&golden, "won_by_close_month");
        let rows = team.metrics(question(&metrics, &["TIME:MONTH"], from, to)).await;
        assert_eq!(rows.len(), expected.len());
        for row in &rows {
            assert_exact(row, "WON_DEALS", &expected[&row.name()]["won"]);
            assert_exact(row, "WON_AMOUNT", &expected[&row.name()]["value"]);
        }
    }
}

/// The name that golden answers have for the origin of a row by channel.
fn origin(row: &Row) -> &str {
    match row.key(0) {
        Some(_) => row.0["dimensions"][0]["label"].as_str().unwrap(),
        None => NO_ORIGIN,
    }
}

/// Checks one count in rows of one dimension.
fn assert_counts(rows: &[Row], metric: &str, expected: &ByName) {
    assert_eq!(rows.len(), expected.len());
    for row in rows {
        assert_exact(row, metric, &expected[&row.name()]);
    }
}

async fn assert_by_origin_and_month(team: &Team<'_>, metric: &str, expected: &Value) {
    let rows = team
        .metrics(question(&[metric], &["CHANNEL", "TIME:MONTH"], FROM, TO))
        .await;
    let months = expected.as_object().unwrap().values();
    let cells: usize = months.map(|of| of.as_object().unwrap().len()).sum();
    let counted = rows.iter().filter(|row| row.get(metric) != Some("0"));
    let mut found = 0;
    for row in counted {
        let month = row.name().rsplit('|').next().unwrap().to_owned();
        assert_exact(row, metric, &expected[origin(row)][month]);
        found += 1;
    }
    assert_eq!(found, cells);
}

/// Checks won deals; the period covers all leads and deals, so its close rate is that of the cohort.
fn assert_won(row: &Row, golden: &Value) {
    assert_exact(row, "WON_DEALS", &golden["won"]);
    assert_exact(row, "LEADS", &golden["mqls"]);
    assert_near(row, "LEAD_CLOSE_RATE", &golden["mql_to_won_rate"], 1e-12);
    // The data set's deals have the seller's declared revenue for an amount; zero is an amount.
    let amount = &golden["declared_monthly_revenue_sum"];
    assert_exact(row, "WON_AMOUNT", amount);
    let average = &golden["declared_monthly_revenue_mean_all_won"];
    assert_near(row, "AVERAGE_DEAL_VALUE", average, 1e-12);
}

fn assert_pipeline(row: &Row, golden: &Value) {
    assert_exact(row, "WON_DEALS", &golden["won"]);
    assert_exact(row, "LOST_DEALS", &golden["lost"]);
    assert_near(row, "WIN_RATE", &golden["win_rate_decided"], 1e-12);
    assert_exact(row, "WON_AMOUNT", &golden["won_value"]);
    assert_near(row, "AVERAGE_DEAL_VALUE", &golden["avg_won_value"], 1e-12);
    assert_near(
        row,
        "SALES_VELOCITY",
        &golden["velocity_per_day_decided"],
        1e-12,
    );
}
