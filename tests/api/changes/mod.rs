//! The change feed: whoever goes on from its cursors knows what the tables hold.

mod feed;
mod hostile;
mod random;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{App, json::path};

/// One page of the feed.
pub const CHANGES: &str = "query ($after: String, $first: Int, $kinds: [ChangeKind!]) {
    changes(after: $after, first: $first, kinds: $kinds) { cursor pageInfo { hasNextPage endCursor } edges { cursor }
        nodes { kind id operation changedAt cursor externalRefs { system id } node { id
            ... on Channel { name } ... on Campaign { name } ... on Customer { country lifecycle }
            ... on Conversion { occurredAt value { amount } } ... on Order { net { amount } refunded { amount } }
            ... on Refund { amount { amount } order { id } } ... on StageEvent { stage customer { id } }
            ... on Opportunity { outcome amount { amount } } ... on Touchpoint { utmSource channel { name } }
            ... on Goal { name } } } } }";

/// A page of the feed after a cursor.
pub async fn page(app: &App, token: &str, after: &Value, first: u32) -> Value {
    let variables = json!({ "after": after, "first": first });
    let answer = app.graphql(token, CHANGES, variables).await;
    path(&answer, "data.changes").clone()
}

/// A copy that follows the feed: rows by kind and id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Copy {
    pub rows: BTreeMap<String, Value>,
    pub cursor: Value,
}

impl Copy {
    /// Takes over one page; says whether there are more.
    pub async fn follow(&mut self, app: &App, token: &str, first: u32) -> bool {
        let page = page(app, token, &self.cursor, first).await;
        let nodes = page["nodes"].as_array().unwrap();
        assert!(nodes.len() <= first as usize);
        for change in nodes {
            let key = format!(
                "{} {}",
                change["kind"].as_str().unwrap(),
                change["id"].as_str().unwrap()
            );
            match change["operation"].as_str() {
                Some("DELETED") => {
                    assert_eq!(change["node"], Value::Null);
                    self.rows.remove(&key);
                }
                _ => {
                    self.rows.insert(key, change["node"].clone());
                }
            }
        }
        self.cursor = page["cursor"].clone();
        page["pageInfo"]["hasNextPage"] == true
    }

    /// Takes over everything.
    pub async fn catch_up(&mut self, app: &App, token: &str, first: u32) {
        while self.follow(app, token, first).await {}
    }

    /// What the tables hold, as a copy from the beginning has it.
    pub async fn anew(app: &App, token: &str) -> Self {
        let mut copy = Self::default();
        copy.catch_up(app, token, 1_000).await;
        copy
    }
}
