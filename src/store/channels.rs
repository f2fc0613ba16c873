//! Channels: lists and writes.

use std::collections::HashMap;

use entity::{channel, values::ChannelKind};
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    Page, PageAsk, PageCursor, Scoped, TeamStore, TeamWriter,
    page::{Sort, SortValue},
    sql,
};
use crate::error::Result;

/// Which channels are asked; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct ChannelFilter {
    /// Part of the name, ASCII letters in either case.
    pub name_contains: Option<String>,
    /// One of these kinds.
    pub kind: Option<Vec<ChannelKind>>,
    /// Archived ones too.
    pub archived: bool,
}

impl TeamStore {
    /// Real channels: without the one that stands for "none".
    fn channels_matching(&self, filter: &ChannelFilter) -> Scoped<'_, channel::Entity> {
        let mut select = self
            .select::<channel::Entity>()
            .filter(channel::Column::Id.gt(0));
        if !filter.archived {
            select = select.filter(channel::Column::Archived.eq(false));
        }
        if let Some(part) = &filter.name_contains {
            let name = Expr::col(channel::Column::Name);
            select = select.filter(sql::contains(self.backend(), name, part));
        }
        if let Some(kinds) = &filter.kind {
            select = select.filter(channel::Column::Kind.is_in(kinds.iter().copied()));
        }
        select
    }

    /// One page of channels, by name.
    pub async fn channels(
        &self,
        filter: &ChannelFilter,
        ask: &PageAsk,
    ) -> Result<Page<channel::Model>> {
        let name: SimpleExpr = Expr::col(channel::Column::Name);
        let sort = Sort {
            expr: Some(sql::bytewise(self.backend(), name)),
            id: Expr::col(channel::Column::Id),
            descending: false,
            kind: SortValue::Text(String::new()),
            cursor: |row: &channel::Model| {
                PageCursor::new(SortValue::Text(row.name.clone()), row.id)
            },
        };
        self.channels_matching(filter).page(ask, sort).await
    }

    /// How many channels match.
    pub async fn channel_count(&self, filter: &ChannelFilter) -> Result<u64> {
        self.channels_matching(filter).count().await
    }

    /// These channels.
    pub async fn channels_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, channel::Model>> {
        let mut found = self
            .by_ids::<channel::Entity>(channel::Column::Id, ids, |row| row.id)
            .await?;
        found.remove(&0);
        Ok(found)
    }

    /// The channel of this very name, archived or not.
    pub async fn channel_named(&self, name: &str) -> Result<Option<channel::Model>> {
        self.select::<channel::Entity>()
            .filter(channel::Column::Id.gt(0))
            .filter(channel::Column::Name.eq(name))
            .one()
            .await
    }
}

impl TeamWriter {
    /// Stores a channel's new state if it still has the version that the caller knows; false when it moved on.
    pub async fn update_channel(&self, row: channel::Model, known_version: i32) -> Result<bool> {
        let id = (channel::Column::Id, row.id);
        let version = (channel::Column::Version, known_version);
        self.update_versioned::<channel::Entity>(row, id, version)
            .await
    }
}
