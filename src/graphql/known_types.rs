//! The names of the schema's types, for the sake of the library's validator: it panics at the default value of a variable
//! whose type is a list of an unknown one.

use std::collections::HashSet;

use async_graphql::{
    ID, InputType, OutputType, SubscriptionType,
    parser::types::{BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, Type},
    registry::Registry,
};

use super::{live, roots};

/// The names of the schema's types.
pub struct KnownTypes(HashSet<String>);

impl KnownTypes {
    /// Those of the schema.
    pub fn of_schema() -> Self {
        let mut registry = Registry::default();
        roots::Query::create_type_info(&mut registry);
        roots::Mutation::create_type_info(&mut registry);
        live::Subscription::create_type_info(&mut registry);
        // A schema has these whether it uses them or not.
        <bool as InputType>::create_type_info(&mut registry);
        <i32 as InputType>::create_type_info(&mut registry);
        <f64 as InputType>::create_type_info(&mut registry);
        <String as InputType>::create_type_info(&mut registry);
        <ID as InputType>::create_type_info(&mut registry);
        Self(registry.types.into_keys().collect())
    }

    /// Takes the default values from variables of unknown types, so that the validator refuses the document for its
    /// types, as it should.
    pub fn forget_unknown_defaults(&self, document: &mut ExecutableDocument) {
        match &mut document.operations {
            DocumentOperations::Single(operation) => self.forget(&mut operation.node),
            DocumentOperations::Multiple(operations) => {
                for operation in operations.values_mut() {
                    self.forget(&mut operation.node);
                }
            }
        }
    }

    fn forget(&self, operation: &mut OperationDefinition) {
        for variable in &mut operation.variable_definitions {
            let variable = &mut variable.node;
            if variable.default_value.is_some()
                && !self.0.contains(name_of(&variable.var_type.node))
            {
                variable.default_value = None;
            }
        }
    }
}

/// The name of a type without its lists. The guard bounds how deep they are.
fn name_of(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => name_of(inner),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::{Request, parser::parse_query};

    use super::*;
    use crate::{config::Settings, graphql::schema, webhooks::Reach};

    async fn refused(query: &str) -> String {
        let mut document = parse_query(query).unwrap();
        KnownTypes::of_schema().forget_unknown_defaults(&mut document);
        let networks = Settings::default().webhook_private_networks;
        let mut request = Request::new(query);
        request.set_parsed_query(document);
        let response = schema(Arc::new(Reach::new(networks)))
            .execute(request)
            .await;
        response.errors[0].message.clone()
    }

    #[tokio::test]
    async fn a_default_value_of_an_unknown_type_is_refused_for_its_type() {
        for (given, named) in [
            ("Nothing", "Nothing"),
            ("[Nothing!]", "Nothing"),
            ("[[Nothing]]!", "Nothing"),
        ] {
            let query = format!("query ($a: {given} = [[1]]) {{ __typename }}");
            let said = refused(&query).await;
            assert_eq!(said, format!("Unknown type \"{named}\""));
        }
        let several = "query A { __typename } query B($a: [Nothing] = [1]) { __typename }";
        assert_eq!(refused(several).await, "Unknown type \"Nothing\"");
    }

    #[tokio::test]
    async fn default_values_of_known_types_stay() {
        for of in ["Int", "Float", "String", "Boolean", "ID", "PeriodPreset"] {
            let mut document =
                parse_query(format!("query ($a: [{of}] = [1]) {{ __typename }}")).unwrap();
            KnownTypes::of_schema().forget_unknown_defaults(&mut document);
            let (_, operation) = document.operations.iter().next().unwrap();
            let variable = &operation.node.variable_definitions[0].node;
            assert!(variable.default_value.is_some(), "{of}");
        }
    }
}
