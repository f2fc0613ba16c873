//! What can go wrong, and the single place where it becomes an answer to a client.

use std::{sync::Arc, time::Duration};

use async_graphql::{ErrorExtensionValues, ErrorExtensions};

use crate::{
    auth::MissingScope,
    guard::{Exceeded, Refusal},
    store::failure,
};

/// A failure inside the service. Its text is for logs and for the command line; clients see an [`ApiError`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller asked for something that is not allowed or does not exist; the text names the field, the value and
    /// what is allowed.
    #[error("{0}")]
    BadInput(String),
    /// The caller's token lacks a scope.
    #[error(transparent)]
    Forbidden(#[from] MissingScope),
    /// Nobody is known by the caller's token any more.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// What the caller asks for is kept no longer; the text says what to do.
    #[error("{0}")]
    Expired(String),
    /// A bound that holds for every request was passed.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    /// A limit of the service was passed; the text names it and the value asked.
    #[error("{0}")]
    Limit(String),
    /// Nobody knows the document that was named. The text is what clients of automatic persisted queries look for; they
    /// send the whole document then.
    #[error("PersistedQueryNotFound")]
    UnknownDocument,
    /// The document is none of the trusted ones, which alone are accepted.
    #[error("the document is not trusted, and no others are accepted")]
    UntrustedDocument,
    /// The team or the key takes too much; the text says when to come again.
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// What was asked for took longer than it may; the text names the setting.
    #[error("{0}")]
    Timeout(String),
    /// What came after a cursor is not known any more; the text says what to do.
    #[error("{0}")]
    CursorExpired(String),
    /// The database cannot be reached or did not answer in time.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sea_orm::DbErr),
    /// Others are at work; the text says so and what to do.
    #[error("{0}")]
    Busy(&'static str),
    /// The disk of the database, or of uploaded files, has no room left.
    #[error("the disk is full: {0}")]
    StorageFull(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(#[source] sea_orm::DbErr),
    /// Anything else that only a developer can mend.
    #[error("internal: {0}")]
    Internal(String),
}

/// Who takes too much, and when to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {whose}: none are left of {limit}; try again in {} s", .wait.as_secs())]
pub struct RateLimited {
    /// What is used up.
    pub whose: &'static str,
    /// The most there can be of it.
    pub limit: i64,
    /// After this time it may work.
    pub wait: Duration,
}

/// A result of this service.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<crate::time::PeriodError> for Error {
    fn from(error: crate::time::PeriodError) -> Self {
        Self::BadInput(error.to_string())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Exceeded(exceeded) => Self::Exceeded(exceeded),
            other => Self::BadInput(other.to_string()),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        failure(error)
    }
}

impl Error {
    /// A refused value, with its field and what is allowed.
    pub fn invalid(field: &str, value: impl std::fmt::Display, allowed: &str) -> Self {
        Self::BadInput(format!("{field}: '{value}' is not allowed; {allowed}"))
    }

    /// The stable code that clients can rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadInput(_) => "BAD_USER_INPUT",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::Unauthenticated(_) => "UNAUTHENTICATED",
            Self::Expired(_) => "EXPIRED",
            Self::Exceeded(_) | Self::Limit(_) => "LIMIT_EXCEEDED",
            Self::UnknownDocument => "PERSISTED_QUERY_NOT_FOUND",
            Self::UntrustedDocument => "DOCUMENT_NOT_TRUSTED",
            Self::RateLimited(_) => "RATE_LIMITED",
            Self::Timeout(_) => "TIMEOUT",
            Self::CursorExpired(_) => "CURSOR_EXPIRED",
            Self::Unavailable(_) | Self::Busy(_) => "UNAVAILABLE",
            Self::StorageFull(_) => "STORAGE_FULL",
            Self::Database(_) | Self::Internal(_) => "INTERNAL",
        }
    }

    /// What programs may read beside the text: the code, and the numbers of a limit.
    pub fn describe(&self, extensions: &mut ErrorExtensionValues) {
        extensions.set("code", self.code());
        match self {
            Self::Exceeded(exceeded) => {
                extensions.set("exceeded", exceeded.what);
                extensions.set("limit", exceeded.limit);
                extensions.set("actual", exceeded.actual);
            }
            Self::RateLimited(limited) => {
                extensions.set("exceeded", limited.whose);
                extensions.set("limit", limited.limit);
                extensions.set("retryAfter", limited.wait.as_secs());
            }
            _ => {}
        }
    }

    /// What a client may read: the text of its own mistakes, nothing of ours.
    pub fn public_message(&self) -> String {
        match self {
            Self::BadInput(_)
            | Self::Forbidden(_)
            | Self::Unauthenticated(_)
            | Self::Expired(_)
            | Self::Exceeded(_)
            | Self::Limit(_)
            | Self::UnknownDocument
            | Self::UntrustedDocument
            | Self::RateLimited(_)
            | Self::Timeout(_)
            | Self::CursorExpired(_)
            | Self::Busy(_) => self.to_string(),
            Self::Unavailable(_) => {
                "the service is busy or cannot reach its database; try again later".into()
            }
            Self::StorageFull(_) => {
                "the disk is full; nothing was written, and reading goes on".into()
            }
            Self::Database(_) | Self::Internal(_) => {
                "internal error; the service's log has the details under the request id".into()
            }
        }
    }
}

/// An [`Error`] on its way to a GraphQL client. It has no `Display`, because whatever has one becomes a GraphQL error
/// with its text by `?`, without a code and with the database's words.
#[derive(Clone)]
pub struct ApiError(Arc<Error>);

/// What resolvers return.
pub type ApiResult<T> = std::result::Result<T, ApiError>;

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(Arc::new(error.into()))
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(ApiError(error): ApiError) -> Self {
        if matches!(
            *error,
            Error::Database(_) | Error::Internal(_) | Error::Unavailable(_) | Error::StorageFull(_)
        ) {
            tracing::error!(error = %error, "a field failed");
        }
        async_graphql::Error::new(error.public_message())
            .extend_with(|_, extensions| error.describe(extensions))
    }
}
