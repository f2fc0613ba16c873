//! One row, read by column: every failure names the line, the column and the value.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::{bulk::Given, cell::Cell, header::Header, own, properties, report::Refusal};

/// The most characters of a value that a refusal repeats.
const MOST_SHOWN: usize = 60;

/// A row under its header.
pub(super) struct Row<'a> {
    cells: Cells<'a>,
    line: u64,
}

/// Where a row's texts are.
#[derive(Clone, Copy)]
enum Cells<'a> {
    File(&'a Header, &'a StringRecord, &'a StringRecord),
    Call(&'a Given),
}

impl<'a> Row<'a> {
    /// The row on a line: its fields under the header, and the cells that the file has, which refusals repeat.
    pub fn new(
        header: &'a Header,
        line: u64,
        record: &'a StringRecord,
        raw: &'a StringRecord,
    ) -> Self {
        Self {
            cells: Cells::File(header, record, raw),
            line,
        }
    }

    /// A row of a call, by its place in the call.
    pub fn given(place: u64, given: &'a Given) -> Self {
        Self {
            cells: Cells::Call(given),
            line: place,
        }
    }

    /// A column's text without surrounding blanks; empty when the file lacks the column.
    pub fn text(&self, name: &str) -> &'a str {
        let text = match self.cells {
            Cells::File(header, record, _) => {
                header.place(name).and_then(|place| record.get(place))
            }
            Cells::Call(given) => given.text(name),
        };
        text.unwrap_or("").trim()
    }

    /// A column's value; `None` when blank.
    pub fn get<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Cell<T>,
    ) -> Result<Option<T>, Refusal> {
        match self.text(name) {
            "" => Ok(None),
            text => read(text)
                .map(Some)
                .map_err(|reason| self.refuse_value(name, &reason)),
        }
    }

    /// A column's value; blank is refused.
    pub fn need<T>(&self, name: &str, read: impl FnOnce(&str) -> Cell<T>) -> Result<T, Refusal> {
        self.get(name, read)?.ok_or_else(|| self.refuse_blank(name))
    }

    /// What the row has beyond the format's columns, as JSON, with a few entries more.
    pub fn properties(&self, more: &[(&str, &str)]) -> Result<String, Refusal> {
        let extras: Vec<(&str, &str)> = match self.cells {
            Cells::File(header, record, _) => {
                let value = |place: &usize| record.get(*place).unwrap_or("");
                let extras = header.extras().iter();
                extras
                    .map(|(key, place)| (key.as_str(), value(place)))
                    .collect()
            }
            Cells::Call(given) => given.properties().collect(),
        };
        let (own, extras): (Vec<_>, Vec<_>) = extras
            .into_iter()
            .partition(|(key, _)| *key == own::PROPERTIES);
        let own = match own.first().filter(|(_, text)| !text.is_empty()) {
            Some((_, text)) => own::properties(text).map_err(|reason| self.refuse(reason))?,
            None => BTreeMap::new(),
        };
        let own = own
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        properties::json(own.chain(extras).chain(more.iter().copied()))
            .map_err(|reason| self.refuse(reason))
    }

    /// What the file or the call names a column.
    fn name_of<'n>(&'n self, name: &'n str) -> &'n str {
        match self.cells {
            Cells::File(header, ..) => header.name_in_file(name),
            Cells::Call(given) => given.field(name),
        }
    }

    /// A refusal of the whole row.
    pub fn refuse(&self, reason: String) -> Refusal {
        Refusal {
            line: self.line,
            column: None,
            reason,
        }
    }

    /// A refusal for a column that must not be blank.
    pub fn refuse_blank(&self, name: &str) -> Refusal {
        Refusal {
            column: Some(self.name_of(name).to_owned()),
            ..self.refuse("is blank, but must be given".into())
        }
    }

    /// A column's text as the file has it.
    fn written(&self, name: &str) -> &'a str {
        let raw = match self.cells {
            Cells::File(header, _, raw) => {
                let field = header.place(name).map(|at| &header.fields()[at]);
                field.and_then(|field| raw.get(field.raw?))
            }
            Cells::Call(_) => None,
        };
        raw.map_or_else(|| self.text(name), str::trim)
    }

    /// A refusal for a column's value.
    pub fn refuse_value(&self, name: &str, reason: &str) -> Refusal {
        self.refuse_text(self.name_of(name), self.written(name), reason)
    }

    /// A refusal for the field of a file at a place.
    pub fn refuse_field(&self, place: usize, reason: &str) -> Refusal {
        let Cells::File(header, _, raw) = self.cells else {
            return self.refuse(reason.to_owned());
        };
        let field = &header.fields()[place];
        let text = field.raw.and_then(|at| raw.get(at));
        self.refuse_text(&field.shown, text.unwrap_or("").trim(), reason)
    }

    fn refuse_text(&self, column: &str, text: &str, reason: &str) -> Refusal {
        let shown: String = text.chars().take(MOST_SHOWN).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        Refusal {
            column: Some(column.to_owned()),
            ..self.refuse(format!("'{shown}{more}' {reason}"))
        }
    }
}
