//! An operation as clients send it, over whichever transport: read, held against the limits, ready for the schema.

use std::collections::BTreeMap;

use async_graphql::{
    Request, Response, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationType, Selection},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::Span;

use crate::{
    error::Error,
    graphql::{Limits, Uploaded, UploadedFile, check_limits, check_nesting},
};

/// What a client asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "one JSON object with `query`")]
pub struct Asked {
    /// The document.
    pub query: String,
    /// Which of the document's operations; the only one when `None`.
    #[serde(default)]
    pub operation_name: Option<String>,
    /// The variables by name.
    #[serde(default)]
    pub variables: Option<Map<String, Value>>,
    /// Nothing is known here; it only must have the right form.
    #[serde(default, rename = "extensions")]
    pub _extensions: Option<Map<String, Value>>,
    /// The file that came with it.
    #[serde(skip)]
    pub file: Option<UploadedFile>,
}

/// An operation that may run.
pub struct Operation {
    /// For the schema; it still needs its data.
    pub request: Request,
    /// Whether it reads, writes or subscribes; `None` when the document leaves open which operation is meant.
    pub kind: Option<OperationType>,
    /// Whether a file came with it.
    pub has_file: bool,
}

impl Asked {
    /// Parses the document, once it and the variables keep the limits; else the answer that refuses it.
    pub fn check(mut self, limits: Limits) -> Result<Operation, Box<Response>> {
        // An empty name is how some clients write that there is none.
        self.operation_name = self.operation_name.filter(|name| !name.is_empty());
        let refused = |error: Error| Box::new(refusal(&error));
        let written = self.variables.as_ref().map(|variables| {
            // A map of JSON values can be written.
            serde_json::to_string(variables).unwrap_or_default()
        });
        if [Some(&self.query), written.as_ref()]
            .into_iter()
            .flatten()
            .any(|text| text.contains("\\u0000") || text.contains('\0'))
        {
            // PostgreSQL cannot store it, so SQLite shall not either.
            let message = "the character U+0000 is not allowed in any text";
            return Err(refused(Error::BadInput(message.into())));
        }
        check_nesting(&self.query).map_err(refused)?;
        let document = parse_query(&self.query).map_err(|error| {
            let mut error = ServerError::from(error);
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("code", "GRAPHQL_PARSE_FAILED");
            Box::new(Response::from_errors(vec![error]))
        })?;
        check_limits(&document, limits).map_err(refused)?;
        if let Some(name) = &self.operation_name {
            Span::current().record("operation", name.chars().take(100).collect::<String>());
        }
        let kind = kind(&document, self.operation_name.as_deref());
        check_subscriptions(&document).map_err(refused)?;
        let variables = self.variables.map(Value::Object);
        let mut request = Request::new(self.query)
            .variables(variables.map_or_else(Variables::default, Variables::from_json));
        request.operation_name = self.operation_name;
        request.set_parsed_query(document);
        let has_file = self.file.is_some();
        let request = request.data(Uploaded::new(self.file));
        Ok(Operation {
            request,
            kind,
            has_file,
        })
    }
}

/// An answer without data.
pub fn refusal(error: &Error) -> Response {
    let mut refusal = ServerError::new(error.public_message(), None);
    refusal
        .extensions
        .get_or_insert_default()
        .set("code", error.code());
    Response::from_errors(vec![refusal])
}

/// Gives a code to the errors of the schema itself, which have none.
pub fn with_codes(mut response: Response) -> Response {
    for error in &mut response.errors {
        let code = if error.path.is_empty() {
            "GRAPHQL_VALIDATION_FAILED"
        } else {
            "BAD_USER_INPUT"
        };
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", code);
        }
    }
    response
}

/// Whether nothing ran: the request itself was at fault, because it did not parse, validate or keep a limit.
pub fn is_refused(response: &Response) -> bool {
    response.data == async_graphql::Value::Null
        && response.errors.iter().any(|error| error.path.is_empty())
}

/// An answer as it is sent: without `data` when nothing ran, as the specification wants it.
#[derive(Serialize)]
pub struct Sent<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, async_graphql::Value>,
}

impl<'a> From<&'a Response> for Sent<'a> {
    fn from(response: &'a Response) -> Self {
        Self {
            errors: &response.errors,
            data: (!is_refused(response)).then_some(&response.data),
            extensions: &response.extensions,
        }
    }
}

/// The type of the operation that would run; none when the document leaves it open.
fn kind(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation.node.ty),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| operation.node.ty)
        }
        // A name does not make it several.
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations
            .values()
            .next()
            .map(|operation| operation.node.ty),
        _ => None,
    }
}

/// The specification wants one field in a subscription, which the schema does not check, and it passes over fields in
/// fragments without a word.
fn check_subscriptions(document: &ExecutableDocument) -> Result<(), Error> {
    for (_, operation) in document.operations.iter() {
        if operation.node.ty != OperationType::Subscription {
            continue;
        }
        let items = &operation.node.selection_set.node.items;
        let [only] = items.as_slice() else {
            return Err(Error::BadInput(format!(
                "a subscription has exactly one field; {} given",
                items.len()
            )));
        };
        if !matches!(only.node, Selection::Field(_)) {
            return Err(Error::BadInput(
                "a subscription's field must stand in the operation itself, not in a fragment"
                    .into(),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> Option<String> {
        check_subscriptions(&parse_query(query).unwrap())
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn the_only_operation_is_known_with_and_without_its_name() {
        let known = |query: &str, name| kind(&parse_query(query).unwrap(), name);
        assert_eq!(known("mutation { a }", None), Some(OperationType::Mutation));
        assert_eq!(
            known("mutation m { a }", None),
            Some(OperationType::Mutation)
        );
        assert_eq!(
            known("mutation m { a }", Some("m")),
            Some(OperationType::Mutation)
        );
        assert_eq!(
            known("mutation m { a } query q { a }", Some("q")),
            Some(OperationType::Query)
        );
        assert_eq!(known("mutation m { a } query q { a }", None), None);
    }

    #[test]
    fn a_subscription_has_one_field_and_no_fragment_around_it() {
        assert_eq!(refused("subscription { a { b c } }"), None);
        assert_eq!(refused("{ a b }"), None);
        assert!(refused("subscription { a b }").unwrap().contains("2 given"));
        let hidden = "subscription { ...f } fragment f on Subscription { a }";
        assert!(refused(hidden).unwrap().contains("fragment"));
        assert!(refused("subscription { ... { a } }").is_some());
    }
}
