//! Two teams in one database, with data of the same source under the same names: neither shows in the other's answers.

use std::collections::BTreeSet;

use kpigraph::import::Format;
use serde_json::{Value, json};

use crate::{
    excerpt::{ORDERS, pounds},
    support::{App, TestDatabase, on_both_databases},
    team::{Team, question, service},
};

const FROM: &str = "2011-11-21";
const TO: &str = "2011-12-04";
const ADS: &str =
    "date,channel,campaign_id,campaign_name,impressions,clicks,spend,conversions,age\n";
const LEADS: &str = "lead_id,created_at,channel,campaign,email\n";
const DEALS: &str = "deal_id,lead_id,opened_at,closed_at,outcome,amount,owner\n";

/// Makes our team, which has the first week of orders.
async fn ours(app: &App) -> Team<'_> {
    let team = Team::new(app, pounds("ours")).await;
    let ads = "2011-11-22,facebook,7,Spring,1000,10,5.25,1,30-34\n";
    let lead = "18080,2011-11-22,facebook,7,ann@ours.test\n";
    let deal = "D-1,18080,2011-11-22,2011-11-24,won,100,Ann\n";
    fill(&team, |line| line < "2011-11-28", [ads, lead, deal]).await;
    team
}

/// Makes the other team, which has the second week, and the same names for other things.
async fn theirs(app: &App) -> Team<'_> {
    let team = Team::new(app, pounds("theirs")).await;
    let ads = "2011-11-22,facebook,7,Autumn,33,3,3.3,,30-34\n2011-11-30,google_ads,8,Winter,44,4,4.4,,65+\n";
    let lead =
        "18080,2011-11-23,google_ads,8,bob@theirs.test\n99,2011-11-24,email,,eve@theirs.test\n";
    let deal = "D-1,18080,2011-11-23,2011-12-02,lost,999,Bob\n";
    fill(&team, |line| line >= "2011-11-28", [ads, lead, deal]).await;
    team
}

async fn fill(team: &Team<'_>, wanted: impl Fn(&str) -> bool, [ads, leads, deals]: [&str; 3]) {
    let (head, lines) = ORDERS.split_once('\n').unwrap();
    let lines = lines
        .lines()
        .filter(|line| wanted(line.split(',').nth(2).unwrap()));
    let orders: Vec<&str> = std::iter::once(head).chain(lines).collect();
    // Leads first, so that they are on the first page of customers.
    for (format, text) in [
        (Format::AdStats, format!("{ADS}{ads}")),
        (Format::Leads, format!("{LEADS}{leads}")),
        (Format::Orders, orders.join("\n")),
        (Format::Deals, format!("{DEALS}{deals}")),
    ] {
        let report = team.text(format, &text).await;
        assert!(report.committed, "{report}");
    }
}

/// What every list and every cut says, and the ids in it.
async fn everything(team: &Team<'_>) -> (Value, BTreeSet<String>) {
    let period = json!({ "range": { "from": FROM, "to": TO } });
    let mut answers = vec![team.ask(LISTS, json!({ "period": period })).await];
    for cut in [
        "CAMPAIGN",
        "CHANNEL",
        "CHANNEL_KIND",
        "CUSTOMER",
        "PROPERTY:age",
        "PROPERTY:owner",
        "TIME:DAY",
    ] {
        let mut rows = team.metrics(question(&METRICS, &[cut], FROM, TO)).await;
        answers.extend(rows.drain(..).map(|row| row.0));
    }
    answers.extend([team.total(&METRICS, FROM, TO).await.0]);
    let answers = Value::Array(answers);
    let mut found = BTreeSet::new();
    ids(&answers, &mut found);
    (answers, found)
}

/// Gathers what stands under `id`, and keys of dimensions that are ids.
fn ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str() {
                    Some(id) if name == "id" => drop(found.insert(id.to_owned())),
                    _ => ids(field, found),
                }
            }
        }
        _ => (),
    }
}

