//! `/graphql`: who calls, what is asked, within which limits; then the schema answers.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, AcceptLanguage, Header, HeaderValue, Quality},
    },
    web::{Data, Payload, Query},
};
use async_graphql::parser::types::OperationType;
use serde::Deserialize;

use super::{
    Service,
    answer::{EventStream, Media},
    body,
    identity::authenticate,
    live,
    metered::not_now,
    operation::{Asked, Written, with_codes},
    upload,
};
use crate::{
    auth::Scope,
    error::Error,
    graphql::{Session, refusal},
    guard::check_json,
    locale::{Locale, RequestLocale},
};

/// What `/graphql` can be asked by.
const METHODS: &str = "GET, POST, OPTIONS";

/// What a client asks in a URL, where variables and extensions are JSON texts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AskedByUrl {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// An answer that ends the handling early; boxed, because it is large and rare.
pub(super) type Handled<T> = Result<T, Box<HttpResponse>>;

/// Any operation.
pub async fn post(service: Data<Service>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let handled = async {
        let media = media(&request)?;
        let (caller, store) = authenticate(&service, &request, media).await?;
        let team = store.team().id;
        // When the client hangs up, or time is over, the database gives up as well.
        let (store, _until_here) = store.until_dropped();
        let session = Session::new(caller, store, locale(&request));
        let asked = if upload::is_multipart(&request) {
            session
                .caller
                .require(Scope::Ingest)
                .map_err(|error| Box::new(media.error(StatusCode::FORBIDDEN, &error.into())))?;
            upload::receive(&service, &request, payload, team, media).await?
        } else {
            let body = body::json(&service, &request, payload, media).await?;
            parse(&service, "the body", &body, media)?
        };
        Ok(run(&service, &request, session, asked, false, media).await)
    };
    handled
        .await
        .unwrap_or_else(|answer: Box<HttpResponse>| *answer)
}

/// What is asked in a JSON text.
pub(super) fn parse(service: &Service, what: &str, text: &[u8], media: Media) -> Handled<Asked> {
    let refused =
        |message: String| Box::new(media.error(StatusCode::BAD_REQUEST, &Error::BadInput(message)));
    if text.trim_ascii_start().starts_with(b"[") {
        // Serde would read a list as the fields in their order.
        return Err(refused(format!(
            "{what} must be one JSON object with `query`; lists of operations are not taken"
        )));
    }
    check_json(text, &service.gate.bounds)
        .map_err(|refusal| Box::new(media.error(StatusCode::BAD_REQUEST, &refusal.into())))?;
    serde_json::from_slice(text).map_err(|error| {
        refused(format!(
            "{what} must be a JSON object with `query`: {error}"
        ))
    })
}

/// Queries, never mutations: a link must not change anything.
pub async fn get(service: Data<Service>, request: HttpRequest) -> HttpResponse {
    let handled = async {
        let media = media(&request)?;
        let (caller, store) = authenticate(&service, &request, media).await?;
        let (store, _until_here) = store.until_dropped();
        let session = Session::new(caller, store, locale(&request));
        let refused = |error: Error| Box::new(media.error(StatusCode::BAD_REQUEST, &error));
        let bad = |message: String| refused(Error::BadInput(message));
        let AskedByUrl {
            query,
            operation_name,
            variables,
            extensions,
        } = Query::<AskedByUrl>::from_query(request.query_string())
            .map_err(|error| bad(format!("the URL: {error}")))?
            .into_inner();
        let object = |name: &str, text: Option<String>| match text.filter(|text| !text.is_empty()) {
            Some(text) => {
                check_json(text.as_bytes(), &service.gate.bounds)
                    .map_err(|refusal| refused(refusal.into()))?;
                serde_json::from_str(&text)
                    .map_err(|error| bad(format!("{name}: it must be a JSON object: {error}")))
            }
            None => Ok(None),
        };
        let written = Written {
            query,
            document_id: None,
            operation_name,
            variables: object("variables", variables)?,
            extensions: object("extensions", extensions)?,
        };
        let asked = Asked::try_from(written)
            .map_err(|_| bad("the URL's parameter `query` is missing".into()))?;
        Ok(run(&service, &request, session, asked, true, media).await)
    };
    handled
        .await
        .unwrap_or_else(|answer: Box<HttpResponse>| *answer)
}

