//! From the rows of a vendor's file to the rows that a format reads: preamble, totals and remarks left out, columns
//! mapped, numbers and dates in plain form.

mod date;
mod mapping;
mod number;
mod preamble;
mod sample;

use std::collections::{BTreeSet, VecDeque};

use csv::StringRecord;

pub use self::{date::DayOrder, number::DecimalMark};
use self::{mapping::Mapping, sample::Written};
use super::{
    error::ImportError,
    header::{Content, Header, Shape},
    layout::Found,
    own,
    reader::{Mark, Rows},
};
use crate::time::DateRange;

/// The most rows above the header, and the most bytes that they may have.
const PREAMBLE: usize = 50;
const PREAMBLE_BYTES: usize = 1 << 20;
/// So many rows tell how numbers and dates are written, as long as they are not longer than [`SAMPLE_BYTES`] in all.
const SAMPLE: usize = 1_000;
const SAMPLE_BYTES: usize = 1 << 22;
/// The most different spans of days that the rows of a file may cover.
const MOST_SPANS: usize = 1_000;
/// How rows of totals begin, in lower case.
const TOTALS: [&str; 14] = [
    "total",
    "totals",
    "grand total",
    "gesamt",
    "gesamtsumme",
    "summe",
    "insgesamt",
    "totale",
    "total general",
    "totaal",
    "итого",
    "всего",
    "总计",
    "總計",
];

/// A file whose first rows have been read.
pub(super) struct Opened<'a> {
    rows: Rows<'a>,
    ahead: VecDeque<(Mark, StringRecord)>,
}

impl<'a> Opened<'a> {
    /// Reads so many rows as may stand above a header.
    pub fn new(rows: Rows<'a>) -> Result<Self, ImportError> {
        let ahead = VecDeque::new();
        let mut opened = Self { rows, ahead };
        opened.fill(PREAMBLE, PREAMBLE_BYTES)?;
        match opened.ahead.is_empty() {
            true => Err(ImportError::Empty),
            false => Ok(opened),
        }
    }

    /// The first rows.
    pub fn first_rows(&self) -> impl Iterator<Item = (u64, &StringRecord)> {
        let first = self.ahead.iter().take(PREAMBLE);
        first.map(|(mark, record)| (mark.line, record))
    }

    fn fill(&mut self, most: usize, most_bytes: usize) -> Result<(), ImportError> {
        let held = self.ahead.iter().map(|(_, row)| row.as_slice().len());
        let mut bytes: usize = held.sum();
        while self.ahead.len() < most && bytes < most_bytes {
            let Some((mark, record)) = self.rows.next_row()? else {
                break;
            };
            bytes += record.as_slice().len();
            self.ahead.push_back((mark, record.clone()));
        }
        Ok(())
    }
}

/// What an import says about a file beside its layout.
pub(super) struct Hints<'a> {
    /// The decimal mark of numbers, if it is named.
    pub decimal: Option<DecimalMark>,
    /// The order of days and months, if it is named.
    pub dates: Option<DayOrder>,
    /// The days that rows without a day cover, if they are named.
    pub span: Option<DateRange>,
    /// Whether rows without a day get one from the import.
    pub dated: bool,
    /// The team's currency.
    pub currency: &'a str,
}

/// The rows of a file as a format reads them.
pub(super) struct Table<'a> {
    opened: Opened<'a>,
    header: Header,
    mapping: Mapping,
    written: Written,
    width: usize,
    day: Option<usize>,
    currency: String,
    raw: StringRecord,
    record: StringRecord,
    /// The spans of days that rows cover.
    pub spans: BTreeSet<DateRange>,
    /// Rows of totals and remarks that were passed over.
    pub passed_over: u64,
    /// Whether cells may have marks that keep spreadsheets from running them.
    marked: bool,
}

/// A row that is next.
pub(super) struct Next<'t> {
    /// The line on which it begins.
    pub line: u64,
    /// The header of its fields.
    pub header: &'t Header,
    /// Its fields.
    pub record: &'t StringRecord,
    /// Its cells, as the file has them.
    pub raw: &'t StringRecord,
    /// What is wrong with it: a field's place, unless it is the whole row, and words.
    pub fault: Option<(Option<usize>, String)>,
}

impl<'a> Table<'a> {
    /// The rows of a file below the header that was found.
    pub fn new(
        mut opened: Opened<'a>,
        shape: &'static Shape,
        found: &Found,
        hints: &Hints<'_>,
    ) -> Result<Self, ImportError> {
        let above: Vec<_> = opened.ahead.drain(..found.row).collect();
        let Some((mark, names)) = opened.ahead.pop_front() else {
            return Err(ImportError::Empty);
        };
        opened.fill(SAMPLE, SAMPLE_BYTES)?;
        let span = hints.span.or_else(|| {
            let cells = above.iter().map(|(_, row)| row);
            preamble::span(cells, hints.dates)
        });
        let (header, mapping) = match found.layout.plan() {
            Some(plan) => mapping::of_plan(&plan, shape, mark.line, &names, span, hints.dated)?,
            None => {
                let header = Header::new(shape, mark.line, &names, hints.dated)?;
                let undated = header.place_if_known(shape.dated_by).is_none();
                let mapping = Mapping::of_own(&header, hints.span.filter(|_| undated));
                (header, mapping)
            }
        };
        let rows = opened.ahead.iter().map(|(_, row)| row);
        let is_export = own::is_export(&names);
        let point = is_export.then_some(DecimalMark::Point);
        let hints = &Hints {
            decimal: hints.decimal.or(point),
            ..*hints
        };
        let written = Written::learn(&header, &mapping, rows, &opened.rows, hints);
        Ok(Self {
            marked: is_export && opened.rows.separated(),
            width: names.len(),
            day: header.place_if_known(shape.dated_by),
            currency: hints.currency.to_owned(),
            opened,
            header,
            mapping,
            written,
            raw: StringRecord::new(),
            record: StringRecord::new(),
            spans: BTreeSet::new(),
            passed_over: 0,
        })
    }

