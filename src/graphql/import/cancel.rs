//! Breaking an import off.

use async_graphql::{Context, ID, InputObject};

use super::{
    super::{
        GlobalId, Session,
        global_id::NodeType,
        payload::{Mistakes, Outcome, payload},
    },
    Import,
};
use crate::{auth::Scope, error::ApiResult};

/// Which import is broken off.
#[derive(InputObject)]
pub struct CancelImportInput {
    /// Which import.
    id: ID,
}

payload!(
    CancelImportPayload,
    import: Import,
    "The import as it is now; one that is running is CANCELLED only when its worker has stopped. Null when there are mistakes."
);

/// Answers `cancelImport`.
pub async fn cancel(ctx: &Context<'_>, input: CancelImportInput) -> ApiResult<Outcome<Import>> {
    let session = Session::with_scope(ctx, Scope::Ingest)?;
    let mut mistakes = Mistakes::default();
    let known = match GlobalId::expect("input.id", &input.id, NodeType::Import) {
        Ok(id) => session.store.import_by_id(id).await?,
        Err(_) => None,
    };
    let Some(job) = known else {
        mistakes.not_found("input.id", "input.id: there is no import with this id");
        return Ok(Err(mistakes));
    };
    let writer = session.begin(ctx).await?;
    let Some(job) = writer.cancel_import(job.id).await? else {
        mistakes.invalid("input.id", "input.id: the import is over");
        return Ok(Err(mistakes));
    };
    writer.commit().await?;
    Ok(Ok(Import(job)))
}
