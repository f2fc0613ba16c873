//! The HTTP server: routes, what every request meets, start and graceful stop.

mod answer;
mod body;
mod documents;
mod export;
mod gate;
mod graphql;
mod headers;
mod health;
mod host;
mod identity;
mod live;
mod metered;
mod metrics;
mod observed;
mod operation;
mod outflow;
mod panics;
mod quota;
mod seats;
mod shutdown;
mod span;
mod upload;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::Server as ActixServer,
    http::Method,
    middleware::{Compress, Condition, from_fn},
    web::{self, Data},
};
use async_graphql::parser::types::OperationType;
use tokio_util::sync::CancellationToken;
use tracing_actix_web::TracingLogger;

use crate::{
    auth::Verifier,
    background::Background,
    config::{Origins, Settings},
    graphiql::{self, GraphiqlSession},
    graphql::{MaxSize, Schema, TimeLimit, live_schema, schema, watched_schema},
    live::Feeds,
    store::Store,
    telemetry::Figures,
    webhooks::Reach,
};

/// What the handlers share.
struct Service {
    schema: Schema,
    /// For what may become large.
    watched: Schema,
    store: Store,
    verifier: Arc<Verifier>,
    gate: gate::Gate,
    documents: documents::Documents,
    quotas: quota::Quotas,
    outflows: outflow::Outflows,
    max_size: MaxSize,
    body_limit: usize,
    uploads: upload::Uploads,
    request_timeout: Duration,
    /// Whose pages may ask beside the service's own.
    origins: Origins,
    live: live::Live,
    figures: Figures,
    /// Operations that take so long are logged.
    slow_after: Option<Duration>,
    /// The most connections to the database.
    connections: u32,
}

/// Answers of so many values are no danger, and watching takes a part of the time of each.
const SMALL: u64 = 10_000;

impl Service {
    /// The schema that runs an operation.
    fn schema_for(&self, operation: &operation::Operation) -> &Schema {
        // A mutation is never cut off: what of it was written would not be told.
        let mutates = operation.kind == Some(OperationType::Mutation);
        match mutates || operation.cost.most_values() <= SMALL {
            true => &self.schema,
            false => &self.watched,
        }
    }

    /// How long an operation may take.
    fn time_for(&self, operation: &operation::Operation) -> TimeLimit {
        TimeLimit(match operation.has_file {
            false => self.request_timeout,
            true => self.request_timeout.max(upload::STORING_TIME),
        })
    }
}

/// A server that holds its port and is ready to run.
pub struct Server {
    server: ActixServer,
    address: SocketAddr,
    store: Store,
    reach: Arc<Reach>,
    settings: Settings,
    feeds: Feeds,
    metrics: Option<metrics::Listener>,
}

impl Server {
    /// Refuses an address beyond loopback on the development key, because anyone who can read the data folder can sign
    /// with it.
    pub fn check_address(settings: &Settings, verifier: &Verifier) -> std::io::Result<()> {
        if verifier.is_development() && !settings.listen.ip().is_loopback() {
            return Err(std::io::Error::other(format!(
                "setting listen = {}: beyond loopback, token issuers must be configured (auth.issuers); \
                 the development key is for this machine alone",
                settings.listen
            )));
        }
        Ok(())
    }

    /// Binds the address of the settings, once checked; port 0 takes a free one.
    pub fn build(
        settings: &Settings,
        store: Store,
        verifier: Arc<Verifier>,
        graphiql_token: Option<String>,
    ) -> std::io::Result<Self> {
        Self::check_address(settings, &verifier)?;
        let development = verifier.is_development();
        let reach = Arc::new(Reach::new(settings.webhook_private_networks.clone()));
        let feeds = Feeds::new(store.clone());
        let stopping = CancellationToken::new();
        let max_size = MaxSize(settings.max_response_bytes);
        let service = Data::new(Service {
            schema: schema(reach.clone()),
            watched: watched_schema(reach.clone(), max_size),
            store: store.clone(),
            verifier,
            gate: gate::Gate::new(settings),
            documents: documents::Documents::new(settings)?,
            quotas: quota::Quotas::new(settings),
            outflows: outflow::Outflows::default(),
            max_size,
            body_limit: settings.body_limit_bytes,
            uploads: settings.into(),
            request_timeout: Duration::from_secs(settings.request_timeout_seconds),
            origins: settings.cors_origins.clone(),
            live: live::Live::new(
                live_schema(reach.clone(), max_size),
                feeds.clone(),
                stopping.clone(),
            ),
            figures: Figures::new(settings.metrics_teams, store.statements()),
            slow_after: settings.slow_operation_ms.0.map(Duration::from_millis),
            connections: settings.database_connections,
        });
        let listener = settings.metrics_listen.0;
        let metrics = listener.map(|address| metrics::Listener::bind(address, service.clone()));
        let metrics = metrics.transpose()?;
        let origins = settings.cors_origins.clone();
        let graphiql = settings.graphiql.then(|| {
            Data::new(GraphiqlSession {
                token: graphiql_token,
            })
        });
        let server = HttpServer::new(move || {
            let app = App::new()
                .app_data(service.clone())
                .wrap(from_fn(panics::answer))
                .wrap(Condition::new(development, from_fn(host::of_this_machine)))
                .wrap(Condition::new(
                    !origins.is_empty(),
                    headers::for_pages_of(&origins),
                ))
                .wrap(headers::for_browsers())
                .wrap(from_fn(headers::complete))
                .wrap(TracingLogger::<span::RequestSpan>::new())
                .wrap(from_fn(metrics::count))
                .route("/healthz", web::get().to(health::alive))
                .route("/readyz", web::get().to(health::ready))
                .route("/export/{file}", web::get().to(export::entity))
                .route("/export/{file}", web::post().to(export::metrics))
                .service(
                    web::resource("/graphql")
                        .wrap(Compress::default())
                        .route(web::post().to(graphql::post))
                        .route(
                            web::get()
                                .guard(live::websocket::is_asked())
                                .to(live::websocket::open),
                        )
                        .route(web::get().to(graphql::get))
                        .route(web::method(Method::OPTIONS).to(graphql::options))
                        .default_service(web::to(graphql::other_method)),
                );
            match &graphiql {
                Some(session) => app.app_data(session.clone()).configure(graphiql::routes),
                None => app,
            }
        })
        // A client that closes its side has hung up: nobody works for it any longer.
        .h1_allow_half_closed(false)
        .on_connect(live::limit_stalls)
        .shutdown_timeout(settings.shutdown_seconds)
        .shutdown_signal(shutdown::asked(stopping))
        .client_request_timeout(Duration::from_secs(10))
        .bind(settings.listen)?;
        let address = *server
            .addrs()
            .first()
            .ok_or_else(|| std::io::Error::other("no address was bound"))?;
        Ok(Self {
            server: server.run(),
            address,
            store,
            reach,
            settings: settings.clone(),
            feeds,
            metrics,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where Prometheus may read; `None` where it may not.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().map(metrics::Listener::address)
    }

    /// Serves, and does its own work in the background, until it is told to stop by SIGTERM or SIGINT; then requests
    /// under way may finish.
    pub async fn run(self) -> std::io::Result<()> {
        let background = Background::start(&self.store, &self.settings, &self.reach, self.feeds);
        let metrics = self.metrics.map(metrics::Listener::start);
        let served = self.server.await;
        background.stop().await;
        if let Some(metrics) = metrics {
            metrics.stop(true).await;
        }
        served
    }
}
