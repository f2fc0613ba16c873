//! A server that stands in for HubSpot and Salesforce, as small as their real interfaces allow, and in front of the
//! service under test. It fails now and then, as the real ones do.

mod gateway;
mod hubspot;
mod salesforce;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::header, rt::System, web};
use serde_json::{Value, json};
use tokio::sync::oneshot;

pub use gateway::Asked;

/// What HubSpot's clients must show, and what Salesforce gives for its client's id and secret.
pub const HUBSPOT_TOKEN: &str = "pat-hubspot";
pub const SALESFORCE_TOKEN: &str = "00D-salesforce";
/// The client of Salesforce.
pub const SALESFORCE_CLIENT: (&str, &str) = ("a-client", "its-secret");

/// The running server, stopped when this value is dropped.
pub struct StandIn {
    /// Where it listens.
    pub address: SocketAddr,
    world: Arc<World>,
    _stop: oneshot::Sender<()>,
}

/// What the server knows.
struct World {
    hubspot: Mutex<Crm>,
    salesforce: Mutex<Crm>,
    service: String,
    asked: Mutex<Vec<Asked>>,
}

/// One CRM: its records by kind, and how often it was asked.
struct Crm {
    records: Value,
    requests: usize,
}

impl StandIn {
    /// Starts the server in front of the service with this URL.
    pub async fn start(service: &str) -> Self {
        let crm = |text| {
            Mutex::new(Crm {
                records: serde_json::from_str(text).unwrap(),
                requests: 0,
            })
        };
        let world = Arc::new(World {
            hubspot: crm(include_str!("../fixtures/hubspot.json")),
            salesforce: crm(include_str!("../fixtures/salesforce.json")),
            service: service.to_owned(),
            asked: Mutex::default(),
        });
        let (tell_address, address) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let shared = web::Data::from(Arc::clone(&world));
        // A thread of its own, as actix's workers want a system around them.
        thread::spawn(move || {
            System::new().block_on(async {
                let app = move || {
                    App::new()
                        .app_data(shared.clone())
                        .app_data(web::PayloadConfig::new(16 << 20))
                        .configure(hubspot::routes)
                        .configure(salesforce::routes)
                        .configure(gateway::routes)
                };
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.bind("127.0.0.1:0").unwrap();
                tell_address.send(server.addrs()[0]).unwrap();
                tokio::select! {
                    ended = server.run() => ended.unwrap(),
                    _ = stopped => (),
                }
            });
        });
        Self {
            address: address.await.unwrap(),
            world,
            _stop: stop,
        }
    }

    /// What the service was asked through this server, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.world.asked.lock().unwrap().clone()
    }

    /// Changes fields of the record of HubSpot that has this id.
    pub fn change_hubspot(&self, kind: &str, id: &str, fields: Value) {
        self.world
            .hubspot
            .lock()
            .unwrap()
            .change(kind, "hs_object_id", id, fields);
    }

    /// Changes fields of the record of Salesforce that has this id.
    pub fn change_salesforce(&self, kind: &str, id: &str, fields: Value) {
        self.world
            .salesforce
            .lock()
            .unwrap()
            .change(kind, "Id", id, fields);
    }

    /// Adds a record to Salesforce.
    pub fn add_salesforce(&self, kind: &str, record: Value) {
        let mut crm = self.world.salesforce.lock().unwrap();
        crm.records[kind].as_array_mut().unwrap().push(record);
    }
}

impl Crm {
    fn change(&mut self, kind: &str, key: &str, id: &str, fields: Value) {
        let records = self.records[kind].as_array_mut().unwrap();
        let record = records.iter_mut().find(|record| record[key] == id).unwrap();
        let fields = fields.as_object().unwrap().clone();
        record.as_object_mut().unwrap().extend(fields);
    }

    /// Counts a request; gives the refusal of one without the token, and failures that go away of some others.
    fn refusal(&mut self, request: &HttpRequest, token: &str) -> Option<HttpResponse> {
        let shown = request.headers().get(header::AUTHORIZATION);
        if shown.is_none_or(|shown| shown != format!("Bearer {token}").as_str()) {
            let body =
                json!({ "status": "error", "message": "Authentication credentials not found" });
            return Some(HttpResponse::Unauthorized().json(body));
        }
        self.requests += 1;
        match self.requests {
            2 => {
                let body = json!({ "status": "error", "errorType": "RATE_LIMIT" });
                let mut refused = HttpResponse::TooManyRequests();
                Some(refused.insert_header(("Retry-After", "1")).json(body))
            }
            4 => Some(HttpResponse::InternalServerError().body("<html>internal error</html>")),
            _ => None,
        }
    }
}

impl World {
    fn hubspot(&self) -> MutexGuard<'_, Crm> {
        self.hubspot.lock().unwrap()
    }

    fn salesforce(&self) -> MutexGuard<'_, Crm> {
        self.salesforce.lock().unwrap()
    }
}
