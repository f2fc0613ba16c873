//! HubSpot's CRM API v3: lists, searches, and the associations of v4.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{HUBSPOT_TOKEN, World};

/// Objects on a page, few enough for several pages.
const PAGE: usize = 3;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/crm/v3/objects/{kind}", web::get().to(list))
        .route("/crm/v3/objects/{kind}/search", web::post().to(search))
        .route(
            "/crm/v4/associations/deals/contacts/batch/read",
            web::post().to(associations),
        );
}

async fn list(
    request: HttpRequest,
    kind: web::Path<String>,
    query: web::Query<HashMap<String, String>>,
    world: web::Data<World>,
) -> HttpResponse {
    let mut crm = world.hubspot();
    if let Some(refusal) = crm.refusal(&request, HUBSPOT_TOKEN) {
        return refusal;
    }
    let all: Vec<&Value> = crm.records[kind.as_str()]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let asked: Vec<&str> = query["properties"].split(',').collect();
    page(&all, &asked, query.get("after").map(String::as_str))
}

async fn search(
    request: HttpRequest,
    kind: web::Path<String>,
    body: web::Json<Value>,
    world: web::Data<World>,
) -> HttpResponse {
    let mut crm = world.hubspot();
    if let Some(refusal) = crm.refusal(&request, HUBSPOT_TOKEN) {
        return refusal;
    }
    let filter = &body["filterGroups"][0]["filters"][0];
    assert_eq!(filter["operator"], "GTE");
    let name = filter["propertyName"].as_str().unwrap();
    // Contacts and deals call it differently; a property that is not there finds nothing.
    let since: i64 = filter["value"].as_str().unwrap().parse().unwrap();
    let at = |record: &&Value| {
        let text = record[name].as_str()?;
        Some(text.parse::<DateTime<Utc>>().unwrap().timestamp_millis())
    };
    let mut found: Vec<&Value> = crm.records[kind.as_str()]
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| at(record).is_some_and(|at| at >= since))
        .collect();
    assert_eq!(body["sorts"][0]["propertyName"], name);
    found.sort_by_key(at);
    let asked: Vec<&str> = body["properties"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    page(&found, &asked, body["after"].as_str())
}

async fn associations(
    request: HttpRequest,
    body: web::Json<Value>,
    world: web::Data<World>,
) -> HttpResponse {
    let mut crm = world.hubspot();
    if let Some(refusal) = crm.refusal(&request, HUBSPOT_TOKEN) {
        return refusal;
    }
    let inputs = body["inputs"].as_array().unwrap();
    if inputs.is_empty() {
        return HttpResponse::BadRequest().json(json!({ "message": "inputs may not be empty" }));
    }
    let deals = crm.records["deals"].as_array().unwrap();
    let found = inputs.iter().filter_map(|input| {
        let deal = deals.iter().find(|deal| deal["hs_object_id"] == input["id"])?;
        let contact: i64 = deal["_contact"].as_str()?.parse().unwrap();
        Some(json!({ "from": { "id": input["id"] }, "to": [{ "toObjectId": contact, "associationTypes": [] }] }))
    });
    let results: Vec<Value> = found.collect();
    HttpResponse::Ok().json(json!({ "status": "COMPLETE", "results": results }))
}

/// A page of objects with the properties asked, and those that are always there.
fn page(records: &[&Value], asked: &[&str], after: Option<&str>) -> HttpResponse {
    let from: usize = after.map_or(0, |after| after.parse().unwrap());
    let shown = records.iter().skip(from).take(PAGE).map(|record| {
        let always = ["createdate", "hs_object_id"];
        let names = asked.iter().chain(&always);
        let properties: Map<String, Value> = names
            .map(|name| ((*name).to_owned(), record[*name].clone()))
            .collect();
        json!({ "id": record["hs_object_id"], "properties": properties, "createdAt": record["createdate"],
            "archived": false })
    });
    let mut answer = json!({ "results": shown.collect::<Vec<_>>() });
    if from + PAGE < records.len() {
        let next = (from + PAGE).to_string();
        answer["paging"] = json!({ "next": { "after": next, "link": format!("?after={next}") } });
    }
    HttpResponse::Ok().json(answer)
}
