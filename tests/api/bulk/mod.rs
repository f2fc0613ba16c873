//! Bulk calls: many rows of every kind, each with its outcome.

mod benchmarks;
mod customers;
mod days;
mod idempotency;
mod naming;
mod opportunities;
mod outcomes;
mod repeats;
mod statements;

use serde_json::{Value, json};

use crate::support::{App, json::path};

/// Every bulk mutation, each after those whose rows it needs.
pub const MUTATIONS: [&str; 18] = [
    "upsertCustomers",
    "upsertStageEvents",
    "upsertOpportunities",
    "upsertOrders",
    "upsertRefunds",
    "upsertTouchpoints",
    "upsertConversions",
    "upsertCosts",
    "upsertSurveyAnswers",
    "upsertContent",
    "upsertBenchmarks",
    "upsertExchangeRates",
    "upsertAdDays",
    "upsertWebDays",
    "upsertEmailDays",
    "upsertSocialDays",
    "upsertPeopleCounts",
    "upsertFigures",
];

/// Of one metric a team has a hundred benchmarks at most.
const METRICS: [&str; 26] = [
    "ACTIVE_CUSTOMERS",
    "AD_PENETRATION",
    "AOV",
    "AVERAGE_DEAL_VALUE",
    "AVG_TIME_ON_PAGE",
    "AVG_WATCH_TIME",
    "BOUNCE_RATE",
    "BRAND_AWARENESS_AIDED",
    "BRAND_AWARENESS_UNAIDED",
    "BRAND_MENTIONS",
    "BRAND_SEARCH_VOLUME",
    "BUDGET_PACING",
    "CAC",
    "CAC_PAYBACK",
    "CALL_LEADS",
    "CHURN_RATE",
    "CLICKS",
    "CLICK_CONVERSION_RATE",
    "CLV_COHORT",
    "CLV_HISTORIC",
    "CLV_PREDICTED",
    "COMPLAINT_RATE",
    "CONTENT_PUBLISHED",
    "CONVERSIONS",
    "CPC",
    "CTR",
];

/// What a source named `crm` calls something.
pub fn named(id: impl ToString) -> Value {
    json!({ "external": { "system": "crm", "id": id.to_string() } })
}

/// An item of a mutation; items of different places have different keys.
pub fn item(mutation: &str, place: usize) -> Value {
    let (id, who) = (format!("{place}"), named(format!("c{}", place % 50)));
    let day = |places: usize| format!("2026-{:02}-{:02}", 1 + places / 28 % 12, 1 + places % 28);
    let (date, country) = (day(place), format!("country {}", place / 300));
    let at = format!("{date}T10:{:02}:00Z", place % 60);
    match mutation {
        "upsertCustomers" => {
            json!({ "ref": named(format!("c{place}")), "email": format!("{place}@x.org"),
            "name": "Ada", "country": "GB", "lifecycle": "LEAD", "lifecycleAt": at })
        }
        "upsertStageEvents" => json!({ "customer": named(format!("c{place}")), "stage": "MQL",
            "enteredAt": "2026-06-02T10:00:00Z" }),
        "upsertOpportunities" => {
            json!({ "id": id, "customer": who, "openedOn": date, "outcome": "WON",
            "closedAt": at, "amount": "12.5", "stage": "offer" })
        }
        "upsertOrders" => {
            json!({ "id": id, "customer": who, "orderedAt": at, "gross": "120", "tax": "20",
            "costOfGoods": "30", "country": "DE", "device": "MOBILE",
            "properties": [{ "key": "shop", "value": "main" }] })
        }
        "upsertRefunds" => json!({ "id": id, "orderId": id, "refundedAt": at, "amount": "1" }),
        "upsertTouchpoints" => {
            json!({ "id": id, "customer": who, "occurredAt": at, "channel": named("email"),
            "campaign": named("spring"), "kind": "CLICK", "utmSource": "news", "converted": true, "value": "3" })
        }
        "upsertConversions" => json!({ "id": format!("v{id}"), "customer": who, "kind": "signup",
            "occurredAt": at, "value": "2" }),
        "upsertCosts" => json!({ "id": id, "name": "agency", "kind": "AGENCY", "startsOn": date,
            "amount": "10", "campaign": named("spring"), "acquisition": true }),
        "upsertSurveyAnswers" => json!({ "id": id, "kind": "NPS", "customer": who, "score": 9,
            "answeredAt": at, "survey": "spring" }),
        "upsertContent" => {
            json!({ "id": id, "title": "post", "publishedAt": at, "channel": named("blog") })
        }
        "upsertBenchmarks" => {
            let metric = METRICS[place % METRICS.len()];
            json!({ "metric": metric, "industry": format!("trade {place}"), "p25": "0.01", "p50": "0.02",
                "asOf": date, "source": "a report, page 7" })
        }
        "upsertExchangeRates" => {
            json!({ "date": (chrono::NaiveDate::default() + chrono::Days::new(place as u64)),
            "from": "USD", "rate": "0.9" })
        }
        "upsertAdDays" => json!({ "date": date, "country": country, "campaign": named("spring"),
            "campaignName": "Spring", "channel": named("google_ads"), "spend": "10.5", "impressions": 1000,
            "clicks": 20, "platformConversions": "1.5", "properties": [{ "key": "ad_set", "value": id }] }),
        "upsertWebDays" => json!({ "date": date, "country": country, "campaign": named("spring"),
            "landingPage": format!("/{id}"), "sessions": 10, "pageviews": 20 }),
        "upsertEmailDays" => {
            json!({ "date": date, "country": country, "campaign": named("spring"), "sent": 100,
            "delivered": 90, "properties": [{ "key": "mail", "value": id }] })
        }
        "upsertSocialDays" => {
            json!({ "date": date, "country": country, "channel": named("instagram"),
            "followers": 100, "likes": 3, "properties": [{ "key": "page", "value": id }] })
        }
        "upsertPeopleCounts" => {
            json!({ "kind": "REACH", "from": date, "to": date, "country": format!("c{id}"),
            "campaign": named("spring"), "people": 77 })
        }
        "upsertFigures" => {
            json!({ "figure": "brand_searches", "date": date, "country": format!("c{id}"), "value": "5" })
        }
        other => panic!("no item of {other}"),
    }
}

