//! The roots of the schema, put together of what each theme offers.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, MergedObject, ObjectType, OutputType, Positioned,
    ServerResult, Value, parser::types::Field, registry::Registry, resolver_utils::Fields,
};

use super::{
    bulk::BulkMutation,
    catalog_query::CatalogQuery,
    changes::ChangesQuery,
    import::{ImportMutation, ImportQuery},
    import_mapping::{ImportMappingMutation, ImportMappingQuery},
    mutation::SingleMutation,
    privacy::{PrivacyMutation, PrivacyQuery},
    query::MainQuery,
    scalars::register_specified,
    webhooks::{WebhookMutation, WebhookQuery},
};

/// What can be asked. Every answer comes from the rows of the token's team alone.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct QueryFields(
    MainQuery,
    CatalogQuery,
    ImportMappingQuery,
    WebhookQuery,
    PrivacyQuery,
    ChangesQuery,
    ImportQuery,
);

/// What can be changed. Mistakes in the input come back in the payload's `errors`.
#[derive(MergedObject, Default)]
pub struct Mutation(
    SingleMutation,
    BulkMutation,
    ImportMappingMutation,
    WebhookMutation,
    PrivacyMutation,
    ImportMutation,
);

/// [`QueryFields`], registered after the scalars.
#[derive(Default)]
pub struct Query(QueryFields);

impl OutputType for Query {
    fn type_name() -> Cow<'static, str> {
        <QueryFields as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register_specified(registry);
        QueryFields::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl ContainerType for Query {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(ctx).await
    }

    fn collect_all_fields<'a>(
        &'a self,
        ctx: &ContextSelectionSet<'a>,
        fields: &mut Fields<'a>,
    ) -> ServerResult<()> {
        self.0.collect_all_fields(ctx, fields)
    }
}

impl ObjectType for Query {}
