//! Answers by the GraphQL-over-HTTP specification: media types, status codes, errors before execution.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
};
use async_graphql::Response;
use serde_json::json;

use super::operation::is_refused;
use crate::error::Error;

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether there is data.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request, as older clients expect.
    Json,
}

impl Media {
    /// What the client accepts; `None` when it accepts neither. A client that says nothing gets JSON.
    pub fn accepted(request: &HttpRequest) -> Option<Self> {
        let accept = request
            .headers()
            .get(ACCEPT)
            .map(|value| value.to_str().unwrap_or_default());
        let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
            return Some(Self::Json);
        };
        let mut json = false;
        for range in ranges(accept) {
            match range.as_str() {
                "application/graphql-response+json" => return Some(Self::GraphqlResponse),
                "application/json" | "application/*" | "*/*" => json = true,
                _ => {}
            }
        }
        json.then_some(Self::Json)
    }

    fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The answer to a well-formed request.
    pub fn answer(self, response: &Response, statements: u32) -> HttpResponse {
        let status = match self {
            Self::GraphqlResponse if is_refused(response) => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((CONTENT_TYPE, self.name()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header(("X-Kpigraph-Sql-Statements", statements.to_string()));
        match serde_json::to_vec(response) {
            Ok(body) => answer.body(body),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                self.error(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    &Error::Internal(String::new()),
                )
            }
        }
    }

    /// An answer without data.
    pub fn error(self, status: StatusCode, error: &Error) -> HttpResponse {
        let body = json!({
            "errors": [{ "message": error.public_message(), "extensions": { "code": error.code() } }]
        });
        HttpResponse::build(status)
            .insert_header((CONTENT_TYPE, self.name()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(body.to_string())
    }

    /// A missing or bad token. The text tells why, and never repeats the token.
    pub fn unauthenticated(self, why: Option<&str>) -> HttpResponse {
        let challenge = match why {
            None => r#"Bearer realm="kpigraph""#.to_owned(),
            Some(why) => format!(
                r#"Bearer realm="kpigraph", error="invalid_token", error_description="{why}""#
            ),
        };
        let message = why.unwrap_or("a bearer token is needed in the Authorization header");
        let body = json!({ "errors": [{ "message": message, "extensions": { "code": "UNAUTHENTICATED" } }] });
        HttpResponse::Unauthorized()
            .insert_header((WWW_AUTHENTICATE, challenge.replace('\n', " ")))
            .insert_header((CONTENT_TYPE, self.name()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(body.to_string())
    }
}

/// Whether the client takes an answer as a stream of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStream {
    /// It does not.
    No,
    /// It takes JSON, too.
    Also,
    /// It takes nothing else.
    Only,
}

impl EventStream {
    /// What the client accepts. Only `text/event-stream` by name counts: `*/*` does not mean to listen.
    pub fn accepted(request: &HttpRequest) -> Self {
        let accept = request
            .headers()
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok());
        if !ranges(accept.unwrap_or_default()).any(|range| range == "text/event-stream") {
            Self::No
        } else if Media::accepted(request).is_some() {
            Self::Also
        } else {
            Self::Only
        }
    }
}

/// The media ranges of an `Accept` header that are not refused, without parameters.
fn ranges(accept: &str) -> impl Iterator<Item = String> {
    accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        (!refused).then_some(name)
    })
}
