//! The roots of the schema, put together of what each theme offers.

use async_graphql::MergedObject;

use super::{
    bulk::BulkMutation,
    catalog_query::CatalogQuery,
    changes::ChangesQuery,
    import::{ImportMutation, ImportQuery},
    import_mapping::{ImportMappingMutation, ImportMappingQuery},
    mutation::SingleMutation,
    privacy::{PrivacyMutation, PrivacyQuery},
    query::MainQuery,
    webhooks::{WebhookMutation, WebhookQuery},
};

/// What can be asked. Every answer comes from the rows of the token's team alone.
#[derive(MergedObject, Default)]
pub struct Query(
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
