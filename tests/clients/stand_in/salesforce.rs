//! Salesforce: the token of a client, and queries of REST, for as much of SOQL as the programs speak.

use std::{collections::HashMap, sync::LazyLock};

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::DateTime;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::{Crm, SALESFORCE_CLIENT, SALESFORCE_TOKEN, World};

/// Records on a page, few enough for several pages.
const PAGE: usize = 2;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/services/oauth2/token", web::post().to(token))
        .route("/services/data/v65.0/query", web::get().to(query))
        .route("/services/data/v65.0/query/{locator}", web::get().to(more));
}

async fn token(form: web::Form<HashMap<String, String>>) -> HttpResponse {
    let (id, secret) = SALESFORCE_CLIENT;
    let right = form["grant_type"] == "client_credentials"
        && (form["client_id"].as_str(), form["client_secret"].as_str()) == (id, secret);
    match right {
        true => HttpResponse::Ok()
            .json(json!({ "access_token": SALESFORCE_TOKEN, "token_type": "Bearer" })),
        false => HttpResponse::BadRequest().json(json!({ "error": "invalid_client" })),
    }
}

async fn query(
    request: HttpRequest,
    asked: web::Query<HashMap<String, String>>,
    world: web::Data<World>,
) -> HttpResponse {
    answer(&request, &asked["q"], 0, &mut world.salesforce())
}

/// The pages after the first: the locator here is the query itself with the place reached.
async fn more(
    request: HttpRequest,
    locator: web::Path<String>,
    world: web::Data<World>,
) -> HttpResponse {
    let (place, query) = locator.split_once('-').unwrap();
    let query = String::from_utf8(hex(query)).unwrap();
    answer(
        &request,
        &query,
        place.parse().unwrap(),
        &mut world.salesforce(),
    )
}

fn answer(request: &HttpRequest, query: &str, from: usize, crm: &mut Crm) -> HttpResponse {
    if let Some(refusal) = crm.refusal(request, SALESFORCE_TOKEN) {
        return refusal;
    }
    static SELECT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^SELECT (.+) FROM (Lead|LeadHistory|Contact|Opportunity)(?: WHERE (.+))?$")
            .unwrap()
    });
    static NESTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\(SELECT ContactId FROM (\w+) WHERE IsPrimary = true\)").unwrap()
    });
    let malformed = |what: &str| {
        HttpResponse::BadRequest()
            .json(json!([{ "errorCode": "MALFORMED_QUERY", "message": what }]))
    };
    let Some(parts) = SELECT.captures(query) else {
        return malformed(query);
    };
    let fields = NESTED.replace(&parts[1], "$1");
    let kind = &parts[2];
    let conditions = parts.get(3).map_or("", |found| found.as_str());
    let all = crm.records[kind].as_array().unwrap();
    let found: Vec<&Value> = all
        .iter()
        .filter(|record| holds(conditions, record))
        .collect();
    let mut shown = Vec::new();
    for record in found.iter().skip(from).take(PAGE) {
        let mut fields_of = Map::from_iter([("attributes".to_owned(), json!({ "type": kind }))]);
        for field in fields.split(',').map(str::trim) {
            let Some(value) = record.get(field) else {
                return malformed(&format!("No such column '{field}' on entity '{kind}'"));
            };
            fields_of.insert(field.to_owned(), value.clone());
        }
        shown.push(Value::Object(fields_of));
    }
    let reached = from + shown.len();
    let mut page =
        json!({ "totalSize": found.len(), "done": reached == found.len(), "records": shown });
    if reached < found.len() {
        let query: String = query.bytes().map(|byte| format!("{byte:02x}")).collect();
        page["nextRecordsUrl"] = json!(format!("/services/data/v65.0/query/{reached}-{query}"));
    }
    HttpResponse::Ok().json(page)
}

/// Whether all of the conditions hold.
fn holds(conditions: &str, record: &Value) -> bool {
    let each = conditions
        .split(" AND ")
        .filter(|condition| !condition.is_empty());
    each.map(|condition| {
        let mut words = condition.splitn(3, ' ');
        let mut word = || words.next().unwrap();
        (word(), word(), word())
    })
    .all(|(field, operator, value)| match operator {
        ">=" => {
            let at = record[field].as_str().unwrap();
            let at = DateTime::parse_from_str(at, "%Y-%m-%dT%H:%M:%S%.f%z").unwrap();
            at >= DateTime::parse_from_rfc3339(value).unwrap()
        }
        _ => {
            record[field] == value.trim_matches('\'')
                || value
                    .parse()
                    .is_ok_and(|value: Value| record[field] == value)
        }
    })
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |place| u8::from_str_radix(&text[place..place + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
