//! One row, read by column: every failure names the line, the column and the value.

use csv::StringRecord;

use super::{cell::Cell, header::Header, properties, report::Refusal, scanner::Mark};

/// The most characters of a value that a refusal repeats.
const MOST_SHOWN: usize = 60;

/// A row under its header.
pub(super) struct Row<'a> {
    header: &'a Header,
    record: &'a StringRecord,
    line: u64,
}

impl<'a> Row<'a> {
    /// The row, if it is well formed.
    pub fn new(header: &'a Header, mark: Mark, record: &'a StringRecord) -> Result<Self, Refusal> {
        let row = Self {
            header,
            record,
            line: mark.line,
        };
        if let Some(fault) = mark.fault {
            return Err(row.refuse(format!("the row is malformed: {fault}")));
        }
        if record.len() != header.width() {
            return Err(row.refuse(format!(
                "the row is malformed: it has {} fields, the header has {}",
                record.len(),
                header.width()
            )));
        }
        Ok(row)
    }

    /// The line on which the row begins.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A column's text without surrounding blanks; empty when the file lacks the column.
    pub fn text(&self, name: &str) -> &'a str {
        let place = self.header.place(name);
        place
            .and_then(|place| self.record.get(place))
            .unwrap_or("")
            .trim()
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
        let extras = self.header.extras().iter().map(|(key, place)| {
            let value = self.record.get(*place).unwrap_or("");
            (key.as_str(), value)
        });
        properties::json(extras.chain(more.iter().copied())).map_err(|reason| self.refuse(reason))
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
            column: Some(self.header.name_in_file(name).to_owned()),
            ..self.refuse("is blank, but must be given".into())
        }
    }

    /// A refusal for a column's value.
    pub fn refuse_value(&self, name: &str, reason: &str) -> Refusal {
        let text = self.text(name);
        let shown: String = text.chars().take(MOST_SHOWN).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        Refusal {
            column: Some(self.header.name_in_file(name).to_owned()),
            ..self.refuse(format!("'{shown}{more}' {reason}"))
        }
    }
}
