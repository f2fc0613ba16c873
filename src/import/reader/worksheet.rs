//! The first worksheet of an XLSX workbook as rows.
//!
//! A workbook can only be read when all of it is there: the file, at most 32 MiB, and its table of texts are held in
//! memory, its cells pass one row at a time. What it unpacks to is measured first, so that no small file fills the memory.

use std::{
    io::{self, Cursor, Read},
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use calamine::{DataRef, Reader, Xlsx, open_workbook_from_rs};
use csv::StringRecord;
use zip::ZipArchive;

use super::scanner::Mark;
use crate::import::error::ImportError;

/// The largest workbook.
const MOST_BYTES: u64 = 32 << 20;
/// The most that it may unpack to.
const MOST_UNPACKED: u64 = 256 << 20;
const MOST_COLUMNS: usize = 1_000;
/// Rows that are read ahead.
const AHEAD: usize = 64;

/// A row with its line, or the end, or why there is neither.
type Next = Result<Option<(u64, Vec<String>)>, String>;

/// The rows of a worksheet.
pub(super) struct Worksheet {
    /// Its name.
    pub name: String,
    rows: Receiver<Next>,
    ended: bool,
    record: StringRecord,
}

/// Reads a workbook whole.
pub(super) fn whole(input: impl Read) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    let read = input.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    if u64::try_from(read.map_err(ImportError::Read)?).unwrap_or(u64::MAX) > MOST_BYTES {
        return Err(ImportError::Workbook(format!(
            "it is larger than {} MiB; export it as CSV",
            MOST_BYTES >> 20
        )));
    }
    Ok(bytes)
}

impl Worksheet {
    /// Opens the first worksheet of a workbook.
    pub fn open(bytes: Vec<u8>) -> Result<Self, ImportError> {
        measure(&bytes)?;
        let broken = |error: calamine::XlsxError| ImportError::Workbook(error.to_string());
        let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(broken)?;
        let Some(name) = workbook.sheet_names().into_iter().next() else {
            return Err(ImportError::Empty);
        };
        let (send, rows) = sync_channel(AHEAD);
        let sheet = name.clone();
        // The reader of cells borrows the workbook, and a thread can own both. It ends with the receiver.
        thread::spawn(move || {
            let row = |next| send.send(Ok(Some(next))).is_ok();
            let end = read(&mut workbook, &sheet, row).map(|()| None);
            // Nobody may be left to hear of it.
            send.send(end).ok();
        });
        Ok(Self {
            name,
            rows,
            ended: false,
            record: StringRecord::new(),
        })
    }

    /// The next row with its place; `None` after the last.
    pub fn next_row(&mut self) -> Result<Option<(Mark, &StringRecord)>, ImportError> {
        if self.ended {
            return Ok(None);
        }
        match self.rows.recv() {
            Err(_) => Err(ImportError::Workbook("its reader failed".to_owned())),
            Ok(Err(reason)) => Err(ImportError::Workbook(reason)),
            Ok(Ok(None)) => {
                self.ended = true;
                Ok(None)
            }
            Ok(Ok(Some((line, cells)))) => {
                self.record = StringRecord::from(cells);
                Ok(Some((Mark { line, fault: None }, &self.record)))
            }
        }
    }
}

/// Unpacks a workbook into nothing, as its own table of contents need not tell the truth.
fn measure(bytes: &[u8]) -> Result<(), ImportError> {
    let broken = |error: &dyn std::error::Error| ImportError::Workbook(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut left = MOST_UNPACKED;
    for place in 0..archive.len() {
        let file = archive.by_index(place).map_err(|error| broken(&error))?;
        let unpacked = io::copy(&mut file.take(left + 1), &mut io::sink());
        let unpacked = unpacked.map_err(|error| broken(&error))?;
        left = left.checked_sub(unpacked).ok_or_else(|| {
            ImportError::Workbook(format!(
                "it unpacks to more than {} MiB; export it as CSV",
                MOST_UNPACKED >> 20
            ))
        })?;
    }
    Ok(())
}

/// Gives the rows that are not blank to `row`, until it says that nobody wants more.
fn read(
    workbook: &mut Xlsx<Cursor<Vec<u8>>>,
    sheet: &str,
    row: impl Fn((u64, Vec<String>)) -> bool,
) -> Result<(), String> {
    let words = |error: calamine::XlsxError| error.to_string();
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(words)?;
    let mut under_way: (u64, Vec<String>) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(words)? {
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (line, column) = cell.get_position();
        let line = u64::from(line) + 1;
        if line != under_way.0 {
            let full = std::mem::replace(&mut under_way, (line, Vec::new()));
            if !full.1.is_empty() && !row(full) {
                return Ok(());
            }
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS {
            return Err(format!(
                "line {line}: there are more than {MOST_COLUMNS} columns"
            ));
        }
        if under_way.1.len() <= column {
            under_way.1.resize(column + 1, String::new());
        }
        under_way.1[column] = text;
    }
    if !under_way.1.is_empty() {
        row(under_way);
    }
    Ok(())
}

/// A cell as a text file would have it.
fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(at) => match at.as_datetime() {
            Some(at) if at.time() == chrono::NaiveTime::MIN => at.date().to_string(),
            Some(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
            None => at.as_f64().to_string(),
        },
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}
