//! What is to be exported.

use chrono::NaiveDate;

use super::{Entity, Format};
use crate::error::{Error, Result};

/// Which rows of which entity, and how they are written.
#[derive(Clone, Debug)]
pub struct ExportAsk {
    /// What.
    pub entity: Entity,
    /// How.
    pub delivery: Delivery,
    /// Only rows of this day and later ones.
    pub from: Option<NaiveDate>,
    /// Only rows of this day and earlier ones.
    pub to: Option<NaiveDate>,
    /// Only rows that this system delivered or has a name for. Ids in the file are then the system's own.
    pub system: Option<String>,
}

/// How rows are written.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The form of the lines.
    pub format: Format,
    /// Whether the file is compressed.
    pub gzip: bool,
    /// Only rows after the one with this cursor.
    pub after: Option<String>,
    /// Whether CSV begins with the names of the columns. Unless it is told, it does when it does not go on after a row.
    pub header: Option<bool>,
}

impl Delivery {
    /// A whole file.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            gzip: false,
            after: None,
            header: None,
        }
    }
}

/// A file's name, such as `orders.csv.gz`: what it holds, its form, and whether it is compressed.
pub fn file_name(name: &str) -> Result<(&str, Format, bool)> {
    let (plain, gzip) = match name.strip_suffix(".gz") {
        Some(plain) => (plain, true),
        None => (name, false),
    };
    let parts = plain.rsplit_once('.');
    let found = parts.and_then(|(what, format)| Some((what, format.parse().ok()?, gzip)));
    found.ok_or_else(|| {
        Error::invalid(
            "file",
            name.chars().take(60).collect::<String>(),
            "write an entity and .ndjson or .csv, with .gz behind it for a compressed file",
        )
    })
}
