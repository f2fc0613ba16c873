//! The figures that Prometheus reads, all under the prefix `kpigraph`. Every label has few values: what clients write
//! freely, such as the names of operations, is none.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

use super::{Statements, Teams};

/// Upper ends of the histograms' buckets, in seconds.
const BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

/// The figures of one service.
pub struct Figures {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<Route, Histogram>,
    operations: Family<OperationLabels, Counter>,
    operation_seconds: Family<Kind, Histogram>,
    slow: Counter,
    panics: Counter,
    subscriptions: Gauge,
    teams: Arc<Teams>,
}

/// What a request was.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The pattern of its path, such as `/export/{file}`.
    pub route: String,
    /// Its method.
    pub method: &'static str,
    /// The status of its answer.
    pub status: u16,
}

/// What an operation was.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OperationLabels {
    /// `query`, `mutation`, `subscription` or, where that was not to be told, `unknown`.
    pub kind: &'static str,
    /// The schema's field at its root; `several` or `none`.
    pub field: String,
    /// `OK`, the code of its first error, or `CANCELLED` when the client did not wait for the answer.
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// Counts a subscription as long as it is open.
pub struct Subscribed(Gauge);

impl Drop for Subscribed {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Figures {
    /// Figures of nothing yet, beside those of the store's statements; at most so many teams are told by name.
    pub fn new(named_teams: usize, statements: &Statements) -> Self {
        let histogram = || Histogram::new(BUCKETS);
        let mut registry = Registry::with_prefix("kpigraph");
        let requests = Family::default();
        registry.register(
            "http_requests",
            "Answered HTTP requests",
            Family::clone(&requests),
        );
        let request_seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register(
            "http_request_seconds",
            "Time from a request's head to its answer's head",
            Family::clone(&request_seconds),
        );
        let operations = Family::default();
        registry.register(
            "operations",
            "GraphQL operations over any transport",
            Family::clone(&operations),
        );
        let operation_seconds = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register(
            "operation_seconds",
            "How long queries and mutations took that kept their limits and had points",
            Family::clone(&operation_seconds),
        );
        let (slow, panics) = (Counter::default(), Counter::default());
        registry.register(
            "slow_operations",
            "Operations over slow_operation_ms",
            slow.clone(),
        );
        registry.register(
            "panics",
            "Requests and operations that broke off by a mistake of the service",
            panics.clone(),
        );
        let subscriptions = Gauge::default();
        registry.register("subscriptions", "Open subscriptions", subscriptions.clone());
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        statements.register(&mut registry);
        let teams = Arc::new(Teams::new(named_teams));
        registry.register_collector(Box::new(teams.clone()));
        Self {
            registry,
            requests,
            request_seconds,
            operations,
            operation_seconds,
            slow,
            panics,
            subscriptions,
            teams,
        }
    }

    /// Counts an answered request.
    pub fn request(&self, labels: &RequestLabels, elapsed: Duration) {
        self.requests.get_or_create(labels).inc();
        let route = labels.route.clone();
        let seconds = self.request_seconds.get_or_create_owned(&Route { route });
        seconds.observe(elapsed.as_secs_f64());
    }

    /// Counts an operation; `elapsed` is `None` for what did not run, and for subscriptions.
    pub fn operation(&self, labels: &OperationLabels, elapsed: Option<Duration>) {
        self.operations.get_or_create(labels).inc();
        if let Some(elapsed) = elapsed {
            let kind = Kind { kind: labels.kind };
            let seconds = self.operation_seconds.get_or_create_owned(&kind);
            seconds.observe(elapsed.as_secs_f64());
        }
    }

    /// Counts a slow operation.
    pub fn slow(&self) {
        self.slow.inc();
    }

    /// Counts a mistake of the service.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// What operations of each team cost.
    pub fn teams(&self) -> &Teams {
        &self.teams
    }

    /// Counts a subscription until what this gives is dropped.
    pub fn subscribed(&self) -> Subscribed {
        self.subscriptions.inc();
        Subscribed(self.subscriptions.clone())
    }

    /// All figures, and those that `others` adds, as OpenMetrics text.
    ///
    /// # Errors
    /// Never, as text can always be written into memory.
    pub fn text(&self, others: &Registry) -> Result<String, fmt::Error> {
        self.teams.rank(Instant::now());
        let mut told = String::new();
        text::encode_registry(&mut told, &self.registry)?;
        text::encode_registry(&mut told, others)?;
        text::encode_eof(&mut told)?;
        Ok(told)
    }
}
