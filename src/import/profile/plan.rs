//! Which columns of a file make which fields, whoever says so: a vendor's profile or a team's own mapping.

use std::borrow::Cow;

use super::{ColumnName, How, Profile, find};
use crate::import::header::Shape;

/// The columns that are taken from files of a layout.
pub(in crate::import) struct Plan<'a> {
    /// What the file is, for people.
    pub title: &'a str,
    pub sources: Vec<Source<'a>>,
    /// The columns of the first and the last day of a row that covers several.
    pub span: Option<[&'a [&'a str]; 2]>,
}

/// Where a field comes from.
pub(in crate::import) struct Source<'a> {
    /// The format's column, or the name of a breakdown.
    pub to: &'a str,
    /// The column's names in the file, in lower snake case, the likelier first.
    pub names: Vec<Cow<'a, str>>,
    /// How it is read.
    pub how: &'static How,
    /// What stands in rows that leave it blank.
    pub default: &'a str,
}

impl<'a> Plan<'a> {
    /// Where the field of this name comes from.
    pub fn of(&self, to: &str) -> Option<&Source<'a>> {
        self.sources.iter().find(|source| source.to == to)
    }

    /// Other names of the columns that the format needs and a header lacks; `None` when it has all. The day may stand
    /// elsewhere.
    pub fn starves(&self, shape: &Shape, names: &[ColumnName]) -> Option<Vec<&str>> {
        let has = |source: &Source<'_>| {
            !source.default.is_empty() || find(names, &source.names).is_some()
        };
        let group = shape.lacks(true, |to| self.of(to).is_some_and(has))?;
        let sources = group.iter().filter_map(|to| self.of(to));
        Some(
            sources
                .flat_map(|source| source.names.iter().map(|name| &**name))
                .collect(),
        )
    }
}

impl Profile {
    /// The columns that are taken from files of the vendor.
    pub(in crate::import) fn plan(&'static self) -> Plan<'static> {
        let sources = self.columns.iter().map(|take| Source {
            to: take.to,
            names: take.names.iter().map(|name| Cow::Borrowed(*name)).collect(),
            how: &take.how,
            default: take.default,
        });
        Plan {
            title: self.title,
            sources: sources.collect(),
            span: self.span,
        }
    }
}
