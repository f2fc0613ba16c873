//! `/graphql`: who calls, what is asked, within which limits; then the schema answers.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, AcceptLanguage, CONTENT_TYPE, Header, Quality},
    },
    web::{Data, Payload, Query},
};
use async_graphql::{
    Request, Response, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationType},
    },
};
use serde::Deserialize;
use tracing::Span;

use super::{Service, answer::Media, identity::authenticate, upload};
use crate::{
    auth::Scope,
    error::Error,
    graphql::{Session, Uploaded, UploadedFile, check_limits, check_nesting},
    locale::{Locale, RequestLocale},
};

/// How long a client may take to send its request.
const BODY_TIME: Duration = Duration::from_secs(10);

/// What a client asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "one JSON object with `query`")]
pub(super) struct Asked {
    query: String,
    operation_name: Option<String>,
    pub(super) variables: Option<serde_json::Value>,
    #[serde(rename = "extensions")]
    _extensions: Option<serde_json::Map<String, serde_json::Value>>,
    /// The file that came with it.
    #[serde(skip)]
    pub(super) file: Option<UploadedFile>,
}

/// The same in a URL, where variables are a JSON text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskedByUrl {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
}

/// An answer that ends the handling early; boxed, because it is large and rare.
pub(super) type Handled<T> = Result<T, Box<HttpResponse>>;

/// Any operation.
pub async fn post(service: Data<Service>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let handled = async {
        let media = media(&request)?;
        let (caller, store) = authenticate(&service, &request, media).await?;
        let session = Session::new(caller, store, locale(&request));
        let asked = if upload::is_multipart(&request) {
            session
                .caller
                .require(Scope::Ingest)
                .map_err(|error| Box::new(media.error(StatusCode::FORBIDDEN, &error.into())))?;
            upload::receive(&service, &request, payload, media).await?
        } else {
            let body = body(&service, &request, payload, media).await?;
            parse("the body", &body, media)?
        };
        Ok(run(&service, session, asked, false, media).await)
    };
    handled
        .await
        .unwrap_or_else(|answer: Box<HttpResponse>| *answer)
}

/// What is asked in a JSON text.
pub(super) fn parse(what: &str, text: &[u8], media: Media) -> Handled<Asked> {
    serde_json::from_slice(text).map_err(|error| {
        let message = format!("{what} must be a JSON object with `query`: {error}");
        Box::new(media.error(StatusCode::BAD_REQUEST, &Error::BadInput(message)))
    })
}

/// Queries, never mutations: a link must not change anything.
pub async fn get(service: Data<Service>, request: HttpRequest) -> HttpResponse {
    let handled = async {
        let media = media(&request)?;
        let (caller, store) = authenticate(&service, &request, media).await?;
        let session = Session::new(caller, store, locale(&request));
        let bad = |message: String| {
            Box::new(media.error(StatusCode::BAD_REQUEST, &Error::BadInput(message)))
        };
        let AskedByUrl {
            query,
            operation_name,
            variables,
        } = Query::<AskedByUrl>::from_query(request.query_string())
            .map_err(|error| bad(format!("the URL: {error}")))?
            .into_inner();
        let query = query.ok_or_else(|| bad("the URL's parameter `query` is missing".into()))?;
        let variables = match variables.filter(|text| !text.is_empty()) {
            Some(text) => Some(
                serde_json::from_str(&text)
                    .map_err(|error| bad(format!("variables: they must be JSON: {error}")))?,
            ),
            None => None,
        };
        let asked = Asked {
            query,
            operation_name,
            variables,
            _extensions: None,
            file: None,
        };
        Ok(run(&service, session, asked, true, media).await)
    };
    handled
        .await
        .unwrap_or_else(|answer: Box<HttpResponse>| *answer)
}

/// Any other method.
pub async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, "GET, POST"))
        .finish()
}

fn media(request: &HttpRequest) -> Handled<Media> {
    Media::accepted(request).ok_or_else(|| {
        let message = "Accept: application/graphql-response+json and application/json can be given";
        Box::new(Media::Json.error(StatusCode::NOT_ACCEPTABLE, &Error::BadInput(message.into())))
    })
}

/// What the header Accept-Language prefers. What is malformed or unknown in it is passed over.
pub(super) fn locale(request: &HttpRequest) -> RequestLocale {
    let mut accepted =
        AcceptLanguage::parse(request).map_or_else(|_| Vec::new(), |header| header.0);
    accepted.retain(|range| range.quality > Quality::ZERO);
    let wanted: Vec<_> = AcceptLanguage(accepted)
        .ranked()
        .iter()
        .filter_map(|range| Locale::parse(&range.to_string()))
        .collect();
    RequestLocale::preferring(&wanted)
}

