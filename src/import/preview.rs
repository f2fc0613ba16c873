//! What is found out about a file before its rows are read.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    layout::{Found, Layout},
    table::Table,
};

/// How a file is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Its layout.
    pub layout: Layout,
    /// What kind of file it is, in words.
    pub kind: String,
    /// Who delivers it.
    pub source: String,
    /// Its columns in the order of the format, each with what becomes of it.
    pub columns: Vec<(String, String)>,
    /// How its numbers and dates are written, in words, as far as they tell.
    pub written: Vec<String>,
}

impl Preview {
    pub(super) fn of(table: &Table<'_>, found: &Found, source: &str) -> Self {
        let (columns, written) = table.described();
        Self {
            layout: found.layout.clone(),
            kind: table.kind(),
            source: source.to_owned(),
            columns,
            written,
        }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = self.layout.format();
        writeln!(
            f,
            "layout {}, read as {format}, source {}",
            self.layout, self.source
        )?;
        writeln!(f, "{}", self.kind)?;
        for written in &self.written {
            writeln!(f, "{written}")?;
        }
        for (column, becomes) in &self.columns {
            writeln!(f, "  {column} -> {becomes}")?;
        }
        Ok(())
    }
}
