//! A row as a program gives it: values by column, each with the name that the program knows the column by. They are
//! texts, so that a format's rules for the cells of a file hold for them as they are.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use entity::values::RefEntity;
use rust_decimal::Decimal;
use sea_orm::ActiveEnum;

/// One row of a call.
#[derive(Debug, Default)]
pub struct Given {
    cells: Vec<Cell>,
    properties: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) struct Cell {
    pub column: &'static str,
    /// What the program calls the column.
    pub field: &'static str,
    pub value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    None,
    Text(String),
    /// What was given cannot be read; with the reason.
    Wrong(String),
    Named(RefEntity, Named),
}

/// What names a campaign, a channel or a customer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// Our id.
    Id(i64),
    /// A text that is nobody's id.
    Nobody,
    /// A system's name for it.
    External {
        /// The system.
        system: String,
        /// Its name.
        id: String,
    },
}

impl Given {
    /// The row with a value of a column; `field` is what the program calls it.
    pub fn with(
        mut self,
        column: &'static str,
        field: &'static str,
        value: impl Into<GivenText>,
    ) -> Self {
        let value = value.into().0;
        self.cells.push(Cell {
            column,
            field,
            value,
        });
        self
    }

    /// The row with a reference to something.
    pub fn naming(
        mut self,
        column: &'static str,
        field: &'static str,
        entity: RefEntity,
        named: Option<Named>,
    ) -> Self {
        let value = named.map_or(Value::None, |named| Value::Named(entity, named));
        self.cells.push(Cell {
            column,
            field,
            value,
        });
        self
    }

    /// The row with breakdowns that have no column.
    pub fn with_properties(mut self, properties: Vec<(String, String)>) -> Self {
        self.properties = properties;
        self
    }

    /// The text of a column; `None` when none was given.
    pub(in crate::import) fn text(&self, column: &str) -> Option<&str> {
        match &self.cell(column)?.value {
            Value::Text(text) => Some(text),
            Value::None | Value::Wrong(_) | Value::Named(..) => None,
        }
    }

    /// What the program calls a column.
    pub(in crate::import) fn field<'a>(&'a self, column: &'a str) -> &'a str {
        self.cell(column).map_or(column, |cell| cell.field)
    }

    /// The breakdowns.
    pub(in crate::import) fn properties(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.properties.iter();
        pairs.map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// All that it says in one text, the same whatever else a later version of the service may ask.
    pub(super) fn canonical(&self) -> String {
        let said = self.cells.iter().filter_map(|cell| match &cell.value {
            Value::None => None,
            value => Some((cell.field, value)),
        });
        format!("{:?} {:?}", said.collect::<Vec<_>>(), self.properties)
    }

    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn cells_mut(&mut self) -> &mut [Cell] {
        &mut self.cells
    }

    fn cell(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column == column)
    }
}

/// The text of a value, if there is one.
pub struct GivenText(Value);

impl<T> From<Option<T>> for GivenText
where
    GivenText: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Value::None), Self::from)
    }
}

impl From<String> for GivenText {
    fn from(text: String) -> Self {
        Self(Value::Text(text))
    }
}

impl From<Decimal> for GivenText {
    fn from(number: Decimal) -> Self {
        Self(Value::Text(number.to_string()))
    }
}

impl From<i64> for GivenText {
    fn from(number: i64) -> Self {
        Self(Value::Text(number.to_string()))
    }
}

impl From<bool> for GivenText {
    fn from(flag: bool) -> Self {
        Self(Value::Text(flag.to_string()))
    }
}

impl From<NaiveDate> for GivenText {
    fn from(day: NaiveDate) -> Self {
        Self(Value::Text(day.to_string()))
    }
}

impl From<DateTime<Utc>> for GivenText {
    fn from(at: DateTime<Utc>) -> Self {
        Self(Value::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
    }
}

impl GivenText {
    /// A value of one of the database's enumerations.
    pub fn choice<T: ActiveEnum<Value = String>>(value: Option<T>) -> Self {
        value.map(|value| value.to_value()).into()
    }

    /// What cannot be read, with the reason: the row is refused.
    pub fn wrong(reason: String) -> Self {
        Self(Value::Wrong(reason))
    }
}
