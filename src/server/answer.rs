//! Answers by the GraphQL-over-HTTP specification: media types, status codes, errors before execution.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{
            Accept, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, Header, HeaderName, Quality,
            RETRY_AFTER, VARY, WWW_AUTHENTICATE,
        },
    },
    mime::Mime,
};
use async_graphql::Response;
use serde_json::json;

use super::operation::{Sent, code_of, failure_of, is_refused};
use crate::{error::Error, graphql::refusal};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether there is data.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request, as older clients expect.
    Json,
}

/// Tells the compression to leave a body as it is; it is taken out of the answer then.
pub const UNCOMPRESSED: (HeaderName, &str) = (CONTENT_ENCODING, "identity");
/// What is shorter, in bytes, is sent as it is: compressing it costs more than it saves.
const WORTH_COMPRESSING: usize = 1024;

/// After so many seconds a service that is busy, or has no database, may be asked again.
const COME_AGAIN: u32 = 1;

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

impl Media {
    /// What the client prefers; `None` when it accepts neither. JSON is what a client gets that says nothing, or does not
    /// name the newer type: it may be older than that.
    pub fn accepted(request: &HttpRequest) -> Option<Self> {
        let accept = Accept::parse(request).unwrap_or_else(|_| Accept(Vec::new()));
        if accept.is_empty() {
            return Some(Self::Json);
        }
        let json = [JSON, "application/*", "*/*"]
            .into_iter()
            .find_map(|range| quality(&accept, range))
            .unwrap_or(Quality::ZERO);
        let response = quality(&accept, GRAPHQL_RESPONSE).unwrap_or(Quality::ZERO);
        if response > Quality::ZERO && response >= json {
            Some(Self::GraphqlResponse)
        } else {
            (json > Quality::ZERO).then_some(Self::Json)
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// An answer in this media type, which depends on the caller and on what the caller accepts.
    fn start(self, status: StatusCode) -> HttpResponseBuilder {
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((CONTENT_TYPE, self.name()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((VARY, "Accept, Accept-Encoding"));
        answer
    }

    /// The answer to a well-formed request.
    pub fn answer(self, response: &Response, statements: u32) -> HttpResponse {
        let failed = failure_of(response).and_then(failure_status);
        let status = failed.unwrap_or(match self {
            Self::GraphqlResponse if is_refused(response) => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        });
        let mut answer = self.start(status);
        let mut codes = response.errors.iter().filter_map(code_of);
        if codes.any(|code| code == "UNAVAILABLE") {
            answer.insert_header((RETRY_AFTER, COME_AGAIN));
        }
        answer.insert_header(("X-Kpigraph-Sql-Statements", statements.to_string()));
        let sent = Sent::from(response);
        let sent = match failed {
            Some(_) => sent.without_data(),
            None => sent,
        };
        match serde_json::to_vec(&sent) {
            Ok(body) => {
                if body.len() < WORTH_COMPRESSING {
                    answer.insert_header(UNCOMPRESSED);
                }
                answer.body(body)
            }
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
        let refusal = refusal(error);
        // An answer of texts and numbers can be written.
        let body = serde_json::to_string(&Sent::from(&refusal)).unwrap_or_default();
        let mut answer = self.start(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer.insert_header((RETRY_AFTER, COME_AGAIN));
        }
        answer.insert_header(UNCOMPRESSED).body(body)
    }

    /// The answer to what could not even begin.
    pub fn failure(self, error: &Error) -> HttpResponse {
        let status = failure_status(error.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.error(status, error)
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
        self.start(StatusCode::UNAUTHORIZED)
            .insert_header((WWW_AUTHENTICATE, challenge.replace('\n', " ")))
            .insert_header(UNCOMPRESSED)
            .body(body.to_string())
    }
}

/// The status of an answer without data for which the service, its database or its disk is to blame.
pub fn failure_status(code: &str) -> Option<StatusCode> {
    match code {
        "UNAVAILABLE" => Some(StatusCode::SERVICE_UNAVAILABLE),
        "TIMEOUT" => Some(StatusCode::GATEWAY_TIMEOUT),
        "STORAGE_FULL" => Some(StatusCode::INSUFFICIENT_STORAGE),
        _ => None,
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
        let accept = Accept::parse(request).unwrap_or_else(|_| Accept(Vec::new()));
        let streams = quality(&accept, "text/event-stream");
        if streams.is_none_or(|quality| quality == Quality::ZERO) {
            Self::No
        } else if Media::accepted(request).is_some() {
            Self::Also
        } else {
            Self::Only
        }
    }
}

/// How much a client wants what it names so, parameters aside; `None` when it does not name it. Zero means not at all.
fn quality(accept: &Accept, range: &str) -> Option<Quality> {
    let named = |item: &Mime| item.essence_str().eq_ignore_ascii_case(range);
    accept
        .iter()
        .filter(|item| named(&item.item))
        .map(|item| item.quality)
        .max()
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::ACCEPT, test::TestRequest};

    use super::*;

    fn asked(accept: &str) -> HttpRequest {
        TestRequest::default()
            .insert_header((ACCEPT, accept))
            .to_http_request()
    }

    #[test]
    fn the_media_type_is_the_one_that_the_client_wants_most() {
        for (accept, media) in [
            ("", Some(Media::Json)),
            ("*/*", Some(Media::Json)),
            ("application/*;q=0.2", Some(Media::Json)),
            (
                "application/graphql-response+json",
                Some(Media::GraphqlResponse),
            ),
            (
                "Application/GraphQL-Response+JSON; charset=utf-8",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/json, application/graphql-response+json",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/graphql-response+json;q=0.1, application/json",
                Some(Media::Json),
            ),
            (
                "application/graphql-response+json;q=0.1, */*;q=0.2",
                Some(Media::Json),
            ),
            (
                "application/graphql-response+json;q=0, application/json",
                Some(Media::Json),
            ),
            (
                "application/json;q=0, application/graphql-response+json;q=0.1",
                Some(Media::GraphqlResponse),
            ),
            ("application/json;q=0, */*", None),
            ("application/graphql-response+json;q=0.000", None),
            ("image/png", None),
            ("text/html, */*;q=0.1", Some(Media::Json)),
        ] {
            assert_eq!(Media::accepted(&asked(accept)), media, "{accept}");
        }
    }

    #[test]
    fn a_stream_of_events_is_asked_for_by_name_alone() {
        for (accept, streamed) in [
            ("*/*", EventStream::No),
            ("text/*", EventStream::No),
            ("text/event-stream;q=0", EventStream::No),
            ("text/event-stream", EventStream::Only),
            (
                "application/json, text/event-stream;q=0.1",
                EventStream::Also,
            ),
        ] {
            assert_eq!(EventStream::accepted(&asked(accept)), streamed, "{accept}");
        }
    }
}
