//! `/metrics` for Prometheus, on an address of its own: it names teams and tells how they use the service, so it must
//! not be open to whoever reaches the API.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{Server as ActixServer, ServerHandle, ServiceRequest, ServiceResponse},
    http::{Method, header::CONTENT_TYPE},
    middleware::Next,
    web::{self, Data},
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        family::Family,
        gauge::{ConstGauge, Gauge},
    },
    registry::Registry,
};
use tokio::sync::Mutex;

use super::Service;
use crate::{
    store::{Backlog, PoolState},
    telemetry::RequestLabels,
};

/// So long a look at the queues is good for: scrapes, however many, ask the database no more often.
const BACKLOG_EVERY: Duration = Duration::from_secs(5);
/// How long the database may take to tell of its queues; then the other figures are told alone.
const PATIENCE: Duration = Duration::from_secs(2);
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Listens for Prometheus.
pub struct Listener {
    server: ActixServer,
    address: SocketAddr,
}

struct Scraped {
    service: Data<Service>,
    backlog: Mutex<Option<(Instant, Option<Backlog>)>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

impl Listener {
    /// Binds an address; port 0 takes a free one.
    pub fn bind(address: SocketAddr, service: Data<Service>) -> std::io::Result<Self> {
        let scraped = Data::new(Scraped {
            service,
            backlog: Mutex::default(),
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(scraped.clone())
                .route("/metrics", web::get().to(tell))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .client_request_timeout(Duration::from_secs(10))
        .bind(address)?;
        let address = server.addrs().first().copied().unwrap_or(address);
        Ok(Self {
            server: server.run(),
            address,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the handle is told to stop.
    pub fn start(self) -> ServerHandle {
        let handle = self.server.handle();
        actix_web::rt::spawn(self.server);
        handle
    }
}

/// Counts a request by its route, whose patterns are few.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let service = request.app_data::<Data<Service>>().cloned();
    let method = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        _ => "other",
    };
    let answered = next.call(request).await;
    let (route, status) = match &answered {
        Ok(answer) => (answer.request().match_pattern(), answer.status()),
        Err(error) => (None, error.as_response_error().status_code()),
    };
    let labels = RequestLabels {
        route: route.unwrap_or_else(|| "other".into()),
        method,
        status: status.as_u16(),
    };
    if let Some(service) = service {
        service.figures.request(&labels, started.elapsed());
    }
    answered
}

async fn tell(scraped: Data<Scraped>) -> HttpResponse {
    let service = &scraped.service;
    let mut now = Registry::with_prefix("kpigraph");
    let live = i64::try_from(service.live.connections()).unwrap_or(i64::MAX);
    now.register(
        "live_connections",
        "Open WebSockets and streams of events",
        ConstGauge::new(live),
    );
    tell_pool(&mut now, service.store.pool(), service.connections);
    tell_backlog(&mut now, scraped.backlog().await);
    match service.figures.text(&now) {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, OPEN_METRICS))
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

impl Scraped {
    /// What waits, as of a few seconds ago at most; `None` when the database does not tell.
    async fn backlog(&self) -> Option<Backlog> {
        // Whoever comes meanwhile waits for the same answer.
        let mut last = self.backlog.lock().await;
        if let Some((at, backlog)) = *last
            && at.elapsed() < BACKLOG_EVERY
        {
            return backlog;
        }
        let door = self.service.store.background();
        let backlog = match tokio::time::timeout(PATIENCE, door.backlog()).await {
            Ok(Ok(backlog)) => Some(backlog),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the queues cannot be told of");
                None
            }
            Err(_) => None,
        };
        *last = Some((Instant::now(), backlog));
        backlog
    }
}

fn tell_pool(registry: &mut Registry, pool: PoolState, most: u32) {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let connections = Family::<State, Gauge>::default();
    let busy = pool.open.saturating_sub(pool.idle);
    for (state, count) in [("busy", busy), ("idle", pool.idle)] {
        connections
            .get_or_create(&State { state })
            .set(number(count));
    }
    registry.register(
        "database_connections",
        "Connections to the database",
        connections,
    );
    let most = ConstGauge::new(i64::from(most));
    registry.register(
        "database_connections_most",
        "The most connections that this instance opens",
        most,
    );
    registry.register(
        "database_waiting",
        "Statements and writers of this instance that wait for their turn at the database",
        ConstGauge::new(number(pool.waiting)),
    );
}

/// The queues are those of all instances, so each tells the same of them.
fn tell_backlog(registry: &mut Registry, backlog: Option<Backlog>) {
    registry.register(
        "queues_known",
        "Whether the database told of its queues; their figures are left out otherwise",
        ConstGauge::new(i64::from(backlog.is_some())),
    );
    let Some(backlog) = backlog else {
        return;
    };
    for (name, help, count) in [
        (
            "imports_queued",
            "Imports that nobody works on yet",
            backlog.imports_queued,
        ),
        (
            "imports_running",
            "Imports that are worked on",
            backlog.imports_running,
        ),
        (
            "webhooks_due",
            "Deliveries of webhooks that are due, counted up to 10000",
            backlog.webhooks_due,
        ),
    ] {
        registry.register(name, help, ConstGauge::new(count));
    }
    for (name, help, seconds) in [
        (
            "import_age_seconds",
            "How long the oldest queued import waits",
            backlog.oldest_import_seconds,
        ),
        (
            "webhook_lag_seconds",
            "How late the delivery is that is due longest",
            backlog.webhook_lag_seconds,
        ),
    ] {
        registry.register(name, help, ConstGauge::new(seconds));
    }
}
