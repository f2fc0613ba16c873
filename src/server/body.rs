//! The body of a request: JSON within the limits of size and time.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue},
    },
    mime::Mime,
    web::{Bytes, Payload},
};

use super::{Service, answer::Media, graphql::Handled};
use crate::error::Error;

/// How long a client may take to send its request.
const BODY_TIME: Duration = Duration::from_secs(10);

const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");

/// The body of a request. Anything but JSON is refused, also because pages of other sites can send forms and plain texts
/// unasked.
pub async fn json(
    service: &Service,
    request: &HttpRequest,
    payload: Payload,
    media: Media,
) -> Handled<Bytes> {
    check_type(request, media)?;
    check_encoding(request, media)?;
    let too_large = || {
        let message = format!(
            "the body is over {} bytes, the setting body_limit_bytes",
            service.body_limit
        );
        Box::new(media.error(StatusCode::PAYLOAD_TOO_LARGE, &Error::Limit(message)))
    };
    match tokio::time::timeout(BODY_TIME, payload.to_bytes_limited(service.body_limit)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(Box::new(media.error(
            StatusCode::BAD_REQUEST,
            &Error::BadInput("the body broke off".into()),
        ))),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => {
            let message = format!("the body did not arrive within {} s", BODY_TIME.as_secs());
            Err(Box::new(
                media.error(StatusCode::REQUEST_TIMEOUT, &Error::Limit(message)),
            ))
        }
    }
}

/// Refuses other media types than JSON, and JSON in another encoding than UTF-8, the only one that it has.
fn check_type(request: &HttpRequest, media: Media) -> Handled<()> {
    let header = text(request, CONTENT_TYPE);
    let found: Option<Mime> = header.parse().ok();
    let is_json = found
        .as_ref()
        .is_some_and(|found| found.essence_str().eq_ignore_ascii_case("application/json"));
    let charset = found.as_ref().and_then(|found| found.get_param("charset"));
    let message = match charset {
        _ if !is_json => {
            let essence = header.split(';').next().unwrap_or_default().trim();
            format!(
                "Content-Type: '{}' is not allowed; application/json is needed, or multipart/form-data for a file",
                start(essence)
            )
        }
        Some(charset) if charset != "utf-8" => {
            let charset = start(charset.as_str());
            format!("Content-Type: charset '{charset}' is not allowed; JSON is in utf-8")
        }
        _ => return Ok(()),
    };
    let accepted = (ACCEPT_POST, "application/json, multipart/form-data");
    Err(unsupported(media, message, accepted))
}

/// Refuses compressed bodies: a few kilobytes of them could unpack to more than fits the memory.
fn check_encoding(request: &HttpRequest, media: Media) -> Handled<()> {
    let header = text(request, CONTENT_ENCODING);
    if matches!(header.trim(), "" | "identity") {
        return Ok(());
    }
    let message = format!(
        "Content-Encoding: '{}' is not allowed; send the body as it is",
        start(header)
    );
    Err(unsupported(media, message, (ACCEPT_ENCODING, "identity")))
}

/// A header's text; empty when it is missing or no text.
fn text(request: &HttpRequest, name: HeaderName) -> &str {
    let value = request.headers().get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// As much of a client's text as an error repeats.
fn start(text: &str) -> String {
    text.chars().take(60).collect()
}

/// 415, with what would be taken.
fn unsupported(
    media: Media,
    message: String,
    (name, accepted): (HeaderName, &'static str),
) -> Box<actix_web::HttpResponse> {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let mut answer = media.error(status, &Error::BadInput(message));
    let accepted = HeaderValue::from_static(accepted);
    answer.headers_mut().insert(name, accepted);
    Box::new(answer)
}