/// Items of a mutation from some places on.
pub fn items(mutation: &str, places: std::ops::Range<usize>) -> Vec<Value> {
    places.map(|place| item(mutation, place)).collect()
}

/// The operation of a mutation.
pub fn operation(mutation: &str) -> String {
    let input = format!("U{}Input", &mutation[1..]);
    format!(
        "mutation ($input: {input}!) {{ done: {mutation}(input: $input) {{ replayed
            results {{ index outcome errors {{ code path message }} }}
            counts {{ created updated unchanged skipped failed deleted }}
            errors {{ code path message ... on QuotaError {{ retryAfterMs }} }} }} }}"
    )
}

/// The payload of a call of the source `crm`, and the number of its statements.
pub async fn send_counted(
    app: &App,
    token: &str,
    mutation: &str,
    items: impl Into<Value>,
    options: Value,
) -> (Value, u32) {
    let mut input = json!({ "source": "crm", "items": items.into() });
    let fields = input.as_object_mut().expect("an object");
    fields.extend(options.as_object().cloned().unwrap_or_default());
    let variables = json!({ "input": input });
    let (answer, statements) = app
        .graphql_counted(token, &operation(mutation), variables)
        .await;
    (path(&answer, "data.done").clone(), statements)
}

/// The payload of a call of the source `crm`.
pub async fn send(
    app: &App,
    token: &str,
    mutation: &str,
    items: impl Into<Value>,
    options: Value,
) -> Value {
    send_counted(app, token, mutation, items, options).await.0
}

/// The outcomes, checked to come in the order of the request.
pub fn outcomes(done: &Value) -> Vec<&str> {
    let results = path(done, "results").as_array().expect("a list");
    let in_order = results.iter().enumerate();
    in_order
        .map(|(place, result)| {
            assert_eq!(result["index"], place, "{done:#}");
            result["outcome"].as_str().expect("an outcome")
        })
        .collect()
}

/// Code and path of each result's first mistake; an empty text where there is none.
pub fn mistakes(done: &Value) -> Vec<String> {
    let results = path(done, "results").as_array().expect("a list");
    let first = |result: &Value| match result["errors"].get(0) {
        Some(error) => {
            let steps = error["path"].as_array().expect("a path").iter();
            let steps: Vec<&str> = steps.filter_map(Value::as_str).collect();
            format!(
                "{} {}",
                error["code"].as_str().unwrap_or_default(),
                steps.join(".")
            )
        }
        None => String::new(),
    };
    results.iter().map(first).collect()
}