/// What may be asked. Pages of other sites that may ask are answered before by their rules.
pub async fn options() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ALLOW, METHODS))
        .finish()
}

/// Any other method.
pub async fn other_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, METHODS))
        .finish()
}

fn media(request: &HttpRequest) -> Handled<Media> {
    let errors_of_streams =
        || (EventStream::accepted(request) == EventStream::Only).then_some(Media::Json);
    let accepted = Media::accepted(request).or_else(errors_of_streams);
    accepted.ok_or_else(|| {
        let message = "Accept: application/graphql-response+json, application/json and text/event-stream can be given";
        Box::new(Media::Json.error(StatusCode::NOT_ACCEPTABLE, &Error::BadInput(message.into())))
    })
}

/// What the header Accept-Language prefers, the best first. What is malformed or unknown in it is passed over.
pub fn wanted_locales(request: &HttpRequest) -> Vec<Locale> {
    let mut accepted =
        AcceptLanguage::parse(request).map_or_else(|_| Vec::new(), |header| header.0);
    accepted.retain(|range| range.quality > Quality::ZERO);
    let ranked = AcceptLanguage(accepted).ranked();
    let locales = ranked.iter().map(|range| Locale::parse(&range.to_string()));
    locales.flatten().collect()
}

pub(super) fn locale(request: &HttpRequest) -> RequestLocale {
    RequestLocale::preferring(&wanted_locales(request))
}

async fn run(
    service: &Data<Service>,
    request: &HttpRequest,
    session: Session,
    asked: Asked,
    by_url: bool,
    media: Media,
) -> HttpResponse {
    let store = session.store.clone();
    let streamed = EventStream::accepted(request);
    let operation = match asked.check(service, store.team().id) {
        Ok(operation) => operation,
        Err(refusal) if streamed == EventStream::Only => return live::sse::refused(&refusal),
        Err(refusal) => return media.answer(&refusal, store.statements()),
    };
    if by_url && operation.kind == Some(OperationType::Mutation) {
        let mut answer = media.error(
            StatusCode::METHOD_NOT_ALLOWED,
            &Error::BadInput("a mutation needs the method POST".into()),
        );
        let post = HeaderValue::from_static("POST");
        answer.headers_mut().insert(ALLOW, post);
        return answer;
    }
    let subscribes = operation.kind == Some(OperationType::Subscription);
    match streamed {
        EventStream::No if subscribes => {
            let message = "a subscription needs a WebSocket of graphql-transport-ws, or Accept: text/event-stream";
            return media.error(StatusCode::NOT_ACCEPTABLE, &Error::BadInput(message.into()));
        }
        EventStream::Only => return live::sse::answer(service, request, operation).await,
        // Clients name it beside JSON for whatever they ask.
        EventStream::Also if subscribes => {
            return live::sse::answer(service, request, operation).await;
        }
        _ => {}
    }
    let mutates = operation.kind == Some(OperationType::Mutation);
    let time = service.time_for(&operation);
    let caller = session.caller.clone();
    // It is large, and what is around it shall not take as much of the stack again.
    let running = Box::pin(
        service
            .schema_for(&operation)
            .execute(operation.request.data(session)),
    );
    let in_time = async {
        let ran = tokio::time::timeout(time.0, running).await;
        ran.unwrap_or_else(|_| refusal(&time.passed()))
    };
    match service
        .metered(
            &caller,
            &store,
            (&operation.about, &operation.cost),
            in_time,
        )
        .await
    {
        Ok(response) => {
            let answer = media.answer(&with_codes(response), store.statements());
            let followed = service.outflows.follow(store.team().id, mutates, answer);
            followed.unwrap_or_else(|error| not_now(media, &error))
        }
        Err(error) => not_now(media, &error),
    }
}
