//! Requests with a file, by the GraphQL multipart request specification: the parts `operations` and `map`, then the
//! file, which goes to disk as it comes.

use std::{
    collections::HashMap,
    fs::File,
    io::{ErrorKind, Seek, SeekFrom, Write},
    path::PathBuf,
    time::Duration,
};

use actix_multipart::{Field, Multipart};
use actix_web::{
    HttpRequest,
    http::{StatusCode, header::CONTENT_TYPE},
    web::Payload,
};
use futures_util::StreamExt;
use serde_json::Value;

use super::{
    Service,
    answer::Media,
    graphql::{Handled, parse},
    operation::Asked,
    seats::Seats,
};
use crate::{
    config::Settings,
    error::Error,
    graphql::{FILE_PLACEHOLDER, UploadedFile},
};

/// A header that a page of another site cannot send unasked, whatever its value.
pub const PREFLIGHT: &str = "GraphQL-Require-Preflight";
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a request may take that has a file to store.
pub const STORING_TIME: Duration = Duration::from_secs(600);
/// The most bytes of the part `map`.
const MAP_LIMIT: u64 = 10_000;
/// How many files are received at the same time, and how many of them of one team, so that no team with slow lines
/// keeps the others out.
const AT_ONCE: usize = 8;
const PER_TEAM: usize = 3;

/// How files are received.
pub struct Uploads {
    limit: u64,
    /// Where they lie until the request is answered.
    folder: PathBuf,
    /// Whose files are being received.
    receiving: Seats,
}

impl From<&Settings> for Uploads {
    fn from(settings: &Settings) -> Self {
        Self {
            limit: settings.upload_limit_bytes,
            folder: settings.data_dir.clone(),
            receiving: Seats::default(),
        }
    }
}

/// Why a request is refused.
type Refused = (StatusCode, Error);

/// Whether a request comes in parts.
pub fn is_multipart(request: &HttpRequest) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    let text = content_type.and_then(|value| value.to_str().ok());
    text.is_some_and(|text| text.trim().to_ascii_lowercase().starts_with("multipart/"))
}

/// Receives a team's request with a file.
pub async fn receive(
    service: &Service,
    request: &HttpRequest,
    payload: Payload,
    team: i64,
    media: Media,
) -> Handled<Asked> {
    let received = receive_parts(service, request, payload, team, media);
    let received = tokio::time::timeout(STORING_TIME, received).await;
    received.unwrap_or_else(|_| {
        let text = format!("the file was not there after {} s", STORING_TIME.as_secs());
        let error = Error::Limit(text);
        Err(Box::new(media.error(StatusCode::REQUEST_TIMEOUT, &error)))
    })
}

async fn receive_parts(
    service: &Service,
    request: &HttpRequest,
    payload: Payload,
    team: i64,
    media: Media,
) -> Handled<Asked> {
    let refuse = |(status, error): Refused| Box::new(media.error(status, &error));
    if !request.headers().contains_key(PREFLIGHT) {
        let text = format!("a request in parts needs the header {PREFLIGHT}: 1");
        return Err(refuse(bad(text)));
    }
    let receiving = &service.uploads.receiving;
    let Some(_place) = receiving.take_within(team, 1, (PER_TEAM, AT_ONCE)) else {
        let busy = Error::Busy("other files are being received; send this one again later");
        return Err(refuse((StatusCode::SERVICE_UNAVAILABLE, busy)));
    };
    let mut parts = Multipart::new(request.headers(), payload);
    let limit = u64::try_from(service.body_limit).unwrap_or(u64::MAX);
    let operations = text_part(&mut parts, "operations", limit)
        .await
        .map_err(refuse)?;
    let mut asked = parse(service, "the part `operations`", &operations, media)?;
    let map = text_part(&mut parts, "map", MAP_LIMIT)
        .await
        .map_err(refuse)?;
    let name = put_in_place(&map, &mut asked).map_err(refuse)?;
    let file = file_part(&service.uploads, &mut parts, &name).await;
    asked.file = Some(file.map_err(refuse)?);
    Ok(asked)
}

fn bad(text: String) -> Refused {
    (StatusCode::BAD_REQUEST, Error::BadInput(text))
}

