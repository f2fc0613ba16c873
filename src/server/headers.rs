//! Headers of every answer: what browsers may do with it, the request's id, and which pages of other sites may read it.

use actix_cors::Cors;
use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{
            ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_ENCODING,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, CROSS_ORIGIN_RESOURCE_POLICY, HeaderName,
            HeaderValue, REFERRER_POLICY, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::{DefaultHeaders, Next},
};
use tracing_actix_web::RequestId;

use super::{answer::UNCOMPRESSED, upload::PREFLIGHT};
use crate::config::Origins;

/// Under which name the log knows the request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long a browser may remember which pages may ask, in seconds; none remembers it for longer than two hours.
const REMEMBERED: usize = 7_200;

/// What is no page must not act as one. GraphiQL's pages have a policy of their own.
pub fn for_browsers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .add((CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .add((REFERRER_POLICY, "no-referrer"))
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

/// Lets pages of these origins ask and read. They send tokens of their own: cookies and the like are never asked for.
pub fn for_pages_of(origins: &Origins) -> Cors {
    let cors = origins
        .iter()
        .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin));
    cors.allowed_methods([Method::GET, Method::POST])
        .allowed_headers([ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE])
        .allowed_header(PREFLIGHT)
        .expose_headers([
            CONTENT_DISPOSITION,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            REQUEST_ID,
        ])
        .expose_headers(["X-Kpigraph-Sql-Statements", "X-Kpigraph-Changes"])
        .max_age(REMEMBERED)
}

/// Gives the answer the request's id, and takes out what was only meant for the compression.
pub async fn complete(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = request.extensions().get::<RequestId>().copied();
    let mut answer = next.call(request).await?;
    let headers = answer.headers_mut();
    if let Some(id) = id.and_then(|id| HeaderValue::try_from(id.to_string()).ok()) {
        headers.insert(REQUEST_ID, id);
    }
    let (_, unchanged) = UNCOMPRESSED;
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| value == unchanged)
    {
        headers.remove(CONTENT_ENCODING);
    }
    Ok(answer)
}
