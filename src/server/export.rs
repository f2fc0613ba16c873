//! `/export`: files of every kind of row, and of `metrics` answers, as streams.

use std::time::{Duration, Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    web::{Bytes, Data, Path, Payload, Query},
};
use async_graphql::{Request, Variables};
use chrono::NaiveDate;
use futures_util::stream::try_unfold;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Service,
    answer::{Media, failure_status},
    body,
    graphql::{Handled, locale},
    identity::{Unknown, authenticate, token_of},
    operation::{code_of, with_codes},
    quota::Admission,
};
use crate::{
    auth::Scope,
    error::Error,
    export::{Delivery, Export, ExportAsk, Format, file_name},
    graphql::{METRICS_CHECK, MetricsFile, Session, TimeLimit},
    guard::check_json,
};

/// How often a stream asks whether its caller still may read.
const RECHECK: Duration = Duration::from_secs(4);

/// What a URL may say of an export.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Narrowed {
    after: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    system: Option<String>,
    header: Option<bool>,
}

/// What a body says of an export of metrics: the arguments of the field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "one JSON object with `input`")]
struct Question {
    input: Value,
    after: Option<String>,
    header: Option<bool>,
}

/// The rows of an entity.
pub async fn entity(
    service: Data<Service>,
    request: HttpRequest,
    file: Path<String>,
) -> HttpResponse {
    let handled = async {
        let (caller, store) = authenticate(&service, &request, Media::Json).await?;
        let narrowed = Query::<Narrowed>::from_query(request.query_string())
            .map_err(|error| refused(&Error::BadInput(format!("the URL: {error}"))))?
            .into_inner();
        let (name, format, gzip) = file_name(&file).map_err(|error| missing(&error))?;
        let entity = name.parse().map_err(|error| missing(&error))?;
        if narrowed
            .system
            .as_deref()
            .is_some_and(|system| system.contains('\0'))
        {
            let error = Error::BadInput("the character U+0000 is not allowed in any text".into());
            return Err(refused(&error));
        }
        let ask = ExportAsk {
            entity,
            delivery: Delivery {
                format,
                gzip,
                after: narrowed.after,
                header: narrowed.header,
            },
            from: narrowed.from,
            to: narrowed.to,
            system: narrowed.system,
        };
        let admission = service.exporting(&caller, &store).await?;
        let export = Export::of_entity(store, Some(&caller), &ask).await;
        let export = export.map_err(|error| refused(&error))?;
        stream(
            &service,
            &request,
            &file,
            &ask.delivery,
            (export, admission),
        )
        .await
    };
    handled
        .await
        .unwrap_or_else(|answer: Box<HttpResponse>| *answer)
}

/// The rows of the answer to a `metrics` question.
pub async fn metrics(
    service: Data<Service>,
    request: HttpRequest,
    file: Path<String>,
    payload: Payload,
) -> HttpResponse {
    let handled = async {
        let (caller, store) = authenticate(&service, &request, Media::Json).await?;
        let (name, format, gzip) = file_name(&file).map_err(|error| missing(&error))?;
        if name != "metrics" {
            let only = "only metrics are asked by POST; entities are read by GET";
            return Err(missing(&Error::invalid("file", name, only)));
        }
        caller
            .require(Scope::MetricsRead)
            .map_err(|error| refused(&error.into()))?;
        let body = body::json(&service, &request, payload, Media::Json).await?;
        check_json(&body, &service.gate.bounds).map_err(|error| refused(&error.into()))?;
        let admission = service.exporting(&caller, &store).await?;
        let asked: Question = serde_json::from_slice(&body).map_err(|error| {
            let message = format!("the body must be a JSON object with `input`: {error}");
            refused(&Error::BadInput(message))
        })?;
        let delivery = Delivery {
            format,
            gzip,
            after: asked.after,
            header: asked.header,
        };
        let session = || Session::new(caller.clone(), store.clone(), locale(&request));
        let made = async {
            check(&service, session(), &asked.input).await?;
            let made = MetricsFile::of(&session(), asked.input.clone()).await;
            made.map_err(|error| {
                let error = async_graphql::Error::from(error);
                errors(vec![error.into_server_error(Default::default())])
            })
        };
        let time = TimeLimit(service.request_timeout);
        let made = tokio::time::timeout(time.0, made).await;
        let MetricsFile { columns, rows } = made.map_err(|_| refused(&time.passed()))??;
        let export = Export::of_rows("metrics", columns, rows, &delivery);
        let export = export.map_err(|error| refused(&error))?;
        stream(&service, &request, &file, &delivery, (export, admission)).await
    };
    handled
        .await
        .unwrap_or_else(|answer: Box<HttpResponse>| *answer)
}

