//! Columns: which of a file's columns a format knows, which it cannot do without, and which are breakdowns.

use std::collections::HashSet;

use csv::StringRecord;

use super::{error::ImportError, own};

/// What the text of a column's cells stands for, so that a vendor's way to write it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// A text, as it is.
    Text,
    /// A whole number.
    Count,
    /// An amount of money or another number.
    Amount,
    /// A day.
    Day,
    /// An instant.
    Time,
}

/// A column that a format knows.
pub(super) struct Column {
    /// Its name, in lower snake case.
    pub name: &'static str,
    /// Other names for it, the likelier first.
    pub aliases: &'static [&'static str],
    /// What its cells hold.
    pub content: Content,
}

macro_rules! columns {
    ($($what:literal $name:ident: $content:ident),+ $(,)?) => {
        $(
            #[doc = concat!("A known column of ", $what, ".")]
            pub(super) const fn $name(
                name: &'static str,
                aliases: &'static [&'static str],
            ) -> Column {
                Column { name, aliases, content: Content::$content }
            }
        )+
    };
}

columns!(
    "texts" column: Text,
    "whole numbers" count: Count,
    "amounts or other numbers" amount: Amount,
    "days" day: Day,
    "instants" time: Time,
);

/// The columns of a format.
pub(super) struct Shape {
    /// Those it knows; all others are breakdowns.
    pub columns: &'static [Column],
    /// Of each group at least one must be there.
    pub required: &'static [&'static [&'static str]],
    /// The column that dates a row; it may be missing when the import names a day.
    pub dated_by: &'static str,
}

impl Shape {
    /// Whether one of these names is a column's, its own or another.
    pub fn has(&self, name: &str, keys: &[String]) -> bool {
        let known = self.columns.iter().find(|column| column.name == name);
        known.is_some_and(|column| {
            let mut names = std::iter::once(&column.name).chain(column.aliases);
            names.any(|name| keys.iter().any(|key| key == name))
        })
    }

    /// The first group of columns of which there is none, the day excused when the import names one.
    pub fn lacks(
        &self,
        dated: bool,
        has: impl Fn(&str) -> bool,
    ) -> Option<&'static [&'static str]> {
        let excused = |group: &[&str]| dated && group.contains(&self.dated_by);
        let mut groups = self.required.iter().copied();
        groups.find(|group| !excused(group) && !group.iter().any(|name| has(name)))
    }
}

/// The most columns of a file.
const MOST_COLUMNS: usize = 1_000;

/// A field of every row, as the format is given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The column's name in the file, for people.
    pub shown: String,
    /// The name by which the format or a breakdown knows it.
    pub key: String,
    /// The column of the file from which it comes, if it comes from one.
    pub raw: Option<usize>,
}

/// A file's header, matched with the format's columns.
pub(super) struct Header {
    shape: &'static Shape,
    fields: Vec<Field>,
    /// The place of each known column.
    places: Vec<Option<usize>>,
    /// Breakdown keys and their places.
    extras: Vec<(String, usize)>,
}

impl Header {
    /// Matches the columns of a file with a format. `dated` when the import names a day.
    pub fn new(
        shape: &'static Shape,
        line: u64,
        record: &StringRecord,
        dated: bool,
    ) -> Result<Self, ImportError> {
        let fields: Vec<Field> = record
            .iter()
            .enumerate()
            .map(|(place, name)| Field {
                shown: name.trim().to_owned(),
                key: match key(name) {
                    key if key.is_empty() => format!("column_{}", place + 1),
                    key => key,
                },
                raw: Some(place),
            })
            .collect();
        let header = Self::of(shape, line, fields, true)?;
        header.check(line, dated)?;
        Ok(header)
    }

