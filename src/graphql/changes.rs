//! `changes`: which rows were written or deleted since, for systems that keep a copy.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{tombstone::ChangeKind, values::RefEntity};
use sea_orm::Iterable;

use super::{
    GlobalId, Session,
    connection::PageInfo,
    external_ref::{ExternalRef, external_refs},
    global_id::NodeType,
    node::{Node, node},
};
use crate::{
    auth::{Caller, Scope},
    error::{ApiResult, Error},
    store::{FeedChange, FeedPlace},
};

/// The most changes of a page, and how many there are unless it is asked.
const MOST: i32 = 1_000;
const DEFAULT: i32 = 100;

/// The change feed.
#[derive(Default)]
pub struct ChangesQuery;

/// What changed.
#[Object]
impl ChangesQuery {
    /// What changed after a cursor, in the order in which it was stored: the newest state of each row that was written
    /// since, and the rows that were deleted. Who goes on from the last `cursor` again and again misses nothing; a row
    /// that changes again comes again. Without a cursor, every row that there is. Needs the scopes of the kinds asked,
    /// as `node` does.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A cursor of an earlier page or of an export. Refused with CURSOR_EXPIRED when it is over 90 days old."
        )]
        after: Option<String>,
        #[graphql(desc = "How many, 1 to 1000. Default: 100.")] first: Option<i32>,
        #[graphql(desc = "Only rows of these kinds. Default: all that the caller may read.")]
        kinds: Option<Vec<ChangeKind>>,
    ) -> ApiResult<ChangeConnection> {
        Box::pin(changes(ctx, after, first, kinds)).await
    }
}

async fn changes(
    ctx: &Context<'_>,
    after: Option<String>,
    first: Option<i32>,
    kinds: Option<Vec<ChangeKind>>,
) -> ApiResult<ChangeConnection> {
    let session = Session::of(ctx)?;
    let first = first.unwrap_or(DEFAULT);
    let most = u32::try_from(first)
        .ok()
        .filter(|_| (1..=MOST).contains(&first));
    let most = most.ok_or_else(|| {
        Error::Limit(format!(
            "first: {first} is not allowed; a page has 1 to {MOST} changes"
        ))
    })?;
    let kinds = kinds_of(&session.caller, kinds)?;
    let place = match &after {
        None => None,
        Some(text) => Some(FeedPlace::decode(text).ok_or_else(|| {
            let shown: String = text.chars().take(60).collect();
            Error::invalid(
                "after",
                shown,
                "a cursor that an earlier answer gave is needed",
            )
        })?),
    };
    let page = session.store.changes(place, &kinds, most).await?;
    Ok(ChangeConnection {
        page_info: PageInfo {
            has_next_page: page.more,
            has_previous_page: after.is_some(),
            start_cursor: page.list.first().map(|change| change.place.encode()),
            end_cursor: page.list.last().map(|change| change.place.encode()),
        },
        cursor: page.end.encode(),
        nodes: page.list.into_iter().map(Change).collect(),
    })
}

/// The kinds asked, if the caller may read them; else all that the caller may read.
fn kinds_of(caller: &Caller, asked: Option<Vec<ChangeKind>>) -> ApiResult<Vec<ChangeKind>> {
    let all: Vec<ChangeKind> = ChangeKind::iter().collect();
    if let Some(asked) = asked {
        for kind in &asked {
            caller.require(scope(*kind))?;
        }
        if asked.is_empty() {
            return Err(Error::BadInput("kinds: at least one is needed".into()).into());
        }
        return Ok(all
            .into_iter()
            .filter(|kind| asked.contains(kind))
            .collect());
    }
    let kinds: Vec<ChangeKind> = all
        .into_iter()
        .filter(|kind| caller.scopes().contains(scope(*kind)))
        .collect();
    if kinds.is_empty() {
        caller.require(Scope::CustomersRead)?;
    }
    Ok(kinds)
}

/// What it takes to read rows of a kind.
fn scope(kind: ChangeKind) -> Scope {
    match kind {
        ChangeKind::Channel | ChangeKind::Campaign => Scope::CampaignsRead,
        ChangeKind::Customer
        | ChangeKind::StageEvent
        | ChangeKind::Opportunity
        | ChangeKind::Touchpoint
        | ChangeKind::Conversion => Scope::CustomersRead,
        ChangeKind::Order | ChangeKind::Refund => Scope::MoneyRead,
        ChangeKind::Goal => Scope::MetricsRead,
    }
}

