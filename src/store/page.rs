//! Pages by key: written once for every list.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use entity::TeamOwned;
use sea_orm::sea_query::{Cond, ExprTrait, Order, SimpleExpr};
use serde::{Deserialize, Serialize};

use super::Scoped;
use crate::error::{Error, Result};

/// The most rows of one page.
const MOST: u32 = 100;
/// The rows of a page when no number is asked.
const DEFAULT: u32 = 20;

/// A place in an ordered list: the sort value of a row, and its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageCursor {
    /// The value that the list is ordered by.
    #[serde(rename = "s")]
    pub sort: SortValue,
    /// The id of the row.
    #[serde(rename = "i")]
    pub id: i64,
    /// The list that it is a place of.
    #[serde(rename = "l", default)]
    pub list: String,
}

impl PageCursor {
    /// The place of a row in the list of its table.
    pub fn new(sort: SortValue, id: i64) -> Self {
        Self {
            sort,
            id,
            list: String::new(),
        }
    }
}

/// A value that lists are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortValue {
    /// Nothing but the id.
    Id,
    /// A day.
    Day(NaiveDate),
    /// A text.
    Text(String),
}

impl PageCursor {
    /// The cursor as clients see it.
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Whether it is a place of this list in an order by such values.
    fn fits(&self, list: &str, kind: &SortValue) -> bool {
        let value = match (&self.sort, kind) {
            (SortValue::Id, SortValue::Id) => true,
            // Both databases know these days.
            (SortValue::Day(day), SortValue::Day(_)) => (1..=2200).contains(&day.year()),
            (SortValue::Text(text), SortValue::Text(_)) => !text.contains('\0'),
            _ => false,
        };
        value && self.list == list
    }

    /// Reads a cursor that a client sent back.
    pub fn decode(field: &str, text: &str) -> Result<Self> {
        BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .filter(|cursor: &Self| cursor.encode() == text)
            .ok_or_else(|| {
                Error::invalid(
                    field,
                    shortened(text),
                    "a cursor that an earlier answer gave is needed",
                )
            })
    }
}

/// At most 60 characters of what a client sent, for error texts.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The `first`/`after`/`last`/`before` of a connection, checked.
#[derive(Clone, Debug)]
pub struct PageAsk {
    /// How many rows.
    pub size: u32,
    /// Whether the page is the end of what lies before the cursor.
    pub backward: bool,
    after: Option<String>,
    before: Option<String>,
}

impl PageAsk {
    /// Checks the arguments: `first` and `last` are 1 to 100, not both; 20 first rows when neither is given.
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self> {
        Self::within(MOST, DEFAULT, first, after, last, before)
    }

    /// Checks the arguments against other bounds than the usual ones.
    pub fn within(
        most: u32,
        default: u32,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self> {
        let size = |field: &str, asked: i32| match u32::try_from(asked) {
            Ok(size) if (1..=most).contains(&size) => Ok(size),
            _ => Err(Error::Limit(format!(
                "{field}: {asked} is not allowed; a page has 1 to {most} rows"
            ))),
        };
        let (size, backward) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::BadInput(
                    "first and last: only one of them can be given".into(),
                ));
            }
            (None, Some(last)) => (size("last", last)?, true),
            (first, None) => (
                first.map_or(Ok(default), |first| size("first", first))?,
                false,
            ),
        };
        Ok(Self {
            size,
            backward,
            after,
            before,
        })
    }

    /// The place after which rows are asked.
    pub fn after(&self) -> Result<Option<PageCursor>> {
        self.after
            .as_deref()
            .map(|text| PageCursor::decode("after", text))
            .transpose()
    }

    /// The place before which rows are asked.
    pub fn before(&self) -> Result<Option<PageCursor>> {
        self.before
            .as_deref()
            .map(|text| PageCursor::decode("before", text))
            .transpose()
    }

    /// The raw `after`, for lists that have cursors of their own.
    pub fn after_text(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The raw `before`, for lists that have cursors of their own.
    pub fn before_text(&self) -> Option<&str> {
        self.before.as_deref()
    }
}

/// A part of an ordered list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows with their cursors, in the order of the list.
    pub rows: Vec<(String, T)>,
    /// Whether the list goes on after them.
    pub has_next: bool,
    /// Whether the list has rows before them.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// The page with its rows made into something else.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Page<U> {
        let rows = self
            .rows
            .into_iter()
            .map(|(cursor, row)| (cursor, change(row)))
            .collect();
        Page {
            rows,
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }

    /// Cuts a page out of a list that is wholly in memory; `cursor` must be unique to the row.
    pub fn of_list(list: Vec<T>, ask: &PageAsk, cursor: impl Fn(&T) -> String) -> Result<Self> {
        let place = |field: &str, text: Option<&str>| match text {
            None => Ok(None),
            Some(text) => list
                .iter()
                .position(|row| cursor(row) == text)
                .map(Some)
                .ok_or_else(|| {
                    Error::invalid(
                        field,
                        shortened(text),
                        "a cursor of this very query is needed",
                    )
                }),
        };
        let start = place("after", ask.after_text())?.map_or(0, |place| place + 1);
        let end = place("before", ask.before_text())?
            .unwrap_or(list.len())
            .max(start);
        let size = ask.size as usize;
        let (from, to) = if ask.backward {
            (end.saturating_sub(size).max(start), end)
        } else {
            (start, end.min(start + size))
        };
        let total = list.len();
        let rows = list
            .into_iter()
            .skip(from)
            .take(to - from)
            .map(|row| (cursor(&row), row))
            .collect();
        Ok(Self {
            rows,
            has_next: to < total,
            has_previous: from > 0,
        })
    }
}