/// The body of a request, which must be JSON within the limits of size and time.
pub(super) async fn body(
    service: &Service,
    request: &HttpRequest,
    payload: Payload,
    media: Media,
) -> Handled<actix_web::web::Bytes> {
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let shown: String = essence.chars().take(60).collect();
        let message = format!(
            "Content-Type: '{shown}' is not allowed; application/json is needed, or multipart/form-data for a file"
        );
        return Err(Box::new(media.error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            &Error::BadInput(message),
        )));
    }
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

async fn run(
    service: &Service,
    session: Session,
    asked: Asked,
    by_url: bool,
    media: Media,
) -> HttpResponse {
    let store = session.store.clone();
    let refused = |error: Error| media.answer(&refusal(&error), store.statements());
    let written = asked
        .variables
        .as_ref()
        .map(serde_json::Value::to_string)
        .unwrap_or_default();
    if [&asked.query, &written]
        .iter()
        .any(|text| text.contains("\\u0000") || text.contains('\0'))
    {
        // PostgreSQL cannot store it, so SQLite shall not either.
        return refused(Error::BadInput(
            "the character U+0000 is not allowed in any text".into(),
        ));
    }
    let variables = match asked.variables {
        None | Some(serde_json::Value::Null) => Variables::default(),
        Some(value @ serde_json::Value::Object(_)) => Variables::from_json(value),
        Some(_) => {
            let message = "variables: a JSON object is needed";
            return media.error(StatusCode::BAD_REQUEST, &Error::BadInput(message.into()));
        }
    };
    if let Err(error) = check_nesting(&asked.query) {
        return refused(error);
    }
    let document = match parse_query(&asked.query) {
        Ok(document) => document,
        Err(error) => {
            let mut error = ServerError::from(error);
            error
                .extensions
                .get_or_insert_default()
                .set("code", "GRAPHQL_PARSE_FAILED");
            return media.answer(&Response::from_errors(vec![error]), store.statements());
        }
    };
    if let Err(error) = check_limits(&document, service.limits) {
        return refused(error);
    }
    if let Some(name) = &asked.operation_name {
        Span::current().record("operation", name.chars().take(100).collect::<String>());
    }
    if by_url
        && operation_type(&document, asked.operation_name.as_deref())
            == Some(OperationType::Mutation)
    {
        let mut answer = media.error(
            StatusCode::METHOD_NOT_ALLOWED,
            &Error::BadInput("a mutation needs the method POST".into()),
        );
        answer.headers_mut().insert(
            ALLOW,
            actix_web::http::header::HeaderValue::from_static("POST"),
        );
        return answer;
    }
    let mut request = Request::new(asked.query).variables(variables);
    request.operation_name = asked.operation_name;
    request.set_parsed_query(document);
    let time = match asked.file {
        None => service.request_timeout,
        Some(_) => service.request_timeout.max(upload::STORING_TIME),
    };
    let request = request.data(session).data(Uploaded::new(asked.file));
    match tokio::time::timeout(time, service.schema.execute(request)).await {
        Ok(mut response) => {
            give_codes(&mut response);
            media.answer(&response, store.statements())
        }
        Err(_) => refused(Error::Limit(format!(
            "the request took over {} s, the setting request_timeout_seconds",
            time.as_secs()
        ))),
    }
}

/// Gives codes to the errors of the schema itself, which have none.
pub(super) fn give_codes(response: &mut Response) {
    for error in &mut response.errors {
        error.extensions.get_or_insert_default();
        if let Some(extensions) = &mut error.extensions
            && extensions.get("code").is_none()
        {
            let validation = error.path.is_empty();
            extensions.set(
                "code",
                if validation {
                    "GRAPHQL_VALIDATION_FAILED"
                } else {
                    "BAD_USER_INPUT"
                },
            );
        }
    }
}

fn refusal(error: &Error) -> Response {
    let mut refusal = ServerError::new(error.public_message(), None);
    refusal
        .extensions
        .get_or_insert_default()
        .set("code", error.code());
    Response::from_errors(vec![refusal])
}

/// The type of the operation that would run; none when the document leaves it open.
fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation.node.ty),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| operation.node.ty)
        }
        _ => None,
    }
}
