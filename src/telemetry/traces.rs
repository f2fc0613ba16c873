//! Traces for OpenTelemetry, sent by OTLP over HTTP: a span for each request and operation, and for each SQL statement
//! without its values. Spans wait in a bounded queue and are sent by a thread of their own; when nobody takes them they
//! are dropped, and no request notices.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use opentelemetry::{
    KeyValue,
    trace::{Span as _, SpanKind, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{SdkTracer, SdkTracerProvider},
};
use tokio::runtime::Handle;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

use super::statements::verb;

/// The name of the service in traces, unless `OTEL_SERVICE_NAME` gives another.
const SERVICE: &str = "kpigraph";
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long what is left may take to be sent at the end.
const LAST: Duration = Duration::from_secs(3);
/// The most bytes of a statement's text that are told.
const TEXT: usize = 2_000;

/// Makes the spans of statements, where there are traces.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// The way to a receiver of traces.
pub struct Traces {
    provider: SdkTracerProvider,
}

/// The receiver cannot be sent to.
#[derive(Debug, thiserror::Error)]
#[error("setting otlp_endpoint: {0}")]
pub struct NoTraces(String);

impl Traces {
    /// Traces to a receiver, below whose URL `/v1/traces` takes them. Sends on the runtime that this is called on.
    ///
    /// # Errors
    /// When variables of OpenTelemetry ask for what this program does not have, such as compression.
    pub fn to(endpoint: &Url) -> Result<Self, NoTraces> {
        let refused = |error: &dyn std::fmt::Display| NoTraces(error.to_string());
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| refused(&error))?;
        let sender = Sender {
            client,
            runtime: Handle::current(),
            failing: Arc::default(),
        };
        let url = format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(sender)
            .with_endpoint(url)
            .with_timeout(PATIENCE)
            .build()
            .map_err(|error| refused(&error))?;
        let mut resource = Resource::builder()
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(SERVICE);
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        Ok(Self { provider })
    }

    /// Makes traces of the log's spans, and of statements from now on. The log's lines are no part of traces.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let tracer = self.provider.tracer(SERVICE);
        let own = filter_fn(|meta| meta.is_span() && meta.target().starts_with(SERVICE));
        // A second layer in one process would be of the same service.
        let _ = TRACER.set(tracer.clone());
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(own)
    }

    /// Sends what is left.
    pub async fn end(self) {
        // It blocks, and what it waits for needs this runtime.
        let ending = move || self.provider.shutdown_with_timeout(LAST);
        match tokio::task::spawn_blocking(ending).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the last traces were not sent"),
            Err(error) => tracing::warn!(%error, "the last traces were not sent"),
        }
    }
}

/// Whether traces are made.
pub fn are_made() -> bool {
    TRACER.get().is_some()
}

/// Adds a statement that is over to the trace of what asked for it. Its text has placeholders for values.
pub fn statement(database: &'static str, sql: &str, elapsed: Duration, failed: bool) {
    let Some(tracer) = TRACER.get() else {
        return;
    };
    let context = Span::current().context();
    if !context.span().span_context().is_sampled() {
        return;
    }
    let end = SystemTime::now();
    let text = &sql[..sql.floor_char_boundary(TEXT)];
    let mut span = tracer
        .span_builder(verb(sql))
        .with_kind(SpanKind::Client)
        .with_start_time(end.checked_sub(elapsed).unwrap_or(end))
        .with_attributes([
            KeyValue::new("db.system.name", database),
            KeyValue::new("db.query.text", text.to_owned()),
        ])
        .start_with_context(tracer, &context);
    if failed {
        span.set_status(Status::error("the statement failed"));
    }
    span.end_with_timestamp(end);
}

/// Sends batches of spans on the service's runtime, whichever thread asks for it.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: Handle,
    /// Whether the last batch was lost; then the next one that is lost is no news.
    failing: Arc<AtomicBool>,
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = self.runtime.spawn(async move {
            let answer = client.execute(request.try_into()?).await?;
            let status = answer.status().as_u16();
            let answer = Response::builder().status(status);
            // What it says beside that is of no use.
            Ok::<_, HttpError>(answer.body(Bytes::new())?)
        });
        let sent = sending.await.unwrap_or_else(|error| Err(error.into()));
        let problem = match &sent {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("the receiver answered {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        let was_failing = self.failing.swap(problem.is_some(), Ordering::Relaxed);
        match problem {
            Some(problem) if !was_failing => {
                tracing::warn!(problem, "traces are lost until the receiver takes them");
            }
            None if was_failing => tracing::info!("traces are taken again"),
            _ => {}
        }
        sent
    }
}