/// Refuses a question that the schema would refuse.
async fn check(service: &Service, session: Session, input: &Value) -> Handled<()> {
    if input.to_string().contains("\\u0000") {
        let error = Error::BadInput("the character U+0000 is not allowed in any text".into());
        return Err(refused(&error));
    }
    let variables = Variables::from_json(json!({ "input": input }));
    let request = Request::new(METRICS_CHECK)
        .variables(variables)
        .data(session);
    let response = with_codes(service.schema.execute(request).await);
    match response.errors.is_empty() {
        true => Ok(()),
        false => Err(errors(response.errors)),
    }
}

/// A stream under way.
struct Running {
    service: Data<Service>,
    export: Export,
    token: String,
    checked: Instant,
    /// It counts among the operations of its team as long as rows come.
    _admission: Admission,
}

impl Running {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if self.checked.elapsed() > RECHECK {
            match self.service.identify(&self.token).await {
                Ok(_) => self.checked = Instant::now(),
                Err(Unknown::BadToken(why)) => return Err(Error::BadInput(why)),
                Err(Unknown::Unavailable(error)) => return Err(error),
            }
        }
        Ok(self.export.next().await?.map(Bytes::from))
    }
}

/// Answers with a stream. Its first bytes are made before, so that what goes wrong at once has a status; what goes wrong
/// later breaks the connection off, so that nobody takes the file for whole.
async fn stream(
    service: &Data<Service>,
    request: &HttpRequest,
    file: &str,
    delivery: &Delivery,
    (export, admission): (Export, Admission),
) -> Handled<HttpResponse> {
    let mut running = Running {
        service: service.clone(),
        export,
        token: token_of(request).unwrap_or_default().to_owned(),
        checked: Instant::now(),
        _admission: admission,
    };
    let mut answer = HttpResponse::Ok();
    if let Some(changes) = running.export.changes() {
        answer.insert_header(("X-Kpigraph-Changes", changes));
    }
    let first = running.next().await.map_err(|error| refused(&error))?;
    let rest = try_unfold((first, running), |(ready, mut running)| async move {
        let bytes = match ready {
            Some(bytes) => Some(bytes),
            None => running.next().await.inspect_err(|error| {
                tracing::error!(%error, "an export broke off");
            })?,
        };
        Ok::<_, Error>(bytes.map(|bytes| (bytes, (None, running))))
    });
    let media = match (delivery.gzip, delivery.format) {
        (true, _) => "application/gzip",
        (false, Format::Csv) => "text/csv; charset=utf-8",
        (false, Format::Ndjson) => "application/x-ndjson",
    };
    Ok(answer
        .insert_header((CONTENT_TYPE, media))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{file}\""),
        ))
        .streaming(rest))
}

/// The answer to a file that there is not.
fn missing(error: &Error) -> Box<HttpResponse> {
    Box::new(Media::Json.error(StatusCode::NOT_FOUND, error))
}

/// The answer to what is not allowed or went wrong.
fn refused(error: &Error) -> Box<HttpResponse> {
    let status = status(error.code());
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(%error, "an export failed");
    }
    Box::new(Media::Json.error(status, error))
}

/// The answer to what the schema refuses.
fn errors(errors: Vec<async_graphql::ServerError>) -> Box<HttpResponse> {
    let code = errors.first().and_then(code_of);
    let status = status(code.unwrap_or_default());
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store"));
    Box::new(answer.json(json!({ "errors": errors })))
}

fn status(code: &str) -> StatusCode {
    match code {
        "FORBIDDEN" => StatusCode::FORBIDDEN,
        "CURSOR_EXPIRED" => StatusCode::GONE,
        "INTERNAL" => StatusCode::INTERNAL_SERVER_ERROR,
        code => failure_status(code).unwrap_or(StatusCode::BAD_REQUEST),
    }
}
