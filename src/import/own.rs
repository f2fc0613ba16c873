//! This program's own exports: what of them is read again, and how.
//!
//! Columns that no import reads begin with `kpigraph_`. One of them holds a row's breakdowns as a JSON object; the others
//! are passed over, and so is the line that ends a file of JSON.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::header::key;
use crate::export::unescaped;

/// The column of the breakdowns.
pub(super) const PROPERTIES: &str = "kpigraph_properties";
/// The column that every export ends with.
const CURSOR: &str = "kpigraph_cursor";

/// Whether a column is none of the file's data.
pub(super) fn is_passed_over(key: &str) -> bool {
    key.starts_with("kpigraph_") && key != PROPERTIES
}

/// Whether a header is one of an export.
pub(super) fn is_export(names: &StringRecord) -> bool {
    names.iter().any(|name| key(name) == CURSOR)
}

/// Whether a line of JSON is the one that ends an export.
pub(super) fn is_end(line: &str) -> bool {
    line.starts_with("{\"kpigraph_end\":")
}

/// A row of CSV without the marks that keep spreadsheets from running its cells.
pub(super) fn without_marks(row: &StringRecord) -> StringRecord {
    row.iter().map(unescaped).collect()
}

/// The entries of the column of breakdowns, which are texts.
pub(super) fn properties(json: &str) -> Result<BTreeMap<String, String>, String> {
    serde_json::from_str(json)
        .map_err(|_| format!("{PROPERTIES} must hold a JSON object whose values are texts"))
}
