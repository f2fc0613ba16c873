//! From a file's bytes to UTF-8 text or the bytes of a workbook: gzip and encodings, in a stream.

use std::io::{BufReader, Cursor, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;

use super::{BUFFER, worksheet};
use crate::import::error::ImportError;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";
/// Enough text to tell the delimiter.
const HEAD: usize = 1 << 16;

/// An opened file.
pub(super) struct File<'a> {
    pub gzipped: bool,
    pub content: Content<'a>,
}

/// What a file holds.
pub(super) enum Content<'a> {
    /// UTF-8 text without a byte order mark.
    Text {
        /// How the text begins; part of `text`.
        head: Vec<u8>,
        text: Box<dyn Read + 'a>,
        /// The encoding that the file has.
        encoding: &'static str,
    },
    /// A whole XLSX workbook.
    Workbook(Vec<u8>),
}

/// Opens a file. What has neither a byte order mark nor the look of UTF-16 passes as it is.
pub(super) fn open<'a>(input: impl Read + 'a) -> Result<File<'a>, ImportError> {
    let (head, rest) = split_head(input, GZIP.len())?;
    let gzipped = head == GZIP;
    let input = Cursor::new(head).chain(rest);
    let plain: Box<dyn Read + 'a> = if gzipped {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, input)))
    } else {
        Box::new(input)
    };
    let (head, rest) = split_head(plain, ZIP.len())?;
    let plain = Cursor::new(head.clone()).chain(rest);
    let content = if head == ZIP {
        Content::Workbook(worksheet::whole(plain)?)
    } else {
        let encoding = encoding(&head);
        let decoded = DecodeReaderBytesBuilder::new()
            .encoding((encoding != UTF_8).then_some(encoding))
            .utf8_passthru(true)
            .strip_bom(true)
            .bom_override(true)
            .build(plain);
        let (head, rest) = split_head(decoded, HEAD)?;
        Content::Text {
            text: Box::new(Cursor::new(head.clone()).chain(rest)),
            head,
            encoding: encoding.name(),
        }
    };
    Ok(File { gzipped, content })
}

/// The encoding by the first bytes: a byte order mark, or the zeros between letters that only UTF-16 has.
fn encoding(head: &[u8]) -> &'static Encoding {
    match (Encoding::for_bom(head), head) {
        (Some((encoding, _)), _) => encoding,
        (None, [a, 0, b, 0]) if *a > 0 && *b > 0 => UTF_16LE,
        (None, [0, a, 0, b]) if *a > 0 && *b > 0 => UTF_16BE,
        _ => UTF_8,
    }
}

fn split_head<R: Read>(mut input: R, length: usize) -> Result<(Vec<u8>, R), ImportError> {
    let mut head = Vec::with_capacity(length);
    let mut some = input.by_ref().take(u64::try_from(length).unwrap_or(0));
    some.read_to_end(&mut head).map_err(ImportError::Read)?;
    Ok((head, input))
}
