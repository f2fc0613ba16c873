//! Mappings that a team saves: what the columns of its own files are in a format.

use std::{borrow::Cow, collections::BTreeSet};

use clap::ValueEnum;
use entity::import_mapping;
use serde::{Deserialize, Serialize};

use super::{
    DayOrder, DecimalMark, Format,
    header::key,
    profile::{How, Plan, Source},
    shape,
};
use crate::error::Error;

/// The most columns that a mapping takes, and the most names of one.
const MOST_COLUMNS: usize = 200;
const MOST_NAMES: usize = 20;
/// The most characters of a name or value.
const MOST_LETTERS: usize = 200;

/// How files of a kind are to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnMapping {
    /// Its name in the team.
    pub name: String,
    /// What the rows are.
    pub format: Format,
    /// The source of files for which none is named.
    pub source: String,
    /// The columns that are taken; all others are left out.
    pub columns: Vec<MappedColumn>,
    /// The decimal mark of numbers; learnt from them when `None`.
    pub decimal: Option<DecimalMark>,
    /// The order of days and months; learnt from them when `None`.
    pub dates: Option<DayOrder>,
}

/// A column that is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// The format's column, or the name of a breakdown.
    pub to: String,
    /// Its names in the file, the likelier first; case and punctuation do not matter.
    pub from: Vec<String>,
    /// What stands in rows that leave it blank, or in every row when the file has no such column.
    pub value: Option<String>,
}

impl TryFrom<&import_mapping::Model> for ColumnMapping {
    type Error = Error;

    fn try_from(row: &import_mapping::Model) -> Result<Self, Error> {
        let unreadable = |what: &dyn std::fmt::Display| {
            Error::Internal(format!(
                "the import mapping {} cannot be read: {what}",
                row.id
            ))
        };
        fn word<T: ValueEnum>(word: Option<&String>) -> Result<Option<T>, String> {
            word.map(|word| T::from_str(word, false)).transpose()
        }
        Ok(Self {
            name: row.name.clone(),
            format: row.format.parse().map_err(|error| unreadable(&error))?,
            source: row.source.clone(),
            columns: serde_json::from_str(&row.columns).map_err(|error| unreadable(&error))?,
            decimal: word(row.decimal.as_ref()).map_err(|error| unreadable(&error))?,
            dates: word(row.dates.as_ref()).map_err(|error| unreadable(&error))?,
        })
    }
}

impl ColumnMapping {
    /// What is wrong with its columns: the place of the column, unless it is all of them, and words.
    pub fn mistakes(&self) -> Vec<(Option<usize>, String)> {
        let mut mistakes = Vec::new();
        let shape = shape(self.format);
        let has = |name: &str| self.columns.iter().any(|column| column.to == name);
        if self.columns.len() > MOST_COLUMNS {
            let count = self.columns.len();
            mistakes.push((
                None,
                format!("{count} columns were given; up to {MOST_COLUMNS} are allowed"),
            ));
        }
        if let Some(group) = shape.lacks(true, has) {
            let names = group.join(" or ");
            mistakes.push((
                None,
                format!(
                    "{} needs {names}; known columns are {}",
                    self.format,
                    self.known()
                ),
            ));
        }
        let (mut targets, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (place, column) in self.columns.iter().enumerate() {
            let mut wrong = |text: String| mistakes.push((Some(place), text));
            if column.to.is_empty() || key(&column.to) != column.to {
                wrong(format!(
                    "'{}' is no name of a column: lower-case letters, digits and _ are allowed; known are {}",
                    column.to,
                    self.known()
                ));
            }
            if !targets.insert(&column.to) {
                wrong(format!("'{}' is there twice", column.to));
            }
            let value = column.value.as_deref().unwrap_or("");
            if column.from.is_empty() && value.trim().is_empty() {
                wrong(format!(
                    "'{}' needs a name in the file or a value",
                    column.to
                ));
            }
            if column.from.len() > MOST_NAMES {
                wrong(format!(
                    "'{}' has {} names; up to {MOST_NAMES} are allowed",
                    column.to,
                    column.from.len()
                ));
            }
            for name in column.from.iter().map(String::as_str).chain([value]) {
                let letters = name.chars().count();
                if letters > MOST_LETTERS {
                    wrong(format!(
                        "a text of {letters} characters was given; up to {MOST_LETTERS} are allowed"
                    ));
                }
            }
            for name in &column.from {
                if key(name).is_empty() {
                    wrong(format!(
                        "'{name}' has no letter or digit by which a column is found"
                    ));
                } else if !names.insert(key(name)) {
                    wrong(format!("the file's column '{name}' is taken twice"));
                }
            }
        }
        mistakes
    }

    /// Whether the format knows a column; any other is a breakdown.
    pub fn knows(&self, name: &str) -> bool {
        shape(self.format)
            .columns
            .iter()
            .any(|column| column.name == name)
    }

    fn known(&self) -> String {
        let columns = shape(self.format).columns.iter();
        columns
            .map(|column| column.name)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The columns that are taken.
    pub(super) fn plan(&self) -> Plan<'_> {
        let sources = self.columns.iter().map(|column| Source {
            to: &column.to,
            names: column
                .from
                .iter()
                .map(|name| Cow::Owned(key(name)))
                .collect(),
            how: &How::Cell,
            default: column.value.as_deref().unwrap_or(""),
        });
        Plan {
            title: &self.name,
            sources: sources.collect(),
            span: None,
        }
    }
}
