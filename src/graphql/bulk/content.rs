//! What the team published, keyed by the source's ids.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use super::{Item, Naming, PerItem};
use crate::{
    graphql::external_ref::RefInput,
    import::bulk::{Given, Kind},
};

/// A post as the source knows it now; what is left out is empty.
#[derive(InputObject)]
pub struct ContentUpsert {
    /// The source's id for it, 1 to 200 characters: the key.
    id: String,
    /// Its title, at most 500 characters. Default: the id.
    title: Option<String>,
    /// What kind of content, at most 40 characters. Default: post.
    kind: Option<String>,
    /// Where it is, at most 2000 characters.
    url: Option<String>,
    /// When it was published.
    published_at: PerItem<DateTime<Utc>>,
    /// The channel. A name that the source itself gives and that is unknown makes one.
    channel: Option<RefInput>,
    /// The campaign. A name that the source itself gives and that is unknown makes one.
    campaign: Option<RefInput>,
    /// When the source last changed it; an item older than what the source told before is skipped.
    source_updated_at: Option<PerItem<DateTime<Utc>>>,
}

impl Item for ContentUpsert {
    const KIND: Kind = Kind::Content;
    const MUTATION: &'static str = "upsertContent";

    fn given(self) -> Given {
        Given::default()
            .with("content_id", "id", self.id)
            .with("title", "title", self.title)
            .with("kind", "kind", self.kind)
            .with("url", "url", self.url)
            .with("published_at", "publishedAt", self.published_at)
            .channel("channel", "channel", self.channel)
            .campaign("campaign", "campaign", self.campaign)
            .with(
                "source_updated_at",
                "sourceUpdatedAt",
                self.source_updated_at,
            )
    }
}
