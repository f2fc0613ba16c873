//! Lifecycle stages over time: how many leads of Olist were won and how fast, and who of a bank's calls were.

use std::{fmt::Write, fs::File};

use flate2::read::GzDecoder;
use kpigraph::import::Format;
use serde_json::{Value, json};

use crate::{
    customers::assert_days,
    expected::{assert_exact, assert_near, by_name, golden, near},
    funnels::{NO_ORIGIN, olist},
    support::{TestDatabase, json::path, new_team, on_both_databases, shared_data},
    team::{Team, question, service},
};

const FUNNEL: &str = "query ($input: FunnelInput!) { funnel(input: $input) {
    steps { ...s } splits { acquisition { key label } steps { ...s } } } }
    fragment s on FunnelStep { entered converted rate { value }
        medianTimeToNext p25TimeToNext p75TimeToNext p90TimeToNext meanTimeToNext }";

/// The funnel from lead to customer of the leads of some days.
async fn won(team: &Team<'_>, from: &str, to: &str, more: Value) -> Value {
    let mut input =
        json!({ "period": { "range": { "from": from, "to": to } }, "steps": ["LEAD", "CUSTOMER"] });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    team.ask(FUNNEL, json!({ "input": input })).await["funnel"].take()
}

fn assert_won(steps: &Value, expected: &Value) {
    let step = &steps[0];
    assert_eq!(step["entered"], expected["mqls"]);
    assert_eq!(step["converted"], expected["won"]);
    assert!(
        near(
            path(step, "rate.value"),
            &expected["mql_to_won_rate"],
            1e-12
        ),
        "{step}"
    );
    let days = &expected["days_to_close_exact"];
    for (field, name) in [
        ("medianTimeToNext", "median"),
        ("p25TimeToNext", "p25"),
        ("p75TimeToNext", "p75"),
        ("p90TimeToNext", "p90"),
        ("meanTimeToNext", "mean"),
    ] {
        assert_days(&step[field], &days[name]);
    }
}

on_both_databases! {
    async fn olist_s_leads_are_won_as_often_and_as_fast_as_they_were(database: TestDatabase) {
        let Some(shared) = shared_data("olist: leads won") else { return };
        let app = service(&database, "2018-12-31").await;
        let team = olist(&app, &shared).await;
        let golden = golden(&shared, "funnel_olist");
        let (from, to) = ("2017-06-01", "2018-05-31");

        // Some were won before their first contact was noted.
        let any = json!({ "order": "ANY", "splitBy": "CHANNEL" });
        let found = won(&team, from, to, any).await;
        assert_won(&found["steps"], &golden["total"]);
        let origins = by_name(&golden, "by_origin");
        let splits = found["splits"].as_array().unwrap();
        assert_eq!(splits.len(), origins.len());
        for split in splits {
            let origin = match path(split, "acquisition.0.key") {
                Value::Null => NO_ORIGIN,
                _ => path(split, "acquisition.0.label").as_str().unwrap(),
            };
            assert_won(&split["steps"], &origins[origin]);
        }
        let in_order = won(&team, from, to, json!({})).await;
        let before = path(&golden, "edge_cases.deals_won_before_first_contact").as_i64().unwrap();
        let all = path(&golden, "total.won").as_i64().unwrap();
        assert_eq!(path(&in_order, "steps.0.converted"), all - before);
    }

    async fn olist_s_leads_of_each_month_are_won_ever_and_within_days(database: TestDatabase) {
        let Some(shared) = shared_data("olist: cohorts of leads") else { return };
        let app = service(&database, "2018-12-31").await;
        let team = olist(&app, &shared).await;
        let golden = golden(&shared, "funnel_olist");
        for (month, expected) in by_name(&golden, "cohort_by_mql_month") {
            let first: chrono::NaiveDate = format!("{month}-01").parse().unwrap();
            let last = first.checked_add_months(chrono::Months::new(1)).unwrap().pred_opt().unwrap();
            for (window, field) in [(Value::Null, "won_ever"), (json!(30), "won_within_30d"), (json!(90), "won_within_90d")] {
                let more = json!({ "order": "ANY", "windowDays": window });
                let found = won(&team, &first.to_string(), &last.to_string(), more).await;
                let step = path(&found, "steps.0");
                assert_eq!(step["entered"], expected["mqls"], "{month}");
                assert_eq!(step["converted"], expected[field], "{month}: {field}");
                if window.is_null() {
                    assert!(near(path(step, "rate.value"), &expected["rate"], 1e-12), "{month}");
                }
            }
        }
    }

    async fn a_bank_s_calls_convert_by_what_is_known_of_the_clients(database: TestDatabase) {
        let Some(shared) = shared_data("bank: calls") else { return };
        let app = service(&database, "2010-12-31").await;
        let team = Team::new(&app, new_team("bank")).await;
        let file = File::open(shared.join("bank_full/bank_full.csv.gz")).unwrap();
        let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
        let header = reader.headers().unwrap().clone();
        let place = |name: &str| header.iter().position(|column| column == name).unwrap();
        let known = ["job", "marital", "education", "contact", "month", "poutcome"];
        let known_at = known.map(place);
        let (calls_at, yes_at) = (place("campaign"), place("y"));
        // The data have no years: one day stands for all calls, and the next for all contracts.
        let mut leads = format!("lead_id,created_at,{},calls\n", known.join(","));
        let mut contracts = "customer_id,stage,entered_at\n".to_owned();
        for (row, id) in reader.records().zip(1..) {
            let row = row.unwrap();
            let values = known_at.map(|at| row[at].to_owned()).join(",");
            let calls = match row[calls_at].parse().unwrap() {
                calls @ 1..=3 => calls.to_string(),
                4 | 5 => "4-5".to_owned(),
                6..=10 => "6-10".to_owned(),
                _ => "11+".to_owned(),
            };
            writeln!(leads, "{id},2010-11-01,{values},{calls}").unwrap();
            if &row[yes_at] == "yes" {
                writeln!(contracts, "{id},CUSTOMER,2010-11-02").unwrap();
            }
        }
        for (format, text) in [(Format::Leads, leads), (Format::StageEvents, contracts)] {
            let report = team.text(format, &text).await;
            assert!(report.committed && report.refused == 0, "{report}");
        }
        let golden = golden(&shared, "funnel_bank_full");
        let metrics = ["LEADS", "STAGE_CONVERSION_RATE"];
        let (from, to) = ("2010-11-01", "2010-11-30");
        let total = team.total(&metrics, from, to).await;
        assert_exact(&total, "LEADS", &golden["total"]["contacted"]);
        assert_near(&total, "STAGE_CONVERSION_RATE", &golden["total"]["rate"], 1e-12);
        let buckets = known.map(|name| (name, format!("by_{name}"))).to_vec();
        for (property, table) in [buckets, vec![("calls", "by_contacts_bucket".to_owned())]].concat() {
            let expected = by_name(&golden, &table);
            let rows = team.metrics(question(&metrics, &[&format!("PROPERTY:{property}")], from, to)).await;
            assert_eq!(rows.len(), expected.len(), "{table}");
            for row in &rows {
                let expected = &expected[&row.name()];
                assert_exact(row, "LEADS", &expected["contacted"]);
                assert_near(row, "STAGE_CONVERSION_RATE", &expected["rate"], 1e-12);
            }
        }
    }
}
