//! The way of a document into the schema: past the guard, through the parser, past the guard again, with its cost.

use async_graphql::{
    Response, ServerError,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, Selection},
    },
};
use serde_json::{Map, Value};

use super::operation::shorten;
use crate::{
    config::Settings,
    error::Error,
    graphql::{CostPlan, KnownTypes, Prices, refusal},
    guard::{Bounds, Exceeded, Refusal, check_document, check_text},
};

/// What every document must pass, whichever way it came.
pub struct Gate {
    /// The bounds of size and shape.
    pub bounds: Bounds,
    /// The most points that an operation may ask for.
    pub max_cost: u64,
    /// The most values that an answer may be taken to have: working them out holds up others.
    max_values: u64,
    prices: Prices,
    types: KnownTypes,
}

impl Gate {
    /// The gate of a service with these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            bounds: settings.into(),
            max_cost: settings.max_cost,
            max_values: settings.max_values,
            prices: Prices::of_schema(),
            types: KnownTypes::of_schema(),
        }
    }

    /// Parses a document within the bounds; else the answer that refuses it.
    pub fn parse(&self, text: &str) -> Result<ExecutableDocument, Box<Response>> {
        let refused = |why: Refusal| match why {
            Refusal::Syntax(message) => unparsable(ServerError::new(message, None)),
            why => Box::new(refusal(&why.into())),
        };
        check_text(text, &self.bounds).map_err(refused)?;
        let mut document = parse_query(text).map_err(|error| unparsable(error.into()))?;
        check_document(&document, &self.bounds).map_err(refused)?;
        self.types.forget_unknown_defaults(&mut document);
        Ok(document)
    }

    /// What the operation of this name costs, or the only one; nothing when the document leaves open which is meant,
    /// because then the schema refuses it.
    ///
    /// # Errors
    /// When it costs more than the limit.
    pub fn price(
        &self,
        document: &ExecutableDocument,
        name: Option<&str>,
        variables: Option<&Map<String, Value>>,
    ) -> Result<CostPlan, Error> {
        let Some(operation) = chosen(document, name) else {
            return Ok(CostPlan::default());
        };
        let plan = CostPlan::of(document, operation, variables, &self.prices);
        for (what, limit, actual) in [
            ("cost", self.max_cost, plan.asked()),
            ("values", self.max_values, plan.values()),
        ] {
            if actual > limit {
                return Err(Error::Exceeded(Exceeded {
                    what,
                    limit,
                    actual,
                }));
            }
        }
        Ok(plan)
    }

    /// The schema's field at an operation's root: `several` where there are more, `none` where the schema has none.
    pub fn root_field(&self, operation: &OperationDefinition) -> String {
        let items = &operation.selection_set.node.items;
        let [Selection::Field(field)] = &*items.iter().map(|item| &item.node).collect::<Vec<_>>()
        else {
            return "several".into();
        };
        let name = field.node.name.node.as_str();
        let known = self.prices.fields(Prices::root(operation.ty));
        match name {
            "__typename" | "__schema" | "__type" => name.into(),
            _ if known.is_some_and(|known| known.contains_key(name)) => name.into(),
            _ => "none".into(),
        }
    }
}

/// The operation that would run; none when the document leaves it open.
pub fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get(name).map(|operation| &operation.node)
        }
        // A name does not make it several.
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next().map(|operation| &operation.node)
        }
        _ => None,
    }
}

fn unparsable(mut error: ServerError) -> Box<Response> {
    shorten(&mut error.message);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", "GRAPHQL_PARSE_FAILED");
    Box::new(Response::from_errors(vec![error]))
}
