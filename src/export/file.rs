//! Files: lines of JSON or CSV, plain or compressed, with an end that tells that nothing is missing.

use std::{fmt, io::Write, str::FromStr};

use flate2::{Compression, write::GzEncoder};

use super::cell::{Cell, quoted};
use crate::error::{Error, Result};

/// The name of the last line of lines of JSON, and of the remark that ends CSV.
const END: &str = "kpigraph_end";

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Lines of JSON objects.
    Ndjson,
    /// Values parted by commas, by RFC 4180.
    Csv,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        })
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "ndjson" => Ok(Self::Ndjson),
            "csv" => Ok(Self::Csv),
            _ => Err(()),
        }
    }
}

/// A file in the making.
pub(super) struct File {
    format: Format,
    columns: Vec<String>,
    out: Out,
}

enum Out {
    Plain(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl File {
    /// A file of these columns.
    pub fn new(format: Format, gzip: bool, columns: Vec<String>) -> Self {
        let out = match gzip {
            true => Out::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::fast()))),
            false => Out::Plain(Vec::new()),
        };
        Self {
            format,
            columns,
            out,
        }
    }

    /// Writes the names of the columns, where the form has a line of them.
    pub fn header(&mut self) -> Result<()> {
        match self.format {
            Format::Ndjson => Ok(()),
            Format::Csv => {
                let names = self.columns.clone();
                self.record(&names)
            }
        }
    }

    /// Writes a row: a cell for each column.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        match self.format {
            Format::Csv => {
                let cells: Vec<String> = cells.iter().map(Cell::csv).collect();
                self.record(&cells)
            }
            Format::Ndjson => {
                let mut line = String::from("{");
                for (name, cell) in self.columns.iter().zip(cells) {
                    if line.len() > 1 {
                        line.push(',');
                    }
                    line.push_str(&quoted(name));
                    line.push(':');
                    cell.json(&mut line);
                }
                line.push_str("}\n");
                self.write(line.as_bytes())
            }
        }
    }

    /// Writes what tells that the file is whole, and where to go on.
    pub fn end(&mut self, cursor: Option<&str>, changes: Option<&str>) -> Result<()> {
        match self.format {
            Format::Ndjson => {
                let told = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quoted);
                let (cursor, changes) = (told(cursor), told(changes));
                let line = format!("{{\"{END}\":{{\"cursor\":{cursor},\"changes\":{changes}}}}}\n");
                self.write(line.as_bytes())
            }
            Format::Csv => {
                let mut cells = vec![String::new(); self.columns.len()];
                if let Some(first) = cells.first_mut() {
                    let told = |name: &str, text: Option<&str>| {
                        text.map(|text| format!(" {name}={text}"))
                            .unwrap_or_default()
                    };
                    let (cursor, changes) = (told("cursor", cursor), told("changes", changes));
                    *first = format!("#{END}{cursor}{changes}");
                }
                self.record(&cells)
            }
        }
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        match &mut self.out {
            Out::Plain(out) => std::mem::take(out),
            Out::Gzip(out) => std::mem::take(out.get_mut()),
        }
    }

    /// The same, with what ends a compressed file.
    pub fn finish(&mut self) -> Result<Vec<u8>> {
        if let Out::Gzip(out) = &mut self.out {
            out.try_finish().map_err(failed)?;
        }
        Ok(self.take())
    }

    fn record(&mut self, cells: &[String]) -> Result<()> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        csv.write_record(cells)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let line = csv
            .into_inner()
            .map_err(|error| Error::Internal(error.to_string()))?;
        self.write(&line)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(failed)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::Internal(format!("an export could not be written: {error}"))
}
