//! Exports: every kind of row, and any `metrics` answer, as lines of JSON or as CSV, page by page.
//!
//! `entities` lists what can be exported, with the columns of each; `names` finds the names that other systems have;
//! `cell` writes single values, `file` lines and their end; `cursor` is the place of a row; `stream` drives it all.

mod ask;
mod cell;
mod cursor;
mod entities;
mod file;
mod names;
mod stream;

pub use ask::{Delivery, ExportAsk, file_name};
pub use cell::{Cell, escaped, unescaped};
#[doc(hidden)]
pub use cursor::Cursor;
pub use entities::{Entity, NOT_EXPORTED, table_of};
pub use file::Format;
pub use stream::Export;
