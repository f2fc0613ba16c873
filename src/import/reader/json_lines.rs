//! Lines of JSON objects as rows: the names of their fields are the header.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    io::{BufRead, BufReader, Read},
};

use csv::StringRecord;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{
    BUFFER,
    scanner::{MOST_ROW_BYTES, Mark},
};
use crate::import::{error::ImportError, own};

/// So many lines tell which fields there are, as long as they are not longer than [`SAMPLE_BYTES`] in all.
const SAMPLE: usize = 1_000;
const SAMPLE_BYTES: usize = 1 << 22;
/// How deep objects may lie within each other.
const MOST_DEPTH: usize = 8;

type Fields = Vec<(String, String)>;
/// A line: its length, and its fields or what is wrong with it.
type Line = (usize, Result<Fields, String>);

/// The rows of such a file.
pub(super) struct JsonLines<'a> {
    text: BufReader<Box<dyn Read + 'a>>,
    line: u64,
    places: HashMap<String, usize>,
    /// Rows that were read ahead, the header first.
    ahead: VecDeque<(Mark, StringRecord)>,
    record: StringRecord,
}

impl<'a> JsonLines<'a> {
    /// The rows of a text. The first thousand lines tell which fields there are.
    pub fn open(text: Box<dyn Read + 'a>) -> Result<Self, ImportError> {
        let mut lines = Self {
            text: BufReader::with_capacity(BUFFER, text),
            line: 0,
            places: HashMap::new(),
            ahead: VecDeque::new(),
            record: StringRecord::new(),
        };
        let mut sample = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let mut bytes = 0;
        while sample.len() < SAMPLE && bytes < SAMPLE_BYTES {
            let Some((length, read)) = lines.read()? else {
                break;
            };
            bytes += length;
            for (name, _) in read.iter().flatten() {
                if !lines.places.contains_key(name) {
                    lines.places.insert(name.clone(), names.len());
                    names.push(name.clone());
                }
            }
            sample.push((lines.line, read));
        }
        let line = sample.first().map_or(1, |(line, _)| *line);
        let header = (Mark { line, fault: None }, StringRecord::from(names));
        let rows = sample.into_iter().map(|(line, read)| lines.row(line, read));
        let rows: Vec<_> = std::iter::once(header).chain(rows).collect();
        lines.ahead.extend(rows);
        Ok(lines)
    }

    /// The next row with its place; `None` after the last.
    pub fn next_row(&mut self) -> Result<Option<(Mark, &StringRecord)>, ImportError> {
        let next = match self.ahead.pop_front() {
            Some(row) => Some(row),
            None => self.read()?.map(|(_, read)| self.row(self.line, read)),
        };
        Ok(next.map(|(mark, record)| {
            self.record = record;
            (mark, &self.record)
        }))
    }

    /// The next line that is not blank.
    fn read(&mut self) -> Result<Option<Line>, ImportError> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let most = u64::try_from(MOST_ROW_BYTES + 1).unwrap_or(u64::MAX);
            let read = self.text.by_ref().take(most).read_until(b'\n', &mut bytes);
            if read.map_err(ImportError::Read)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if bytes.len() > MOST_ROW_BYTES {
                return Err(ImportError::RowTooLong {
                    line: self.line,
                    limit: MOST_ROW_BYTES,
                });
            }
            let not_text = |_| ImportError::NotText { line: self.line };
            let text = std::str::from_utf8(&bytes).map_err(not_text)?.trim();
            if !text.is_empty() && !own::is_end(text) {
                let mut fields = Fields::new();
                let read = flatten("", text, MOST_DEPTH, &mut fields);
                return Ok(Some((text.len(), read.map(|()| fields))));
            }
        }
    }

    /// A row of the fields in the order of the header.
    fn row(&self, line: u64, read: Result<Fields, String>) -> (Mark, StringRecord) {
        let mut fault = None;
        let mut cells = vec![String::new(); self.places.len()];
        match read {
            Ok(fields) => {
                for (name, value) in fields {
                    match self.places.get(&name) {
                        Some(place) => cells[*place] = value,
                        None => {
                            fault = Some(format!(
                                "it has a field '{name}', which none of the first {SAMPLE} lines has"
                            ));
                        }
                    }
                }
            }
            Err(reason) => fault = Some(reason),
        }
        let fault = fault.map(Into::into);
        (Mark { line, fault }, StringRecord::from(cells))
    }
}

/// The fields of an object; those of an object within it are named `outer.inner`. Numbers stay as they are written.
fn flatten(prefix: &str, json: &str, depth: usize, fields: &mut Fields) -> Result<(), String> {
    let Ok(object) = serde_json::from_str::<Object<'_>>(json) else {
        return Err("it is not a JSON object".to_owned());
    };
    for (name, value) in object.0 {
        let name = format!("{prefix}{name}");
        match value.get().as_bytes().first() {
            Some(b'{') if depth > 0 && name != own::PROPERTIES => {
                flatten(&format!("{name}."), value.get(), depth - 1, fields)?;
            }
            Some(b'"') => {
                let text = serde_json::from_str(value.get());
                fields.push((name, text.map_err(|error| error.to_string())?));
            }
            Some(b'n') => fields.push((name, String::new())),
            _ => fields.push((name, value.get().to_owned())),
        }
    }
    Ok(())
}

/// An object's fields in their order, their values unread.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry::<String, &'de RawValue>()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
