//! The place of a row in an export. It also tells where the change feed stood when the export began, so that a file that
//! was cut off and gone on with is still whole together with the changes since its beginning.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A place in an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// What is exported.
    #[serde(rename = "e")]
    pub export: String,
    /// The key of the row.
    #[serde(rename = "k")]
    pub key: Vec<String>,
    /// The place in the change feed, as it encodes itself; `None` for what the feed does not tell of.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none", default)]
    pub changes: Option<String>,
}

impl Cursor {
    /// The cursor as clients see it.
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor of an export that a client sent back.
    pub fn decode(text: &str, export: &str) -> Result<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let cursor: Option<Self> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        cursor
            .filter(|cursor| cursor.export == export && cursor.encode() == text)
            .ok_or_else(|| {
                let shown: String = text.chars().take(60).collect();
                Error::invalid("after", shown, "a cursor of this very export is needed")
            })
    }
}