fn node_type(kind: ChangeKind) -> NodeType {
    match kind {
        ChangeKind::Channel => NodeType::Channel,
        ChangeKind::Campaign => NodeType::Campaign,
        ChangeKind::Customer => NodeType::Customer,
        ChangeKind::StageEvent => NodeType::StageEvent,
        ChangeKind::Opportunity => NodeType::Opportunity,
        ChangeKind::Order => NodeType::Order,
        ChangeKind::Refund => NodeType::Refund,
        ChangeKind::Touchpoint => NodeType::Touchpoint,
        ChangeKind::Conversion => NodeType::Conversion,
        ChangeKind::Goal => NodeType::Goal,
    }
}

/// What other systems' names of a kind are names of; `None` where they have none.
fn ref_entity(kind: ChangeKind) -> Option<RefEntity> {
    Some(match kind {
        ChangeKind::Channel => RefEntity::Channel,
        ChangeKind::Campaign => RefEntity::Campaign,
        ChangeKind::Customer => RefEntity::Customer,
        ChangeKind::StageEvent => RefEntity::StageEvent,
        ChangeKind::Opportunity => RefEntity::Opportunity,
        ChangeKind::Order => RefEntity::Order,
        ChangeKind::Refund => RefEntity::Refund,
        ChangeKind::Touchpoint => RefEntity::Touchpoint,
        ChangeKind::Conversion => RefEntity::Conversion,
        ChangeKind::Goal => return None,
    })
}

/// What became of a row.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ChangeOperation {
    /// It is new, or differs from what it was.
    Upserted,
    /// It is gone: deleted, erased, or merged into another.
    Deleted,
}

/// A page of changes.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ChangeConnection {
    /// The changes alone.
    nodes: Vec<Change>,
    /// Where the page lies in the feed.
    page_info: PageInfo,
    /// Where to go on: behind the last change of the page, or the place asked when nothing has changed since.
    cursor: String,
}

/// A page of changes.
#[async_graphql::ComplexObject]
impl ChangeConnection {
    /// The changes with their cursors.
    async fn edges(&self) -> Vec<ChangeEdge> {
        let edge = |change: &Change| ChangeEdge {
            cursor: change.0.place.encode(),
            node: change.clone(),
        };
        self.nodes.iter().map(edge).collect()
    }
}

/// A change and its place in the feed.
#[derive(SimpleObject)]
pub struct ChangeEdge {
    /// The place behind the change, for `after`.
    cursor: String,
    /// The change.
    node: Change,
}

/// A row that was written, or is gone.
#[derive(Clone)]
pub struct Change(FeedChange);

/// A row that was written, or is gone.
#[Object]
impl Change {
    /// What kind of row it is.
    async fn kind(&self) -> ChangeKind {
        self.0.kind
    }

    /// The row's id, by which `node` finds it.
    async fn id(&self) -> ID {
        GlobalId::new(node_type(self.0.kind), self.0.id).into()
    }

    /// What became of it.
    async fn operation(&self) -> ChangeOperation {
        match self.0.deleted {
            true => ChangeOperation::Deleted,
            false => ChangeOperation::Upserted,
        }
    }

    /// When, by the team's clock, which goes on by a microsecond at least with each transaction that writes.
    async fn changed_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.at).unwrap_or_default()
    }

    /// The row as it is now. Null when it is gone, which its deletion tells, now or later in the feed.
    async fn node(&self, ctx: &Context<'_>) -> ApiResult<Option<Node>> {
        if self.0.deleted {
            return Ok(None);
        }
        let id = GlobalId::new(node_type(self.0.kind), self.0.id).into();
        node(Session::of(ctx)?, &id).await
    }

    /// The names that other systems have for the row, in a stable order; of rows that are gone they are forgotten.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        match ref_entity(self.0.kind) {
            Some(entity) if !self.0.deleted => external_refs(ctx, entity, self.0.id, limit).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The change's place in the feed, for `after`.
    async fn cursor(&self) -> String {
        self.0.place.encode()
    }
}
