//! Mistakes that a caller can mend, as data in a mutation's payload.

use async_graphql::{Interface, SimpleObject};

/// A mistake in the input; `code` is stable, `path` leads to the value.
#[derive(Interface, Clone)]
#[expect(
    clippy::duplicated_attributes,
    reason = "two of the fields have the same type"
)]
#[graphql(
    field(
        name = "code",
        ty = "&String",
        desc = "The kind of mistake, for programs."
    ),
    field(
        name = "message",
        ty = "&String",
        desc = "The mistake in words, with the value and what is allowed."
    ),
    field(
        name = "path",
        ty = "&Vec<String>",
        desc = "The way to the value, from `input` on."
    )
)]
pub enum UserError {
    Validation(ValidationError),
    Conflict(ConflictError),
    Quota(QuotaError),
}

/// A value is not allowed.
#[derive(SimpleObject, Clone, Debug)]
pub struct ValidationError {
    /// The mistake in words, with the value and what is allowed.
    message: String,
    /// The way to the value, from `input` on.
    path: Vec<String>,
    /// `INVALID`, `NOT_FOUND` or `TAKEN`; in bulk calls `DUPLICATE`, too, of items with one key, and `CONFLICT` of an
    /// idempotency key that stands for another content.
    code: String,
}

/// Somebody else changed the row since the caller read it.
#[derive(SimpleObject, Clone, Debug)]
pub struct ConflictError {
    /// What happened.
    message: String,
    /// The way to the version given.
    path: Vec<String>,
    /// Always `CONFLICT`.
    code: String,
    /// The version that the row has now.
    current_version: i32,
}

/// The call cannot be taken now; the same call may be taken later.
#[derive(SimpleObject, Clone, Debug)]
pub struct QuotaError {
    /// What is in its way.
    message: String,
    /// The way to the value at fault.
    path: Vec<String>,
    /// `RUNNING`: a call with the same idempotency key is being worked on.
    code: String,
    /// After how many milliseconds to send it again.
    retry_after_ms: i32,
}

/// What a mutation comes to: the row, or the mistakes that kept it from changing.
pub type Outcome<T> = Result<T, Mistakes>;

/// Makes the payload of a mutation that changes one row.
macro_rules! payload {
    ($payload:ident, $field:ident: $row:ty, $what:literal) => {
        #[doc = "What became of the mutation: the row as it is now, or the mistakes that kept it from changing."]
        pub struct $payload($crate::graphql::payload::Outcome<$row>);

        #[doc = "The row as it is now, or the mistakes that kept it from changing."]
        #[async_graphql::Object]
        impl $payload {
            #[doc = $what]
            async fn $field(&self) -> Option<&$row> {
                self.0.as_ref().ok()
            }

            /// The mistakes; nothing was written when there are any.
            async fn errors(&self) -> Vec<$crate::graphql::payload::UserError> {
                self.0.as_ref().err().map(|mistakes| mistakes.errors()).unwrap_or_default()
            }
        }

        impl From<$crate::graphql::payload::Outcome<$row>> for $payload {
            fn from(outcome: $crate::graphql::payload::Outcome<$row>) -> Self {
                Self(outcome)
            }
        }
    };
}
pub(super) use payload;

/// Gathers mistakes, so that a caller sees all of them at once.
#[derive(Default)]
pub struct Mistakes(Vec<UserError>);

impl Mistakes {
    /// A value that is not allowed.
    pub fn invalid(&mut self, path: &str, message: impl Into<String>) {
        self.add("INVALID", path, message.into());
    }

    /// An id that names nothing in the caller's team.
    pub fn not_found(&mut self, path: &str, message: impl Into<String>) {
        self.add("NOT_FOUND", path, message.into());
    }

    /// A name that something else has.
    pub fn taken(&mut self, path: &str, message: impl Into<String>) {
        self.add("TAKEN", path, message.into());
    }

    /// A version that is no longer current.
    pub fn conflict(&mut self, known: i32, current_version: i32) {
        self.0.push(UserError::Conflict(ConflictError {
            message: format!(
                "input.version: {known} was given, the row is at {current_version}; read it again"
            ),
            path: vec!["input".into(), "version".into()],
            code: "CONFLICT".into(),
            current_version,
        }));
    }

    /// A name of 1 to `most` characters that is not blank.
    pub fn check_name(&mut self, path: &str, name: &str, most: usize) {
        let length = name.chars().count();
        if name.trim().is_empty() || length > most {
            self.invalid(path, format!("{path}: a name of {length} characters was given; 1 to {most}, not blank, are allowed"));
        }
    }

    /// That no version is given where nothing is named that could have one: a client that lost the id would otherwise
    /// make the same again.
    pub fn check_no_version(&mut self, version: Option<i32>) {
        if let Some(version) = version {
            let text = format!("input.version: {version} was given without input.id");
            self.invalid("input.version", text);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mistakes, as a payload lists them.
    pub fn errors(&self) -> Vec<UserError> {
        self.0.clone()
    }

    /// The mistakes.
    pub fn into_errors(self) -> Vec<UserError> {
        self.0
    }

    /// A call that cannot be taken now.
    pub fn running(&mut self, path: &str, message: String, retry_after_ms: i32) {
        self.0.push(UserError::Quota(QuotaError {
            message,
            path: steps(path),
            code: "RUNNING".into(),
            retry_after_ms,
        }));
    }

    /// A mistake of any code.
    pub fn add(&mut self, code: &str, path: &str, message: String) {
        self.0.push(UserError::Validation(ValidationError {
            message,
            path: steps(path),
            code: code.into(),
        }));
    }
}

/// The steps of a path such as `input.items[3].name`.
fn steps(path: &str) -> Vec<String> {
    path.split(['.', '[', ']'])
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}
