//! The answer to an operation that does not run.

use async_graphql::{Response, ServerError};

use crate::error::Error;

/// An answer without data.
pub fn refusal(error: &Error) -> Response {
    let mut refusal = ServerError::new(error.public_message(), None);
    error.describe(refusal.extensions.get_or_insert_default());
    Response::from_errors(vec![refusal])
}
