//! Rows of values that are parted by a delimiter.

use std::io::{self, Read};

use csv::{ErrorKind, ReaderBuilder, StringRecord};

use super::{
    BUFFER,
    scanner::{EndlessRow, MOST_ROW_BYTES, Mark, Scanner},
};
use crate::import::error::ImportError;

/// The rows of such a file.
pub(super) struct Separated<'a> {
    csv: csv::Reader<Scanner<Box<dyn Read + 'a>>>,
    record: StringRecord,
    pub delimiter: u8,
}

impl<'a> Separated<'a> {
    /// The rows of a text.
    pub fn open(text: Box<dyn Read + 'a>, delimiter: u8) -> Self {
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .buffer_capacity(BUFFER)
            .from_reader(Scanner::new(text, delimiter));
        Self {
            csv,
            record: StringRecord::new(),
            delimiter,
        }
    }

    /// The next row with its place; `None` after the last.
    pub fn next_row(&mut self) -> Result<Option<(Mark, &StringRecord)>, ImportError> {
        match self.csv.read_record(&mut self.record) {
            Ok(false) => Ok(None),
            Ok(true) if self.record.as_slice().contains('\0') => Err(ImportError::NotText {
                line: self.csv.get_ref().line(),
            }),
            Ok(true) => Ok(Some((self.csv.get_mut().next_mark(), &self.record))),
            Err(error) => Err(self.failure(error)),
        }
    }

    fn failure(&self, error: csv::Error) -> ImportError {
        match error.into_kind() {
            ErrorKind::Io(error) => match error.get_ref().and_then(|e| e.downcast_ref()) {
                Some(EndlessRow { line }) => ImportError::RowTooLong {
                    line: *line,
                    limit: MOST_ROW_BYTES,
                },
                None => ImportError::Read(error),
            },
            ErrorKind::Utf8 { .. } => ImportError::NotText {
                line: self.csv.get_ref().line(),
            },
            other => ImportError::Read(io::Error::other(format!("{other:?}"))),
        }
    }
}
