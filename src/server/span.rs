//! One log span and one log line per request: method, path, status, team, operation; never headers or query texts. The
//! span is also that of traces, which go on with the trace that a client names in `traceparent`.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::HeaderMap,
};
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::telemetry::traces;

/// Makes the spans.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        use actix_web::HttpMessage;
        let id = request.extensions().get::<RequestId>().copied();
        let span = tracing::info_span!(
            "request",
            id = id.map(tracing::field::display),
            method = %request.method(),
            path = request.path(),
            team = tracing::field::Empty,
            operation = tracing::field::Empty,
        );
        if traces::are_made() {
            let parent = TraceContextPropagator::new().extract(&Headers(request.headers()));
            // A client without a trace of its own begins one here.
            if parent.has_active_span() && span.set_parent(parent).is_err() {
                tracing::debug!("the client's trace is not gone on with");
            }
        }
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        if traces::are_made() {
            let status = i64::from(status.as_u16());
            span.set_attribute("http.response.status_code", status);
        }
        span.in_scope(|| tracing::info!(status = status.as_u16(), "answered"));
    }
}

/// Headers as OpenTelemetry reads them.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
