//! Mistakes of the service itself: what panics is answered by one opaque error, logged under the request's id, and
//! harms no other request.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error as ActixError, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::StatusCode,
    middleware::Next,
    web::Data,
};
use async_graphql::Response;
use futures_util::{FutureExt, Stream, StreamExt};
use tracing_actix_web::RequestId;

use super::{Service, answer::Media, headers::REQUEST_ID};
use crate::{error::Error, graphql::refusal};

/// The log of the hook has the panic's own text; this one never leaves.
fn broken() -> Error {
    Error::Internal("it panicked".into())
}

/// Runs an operation; an error where it panics.
pub async fn caught<T>(
    service: &Service,
    running: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let done = AssertUnwindSafe(running).catch_unwind().await;
    done.unwrap_or_else(|_| {
        service.figures.panicked();
        Err(broken())
    })
}

/// The results of a subscription; one that panics is counted and ends with an error.
pub fn caught_each(
    results: impl Stream<Item = Response>,
    count: impl Fn(),
) -> impl Stream<Item = Response> {
    let results = AssertUnwindSafe(results).catch_unwind();
    results.map(move |result| {
        result.unwrap_or_else(|_| {
            count();
            tracing::error!("a subscription panicked");
            refusal(&broken())
        })
    })
}

/// Answers requests whose handler panics.
pub async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let id = request.extensions().get::<RequestId>().copied();
    let service = request.app_data::<Data<Service>>().cloned();
    let handled = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    handled.unwrap_or_else(|_| {
        if let Some(service) = service {
            service.figures.panicked();
        }
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let mut answer = Media::Json.error(status, &broken());
        if let Some(id) = id.and_then(|id| id.to_string().try_into().ok()) {
            answer.headers_mut().insert(REQUEST_ID, id);
        }
        Err(InternalError::from_response("it panicked", answer).into())
    })
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App, HttpResponse,
        http::header::CONTENT_TYPE,
        middleware::from_fn,
        test::{TestRequest, init_service, read_body, try_call_service},
        web,
    };
    use futures_util::stream;
    use tracing_actix_web::TracingLogger;

    use super::*;

    const SECRET: &str = "what nobody shall read";

    async fn broken_handler() -> HttpResponse {
        panic!("{SECRET}")
    }

    #[actix_web::test]
    async fn a_handler_that_panics_answers_one_opaque_error_with_the_requests_id() {
        let app = App::new()
            .wrap(from_fn(answer))
            .wrap(TracingLogger::default())
            .route("/", web::get().to(broken_handler));
        let app = init_service(app).await;
        let request = TestRequest::get().uri("/").to_request();
        let error = try_call_service(&app, request).await.err().unwrap();
        let answer = error.error_response();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.headers().contains_key(REQUEST_ID));
        assert!(
            answer
                .headers()
                .get(CONTENT_TYPE)
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("application/json")
        );
        let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            text.contains(r#""code":"INTERNAL""#) && !text.contains(SECRET),
            "{text}"
        );
        // The next one is served as ever.
        let request = TestRequest::get().uri("/elsewhere").to_request();
        let answer = try_call_service(&app, request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(read_body(answer).await.is_empty());
    }

    #[tokio::test]
    async fn a_subscription_that_panics_ends_with_one_opaque_error() {
        let results = stream::iter([1, 2, 3]).map(|number| match number {
            2 => panic!("{SECRET}"),
            _ => Response::default(),
        });
        let panics = std::cell::Cell::new(0);
        let told: Vec<_> = caught_each(results, || panics.set(panics.get() + 1))
            .collect()
            .await;
        assert_eq!(panics.get(), 1);
        let [fine, broken] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(fine.errors.is_empty());
        assert_eq!(broken.errors.len(), 1);
        assert!(!broken.errors[0].message.contains(SECRET));
    }
}
