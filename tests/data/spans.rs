//! Reports that cover several days in one sum: what questions say of them.

use kpigraph::import::ImportAsk;
use serde_json::{Value, json};

use crate::{
    support::{TestDatabase, new_team, on_both_databases},
    team::{Team, question, service},
};

const REPORT: &str = "Reporting starts,Reporting ends,Campaign name,Impressions,Amount spent (EUR)\n\
    2026-03-02,2026-03-15,Spring,100,10.00\n2026-03-10,2026-03-10,Summer,50,5.00\n";

/// The warnings of a question, each as its metric, its code and its words.
async fn warnings(team: &Team<'_>, input: Value) -> Vec<[String; 3]> {
    let query = "query ($input: MetricsInput!) { metrics(input: $input) {
        meta { warnings { metric { key } code message russian: message(locale: \"ru\") } } } }";
    let answer = team.ask(query, json!({ "input": input })).await;
    let told = answer["metrics"]["meta"]["warnings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    told.iter()
        .filter(|warning| warning["code"] != "NO_DATA")
        .map(|warning| {
            assert!(text(&warning["russian"]).contains("2026-03-15"));
            [
                text(&warning["metric"]["key"]),
                text(&warning["code"]),
                text(&warning["message"]),
            ]
        })
        .collect()
}

on_both_databases! {
    async fn a_question_that_cuts_the_days_of_a_report_is_warned_and_others_are_not(database: TestDatabase) {
        let app = service(&database, "2026-04-15").await;
        let team = Team::new(&app, new_team("spans")).await;
        let report = team.read(&ImportAsk::recognised(), REPORT.as_bytes()).await.unwrap();
        assert!(report.committed, "{report}");

        let metrics = ["SPEND", "CPM"];
        let ask = |by: &[&str], from: &str, to: &str| question(&metrics, by, from, to);
        let whole = team.total(&metrics, "2026-03-15", "2026-03-15").await;
        assert_eq!(whole.get("SPEND"), Some("10"));
        for input in [
            ask(&[], "2026-03-02", "2026-03-15"),
            ask(&["CAMPAIGN"], "2026-03-01", "2026-03-31"),
            ask(&["TIME:MONTH"], "2026-01-01", "2026-04-30"),
            ask(&[], "2026-03-16", "2026-03-31"),
        ] {
            assert_eq!(warnings(&team, input.clone()).await, [[""; 3]; 0], "{input}");
        }
        for input in [
            ask(&[], "2026-03-03", "2026-03-31"),
            ask(&["CAMPAIGN"], "2026-03-01", "2026-03-14"),
            ask(&["TIME:WEEK"], "2026-03-01", "2026-03-31"),
            ask(&["TIME:DAY"], "2026-03-01", "2026-03-31"),
        ] {
            let told = warnings(&team, input.clone()).await;
            let codes: Vec<_> = told.iter().map(|[key, code, _]| format!("{key} {code}")).collect();
            assert_eq!(codes, ["SPEND CUTS_SPAN", "CPM CUTS_SPAN"], "{input}");
            assert!(told[0][2].contains("the days from 2026-03-02 to 2026-03-15"), "{told:?}");
        }
        // The period compared with cuts the days.
        let mut compared = ask(&[], "2026-03-16", "2026-03-29");
        compared["options"] = json!({ "compareTo": { "to": "PREVIOUS_PERIOD" } });
        assert_eq!(warnings(&team, compared.clone()).await.len(), 0);
        compared["period"] = json!({ "range": { "from": "2026-03-16", "to": "2026-03-25" } });
        assert_eq!(warnings(&team, compared).await.len(), 2);
        // Facts of other kinds have no part in it.
        let others = question(&["SESSIONS"], &["TIME:DAY"], "2026-03-01", "2026-03-31");
        let query = "query ($input: MetricsInput!) { metrics(input: $input) { meta { warnings { code } } } }";
        let answer = team.ask(query, json!({ "input": others })).await;
        let told = answer["metrics"]["meta"]["warnings"].to_string();
        assert!(!told.contains("CUTS_SPAN"), "{told}");
    }
}
