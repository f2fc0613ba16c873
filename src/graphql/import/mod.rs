//! Imports of files as jobs: `job` is what is told of one, `start` and `cancel` are the mutations.

mod cancel;
mod job;
mod start;
mod upload;

use async_graphql::{Context, ID, Object};
use entity::import_job::State;

pub use job::Import;
pub use upload::{PLACEHOLDER, Uploaded, UploadedFile};

use self::{
    cancel::{CancelImportInput, CancelImportPayload},
    job::ImportConnection,
    start::{StartImportInput, StartImportPayload},
};
use super::{GlobalId, Session, connection::count, global_id::NodeType};
use crate::{auth::Scope, error::ApiResult, store::PageAsk};

/// What can be asked of imports.
#[derive(Default)]
pub struct ImportQuery;

/// Imports of files.
#[Object]
impl ImportQuery {
    /// An import of a file. Null when the team has none of this id; needs INGEST.
    async fn import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The import's id.")] id: ID,
    ) -> ApiResult<Option<Import>> {
        let session = Session::with_scope(ctx, Scope::Ingest)?;
        let Ok(id) = GlobalId::expect("id", &id, NodeType::Import) else {
            return Ok(None);
        };
        Ok(session.store.import_by_id(id).await?.map(Import))
    }

    /// The team's imports of files, the newest first. Those that are over are kept for 90 days; needs INGEST.
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those in one of these states.")] states: Option<Vec<State>>,
    ) -> ApiResult<ImportConnection> {
        let session = Session::with_scope(ctx, Scope::Ingest)?;
        let ask = PageAsk::new(first, after, last, before)?;
        let states = states.unwrap_or_default();
        let page = session.store.imports(&states, &ask).await?.map(Import);
        let count = count(move |store| {
            let states = states.clone();
            async move { store.import_count(&states).await }
        });
        Ok(ImportConnection::new(page, count))
    }
}

/// What can be done about imports.
#[derive(Default)]
pub struct ImportMutation;

/// Imports of files.
#[Object]
impl ImportMutation {
    /// Takes a file in and puts its import into the team's queue; the answer comes before its rows are read. The file
    /// comes by the GraphQL multipart request specification. Needs INGEST.
    async fn start_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, and what there is to say about it.")] input: StartImportInput,
    ) -> ApiResult<StartImportPayload> {
        Box::pin(start::start(ctx, input)).await
    }

    /// Breaks an import off that is not over: one that waits at once, one that is running within seconds, but for one that
    /// is published in one step. A staged one leaves nothing; of a partial one the batches that are published stay.
    /// Needs INGEST.
    async fn cancel_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which import.")] input: CancelImportInput,
    ) -> ApiResult<CancelImportPayload> {
        Ok(cancel::cancel(ctx, input).await?.into())
    }
}
