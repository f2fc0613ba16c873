//! `importProgressed`: one import, from how far it is to its end.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use entity::{
    event::Kind,
    import_job::{self, State},
};
use futures_util::{Stream, StreamExt, future::ready, stream};

use super::{
    caller::Listener,
    cursor::{self, EventCursor},
    events::Happened,
};
use crate::{
    auth::Scope,
    error::{ApiError, ApiResult, Error},
    graphql::{GlobalId, Session, global_id::NodeType, import::Import},
    live::Listening,
    store::Event,
};

/// An import that came further.
pub struct ImportEvent {
    happened: Happened,
    import: i64,
    /// Whether nothing more comes of it.
    over: bool,
}

/// An import that came further.
#[Object]
impl ImportEvent {
    /// The event's place; give it as `after` to go on from here.
    async fn cursor(&self) -> String {
        EventCursor(self.happened.seq).to_string()
    }

    /// When it came so far.
    async fn at(&self) -> DateTime<Utc> {
        self.happened.at
    }

    /// The import as it is now. Null when it is gone.
    async fn import(&self, ctx: &Context<'_>) -> ApiResult<Option<Import>> {
        let session = Session::with_scope(ctx, Scope::Ingest)?;
        let found = session.store.import_by_id(self.import).await?;
        Ok(found.map(Import))
    }
}

/// How far an import is, then each step of it; ends when it does. Whoever comes back with a cursor is told at once only
/// if the import is over.
pub async fn progress(
    ctx: &Context<'_>,
    id: ID,
    after: Option<String>,
) -> Result<impl Stream<Item = ImportEvent> + use<>, ApiError> {
    let (listener, identity) = Listener::with_scope(ctx, Scope::Ingest)?;
    let import = GlobalId::expect("id", &id, NodeType::Import)?;
    let begin = cursor::after(after.as_deref())?;
    let kinds = [Kind::ImportProgressed, Kind::ImportFinished];
    let store = &identity.store;
    // Before the row is read, so that no step falls between.
    let now = Happened {
        seq: cursor::standing(store).await?,
        at: store.clock().now(),
    };
    let listening = Listening::to(&listener.feeds, store, &kinds, begin).await?;
    let row = store.import_by_id(import).await?;
    let row = row.ok_or_else(|| Error::invalid("id", id.as_str(), "there is no such import"))?;
    let over = is_over(&row);
    let first = (over || after.is_none()).then_some(ImportEvent {
        happened: now,
        import,
        over,
    });
    let steps = listening.events().filter_map(move |told| {
        let (of, over) = match told.recorded.event {
            Event::ImportProgressed { import } => (import, false),
            Event::ImportFinished { import, .. } => (import, true),
            _ => return ready(None),
        };
        let happened = Happened {
            seq: told.recorded.seq,
            at: told.recorded.at,
        };
        ready((of == import).then_some(ImportEvent {
            happened,
            import,
            over,
        }))
    });
    let all = Box::pin(stream::iter(first).chain(steps));
    Ok(stream::unfold((all, false), async |(mut all, ended)| {
        // The stream ends with the import and does not wait for a step after its last.
        if ended {
            return None;
        }
        let event = all.next().await?;
        let over = event.over;
        Some((event, (all, over)))
    }))
}

fn is_over(job: &import_job::Model) -> bool {
    matches!(job.state, State::Done | State::Failed | State::Cancelled)
}
