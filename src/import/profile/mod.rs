//! What vendors' files look like: each profile is one entry that maps a layout's columns to those of a format.
//!
//! A new layout needs one entry in one of the lists below and nothing else.

mod ads;
mod beside;
mod connectors;
mod connectors_crm;
mod crm;
mod plan;
mod sites;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use csv::StringRecord;
use iso_currency::Currency;

pub(super) use self::{
    beside::beside,
    plan::{Plan, Source},
};
use super::{Format, header::key};

/// A vendor's layout.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name that the command line uses.
    pub name: &'static str,
    /// What the file is, for people.
    pub title: &'static str,
    /// What its rows are.
    pub format: Format,
    /// The source of files for which none is named.
    pub source: &'static str,
    /// Columns by which the layout is recognised: of each group one must be there.
    pub(super) signs: &'static [&'static [&'static str]],
    /// The columns that are taken. All others are left out, because vendors deliver ratios and hundreds of figures.
    pub(super) columns: &'static [Take],
    /// The columns of the first and the last day of a row that covers several.
    pub(super) span: Option<[&'static [&'static str]; 2]>,
}

/// A column that is taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Take {
    /// The format's column, or the name of a breakdown.
    pub to: &'static str,
    /// Its names in the file, in lower snake case, the likelier first.
    pub names: &'static [&'static str],
    /// How it is read.
    pub how: How,
    /// What stands in rows that leave it blank.
    pub default: &'static str,
}

/// How cells become a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum How {
    /// As it is.
    Cell,
    /// The first of several that a semicolon parts.
    First,
    /// A millionth of it.
    Micros,
    /// The sum of all the columns named.
    Sum,
    /// All the columns named, with blanks between.
    Joined,
    /// What the cell stands for.
    Values(Values),
    /// What all the columns named stand for, with blanks between.
    JoinedValues(Values),
}

/// What texts in lower case stand for, and what stands for every other text; without that it stays as it is.
type Values = (
    &'static [(&'static str, &'static str)],
    Option<&'static str>,
);

/// Takes a column as it is.
const fn take(to: &'static str, names: &'static [&'static str]) -> Take {
    Take {
        to,
        names,
        how: How::Cell,
        default: "",
    }
}

/// Gives every row a value.
const fn always(to: &'static str, value: &'static str) -> Take {
    Take {
        default: value,
        ..take(to, &[])
    }
}

impl Take {
    const fn how(mut self, how: How) -> Self {
        self.how = how;
        self
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }
}

/// Every profile, by name.
static ALL: LazyLock<Vec<&'static Profile>> = LazyLock::new(|| {
    let lists = [
        ads::ALL,
        sites::ALL,
        crm::ALL,
        connectors::ALL,
        connectors_crm::ALL,
    ];
    let mut all: Vec<_> = lists.into_iter().flatten().collect();
    all.sort_by_key(|profile| profile.name);
    all
});

impl Profile {
    /// Every profile, by name.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        ALL.iter().copied()
    }

    /// The profile of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|profile| profile.name == name)
    }

    /// The group of columns by which the layout is recognised, of which a header has none; `None` when it has all.
    pub(super) fn lacks(&self, names: &[ColumnName]) -> Option<&'static [&'static str]> {
        let mut groups = self.signs.iter().copied();
        groups.find(|group| find(names, group).is_none())
    }
}

/// A column's name in a file.
pub(super) struct ColumnName {
    /// In lower snake case, without a currency.
    key: String,
    /// The currency that the name says its amounts are in, as in `Amount spent (USD)`.
    pub currency: Option<Currency>,
}

/// The names that a row would give to columns.
pub(super) fn column_names(record: &StringRecord) -> Vec<ColumnName> {
    let name = |text: &str| {
        let open = text
            .trim_end()
            .strip_suffix(')')
            .and_then(|t| t.rsplit_once('('));
        let currency = open.and_then(|(_, code)| Currency::from_code(code));
        ColumnName {
            key: key(match (open, currency) {
                (Some((name, _)), Some(_)) => name,
                _ => text,
            }),
            currency,
        }
    };
    record.iter().map(name).collect()
}

/// The place of the first of these names that a file has.
pub(super) fn find<N: AsRef<str>>(names: &[ColumnName], wanted: &[N]) -> Option<usize> {
    let place = |wanted: &N| names.iter().position(|name| name.key == wanted.as_ref());
    wanted.iter().find_map(place)
}
