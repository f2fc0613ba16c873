//! Columns: which of a file's columns a format knows, which it cannot do without, and which are breakdowns.

use csv::StringRecord;

use super::error::ImportError;

/// A column that a format knows.
pub(super) struct Column {
    /// Its name, in lower snake case.
    pub name: &'static str,
    /// Other names for it, the likelier first.
    pub aliases: &'static [&'static str],
}

/// A known column.
pub(super) const fn column(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, aliases }
}

/// The columns of a format.
pub(super) struct Shape {
    /// Those it knows; all others are breakdowns.
    pub columns: &'static [Column],
    /// Of each group at least one must be there.
    pub required: &'static [&'static [&'static str]],
    /// The column that dates a row; it may be missing when the import names a day.
    pub dated_by: &'static str,
}

/// The most columns of a file.
const MOST_COLUMNS: usize = 1_000;

/// A file's header, matched with the format's columns.
pub(super) struct Header {
    shape: &'static Shape,
    found: Vec<String>,
    /// The place in the file of each known column.
    places: Vec<Option<usize>>,
    /// Breakdown keys and their places.
    extras: Vec<(String, usize)>,
}

impl Header {
    /// Matches a header with a format.
    pub fn new(
        shape: &'static Shape,
        record: &StringRecord,
        dated: bool,
    ) -> Result<Self, ImportError> {
        let found: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
        if found.len() > MOST_COLUMNS {
            return Err(ImportError::Header(format!(
                "it has {} columns; up to {MOST_COLUMNS} are allowed",
                found.len()
            )));
        }
        let keys: Vec<String> = found
            .iter()
            .enumerate()
            .map(|(place, name)| match key(name) {
                key if key.is_empty() => format!("column_{}", place + 1),
                key => key,
            })
            .collect();
        for (place, key) in keys.iter().enumerate() {
            if keys[..place].contains(key) {
                return Err(ImportError::Header(format!(
                    "the column '{}' is there twice",
                    found[place]
                )));
            }
        }
        let place_of = |column: &Column| {
            std::iter::once(&column.name)
                .chain(column.aliases)
                .find_map(|name| keys.iter().position(|key| key == name))
        };
        let places: Vec<Option<usize>> = shape.columns.iter().map(place_of).collect();
        let extras = keys
            .into_iter()
            .enumerate()
            .filter(|(place, _)| !places.contains(&Some(*place)))
            .map(|(place, key)| (key, place))
            .collect();
        let header = Self {
            shape,
            found,
            places,
            extras,
        };
        header.check(dated)?;
        Ok(header)
    }

    fn check(&self, dated: bool) -> Result<(), ImportError> {
        for group in self.shape.required {
            let excused = dated && group.contains(&self.shape.dated_by);
            if !excused && group.iter().all(|name| self.place(name).is_none()) {
                return Err(ImportError::Header(format!(
                    "the column {} is missing; the file has {}",
                    group.join(" or "),
                    self.found.join(", "),
                )));
            }
        }
        Ok(())
    }

    /// How many fields each row must have.
    pub fn width(&self) -> usize {
        self.found.len()
    }

    /// Where the file has a column of the format.
    pub fn place(&self, name: &str) -> Option<usize> {
        let known = self.shape.columns.iter().position(|c| c.name == name);
        debug_assert!(known.is_some(), "the format does not list {name}");
        known.and_then(|known| self.places[known])
    }

    /// What the file calls a column of the format.
    pub fn name_in_file<'a>(&'a self, name: &'a str) -> &'a str {
        self.place(name).map_or(name, |place| &self.found[place])
    }

    /// The keys of the breakdowns with their places.
    pub fn extras(&self) -> &[(String, usize)] {
        &self.extras
    }
}

/// A column's name in lower snake case, of letters and digits alone.
fn key(name: &str) -> String {
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
            column("date", &["day"]),
            column("spend", &["cost"]),
            column("clicks", &[]),
        ],
        required: &[&["date"], &["spend", "clicks"]],
        dated_by: "date",
    };

    fn header(names: &[&str], dated: bool) -> Result<Header, String> {
        static STATIC: Shape = SHAPE;
        Header::new(&STATIC, &StringRecord::from(names.to_vec()), dated).map_err(|e| e.to_string())
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
