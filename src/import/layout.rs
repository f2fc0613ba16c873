//! Which layout a file has: one that is named, or the one that its header shows.

use std::{fmt, str::FromStr, sync::Arc};

use clap::ValueEnum;
use csv::StringRecord;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    columns::ColumnMapping,
    error::ImportError,
    format::Format,
    header::{Shape, key},
    profile::{ColumnName, Plan, Profile, beside, column_names, find as find_column},
    table::Opened,
};
use crate::{error::Error, store::TeamStore};

/// A layout of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A format of this program.
    Format(Format),
    /// A vendor's.
    Profile(&'static Profile),
    /// One that the team saved.
    Mapping(Arc<ColumnMapping>),
}

impl Layout {
    /// The mapping of this name that the team has saved.
    pub async fn saved(team: &TeamStore, name: &str) -> Result<Self, Error> {
        let Some(row) = team.import_mapping_named(name).await? else {
            let all = team.import_mappings().await?;
            let names: Vec<&str> = all.iter().map(|row| &*row.name).collect();
            let known = match names.is_empty() {
                true => "the team has saved none".to_owned(),
                false => format!("the team has {}", names.join(", ")),
            };
            return Err(Error::invalid("mapping", name, &known));
        };
        Ok(Self::Mapping(Arc::new((&row).try_into()?)))
    }

    /// What the rows are.
    pub fn format(&self) -> Format {
        match self {
            Self::Format(format) => *format,
            Self::Profile(profile) => profile.format,
            Self::Mapping(mapping) => mapping.format,
        }
    }

    /// The source of files for which none is named, if the layout says so.
    pub fn source(&self) -> Option<&str> {
        match self {
            Self::Format(_) => None,
            Self::Profile(profile) => Some(profile.source),
            Self::Mapping(mapping) => Some(&mapping.source),
        }
    }

    /// The mapping that the team saved, if it is one.
    pub fn mapping(&self) -> Option<&ColumnMapping> {
        match self {
            Self::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The columns that are taken; `None` where every column is.
    pub(super) fn plan(&self) -> Option<Plan<'_>> {
        match self {
            Self::Format(_) => None,
            Self::Profile(profile) => Some(profile.plan()),
            Self::Mapping(mapping) => Some(mapping.plan()),
        }
    }
}

impl From<Format> for Layout {
    fn from(format: Format) -> Self {
        Self::Format(format)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(format) => format.fmt(f),
            Self::Profile(profile) => f.write_str(profile.name),
            Self::Mapping(mapping) => f.write_str(&mapping.name),
        }
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let format = name.parse::<Format>().map(Self::Format);
        format.or_else(|_| {
            Profile::named(name)
                .map(Self::Profile)
                .ok_or_else(|| format!("there is no layout '{name}'; there are {}", known()))
        })
    }
}

/// A layout as imports that wait are stored: a mapping as it was when the import was asked for.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Name(String),
    Mapping(ColumnMapping),
}

impl Serialize for Layout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = match self {
            Self::Mapping(mapping) => Stored::Mapping((**mapping).clone()),
            named => Stored::Name(named.to_string()),
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Layout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Stored::deserialize(deserializer)? {
            Stored::Name(name) => name.parse().map_err(de::Error::custom),
            Stored::Mapping(mapping) => Ok(Self::Mapping(Arc::new(mapping))),
        }
    }
}

/// A layout, and which of the first rows is the header.
pub(super) struct Found {
    pub layout: Layout,
    pub row: usize,
}

/// Finds the header of a named layout; without a name the layout, too. `shape` gives the columns of a format.
pub(super) fn find(
    file: &Opened<'_>,
    named: Option<Layout>,
    dated: bool,
    shape: impl Fn(Format) -> &'static Shape,
) -> Result<Found, ImportError> {
    let Some(layout) = named else {
        return recognise(file, shape);
    };
    let shape = shape(layout.format());
    let row = match layout.plan() {
        None => of_format(file, shape, dated),
        Some(plan) => of_plan(file, &plan, shape)?,
    };
    Ok(Found { layout, row })
}

