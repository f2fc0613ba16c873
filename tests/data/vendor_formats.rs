//! Vendors' layouts: each imports with its profile and without, and gives the totals that independent tools counted.

use std::{collections::BTreeMap, fs::File, path::Path};

use flate2::read::GzDecoder;
use kpigraph::{
    import::{ImportAsk, Report},
    store::NewTeam,
};
use serde_json::{Value, json};

use crate::{
    expected::{assert_exact, golden},
    support::{App, TestDatabase, new_team, on_both_databases, shared_data},
    team::{Row, Team, question, service},
};

/// A team in dollars, into which one layout was imported.
async fn with_layout<'a>(
    app: &'a App,
    shared: &Path,
    file: &str,
    profile: Option<&str>,
) -> (Team<'a>, Report) {
    let slug = profile.map_or("recognised", |_| "named");
    let slug = format!("{slug}-{}", file.replace(['_', '.'], "-"));
    let dollars = NewTeam {
        currency: iso_currency::Currency::USD,
        ..new_team(&slug)
    };
    let team = Team::new(app, dollars).await;
    let ask = match profile {
        Some(profile) => ImportAsk {
            layout: profile.parse().ok(),
            ..ImportAsk::recognised()
        },
        None => ImportAsk::recognised(),
    };
    let report = team
        .file(&ask, shared, &format!("vendor_formats/{file}"))
        .await;
    (team, report)
}