/// The next part, which must have this name.
async fn part(parts: &mut Multipart, name: &str) -> Result<Field, Refused> {
    let broken = |error| bad(format!("the request's parts: {error}"));
    let next = in_time(parts.next()).await?.transpose().map_err(broken)?;
    next.filter(|part| part.name() == Some(name))
        .ok_or_else(|| {
            bad(format!(
                "the parts must be `operations`, `map` and the file; `{name}` is missing"
            ))
        })
}

async fn text_part(parts: &mut Multipart, name: &str, limit: u64) -> Result<Vec<u8>, Refused> {
    let mut text = Vec::new();
    let mut part = part(parts, name).await?;
    copy(&mut part, &mut text, limit, "the setting body_limit_bytes").await?;
    Ok(text)
}

/// Puts the file's placeholder into its variable; gives the name of the file's part.
fn put_in_place(map: &[u8], asked: &mut Asked) -> Result<String, Refused> {
    let map: HashMap<String, Vec<String>> = serde_json::from_slice(map).map_err(|error| {
        bad(format!(
            "the part `map` must be like {{\"0\": [\"variables.file\"]}}: {error}"
        ))
    })?;
    let mut files = map.into_iter();
    let (Some((name, variables)), None) = (files.next(), files.next()) else {
        return Err(bad("the part `map` must name one file".into()));
    };
    let [variable] = &variables[..] else {
        return Err(bad("the part `map` must give the file one variable".into()));
    };
    let path = variable.strip_prefix("variables.");
    let place = path
        .zip(asked.variables.as_mut())
        .and_then(|(path, variables)| {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            let pointer = rest.split('.').filter(|step| !step.is_empty());
            let pointer: String = pointer.map(|step| format!("/{step}")).collect();
            variables.get_mut(first)?.pointer_mut(&pointer)
        });
    match place {
        Some(place @ Value::Null) => *place = FILE_PLACEHOLDER.into(),
        _ => {
            return Err(bad(format!(
                "the part `map`: {variable} is no variable that is null in `operations`"
            )));
        }
    }
    Ok(name)
}

async fn file_part(
    uploads: &Uploads,
    parts: &mut Multipart,
    name: &str,
) -> Result<UploadedFile, Refused> {
    let mut part = part(parts, name).await?;
    let disposition = part.content_disposition();
    let filename = disposition.and_then(|found| found.get_filename());
    let name = filename.unwrap_or_default();
    let name = name.chars().filter(|c| !c.is_control()).collect();
    let mut content = temporary(uploads).map_err(unwritable)?;
    copy(
        &mut part,
        &mut content,
        uploads.limit,
        "the setting upload_limit_bytes",
    )
    .await?;
    content.seek(SeekFrom::Start(0)).map_err(unwritable)?;
    Ok(UploadedFile { name, content })
}

/// A nameless file, which goes with its handle.
fn temporary(uploads: &Uploads) -> std::io::Result<File> {
    std::fs::create_dir_all(&uploads.folder)?;
    tempfile::tempfile_in(&uploads.folder)
}

fn unwritable(error: std::io::Error) -> Refused {
    tracing::error!(%error, "an uploaded file cannot be kept in the data folder");
    if error.kind() == ErrorKind::StorageFull {
        let full = Error::StorageFull(error.into());
        return (StatusCode::INSUFFICIENT_STORAGE, full);
    }
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        Error::Internal(error.to_string()),
    )
}

async fn copy(
    part: &mut Field,
    to: &mut impl Write,
    limit: u64,
    setting: &str,
) -> Result<(), Refused> {
    let mut left = limit;
    while let Some(bytes) = in_time(part.next()).await? {
        let bytes = bytes.map_err(|error| bad(format!("the request's parts: {error}")))?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let Some(rest) = left.checked_sub(length) else {
            let text = format!("a part of the request is over {limit} bytes, {setting}");
            return Err((StatusCode::PAYLOAD_TOO_LARGE, Error::Limit(text)));
        };
        left = rest;
        to.write_all(&bytes).map_err(unwritable)?;
    }
    Ok(())
}

async fn in_time<T>(next: impl Future<Output = T>) -> Result<T, Refused> {
    tokio::time::timeout(SILENCE, next).await.map_err(|_| {
        let text = format!("nothing came for {} s", SILENCE.as_secs());
        (StatusCode::REQUEST_TIMEOUT, Error::Limit(text))
    })
}
