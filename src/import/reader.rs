//! Opens a file, plain or gzipped, and yields its rows one at a time.

use std::io::{self, BufReader, Cursor, Read};

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;

use super::{
    error::ImportError,
    scanner::{EndlessRow, MOST_ROW_BYTES, Mark, Scanner},
};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
/// Few calls to the inner reader, yet little memory.
const BUFFER: usize = 1 << 16;

/// The rows of a CSV file.
pub(super) struct Rows<'a> {
    csv: csv::Reader<Scanner<Box<dyn Read + 'a>>>,
    record: StringRecord,
}

impl<'a> Rows<'a> {
    /// Opens a file. Compression is recognised by the file's first bytes, a byte order mark is skipped.
    pub fn open(input: impl Read + 'a) -> Result<Self, ImportError> {
        let input = unpack(input).map_err(ImportError::Read)?;
        let csv = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(Scanner::new(input));
        Ok(Self {
            csv,
            record: StringRecord::new(),
        })
    }

    /// The next row with its place; `None` after the last. Blank lines are no rows.
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

fn unpack<'a>(input: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let (head, rest) = split_head(input, GZIP.len())?;
    let gzipped = head == GZIP;
    let input = Cursor::new(head).chain(rest);
    let text: Box<dyn Read + 'a> = if gzipped {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, input)))
    } else {
        Box::new(input)
    };
    let (head, rest) = split_head(text, BYTE_ORDER_MARK.len())?;
    if head == BYTE_ORDER_MARK {
        return Ok(rest);
    }
    Ok(Box::new(Cursor::new(head).chain(rest)))
}

fn split_head<R: Read>(mut input: R, length: usize) -> io::Result<(Vec<u8>, R)> {
    let mut head = Vec::with_capacity(length);
    let mut some = input.by_ref().take(u64::try_from(length).unwrap_or(0));
    some.read_to_end(&mut head)?;
    Ok((head, input))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(u64, Vec<String>)>, ImportError> {
        let mut rows = Rows::open(bytes)?;
        let mut all = Vec::new();
        while let Some((mark, record)) = rows.next_row()? {
            all.push((mark.line, record.iter().map(str::to_owned).collect()));
        }
        Ok(all)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn rows_keep_their_lines_across_blank_lines_quotes_and_line_ends() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b", "", "\"x", "y\",\"2\"", "3,4", ""].join(end);
            let lines: Vec<u64> = read(text.as_bytes()).unwrap().iter().map(|r| r.0).collect();
            assert_eq!(lines, [1, 3, 5]);
        }
        let long: String = (0..50_000)
            .map(|n| format!("{n},\"a\"\"{n}\"\r\n"))
            .collect();
        for (place, (line, fields)) in read(long.as_bytes()).unwrap().iter().enumerate() {
            assert_eq!(*line, place as u64 + 1);
            assert_eq!(fields[1], format!("a\"{place}"));
        }
    }

    #[test]
    fn gzip_in_members_and_a_byte_order_mark_are_recognised() {
        let mut members = gzip("\u{feff}a,b\n1,");
        members.extend(gzip("2\n"));
        let plain = read(b"\xef\xbb\xbfa,b\n1,2").unwrap();
        assert_eq!(plain[0].1, ["a", "b"]);
        assert_eq!(read(&members).unwrap(), plain);
    }

    #[test]
    fn broken_gzip_is_an_error_of_reading() {
        let whole = gzip("a,b\n1,2\n");
        let cut = &whole[..whole.len() - 6];
        assert!(matches!(read(cut), Err(ImportError::Read(_))));
    }

    #[test]
    fn what_is_not_text_is_told_with_its_line() {
        for bytes in [
            &b"a,b\n1,2\n\xff\xfe,3\n"[..],
            b"a,b\n1,2\n1,\0\n",
            b"a,b\n1,2\n\x89PNG",
        ] {
            match read(bytes) {
                Err(ImportError::NotText { line }) => assert_eq!(line, 3),
                other => panic!("{other:?}"),
            }
        }
        let utf16: Vec<u8> = "a,b\n1,2"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert!(matches!(
            read(&utf16),
            Err(ImportError::NotText { line: 1 })
        ));
    }

    #[test]
    fn an_endless_row_is_told_with_its_line() {
        let text = format!("a,b\n1,\"{}", "x\n".repeat(MOST_ROW_BYTES));
        assert!(matches!(
            read(text.as_bytes()),
            Err(ImportError::RowTooLong { line: 2, .. })
        ));
    }
}