/// Both ways to import a layout, with what golden answers say of it.
async fn both_ways<'a>(
    app: &'a App,
    shared: &Path,
    file: &str,
    profile: &str,
) -> (Vec<(Team<'a>, Report)>, Value) {
    let golden = golden(shared, "vendor_formats")["expected"][file].clone();
    let mut teams = Vec::new();
    for named in [Some(profile), None] {
        let (team, report) = with_layout(app, shared, file, named).await;
        let preview = report.preview.as_ref().unwrap();
        assert_eq!(preview.layout.to_string(), profile);
        assert_eq!(json!(report.read), golden["data_rows"], "{file}");
        teams.push((team, report));
    }
    (teams, golden)
}

fn assert_ads(row: &Row, golden: &Value) {
    assert_exact(row, "IMPRESSIONS", &golden["impressions"]);
    assert_exact(row, "CLICKS", &golden["clicks"]);
    let spend = golden["spend_cents"].as_f64().unwrap() / 100.0;
    assert_exact(row, "SPEND", &json!(spend));
}

on_both_databases! {
    async fn googles_campaign_report_is_read_in_both_of_its_encodings(database: TestDatabase) {
        let Some(shared) = shared_data("vendors: google") else { return };
        let app = service(&database, "2023-11-30").await;
        for file in ["google_ads_campaign_report.csv", "google_ads_campaign_report_utf16.csv"] {
            let (teams, golden) = both_ways(&app, &shared, file, "google-ads").await;
            for (team, report) in teams {
                assert_eq!(report.passed_over, 1, "the row of the total");
                let metrics = ["IMPRESSIONS", "CLICKS", "SPEND"];
                let total = team.total(&metrics, "2023-10-01", "2023-11-01").await;
                assert_ads(&total, &golden);
                let days = question(&metrics, &["TIME:DAY"], "2023-10-01", "2023-11-01");
                assert_eq!(team.metrics(days).await.len(), 32);
            }
        }
    }

    async fn metas_table_is_booked_on_the_last_day_that_it_covers_and_questions_that_cut_it_are_warned(database: TestDatabase) {
        let Some(shared) = shared_data("vendors: meta") else { return };
        let app = service(&database, "2017-09-30").await;
        let (teams, golden) = both_ways(&app, &shared, "meta_ads_manager_ads.csv", "meta-ads").await;
        for (team, _) in teams {
            let metrics = ["IMPRESSIONS", "CLICKS", "SPEND", "CONVERSIONS"];
            for from in ["2017-08-17", "2017-08-30"] {
                let total = team.total(&metrics, from, "2017-08-30").await;
                assert_ads(&total, &golden);
                assert_exact(&total, "CONVERSIONS", &golden["results"]);
            }
            let cut = [("CUTS_SPAN", 4)];
            for (by, from, to, warnings) in [
                (&[][..], "2017-08-17", "2017-08-30", &[][..]),
                (&[], "2017-08-01", "2017-08-31", &[]),
                (&["TIME:MONTH"], "2017-08-01", "2017-09-30", &[]),
                (&[], "2017-08-18", "2017-08-30", &cut),
                (&[], "2017-08-17", "2017-08-29", &[("CUTS_SPAN", 4), ("NO_DATA", 4)]),
                (&["TIME:WEEK"], "2017-08-01", "2017-08-31", &cut),
                (&[], "2017-09-01", "2017-09-30", &[("NO_DATA", 4)]),
            ] {
                let input = question(&metrics, by, from, to);
                assert_eq!(warned(&team, input).await, BTreeMap::from_iter(warnings.iter().copied()), "{by:?} {from} {to}");
            }
        }
    }

    async fn visits_and_their_results_in_ga4_are_read_below_its_comments_and_its_total(database: TestDatabase) {
        let Some(shared) = shared_data("vendors: ga4") else { return };
        let app = service(&database, "2018-08-31").await;
        let (teams, golden) = both_ways(&app, &shared, "ga4_traffic_acquisition.csv", "ga4").await;
        for (team, report) in teams {
            assert_eq!(report.passed_over, 1, "the row of the total");
            let metrics = ["SESSIONS", "KEY_EVENTS", "WEB_REVENUE"];
            let total = team.total(&metrics, "2018-07-01", "2018-07-31").await;
            for (metric, name) in metrics.into_iter().zip(["sessions", "key_events", "revenue"]) {
                assert_exact(&total, metric, &golden[name]);
            }
        }
    }

    async fn hubspots_contacts_are_leads_by_their_source(database: TestDatabase) {
        let Some(shared) = shared_data("vendors: hubspot contacts") else { return };
        let app = service(&database, "2018-12-31").await;
        let (teams, golden) = both_ways(&app, &shared, "hubspot_contacts.csv", "hubspot-contacts").await;
        for (team, _) in teams {
            let counted = "{ customers(first: 1) { totalCount }
                buyers: customers(first: 1, filter: { lifecycle: [CUSTOMER] }) { totalCount } }";
            let answer = team.ask(counted, json!({})).await;
            assert_eq!(answer["customers"]["totalCount"], golden["data_rows"]);
            assert_eq!(answer["buyers"]["totalCount"], golden["customers"]);
            let mut by_source = BTreeMap::new();
            let answer = team.ask("{ channels(first: 100) { nodes { id name } } }", json!({})).await;
            for channel in answer["channels"]["nodes"].as_array().unwrap() {
                let through = "query ($id: ID!) { customers(first: 1, filter: { acquiredThrough: $id }) { totalCount } }";
                let people = team.ask(through, json!({ "id": channel["id"] })).await;
                let name = channel["name"].as_str().unwrap().to_owned();
                by_source.insert(name, people["customers"]["totalCount"].as_u64().unwrap());
            }
            let blank = golden["data_rows"].as_u64().unwrap() - by_source.values().sum::<u64>();
            assert_eq!(json!(blank), golden["blank_source"]);
            by_source.insert(String::new(), blank);
            assert_eq!(json!(by_source), golden["by_source"]);
        }
    }

    async fn hubspots_deals_are_won_with_and_without_an_amount(database: TestDatabase) {
        let Some(shared) = shared_data("vendors: hubspot deals") else { return };
        let app = service(&database, "2018-12-31").await;
        let (teams, golden) = both_ways(&app, &shared, "hubspot_deals.csv", "hubspot-deals").await;
        for (team, _) in teams {
            let total = team.total(&["WON_DEALS", "WON_AMOUNT"], "2018-01-01", "2018-12-31").await;
            assert_exact(&total, "WON_DEALS", &golden["won"]);
            assert_exact(&total, "WON_AMOUNT", &golden["amount_sum"]);
        }
    }

    async fn salesforces_opportunities_are_won_lost_and_open(database: TestDatabase) {
        let Some(shared) = shared_data("vendors: salesforce") else { return };
        let app = service(&database, "2018-12-31").await;
        let file = "salesforce_opportunities.csv";
        let (teams, golden) = both_ways(&app, &shared, file, "salesforce-opportunities").await;
        for (team, _) in teams {
            let metrics = ["WON_DEALS", "LOST_DEALS", "WON_AMOUNT"];
            let total = team.total(&metrics, "2016-10-01", "2018-12-31").await;
            assert_exact(&total, "WON_DEALS", &golden["won"]);
            assert_exact(&total, "LOST_DEALS", &golden["lost"]);
            assert_exact(&total, "WON_AMOUNT", &golden["won_amount"]);
        }
    }

    async fn tables_of_connectors_are_recognised_and_imported(database: TestDatabase) {
        let Some(shared) = shared_data("vendors: connectors") else { return };
        let app = service(&database, "2026-06-01").await;
        let team = Team::new(&app, new_team("connectors")).await;
        let folder = std::fs::read_dir(shared.join("fivetran_seeds")).unwrap();
        let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut tables: std::collections::BTreeSet<_> = names.filter(|name| name.ends_with(".gz")).collect();
        for (file, layout) in [
            ("ad_reporting__amazon_ads_campaign_level_report_data", "amazon-ads-connector"),
            ("ad_reporting__apple_search_campaign_report_data", "apple-search-ads-connector"),
            ("ad_reporting__facebook_ads_basic_ad_data", "meta-ads-connector"),
            ("ad_reporting__google_ads_ad_stats_data", "google-ads-connector"),
            ("ad_reporting__google_ads_campaign_stats_data", "google-ads-connector"),
            ("ad_reporting__linkedin_ad_analytics_by_campaign_data", "linkedin-ads-connector"),
            ("ad_reporting__microsoft_ads_campaign_performance_daily_report_data", "microsoft-ads-connector"),
            ("ad_reporting__pinterest_campaign_report_data", "pinterest-ads-connector"),
            ("ad_reporting__reddit_ads_campaign_report_data", "reddit-ads-connector"),
            ("ad_reporting__snapchat_campaign_hourly_report_data", "snapchat-ads-connector"),
            ("ad_reporting__tiktok_campaign_report_hourly_data", "tiktok-ads-connector"),
            ("ad_reporting__twitter_campaign_report_data", "x-ads-connector"),
            ("hubspot__contact_data", "hubspot-contacts-connector"),
            ("hubspot__deal_data", "hubspot-deals-connector"),
            ("mailchimp__campaign_recipient_activity", "mailchimp-activity-connector"),
            ("mailchimp__member", "mailchimp-members-connector"),
            ("salesforce__sf_lead_data", "salesforce-leads-connector"),
            ("salesforce__sf_opportunity_data", "salesforce-opportunities-connector"),
            ("salesforce__sf_order_data", "salesforce-orders-connector"),
        ] {
            tables.remove(&format!("{file}.csv.gz"));
            let file = File::open(shared.join(format!("fivetran_seeds/{file}.csv.gz"))).unwrap();
            let report = team.read(&ImportAsk::recognised(), GzDecoder::new(file)).await.unwrap();
            assert_eq!(report.preview.as_ref().unwrap().layout.to_string(), layout);
            assert!(report.committed && report.read > 0, "{layout}: {report}");
        }
        // The others are known, too, but hold names and settings alone.
        assert_eq!(tables.len(), 26);
        for file in tables {
            let table = File::open(shared.join("fivetran_seeds").join(&file)).unwrap();
            let error = team.read(&ImportAsk::recognised(), table).await.unwrap_err().to_string();
            assert!(error.contains("there is nothing in them to import"), "{file}: {error}");
        }
    }
}

/// How many metrics a question is warned of, by the code of the warning.
async fn warned(team: &Team<'_>, input: Value) -> BTreeMap<&'static str, usize> {
    let query = "query ($input: MetricsInput!) { metrics(input: $input) { meta { warnings { code message } } } }";
    let answer = team.ask(query, json!({ "input": input })).await;
    let mut codes = BTreeMap::new();
    for warning in answer["metrics"]["meta"]["warnings"].as_array().unwrap() {
        let code = match warning["code"].as_str().unwrap() {
            "CUTS_SPAN" => "CUTS_SPAN",
            "NO_DATA" => "NO_DATA",
            other => panic!("{other}"),
        };
        if code == "CUTS_SPAN" {
            let message = warning["message"].as_str().unwrap();
            assert!(
                message.contains("from 2017-08-17 to 2017-08-30"),
                "{message}"
            );
        }
        *codes.entry(code).or_default() += 1;
    }
    codes
}
