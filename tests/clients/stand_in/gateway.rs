//! What stands between the programs and the service: it loses an answer and says once that a call is running.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde_json::{Value, json};

use super::World;

/// A mutation that came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The operation's name.
    pub operation: String,
    /// Its idempotency key.
    pub key: String,
    /// How many rows it has.
    pub rows: usize,
}

pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/graphql", web::post().to(pass));
}

async fn pass(request: HttpRequest, body: web::Bytes, world: web::Data<World>) -> HttpResponse {
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let input = &asked["variables"]["input"];
    let place = input["idempotencyKey"].as_str().map(|key| {
        let mut all = world.asked.lock().unwrap();
        all.push(Asked {
            operation: asked["operationName"].as_str().unwrap().to_owned(),
            key: key.to_owned(),
            rows: input["items"].as_array().unwrap().len(),
        });
        all.len()
    });
    if place == Some(4) {
        let counts =
            json!({ "created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0 });
        let error = json!({ "path": ["input", "idempotencyKey"], "code": "RUNNING", "message": "wait",
            "retryAfterMs": 20 });
        return HttpResponse::Ok().json(
            json!({ "data": { "done": { "counts": counts, "results": [], "errors": [error] } } }),
        );
    }
    let shown = request.headers().get(header::AUTHORIZATION).unwrap();
    let answer = reqwest::Client::new()
        .post(&world.service)
        .header("Authorization", shown.to_str().unwrap())
        .header("Content-Type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    match place {
        Some(1) => HttpResponse::BadGateway().body("the answer is lost"),
        _ => HttpResponse::build(status.try_into().unwrap())
            .content_type("application/json")
            .body(text),
    }
}