    /// What was found out about the file, in words: columns with what they become, and how values are written.
    pub fn described(&self) -> (Vec<(String, String)>, Vec<String>) {
        (
            self.mapping.described(&self.header),
            self.written.described(),
        )
    }

    /// What kind of file it is, in words.
    pub fn kind(&self) -> String {
        self.opened.rows.to_string()
    }

    /// The next row; `None` after the last.
    pub fn next_row(&mut self) -> Result<Option<Next<'_>>, ImportError> {
        loop {
            let mark = match self.opened.ahead.pop_front() {
                Some((mark, record)) => {
                    self.raw = record;
                    mark
                }
                None => match self.opened.rows.next_row()? {
                    Some((mark, record)) => {
                        self.raw.clone_from(record);
                        mark
                    }
                    None => return Ok(None),
                },
            };
            if self.raw.len() > 1 && self.raw.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if mark.fault.is_none() && self.is_beside() {
                self.passed_over += 1;
                continue;
            }
            if self.marked {
                self.raw = own::without_marks(&self.raw);
            }
            let mut fault = mark
                .fault
                .map(|fault| (None, format!("the row is malformed: {fault}")));
            while self.opened.rows.ragged() && self.raw.len() < self.width {
                self.raw.push_field("");
            }
            if fault.is_none() && self.raw.len() != self.width {
                fault = Some((
                    None,
                    format!(
                        "the row is malformed: it has {} fields, the header has {}",
                        self.raw.len(),
                        self.width
                    ),
                ));
            }
            if fault.is_none() {
                fault = self.map().err();
            }
            return Ok(Some(Next {
                line: mark.line,
                header: &self.header,
                record: &self.record,
                raw: &self.raw,
                fault,
            }));
        }
    }

    /// Whether the row is a total of the others, or a remark.
    fn is_beside(&self) -> bool {
        let mut cells = self.raw.iter().map(str::trim);
        let Some(first) = cells.find(|cell| !cell.is_empty()) else {
            return false;
        };
        let alone = cells.all(str::is_empty);
        if alone && self.width > 1 && first.starts_with(['©', '#']) {
            return true;
        }
        let first = first.to_lowercase();
        // `Total: Account` is a total, a campaign named `Total recall` is none.
        let name = first.split(':').next().unwrap_or(&first).trim();
        let totals = TOTALS.contains(&name) || name.starts_with("total of ");
        totals && !self.has_day()
    }

    /// Whether the row has a day.
    fn has_day(&self) -> bool {
        let raw = self.day.and_then(|day| self.header.fields()[day].raw);
        let cell = raw.and_then(|place| self.raw.get(place));
        cell.is_some_and(|cell| date::certain(cell, self.written.dates).is_some())
    }

    /// Makes the record of the row, or says which field cannot be made.
    fn map(&mut self) -> Result<(), (Option<usize>, String)> {
        self.record.clear();
        let currency = self.mapping.currency(&self.raw);
        let currency = if currency.is_empty() {
            &self.currency
        } else {
            &currency
        };
        let mut fault = None;
        for place in 0..self.header.fields().len() {
            let text = match self.mapping.text(place, &self.raw, |content, cell| {
                self.written.plain(content, cell, currency)
            }) {
                Ok(text) => text,
                Err(reason) => {
                    fault.get_or_insert((Some(place), reason));
                    String::new()
                }
            };
            let content = self.header.content(place);
            let text = match content {
                _ if self.mapping.is_plain(place) => Ok(text),
                Content::Text => Ok(self.mapping.told(text)),
                content => self.written.plain(content, text.trim(), currency),
            };
            match text {
                Ok(text) => self.record.push_field(&text),
                Err(reason) => {
                    fault.get_or_insert((Some(place), reason));
                    self.record.push_field("");
                }
            }
        }
        if fault.is_none() {
            fault = self.note_span().err().map(|reason| (None, reason));
        }
        fault.map_or(Ok(()), Err)
    }

    /// Notes the days that the row covers, where they are more than one.
    fn note_span(&mut self) -> Result<(), String> {
        let Some(span) = self.mapping.span_of(&self.raw, self.written.dates)? else {
            return Ok(());
        };
        if span.days() > 1 && self.spans.insert(span) && self.spans.len() > MOST_SPANS {
            return Err(format!(
                "covers one span of days more than the {MOST_SPANS} that a file may have; export it by day"
            ));
        }
        Ok(())
    }
}