/// How a list is ordered. The id breaks ties, so that the order is always the same.
pub(super) struct Sort<M> {
    /// The expression ordered by, never null; `None` orders by id alone.
    pub expr: Option<SimpleExpr>,
    pub id: SimpleExpr,
    pub descending: bool,
    /// What cursors of this order hold; its value means nothing.
    pub kind: SortValue,
    pub cursor: fn(&M) -> PageCursor,
}

impl<E> Scoped<'_, E>
where
    E: TeamOwned,
{
    /// Reads one page by key, and one row more to know whether the list goes on.
    pub(super) async fn page(
        mut self,
        ask: &PageAsk,
        sort: Sort<E::Model>,
    ) -> Result<Page<E::Model>> {
        let entity = E::default();
        let list = entity.table_name();
        let (after, before) = (ask.after()?, ask.before()?);
        let bounded = if ask.backward {
            after.is_some()
        } else {
            before.is_some()
        };
        for (field, cursor, behind) in [("after", &after, true), ("before", &before, false)] {
            if let Some(cursor) = cursor {
                if !cursor.fits(list, &sort.kind) {
                    let text = shortened(&cursor.encode());
                    return Err(Error::invalid(
                        field,
                        text,
                        "a cursor of a list in the same order is needed",
                    ));
                }
                self = self.filter(sort.beyond(cursor, behind != sort.descending));
            }
        }
        let order = if ask.backward == sort.descending {
            Order::Asc
        } else {
            Order::Desc
        };
        if let Some(expr) = &sort.expr {
            self = self.order_by(expr.clone(), order.clone());
        }
        let mut rows = self
            .order_by(sort.id.clone(), order)
            .limit(u64::from(ask.size) + 1)
            .all()
            .await?;
        let more = rows.len() > ask.size as usize;
        rows.truncate(ask.size as usize);
        if ask.backward {
            rows.reverse();
        }
        let (has_next, has_previous) = if ask.backward {
            (before.is_some(), more || bounded)
        } else {
            (more || bounded, after.is_some())
        };
        let rows = rows
            .into_iter()
            .map(|row| {
                let cursor = PageCursor {
                    list: list.to_owned(),
                    ..(sort.cursor)(&row)
                };
                (cursor.encode(), row)
            })
            .collect();
        Ok(Page {
            rows,
            has_next,
            has_previous,
        })
    }
}

impl<M> Sort<M> {
    /// Rows strictly beyond the cursor: greater ones, or lesser ones.
    fn beyond(&self, cursor: &PageCursor, greater: bool) -> Cond {
        let past = |expr: SimpleExpr, value: sea_orm::Value| {
            if greater {
                expr.gt(value)
            } else {
                expr.lt(value)
            }
        };
        let by_id = past(self.id.clone(), cursor.id.into());
        let value: Option<sea_orm::Value> = match &cursor.sort {
            SortValue::Id => None,
            SortValue::Day(day) => Some((*day).into()),
            SortValue::Text(text) => Some(text.clone().into()),
        };
        match (&self.expr, value) {
            (Some(expr), Some(value)) => Cond::any()
                .add(past(expr.clone(), value.clone()))
                .add(Cond::all().add(expr.clone().eq(value)).add(by_id)),
            _ => Cond::any().add(by_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let cursor = PageCursor {
            list: "orders".to_owned(),
            ..PageCursor::new(SortValue::Text("a\"b".to_owned()), 7)
        };
        let text = cursor.encode();
        assert_eq!(PageCursor::decode("after", &text).unwrap(), cursor);
        for wrong in [
            r#"{"i":7,"s":"Id","l":"orders"}"#,
            r#"{"s":"Id","i":7,"l":"orders" }"#,
            r#"{"s":"Id","i":7}"#,
            r#"{"s":"Id","i":7,"l":"orders","x":1}"#,
            r#"{"s":"\u0049d","i":7,"l":"orders"}"#,
        ] {
            let text = BASE64_URL_SAFE_NO_PAD.encode(wrong);
            assert!(PageCursor::decode("after", &text).is_err(), "{wrong}");
        }
    }
}
