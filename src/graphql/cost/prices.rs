//! What each field of the schema costs, read from the schema itself, so that a new field has its price at once.

use std::collections::HashMap;

use async_graphql::{
    OutputType, SubscriptionType,
    parser::types::OperationType,
    registry::{MetaField, MetaTypeName, Registry},
};

use super::weights;
use crate::graphql::{live, roots};

/// The prices of all fields.
pub struct Prices {
    types: HashMap<String, Fields>,
}

/// The prices of a type's fields.
pub type Fields = HashMap<String, Price>;

/// What a field costs.
#[derive(Clone, Debug)]
pub struct Price {
    /// Points for the field itself.
    pub weight: u64,
    /// How many objects it gives.
    pub elements: Elements,
    /// The type of these objects; `None` for scalars.
    pub of: Option<String>,
}

/// How many objects a field gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    /// None: the field is a scalar.
    None,
    /// One.
    One,
    /// A list that comes whole.
    Whole,
    /// One, whose `nodes` and `edges` are as many as the page that the field asks for, or so many when it asks for none.
    Connection(u64),
    /// The page that the connection asks for.
    OfPage,
    /// As many as the argument `ids` has.
    OfIds,
}

impl Prices {
    /// The prices of the schema.
    pub fn of_schema() -> Self {
        let mut registry = Registry::default();
        roots::Query::create_type_info(&mut registry);
        roots::Mutation::create_type_info(&mut registry);
        live::Subscription::create_type_info(&mut registry);
        let types = registry.types.iter().filter_map(|(name, found)| {
            let fields = found.fields()?.values();
            let prices = fields.map(|field| (field.name.clone(), price(&registry, name, field)));
            Some((name.clone(), prices.collect()))
        });
        Self {
            types: types.collect(),
        }
    }

    /// The prices of the fields of a type; `None` when there is no such type, or it has no fields.
    pub fn fields(&self, of: &str) -> Option<&Fields> {
        self.types.get(of)
    }

    /// The type at the root of an operation.
    pub fn root(kind: OperationType) -> &'static str {
        match kind {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        }
    }
}

fn price(registry: &Registry, on: &str, field: &MetaField) -> Price {
    let named = MetaTypeName::concrete_typename(&field.ty);
    let composite = registry
        .types
        .get(named)
        .is_some_and(|found| found.is_composite());
    let elements = match field.ty.starts_with('[') {
        _ if !composite => Elements::None,
        true if on.ends_with("Connection") && matches!(field.name.as_str(), "edges" | "nodes") => {
            Elements::OfPage
        }
        true if field.args.contains_key("ids") => Elements::OfIds,
        true => Elements::Whole,
        false if field.args.contains_key("first") => {
            Elements::Connection(weights::page_of(on, &field.name))
        }
        false => Elements::One,
    };
    Price {
        weight: weights::of(on, &field.name),
        elements,
        of: composite.then(|| named.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_is_that_of_a_field() {
        let prices = Prices::of_schema();
        for (on, field, points) in weights::WEIGHTS {
            let price = &prices.fields(on).unwrap_or_else(|| panic!("no {on}"))[*field];
            assert_eq!(price.weight, *points);
        }
    }

    #[test]
    fn every_root_has_prices_and_every_connection_has_pages() {
        let prices = Prices::of_schema();
        for kind in [
            OperationType::Query,
            OperationType::Mutation,
            OperationType::Subscription,
        ] {
            assert!(!prices.fields(Prices::root(kind)).unwrap().is_empty());
        }
        let connections = prices
            .types
            .iter()
            .filter(|(name, _)| name.ends_with("Connection"));
        let mut found = 0;
        for (name, fields) in connections {
            assert_eq!(fields["nodes"].elements, Elements::OfPage, "{name}");
            assert_eq!(fields["edges"].elements, Elements::OfPage, "{name}");
            found += 1;
        }
        assert!(found > 10);
        let query = prices.fields("Query").unwrap();
        assert_eq!(query["campaigns"].elements, Elements::Connection(20));
        assert_eq!(query["metrics"].elements, Elements::Connection(100));
        assert_eq!(query["nodes"].elements, Elements::OfIds);
        assert_eq!(query["metricCatalog"].elements, Elements::Whole);
        assert_eq!(query["viewer"].elements, Elements::One);
    }
}
