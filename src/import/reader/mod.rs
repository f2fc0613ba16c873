//! Opens a file and yields its rows one at a time: separated values, worksheets or lines of JSON, plain or gzipped.

mod bytes;
mod delimiter;
mod json_lines;
mod scanner;
mod separated;
#[cfg(test)]
mod tests;
mod worksheet;

use std::{fmt, io::Read};

use csv::StringRecord;

use self::{bytes::Content, json_lines::JsonLines, separated::Separated, worksheet::Worksheet};
use super::error::ImportError;
pub(super) use scanner::Mark;

/// Few calls to the inner reader, yet little memory.
const BUFFER: usize = 1 << 16;

/// The rows of a file.
pub(super) struct Rows<'a> {
    kind: Kind<'a>,
    encoding: &'static str,
    gzipped: bool,
}

enum Kind<'a> {
    Separated(Separated<'a>),
    Worksheet(Worksheet),
    JsonLines(JsonLines<'a>),
}

impl<'a> Rows<'a> {
    /// Opens a file. Compression, encoding, kind and delimiter are recognised by its first bytes.
    pub fn open(input: impl Read + 'a) -> Result<Self, ImportError> {
        let file = bytes::open(input)?;
        let (kind, encoding) = match file.content {
            Content::Workbook(bytes) => (Kind::Worksheet(Worksheet::open(bytes)?), ""),
            Content::Text {
                head,
                text,
                encoding,
            } => {
                let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
                let kind = match first {
                    Some(b'{') => Kind::JsonLines(JsonLines::open(text)?),
                    _ => Kind::Separated(Separated::open(text, delimiter::find(&head))),
                };
                (kind, encoding)
            }
        };
        Ok(Self {
            kind,
            encoding,
            gzipped: file.gzipped,
        })
    }

    /// The next row with its place; `None` after the last. Blank lines are no rows.
    pub fn next_row(&mut self) -> Result<Option<(Mark, &StringRecord)>, ImportError> {
        match &mut self.kind {
            Kind::Separated(rows) => rows.next_row(),
            Kind::Worksheet(rows) => rows.next_row(),
            Kind::JsonLines(rows) => rows.next_row(),
        }
    }

    /// Whether rows leave out blank cells at their ends.
    pub fn ragged(&self) -> bool {
        matches!(self.kind, Kind::Worksheet(_))
    }

    /// Whether rows are parted values, in which exports mark cells that a spreadsheet would run.
    pub fn separated(&self) -> bool {
        matches!(self.kind, Kind::Separated(_))
    }

    /// Whether fields are parted by semicolons, as where the comma is the decimal mark.
    pub fn semicolons(&self) -> bool {
        matches!(&self.kind, Kind::Separated(rows) if rows.delimiter == b';')
    }
}

/// What kind of file it is, in words.
impl fmt::Display for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Worksheet(sheet) => write!(f, "worksheet '{}' of an XLSX workbook", sheet.name)?,
            Kind::JsonLines(_) => write!(f, "lines of JSON in {}", self.encoding)?,
            Kind::Separated(rows) => {
                let separator = match rows.delimiter {
                    b'\t' => "tabs",
                    b';' => "semicolons",
                    _ => "commas",
                };
                write!(f, "values parted by {separator} in {}", self.encoding)?;
            }
        }
        match self.gzipped {
            true => f.write_str(", gzipped"),
            false => Ok(()),
        }
    }
}
