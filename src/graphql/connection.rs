//! Connections: pages of rows with cursors, made once for every list.

use std::{pin::Pin, sync::Arc};

use async_graphql::SimpleObject;

use crate::{
    error::Result,
    store::{Page, TeamStore},
};

/// Where a page lies in its list.
#[derive(SimpleObject, Clone, Debug, Default)]
pub struct PageInfo {
    /// Whether the list goes on after this page.
    pub has_next_page: bool,
    /// Whether the list has rows before this page.
    pub has_previous_page: bool,
    /// The cursor of the first row. Null when the page is empty.
    pub start_cursor: Option<String>,
    /// The cursor of the last row. Null when the page is empty.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// What a page says of itself.
    pub fn of<T>(page: &Page<T>) -> Self {
        Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: page.rows.last().map(|(cursor, _)| cursor.clone()),
        }
    }
}

/// Counts a list's rows when asked to.
pub type Count =
    Arc<dyn Fn(TeamStore) -> Pin<Box<dyn Future<Output = Result<u64>> + Send>> + Send + Sync>;

/// A count that runs when asked to.
pub fn count<F>(run: impl Fn(TeamStore) -> F + Send + Sync + 'static) -> Count
where
    F: Future<Output = Result<u64>> + Send + 'static,
{
    Arc::new(move |store| Box::pin(run(store)))
}

/// Makes the connection and edge types of a node type.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty, $what:literal) => {
        #[doc = concat!("A page of ", $what, ".")]
        pub struct $connection {
            page: $crate::store::Page<$node>,
            count: $crate::graphql::connection::Count,
            counted: tokio::sync::OnceCell<u64>,
        }

        impl $connection {
            /// A page, and how to count the whole list.
            pub fn new(
                page: $crate::store::Page<$node>,
                count: $crate::graphql::connection::Count,
            ) -> Self {
                Self {
                    page,
                    count,
                    counted: tokio::sync::OnceCell::new(),
                }
            }
        }

        #[doc = "A page of a list, by the Relay specification."]
        #[async_graphql::Object]
        impl $connection {
            /// The rows with their cursors.
            async fn edges(&self) -> Vec<$edge<'_>> {
                self.page
                    .rows
                    .iter()
                    .map(|(cursor, node)| $edge { cursor, node })
                    .collect()
            }

            /// The rows alone.
            async fn nodes(&self) -> Vec<&$node> {
                self.page.rows.iter().map(|(_, node)| node).collect()
            }

            /// Where the page lies in the list.
            async fn page_info(&self) -> $crate::graphql::connection::PageInfo {
                $crate::graphql::connection::PageInfo::of(&self.page)
            }

            /// How many rows the whole list has; counted only when asked.
            async fn total_count(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> $crate::error::ApiResult<u64> {
                let store = $crate::graphql::Session::of(ctx)?.store.clone();
                let counted = self.counted.get_or_try_init(|| (self.count)(store));
                Ok(*counted.await?)
            }
        }

        /// A row and its place.
        pub struct $edge<'a> {
            cursor: &'a str,
            node: &'a $node,
        }

        #[doc = "A row of a page and its place in the list."]
        #[async_graphql::Object]
        impl $edge<'_> {
            /// The row's place, for `after` and `before`.
            async fn cursor(&self) -> &str {
                self.cursor
            }

            /// The row.
            async fn node(&self) -> &$node {
                self.node
            }
        }
    };
}
pub(super) use connection;