/// The first row that has the columns of a format; the row that has most of them when none has all.
fn of_format(file: &Opened<'_>, shape: &Shape, dated: bool) -> usize {
    let mut best = (0, 0);
    for (row, (_, record)) in file.first_rows().enumerate() {
        let keys: Vec<String> = record.iter().map(key).collect();
        if shape.lacks(dated, |name| shape.has(name, &keys)).is_none() {
            return row;
        }
        let known = shape
            .columns
            .iter()
            .filter(|column| shape.has(column.name, &keys))
            .count();
        if known > best.1 {
            best = (row, known);
        }
    }
    best.0
}

/// The first row that has the columns which a layout takes and its format cannot do without.
fn of_plan(file: &Opened<'_>, plan: &Plan<'_>, shape: &Shape) -> Result<usize, ImportError> {
    let lacks = |record| plan.starves(shape, &column_names(record));
    let mut rows = file.first_rows().enumerate();
    let fitting = rows.find(|(_, (_, record))| lacks(record).is_none());
    if let Some((row, _)) = fitting {
        return Ok(row);
    }
    let (line, record) = widest(file)?;
    Err(ImportError::Header {
        line,
        reason: format!(
            "this is not {}: the column {} is missing; the file has {}",
            plan.title,
            lacks(record).unwrap_or_default().join(" or "),
            shown(record),
        ),
    })
}

/// The layout that the first rows show: a vendor's by the most columns that only it has, else a format by its own names
/// of the columns that it needs.
fn recognise(
    file: &Opened<'_>,
    shape: impl Fn(Format) -> &'static Shape,
) -> Result<Found, ImportError> {
    for (row, (line, record)) in file.first_rows().enumerate() {
        let names = column_names(record);
        let fitting = Profile::all().filter(|profile| profile.lacks(&names).is_none());
        let vendors = fitting.map(|profile| (Layout::Profile(profile), profile.signs.len()));
        let mut found = most(vendors);
        if let Some(title) = beside(&names).filter(|_| found.is_empty() || former(&names)) {
            return Err(ImportError::Layout(format!(
                "line {line}: these are {title}: there is nothing in them to import"
            )));
        }
        if found.is_empty() {
            let keys: Vec<String> = record.iter().map(key).collect();
            let has = |name: &str| keys.iter().any(|key| key == name);
            let own = Format::value_variants().iter().filter_map(|format| {
                let shape = shape(*format);
                let known = shape
                    .columns
                    .iter()
                    .filter(|column| has(column.name))
                    .count();
                shape
                    .lacks(false, has)
                    .is_none()
                    .then(|| ((*format).into(), known))
            });
            found = most(own);
        }
        match found[..] {
            [] => {}
            [_] => {
                let layout = found.remove(0);
                return Ok(Found { layout, row });
            }
            _ => {
                let names: Vec<String> = found.iter().map(Layout::to_string).collect();
                return Err(ImportError::Layout(format!(
                    "the file may be {}: say which by --format or --profile; it has {}",
                    names.join(" or "),
                    shown(record),
                )));
            }
        }
    }
    let (line, record) = widest(file)?;
    Err(ImportError::Layout(format!(
        "the layout is not known: line {line} has {}; known are {}. --format or --profile names one",
        shown(record),
        known(),
    )))
}

/// Whether a table keeps former versions of its rows, which are no facts of now.
fn former(names: &[ColumnName]) -> bool {
    find_column(names, &["fivetran_start"]).is_some()
}

/// Those with the highest count.
fn most(found: impl Iterator<Item = (Layout, usize)>) -> Vec<Layout> {
    let found: Vec<_> = found.collect();
    let highest = found.iter().map(|(_, count)| *count).max();
    let best = found
        .into_iter()
        .filter(|(_, count)| Some(*count) == highest);
    best.map(|(layout, _)| layout).collect()
}

/// The row that most looks like a header.
fn widest<'f>(file: &'f Opened<'_>) -> Result<(u64, &'f StringRecord), ImportError> {
    let mut rows: Vec<_> = file.first_rows().collect();
    rows.reverse();
    let widest = rows.into_iter().max_by_key(|(_, record)| record.len());
    widest.ok_or(ImportError::Empty)
}

fn shown(record: &StringRecord) -> String {
    let names: Vec<&str> = record.iter().map(str::trim).collect();
    let text = names.join(", ");
    match text.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The names of all layouts.
fn known() -> String {
    let formats = Format::value_variants().iter().map(Format::to_string);
    let profiles = Profile::all().map(|profile| profile.name.to_owned());
    formats.chain(profiles).collect::<Vec<_>>().join(", ")
}
