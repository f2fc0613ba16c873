//! The numbers, worked out by hand from the records in `fixtures`.

use serde_json::{Value, json};

/// What is looked at after each run.
pub const QUERY: &str = "{
    customers(first: 100) { totalCount nodes {
        externalRefs { id } name email country lifecycle lifecycleHistory { to at }
        acquiredThrough { name kind } orders(first: 10) { nodes { status net { amount } } } } }
    viewer { team { kpis(period: { range: { from: \"2026-01-01\", to: \"2026-06-30\" } }) {
        leads { value } mqls { value } sals { value } sqls { value } sqos { value }
        wonDeals { value } lostDeals { value } wonAmount { value } pipelineContribution { numerator denominator }
        revenue { value } newCustomers { value } } } } }";

/// One bad row of many: won without a day.
pub const HUBSPOT_FIRST_RUN: [&str; 6] = [
    "Customers: 7 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
    "FAILED Opportunities 205: input.items.0.closedAt: INVALID: input.items[0].closedAt: is blank, but must be given",
    "Opportunities: 5 created, 0 updated, 0 unchanged, 0 skipped, 1 failed",
    "Orders: 4 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
    "StageEvents: 18 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
    "Touchpoints: 6 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
];

/// The last of each list is looked at again: 107 without a touch, 206 without an amount's day.
pub const HUBSPOT_NOTHING_NEW: [&str; 3] = [
    "Customers: 0 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
    "Opportunities: 0 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
    "StageEvents: 0 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
];

/// 103 has become a customer by 203.
pub const HUBSPOT_ONE_WON: [&str; 5] = [
    "Customers: 0 created, 1 updated, 1 unchanged, 0 skipped, 0 failed",
    "Opportunities: 0 created, 1 updated, 1 unchanged, 0 skipped, 0 failed",
    "Orders: 0 created, 1 updated, 0 unchanged, 0 skipped, 0 failed",
    "StageEvents: 1 created, 0 updated, 5 unchanged, 0 skipped, 0 failed",
    "Touchpoints: 0 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
];

/// Of the first quarter, with 205 mended, beside 300 spent on paid search.
pub const HUBSPOT_KPIS: [&str; 30] = [
    "(none)\tCAC\tZERO_DENOMINATOR",
    "(none)\tLEADS\t1",
    "(none)\tMQLS\t0",
    "(none)\tMQL_TO_SAL_RATE\tZERO_DENOMINATOR",
    "(none)\tNEW_CUSTOMERS\t0",
    "(none)\tPIPELINE_CONTRIBUTION\t0.00%",
    "(none)\tWON_AMOUNT\t€700.00",
    "ORGANIC_SEARCH\tCAC\t€0.00",
    "ORGANIC_SEARCH\tCLV\t€800.50",
    "ORGANIC_SEARCH\tLEADS\t2",
    "ORGANIC_SEARCH\tMQLS\t2",
    "ORGANIC_SEARCH\tMQL_TO_SAL_RATE\t100.00%",
    "ORGANIC_SEARCH\tNEW_CUSTOMERS\t1",
    "ORGANIC_SEARCH\tPIPELINE_CONTRIBUTION\t100.00%",
    "ORGANIC_SEARCH\tWON_AMOUNT\t€800.50",
    "OTHER\tCAC\tZERO_DENOMINATOR",
    "OTHER\tLEADS\t0",
    "OTHER\tMQLS\t0",
    "OTHER\tMQL_TO_SAL_RATE\tZERO_DENOMINATOR",
    "OTHER\tNEW_CUSTOMERS\t0",
    "OTHER\tPIPELINE_CONTRIBUTION\tZERO_DENOMINATOR",
    "OTHER\tWON_AMOUNT\t€0.00",
    "PAID_SEARCH\tCAC\t€300.00",
    "PAID_SEARCH\tCLV\t€1,200.00",
    "PAID_SEARCH\tLEADS\t3",
    "PAID_SEARCH\tMQLS\t2",
    "PAID_SEARCH\tMQL_TO_SAL_RATE\t50.00%",
    "PAID_SEARCH\tNEW_CUSTOMERS\t1",
    "PAID_SEARCH\tPIPELINE_CONTRIBUTION\t100.00%",
    "PAID_SEARCH\tWON_AMOUNT\t€1,200.00",
];

pub const SALESFORCE_FIRST_RUN: [&str; 6] = [
    "Customers: 5 created, 1 updated, 0 unchanged, 0 skipped, 1 failed",
    "FAILED Customers 003000000000002AAA: input.items.1.country: INVALID: input.items[1].country: 'The United Kingdom of \
        Great Britain and Northern Ireland (ma…' has 67 characters; allowed are 64",
    "Opportunities: 5 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
    "Orders: 4 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
    "StageEvents: 9 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
    "Touchpoints: 4 created, 0 updated, 0 unchanged, 0 skipped, 0 failed",
];

/// The last of each list is looked at again: two leads' ends, a contact, an opportunity.
pub const SALESFORCE_NOTHING_NEW: [&str; 4] = [
    "Customers: 0 created, 0 updated, 2 unchanged, 0 skipped, 0 failed",
    "Opportunities: 0 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
    "Orders: 0 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
    "StageEvents: 0 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
];

pub const SALESFORCE_ONE_WON: [&str; 4] = [
    "Customers: 0 created, 0 updated, 2 unchanged, 0 skipped, 0 failed",
    "Opportunities: 0 created, 1 updated, 1 unchanged, 0 skipped, 0 failed",
    "Orders: 0 created, 1 updated, 1 unchanged, 0 skipped, 0 failed",
    "StageEvents: 1 created, 0 updated, 1 unchanged, 0 skipped, 0 failed",
];

/// Of the first quarter; nothing is known of what was spent.
pub const SALESFORCE_KPIS: [&str; 23] = [
    "(none)\tCAC\tNO_DATA",
    "(none)\tLEADS\t1",
    "(none)\tMQLS\t0",
    "(none)\tMQL_TO_SAL_RATE\tZERO_DENOMINATOR",
    "(none)\tNEW_CUSTOMERS\t0",
    "(none)\tPIPELINE_CONTRIBUTION\t0.00%",
    "(none)\tWON_AMOUNT\t€0.00",
    "OTHER\tCAC\tNO_DATA",
    "OTHER\tCLV\t€1,254.25",
    "OTHER\tLEADS\t2",
    "OTHER\tMQLS\t2",
    "OTHER\tMQL_TO_SAL_RATE\t100.00%",
    "OTHER\tNEW_CUSTOMERS\t1",
    "OTHER\tPIPELINE_CONTRIBUTION\t100.00%",
    "OTHER\tWON_AMOUNT\t€1,254.25",
    "REFERRAL\tCAC\tNO_DATA",
    "REFERRAL\tCLV\t€4,600.00",
    "REFERRAL\tLEADS\t1",
    "REFERRAL\tMQLS\t0",
    "REFERRAL\tMQL_TO_SAL_RATE\tZERO_DENOMINATOR",
    "REFERRAL\tNEW_CUSTOMERS\t1",
    "REFERRAL\tPIPELINE_CONTRIBUTION\t100.00%",
    "REFERRAL\tWON_AMOUNT\t€4,600.00",
];

/// Lines as a program says them.
pub fn texts(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Seven people, and the deals of the five that are right.
pub fn assert_hubspot(state: &Value) {
    assert_eq!(state["customers"]["totalCount"], 7);
    let people = people(state);
    let at = |day: &str| format!("2026-{day}T09:00:00+00:00");
    assert_eq!(
        people[0],
        json!({
            "name": "Ada Lovelace", "email": "ada@example.test", "country": "GB", "lifecycle": "CUSTOMER",
            "externalRefs": [{ "id": "101" }],
            "lifecycleHistory": [
                { "to": "LEAD", "at": at("01-05") }, { "to": "MQL", "at": at("01-08") },
                { "to": "SQL", "at": at("01-12") }, { "to": "SQO", "at": at("01-15") },
                { "to": "CUSTOMER", "at": "2026-02-10T15:00:00+00:00" }],
            "acquiredThrough": { "name": "PAID_SEARCH", "kind": "PAID_SEARCH" },
            "orders": { "nodes": [{ "status": "completed", "net": { "amount": "1200" } }] },
        })
    );
    let nobody = &people[5];
    assert_eq!(
        (&nobody["name"], &nobody["email"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(stages(state), 18);
    let numbers = [
        ("leads", "6"),
        ("mqls", "4"),
        ("sals", "0"),
        ("sqls", "2"),
        ("sqos", "3"),
        ("wonDeals", "2"),
        ("lostDeals", "1"),
        ("wonAmount", "2000.5"),
        ("revenue", "2000.5"),
        ("newCustomers", "2"),
    ];
    assert_numbers(state, &numbers);
    // 1200 + 800.50 + 3000 + 500 of people with a channel, and 250.50.
    assert_pipeline(state, "5500.5", "5751");
}

/// Nothing but 103 and 203 is different.
pub fn assert_hubspot_won(before: &Value, after: &Value) {
    let mut expected = people(before).clone();
    expected[2]["lifecycle"] = json!("CUSTOMER");
    let entered = json!({ "to": "CUSTOMER", "at": "2026-04-02T09:00:00+00:00" });
    expected[2]["lifecycleHistory"]
        .as_array_mut()
        .unwrap()
        .push(entered);
    expected[2]["orders"]["nodes"] =
        json!([{ "status": "completed", "net": { "amount": "3100" } }]);
    assert_eq!(people(after), &expected);
    let numbers = [
        ("leads", "6"),
        ("mqls", "4"),
        ("wonDeals", "3"),
        ("lostDeals", "1"),
        ("wonAmount", "5100.5"),
        ("revenue", "5100.5"),
        ("newCustomers", "3"),
    ];
    assert_numbers(after, &numbers);
    assert_pipeline(after, "5600.5", "5851");
}

/// Four leads, one of them also a contact, and two more contacts, one of them known by its opportunity alone.
pub fn assert_salesforce(state: &Value) {
    assert_eq!(state["customers"]["totalCount"], 6);
    let people = people(state);
    let rosa = people
        .iter()
        .find(|person| person["name"] == "Rosa Klein")
        .unwrap();
    let at = |day: &str| format!("2026-{day}T08:00:00+00:00");
    assert_eq!(
        rosa,
        &json!({
            "name": "Rosa Klein", "email": "rosa.klein@example.test", "country": "DE", "lifecycle": "SQO",
            "externalRefs": [{ "id": "00Q000000000001AAA" }],
            "lifecycleHistory": [
                { "to": "LEAD", "at": at("01-07") }, { "to": "MQL", "at": at("01-09") },
                { "to": "SAL", "at": at("01-12") }, { "to": "SQO", "at": at("01-20") }],
            "acquiredThrough": { "name": "Web", "kind": "OTHER" },
            "orders": { "nodes": [
                { "status": "completed", "net": { "amount": "1054" } },
                { "status": "completed", "net": { "amount": "200.25" } }] },
        })
    );
    assert_eq!(stages(state), 9);
    let numbers = [
        ("leads", "4"),
        ("mqls", "2"),
        ("sals", "2"),
        ("sqls", "0"),
        ("sqos", "1"),
        ("wonDeals", "2"),
        ("lostDeals", "1"),
        ("wonAmount", "1254.25"),
        ("revenue", "1254.25"),
        ("newCustomers", "1"),
    ];
    assert_numbers(state, &numbers);
    // 1054 + 200.25 + 4514.50 of people with a channel, and 55; the amount of one is not known.
    assert_pipeline(state, "5768.75", "5823.75");
}

/// Nothing but one opportunity and one lead's stage is different.
pub fn assert_salesforce_won(before: &Value, after: &Value) {
    let mut expected = people(before).clone();
    for person in &mut expected {
        if person["name"] == "Omar Haddad" {
            person["lifecycle"] = json!("SAL");
            let entered = json!({ "to": "SAL", "at": "2026-03-20T08:00:00+00:00" });
            person["lifecycleHistory"]
                .as_array_mut()
                .unwrap()
                .push(entered);
        }
        if person["externalRefs"] == json!([{ "id": "003000000000002AAA" }]) {
            person["lifecycle"] = json!("CUSTOMER");
            person["orders"]["nodes"] =
                json!([{ "status": "completed", "net": { "amount": "4600" } }]);
        }
    }
    assert_eq!(people(after), &expected);
    let numbers = [
        ("sals", "3"),
        ("wonDeals", "3"),
        ("wonAmount", "5854.25"),
        ("revenue", "5854.25"),
        ("newCustomers", "2"),
    ];
    assert_numbers(after, &numbers);
    assert_pipeline(after, "5854.25", "5909.25");
}

fn people(state: &Value) -> &Vec<Value> {
    state["customers"]["nodes"].as_array().unwrap()
}

/// How many stages were entered.
fn stages(state: &Value) -> usize {
    let entered = people(state)
        .iter()
        .map(|person| person["lifecycleHistory"].as_array().unwrap().len());
    entered.sum()
}

fn assert_numbers(state: &Value, numbers: &[(&str, &str)]) {
    for (name, number) in numbers {
        let value = &state["viewer"]["team"]["kpis"][name]["value"];
        assert_eq!(value, number, "{name}");
    }
}

fn assert_pipeline(state: &Value, sourced: &str, opened: &str) {
    let pipeline = &state["viewer"]["team"]["kpis"]["pipelineContribution"];
    assert_eq!(
        pipeline,
        &json!({ "numerator": sourced, "denominator": opened })
    );
}
