//! Subscriptions: what happens in the team, told as it happens.

mod answers;
mod caller;
mod cursor;
mod events;
mod import;
mod subscription;

use std::sync::Arc;

use async_graphql::Schema;

pub use answers::Question;
pub use caller::{Identity, Listener, TimeLimit};
pub use cursor::now as event_cursor;
#[doc(hidden)]
pub use cursor::{EventCursor, after as after_event};
pub use subscription::Subscription;

use super::{
    roots::{Mutation, Query},
    size::{MaxSize, WatchSize},
};
use crate::webhooks::Reach;

/// The schema of connections that stay open. A request needs a [`Listener`] and a [`TimeLimit`] among its data; each
/// event, and each query or mutation, gets a session of its own from the listener, and that much time. With a
/// [`Question`] a subscription shares its answers with others that ask the same.
pub type LiveSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema of connections that stay open; webhook endpoints must be within `reach`, answers of this size.
pub fn live_schema(reach: Arc<Reach>, most: MaxSize) -> LiveSchema {
    super::builder(reach)
        .extension(caller::FreshSession(answers::Answers::default()))
        .extension(WatchSize(most))
        .finish()
}