    /// The header of these fields; `aliases` when a field may have another name than the format's own.
    pub fn of(
        shape: &'static Shape,
        line: u64,
        fields: Vec<Field>,
        aliases: bool,
    ) -> Result<Self, ImportError> {
        let refuse = |reason| ImportError::Header { line, reason };
        if fields.len() > MOST_COLUMNS {
            return Err(refuse(format!(
                "it has {} columns; up to {MOST_COLUMNS} are allowed",
                fields.len()
            )));
        }
        let mut seen = HashSet::new();
        if let Some(again) = fields.iter().find(|field| !seen.insert(&field.key)) {
            return Err(refuse(format!(
                "the column '{}' is there twice",
                again.shown
            )));
        }
        let place_of = |column: &Column| {
            std::iter::once(&column.name)
                .chain(column.aliases.iter().filter(|_| aliases))
                .find_map(|name| fields.iter().position(|field| field.key == *name))
        };
        let places: Vec<Option<usize>> = shape.columns.iter().map(place_of).collect();
        let extras = fields
            .iter()
            .enumerate()
            .filter(|(place, field)| {
                !places.contains(&Some(*place)) && !own::is_passed_over(&field.key)
            })
            .map(|(place, field)| (field.key.clone(), place))
            .collect();
        Ok(Self {
            shape,
            fields,
            places,
            extras,
        })
    }

    fn check(&self, line: u64, dated: bool) -> Result<(), ImportError> {
        let Some(group) = self.shape.lacks(dated, |name| self.place(name).is_some()) else {
            return Ok(());
        };
        let found: Vec<&str> = self.fields.iter().map(|field| &*field.shown).collect();
        Err(ImportError::Header {
            line,
            reason: format!(
                "the column {} is missing; the file has {}",
                group.join(" or "),
                found.join(", "),
            ),
        })
    }

    /// The fields of every row.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What the cells at a place hold; texts where the format does not know the column.
    pub fn content(&self, place: usize) -> Content {
        let known = self.places.iter().position(|at| *at == Some(place));
        known.map_or(Content::Text, |known| self.shape.columns[known].content)
    }

    /// The format's name of a column that the file names by another, or of one at a place.
    pub fn known_as(&self, place: usize) -> Option<&'static str> {
        let known = self.places.iter().position(|at| *at == Some(place))?;
        Some(self.shape.columns[known].name)
    }

    /// Where the file has a column of the format.
    pub fn place(&self, name: &str) -> Option<usize> {
        let known = self.shape.columns.iter().any(|c| c.name == name);
        debug_assert!(known, "the format does not list {name}");
        self.place_if_known(name)
    }

    /// The place of a column that the format may or may not have.
    pub fn place_if_known(&self, name: &str) -> Option<usize> {
        let known = self.shape.columns.iter().position(|c| c.name == name);
        known.and_then(|known| self.places[known])
    }

    /// What the file calls a column of the format.
    pub fn name_in_file<'a>(&'a self, name: &'a str) -> &'a str {
        self.place(name)
            .map_or(name, |place| &self.fields[place].shown)
    }

    /// The keys of the breakdowns with their places.
    pub fn extras(&self) -> &[(String, usize)] {
        &self.extras
    }
}

/// A column's name in lower snake case, of letters and digits alone.
pub(super) fn key(name: &str) -> String {
    name.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        columns: &[
            day("date", &["day"]),
            amount("spend", &["cost"]),
            count("clicks", &[]),
        ],
        required: &[&["date"], &["spend", "clicks"]],
        dated_by: "date",
    };

    fn header(names: &[&str], dated: bool) -> Result<Header, String> {
        static STATIC: Shape = SHAPE;
        Header::new(&STATIC, 1, &StringRecord::from(names.to_vec()), dated)
            .map_err(|e| e.to_string())
    }

    #[test]
    fn names_are_found_in_any_case_and_by_alias() {
        let header = header(&["Ad Set (\"x\")", " DAY ", "Cost", "spend", ""], false).unwrap();
        assert_eq!(header.place("date"), Some(1));
        assert_eq!(header.place("spend"), Some(3));
        assert_eq!(header.place("clicks"), None);
        assert_eq!(header.name_in_file("date"), "DAY");
        let extras: Vec<&str> = header.extras().iter().map(|(key, _)| &**key).collect();
        assert_eq!(extras, ["ad_set_x", "cost", "column_5"]);
    }

    #[test]
    fn a_missing_column_is_named_with_those_there_are() {
        let error = header(&["date", "foo"], false).err().unwrap();
        assert!(error.contains("spend or clicks is missing; the file has date, foo"));
        assert!(header(&["clicks"], false).is_err());
        assert!(header(&["clicks"], true).is_ok());
    }

    #[test]
    fn a_column_that_is_there_twice_refuses_the_file() {
        let error = header(&["date", "clicks", "Date"], false).err().unwrap();
        assert!(error.contains("'Date' is there twice"));
    }
}