const METRICS: [&str; 10] = [
    "SPEND",
    "CLICKS",
    "CTR",
    "ORDERS",
    "REVENUE",
    "ACTIVE_CUSTOMERS",
    "NEW_CUSTOMERS",
    "LEADS",
    "WON_DEALS",
    "WIN_RATE",
];

const LISTS: &str = "query ($period: PeriodInput!) {
    viewer { team { slug name } }
    campaigns(first: 100) { totalCount nodes {
        id name channels { nodes { id name } } kpis(period: $period) { spend { value } ctr { value } leads { value } }
    } }
    channels(first: 100) { totalCount nodes { id name kpis(period: $period) { spend { value } orders { value } } } }
    customers(first: 100) { totalCount nodes {
        id email acquiredBy { id } orders { nodes { id net { amount } } } kpis(period: $period) { revenue { value } }
    } }
}";

on_both_databases! {
    async fn what_one_team_loads_changes_no_answer_of_the_other(database: TestDatabase) {
        let app = service(&database, "2011-12-10").await;
        let ours = ours(&app).await;
        let (before, our_ids) = everything(&ours).await;
        let theirs = theirs(&app).await;
        let (their_answers, their_ids) = everything(&theirs).await;
        let (after, _) = everything(&ours).await;
        assert_eq!(before, after);
        assert!(our_ids.len() > 100 && their_ids.len() > 100);
        assert!(our_ids.is_disjoint(&their_ids));
        for name in ["Spring", "ann@ours.test", "\"Ann\""] {
            assert!(before.to_string().contains(name), "{name}");
            assert!(!their_answers.to_string().contains(name), "{name}");
        }
        for name in ["Autumn", "Winter", "eve@theirs.test", "google_ads"] {
            assert!(their_answers.to_string().contains(name), "{name}");
            assert!(!after.to_string().contains(name), "{name}");
        }
        for (team, orders, revenue) in [(&ours, "619", "316412.16"), (&theirs, "665", "324370.83")] {
            let total = team.total(&METRICS, FROM, TO).await;
            assert_eq!((total.get("ORDERS"), total.get("REVENUE")), (Some(orders), Some(revenue)));
        }
    }

    async fn ids_of_the_other_team_answer_like_unknown_ones(database: TestDatabase) {
        let app = service(&database, "2011-12-10").await;
        let (ours, theirs) = (ours(&app).await, theirs(&app).await);
        let (_, their_ids) = everything(&theirs).await;
        let their_ids: Vec<String> = their_ids.into_iter().collect();
        for some in their_ids.chunks(100) {
            let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
            let known = theirs.ask(query, json!({ "ids": some })).await;
            assert!(known["nodes"].as_array().unwrap().iter().all(Value::is_object));
            let unknown = ours.ask(query, json!({ "ids": some })).await;
            assert!(unknown["nodes"].as_array().unwrap().iter().all(Value::is_null));
        }
    }

    async fn filters_by_ids_of_the_other_team_find_nothing(database: TestDatabase) {
        let app = service(&database, "2011-12-10").await;
        let (ours, theirs) = (ours(&app).await, theirs(&app).await);
        for dimension in ["CAMPAIGN", "CHANNEL", "CUSTOMER"] {
            let rows = theirs.metrics(question(&["ORDERS", "LEADS"], &[dimension], FROM, TO)).await;
            let keys: Vec<&str> = rows.iter().filter_map(|row| row.key(0)).collect();
            assert!(!keys.is_empty(), "{dimension}");
            let predicate = json!({ "dimension": dimension, "op": "IN", "values": keys });
            let mut question = question(&["ORDERS", "LEADS"], &[dimension], FROM, TO);
            question["filter"] = json!({ "dimension": predicate });
            assert_eq!(ours.metrics(question).await.len(), 0, "{dimension}");
        }
    }
}
