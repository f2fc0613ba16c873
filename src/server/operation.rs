//! An operation as clients send it, over whichever transport: read, held against the limits, ready for the schema.

use std::{borrow::Cow, collections::BTreeMap};

use async_graphql::{
    Request, Response, ServerError, Variables,
    parser::types::{ExecutableDocument, OperationType, Selection},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::Span;

use super::{Service, gate::chosen, observed::About};
use crate::{
    error::Error,
    graphql::{CostPlan, Uploaded, UploadedFile, refusal},
};

/// What a client asks, as it stands in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "one JSON object with `query`")]
pub struct Written {
    /// The document, unless it is only named.
    pub query: Option<String>,
    /// The document's name.
    pub document_id: Option<String>,
    /// Which of the document's operations; the only one when `None`.
    pub operation_name: Option<String>,
    /// The variables by name.
    pub variables: Option<Map<String, Value>>,
    /// `persistedQuery` with `sha256Hash` is another way to name a document. Nothing else is known here.
    pub extensions: Option<Map<String, Value>>,
}

/// What a client asks.
#[derive(Deserialize)]
#[serde(try_from = "Written")]
pub struct Asked {
    /// The document; empty as long as it is only named.
    pub query: String,
    /// The document's name.
    pub document: Option<String>,
    /// Which of the document's operations; the only one when `None`.
    pub operation_name: Option<String>,
    /// The variables by name.
    pub variables: Option<Map<String, Value>>,
    /// The file that came with it.
    pub file: Option<UploadedFile>,
}

impl TryFrom<Written> for Asked {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let persisted = written.extensions.as_ref().and_then(|known| {
            let hash = known.get("persistedQuery")?.get("sha256Hash")?;
            hash.as_str().map(str::to_owned)
        });
        let document = persisted.or(written.document_id);
        if written.query.is_none() && document.is_none() {
            return Err("missing field `query`");
        }
        Ok(Self {
            query: written.query.unwrap_or_default(),
            document: document.map(|name| match name.strip_prefix("sha256:") {
                Some(hash) => hash.to_owned(),
                None => name,
            }),
            operation_name: written.operation_name,
            variables: written.variables,
            file: None,
        })
    }
}

/// An operation that may run.
pub struct Operation {
    /// For the schema; it still needs its data.
    pub request: Request,
    /// Whether it reads, writes or subscribes; `None` when the document leaves open which operation is meant.
    pub kind: Option<OperationType>,
    /// Whether a file came with it.
    pub has_file: bool,
    /// What it costs.
    pub cost: CostPlan,
    /// What it is, for those who watch the service.
    pub about: About,
}

impl Asked {
    /// Parses the document of a team's client, once it and the variables keep the limits; else the answer that refuses it.
    pub fn check(self, service: &Service, team: i64) -> Result<Operation, Box<Response>> {
        let mut about = None;
        self.within_limits(service, team, &mut about)
            .inspect_err(|refusal| service.count_refused(about.as_ref(), refusal))
    }

    /// Tells what it is about as soon as that is known.
    fn within_limits(
        mut self,
        service: &Service,
        team: i64,
        known: &mut Option<About>,
    ) -> Result<Operation, Box<Response>> {
        // An empty name is how some clients write that there is none.
        self.operation_name = self.operation_name.filter(|name| !name.is_empty());
        let refused = |error: Error| Box::new(refusal(&error));
        let documents = &service.documents;
        documents.complete(&mut self, team).map_err(refused)?;
        let gate = &service.gate;
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
        let document = gate.parse(&self.query)?;
        if let Some(name) = &self.operation_name {
            Span::current().record("operation", name.chars().take(100).collect::<String>());
        }
        let name = self.operation_name.as_deref();
        let kind = chosen(&document, name).map(|operation| operation.ty);
        let about = About::of(&self.query, name, chosen(&document, name), gate);
        let about = known.insert(about).clone();
        check_subscriptions(&document).map_err(refused)?;
        let cost = gate
            .price(&document, name, self.variables.as_ref())
            .map_err(refused)?;
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
            cost,
            about,
        })
    }
}

/// The most mistakes of a document that are told.
const MOST_MISTAKES: usize = 10;
/// The most errors of an answer.
const MOST_ERRORS: usize = 100;
/// The most characters of an error. The parser repeats the line in which it stopped.
const MOST_CHARACTERS: usize = 500;

/// Gives a code to the errors of the schema itself, which have none, and bounds them.
pub fn with_codes(mut response: Response) -> Response {
    let most = match is_refused(&response) {
        true => MOST_MISTAKES,
        false => MOST_ERRORS,
    };
    response.errors.truncate(most);
    for error in &mut response.errors {
        shorten(&mut error.message);
        let code = code(error).into_owned();
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", code);
        }
    }
    response
}

/// The code of an error; the schema's own have none, but tell by their path whether something ran.
pub fn code(error: &ServerError) -> Cow<'_, str> {
    let told = error.extensions.as_ref().and_then(|told| told.get("code"));
    match told {
        Some(async_graphql::Value::String(code)) => code.as_str().into(),
        _ if error.path.is_empty() => "GRAPHQL_VALIDATION_FAILED".into(),
        _ => "BAD_USER_INPUT".into(),
    }
}

/// Cuts a text off after [`MOST_CHARACTERS`].
pub fn shorten(message: &mut String) {
    if let Some((end, _)) = message.char_indices().nth(MOST_CHARACTERS) {
        message.truncate(end);
        message.push('…');
    }
}

/// Whether nothing ran: the request itself was at fault, because it did not parse, validate or keep a limit.
pub fn is_refused(response: &Response) -> bool {
    response.data == async_graphql::Value::Null
        && response.errors.iter().any(|error| error.path.is_empty())
}

/// The code of an error.
pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code),
        _ => None,
    }
}

/// The code of what left an answer without any data.
pub fn failure_of(response: &Response) -> Option<&str> {
    match response.data {
        async_graphql::Value::Null => response.errors.iter().find_map(code_of),
        _ => None,
    }
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

impl Sent<'_> {
    /// The errors alone, as for an answer whose status says that it failed.
    pub fn without_data(self) -> Self {
        Self { data: None, ..self }
    }
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
    use async_graphql::parser::parse_query;

    use super::*;

    fn refused(query: &str) -> Option<String> {
        check_subscriptions(&parse_query(query).unwrap())
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn the_only_operation_is_known_with_and_without_its_name() {
        let known = |query: &str, name| {
            chosen(&parse_query(query).unwrap(), name).map(|operation| operation.ty)
        };
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
