//! The file of a request: it comes beside the operation, which only says where it belongs.

use std::{
    fs::File,
    sync::{Mutex, PoisonError},
};

use async_graphql::{Context, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::error::{Error, Result};

/// What stands in the variables for the file.
pub const PLACEHOLDER: &str = "#file";

/// A file that comes with the request, by the GraphQL multipart request specification: null in `variables`, named in
/// the part `map`.
#[derive(Clone, Copy, Debug)]
pub struct Upload;

/// A file that comes with the request, by the GraphQL multipart request specification: null in `variables`, named in
/// the part `map`.
#[Scalar(
    name = "Upload",
    specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec"
)]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if text == PLACEHOLDER => Ok(Self),
            _ => Err(InputValueError::custom(
                "a file is needed, as a part of a multipart request",
            )),
        }
    }

    fn to_value(&self) -> Value {
        Value::Null
    }
}

/// A file that a request brought.
pub struct UploadedFile {
    /// Its name, as the client has it.
    pub name: String,
    /// Its bytes, from the first.
    pub content: File,
}

/// The place of a request's file among the request's data.
pub struct Uploaded(Mutex<Option<UploadedFile>>);

impl Uploaded {
    /// The file, if there is one.
    pub fn new(file: Option<UploadedFile>) -> Self {
        Self(Mutex::new(file))
    }
}

impl Upload {
    /// Takes the file, which is there once.
    pub(super) fn take(self, ctx: &Context<'_>) -> Result<UploadedFile> {
        let place = ctx.data_opt::<Uploaded>();
        let file = place.and_then(|place| {
            place
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        });
        file.ok_or_else(|| {
            Error::BadInput(
                "input.file: the request has no file, or another field has taken it".into(),
            )
        })
    }
}
