//! Whether the process lives and whether it can serve.

use std::time::Duration;

use actix_web::{HttpResponse, web::Data};

use super::Service;

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// The database answers, so requests can be served.
pub async fn ready(service: Data<Service>) -> HttpResponse {
    match tokio::time::timeout(PATIENCE, service.store.ping()).await {
        Ok(Ok(())) => HttpResponse::Ok().body("ready\n"),
        _ => HttpResponse::ServiceUnavailable().body("the database does not answer\n"),
    }
}
