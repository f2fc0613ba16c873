//! Why a whole file could not be imported.

use crate::error::Error;

/// The file as a whole is refused, or the import failed; nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read, or its compression is broken.
    #[error("the file cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// The file has not even a header.
    #[error("the file is empty: its first row must name the columns")]
    Empty,
    /// The file holds bytes that no such text has.
    #[error("line {line}: the file is not UTF-8 or UTF-16 text; export it as CSV in UTF-8")]
    NotText {
        /// The first line that is not text.
        line: u64,
    },
    /// A row has no end within all reason.
    #[error(
        "line {line}: a row begins here that is longer than {limit} bytes; is a quote not closed?"
    )]
    RowTooLong {
        /// The line on which it begins.
        line: u64,
        /// The most bytes that a row may have.
        limit: usize,
    },
    /// The header does not fit the format.
    #[error("line {line}: {reason}")]
    Header {
        /// The line of the header, or the first when none was found.
        line: u64,
        /// What does not fit.
        reason: String,
    },
    /// The workbook cannot be read, or is too large.
    #[error("the workbook cannot be read: {0}")]
    Workbook(String),
    /// No layout fits the file, or several do.
    #[error("{0}")]
    Layout(String),
    /// The import was told to stop.
    #[error("the import was stopped")]
    Stopped,
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] Error),
}
