//! Watches the bytes on their way to the CSV parser, which is lenient and knows neither exact lines nor bounds: on which
//! line each row begins, whether its quotes are sound, and that it ends within reason.

use std::{
    borrow::Cow,
    collections::VecDeque,
    io::{self, Read},
};

/// The most bytes of a row.
pub(in crate::import) const MOST_ROW_BYTES: usize = 1 << 20;

/// Where a row begins and what is wrong with its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Mark {
    pub line: u64,
    pub fault: Option<Cow<'static, str>>,
}

/// A row does not end; found inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("the row on line {line} does not end")]
pub(super) struct EndlessRow {
    pub line: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    RowStart,
    FieldStart,
    Plain,
    Quoted,
    QuoteInQuoted,
}

/// A reader whose rows are marked as they pass.
pub(super) struct Scanner<R> {
    inner: R,
    delimiter: u8,
    state: State,
    line: u64,
    /// The byte before, which makes one line end of a carriage return and a line feed.
    last: u8,
    row: Mark,
    row_bytes: usize,
    marks: VecDeque<Mark>,
}

impl<R: Read> Scanner<R> {
    pub fn new(inner: R, delimiter: u8) -> Self {
        let line = 1;
        Self {
            inner,
            delimiter,
            state: State::RowStart,
            line,
            last: 0,
            row: Mark { line, fault: None },
            row_bytes: 0,
            marks: VecDeque::new(),
        }
    }

    /// The mark of the next row, in the order of the file.
    pub fn next_mark(&mut self) -> Mark {
        self.marks.pop_front().unwrap_or_else(|| self.row.clone())
    }

    /// The line on which the last row that was marked, or the one under way, begins.
    pub fn line(&self) -> u64 {
        self.marks.front().map_or(self.row.line, |mark| mark.line)
    }

    fn scan(&mut self, byte: u8) {
        let newline = matches!(byte, b'\n' | b'\r');
        if self.state == State::RowStart && !newline {
            self.row = Mark {
                line: self.line,
                fault: None,
            };
            self.row_bytes = 0;
            self.state = State::FieldStart;
        }
        self.row_bytes += 1;
        let after_field = |state| match byte {
            _ if byte == self.delimiter => State::FieldStart,
            _ if newline => State::RowStart,
            _ => state,
        };
        let next = match self.state {
            State::RowStart => State::RowStart,
            State::FieldStart if byte == b'"' => State::Quoted,
            State::Quoted if byte == b'"' => State::QuoteInQuoted,
            State::Quoted => State::Quoted,
            State::QuoteInQuoted if byte == b'"' => State::Quoted,
            State::QuoteInQuoted => {
                let next = after_field(State::Plain);
                if next == State::Plain {
                    self.row.fault = Some("text follows a closing quote".into());
                }
                next
            }
            State::FieldStart | State::Plain => after_field(State::Plain),
        };
        if next == State::RowStart && self.state != State::RowStart {
            self.marks.push_back(self.row.clone());
        }
        self.state = next;
        self.line += u64::from(byte == b'\r' || (byte == b'\n' && self.last != b'\r'));
        self.last = byte;
    }

    fn end(&mut self) {
        if self.state == State::Quoted {
            self.row.fault =
                Some("a quote is opened and not closed before the end of the file".into());
        }
        if self.state != State::RowStart {
            self.marks.push_back(self.row.clone());
        }
        self.state = State::RowStart;
    }
}

impl<R: Read> Read for Scanner<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in buffer.iter().take(count) {
            self.scan(*byte);
        }
        if count == 0 {
            self.end();
        } else if self.state != State::RowStart && self.row_bytes > MOST_ROW_BYTES {
            let line = self.row.line;
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                EndlessRow { line },
            ));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<(u64, bool)> {
        let mut scanner = Scanner::new(text.as_bytes(), b',');
        io::copy(&mut scanner, &mut io::sink()).unwrap();
        scanner
            .marks
            .iter()
            .map(|mark| (mark.line, mark.fault.is_some()))
            .collect()
    }

    #[test]
    fn rows_begin_on_the_lines_that_people_see() {
        assert_eq!(
            marks("a,b\r\n\r\n\"x\ny\",2\r\n3,\"\"\"\"\n"),
            [(1, false), (3, false), (5, false)]
        );
        assert_eq!(marks("a\n\n\nb"), [(1, false), (4, false)]);
        assert_eq!(
            marks("a\rb\r\r\"c\rd\"\re"),
            [(1, false), (2, false), (4, false), (6, false)]
        );
    }

    #[test]
    fn quotes_that_do_not_end_or_end_early_are_faults() {
        assert_eq!(marks("a,\"b\n c\nd"), [(1, true)]);
        assert_eq!(marks("\"a\"b,c\nd"), [(1, true), (2, false)]);
        assert_eq!(marks("24\" screen,c\nd"), [(1, false), (2, false)]);
    }

    #[test]
    fn a_row_without_end_is_an_error() {
        let endless = "x".repeat(MOST_ROW_BYTES + 100_000);
        let error = io::copy(
            &mut Scanner::new(format!("a\n\"{endless}").as_bytes(), b','),
            &mut io::sink(),
        )
        .unwrap_err();
        let inner = error.get_ref().unwrap().downcast_ref::<EndlessRow>();
        assert_eq!(inner.unwrap().line, 2);
    }
}
