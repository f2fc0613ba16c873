//! An export under way: rows become bytes page by page, as fast as whoever reads them takes them. Between two pages it
//! holds neither a connection nor a transaction.

use std::collections::VecDeque;

use super::{
    Cell, Delivery, ExportAsk,
    cursor::Cursor,
    entities::{Rows, open_rows},
    file::File,
};
use crate::{
    auth::Caller,
    error::Result,
    store::{FeedPlace, TeamStore},
};

/// Rows per page.
const PAGE: u64 = 1_000;
/// The column of the cursors: the last of every row.
const CURSOR: &str = "kpigraph_cursor";

/// An export under way.
pub struct Export {
    file: File,
    source: Source,
    /// What is exported, as cursors call it.
    name: String,
    changes: Option<FeedPlace>,
    /// The cursor of the last row, or the one after which this goes on.
    last: Option<String>,
    begun: bool,
    header: bool,
    ended: bool,
}

/// Where rows come from.
enum Source {
    Table(Box<dyn Rows>),
    List(VecDeque<(Vec<String>, Vec<Cell>)>),
}

impl Export {
    /// Begins an export of an entity's rows for a caller or, without one, for whoever works on the service's own machine.
    ///
    /// # Errors
    /// A scope is missing, the cursor is none of this export, or the entity cannot be narrowed so.
    pub async fn of_entity(
        store: TeamStore,
        reader: Option<&Caller>,
        ask: &ExportAsk,
    ) -> Result<Self> {
        let name = ask.entity.name();
        let after = Self::after(&ask.delivery, name)?;
        // Before the first row is read: what is written from now on comes in the feed, if not in the file.
        let told = after.as_ref().and_then(|cursor| cursor.changes.as_deref());
        let changes = match told.and_then(FeedPlace::decode) {
            Some(place) => place,
            None => store.feed_end().await?,
        };
        let key = after.map(|cursor| cursor.key);
        let rows = open_rows(store, reader, ask, key)?;
        let columns = rows.columns().into_iter().map(str::to_owned).collect();
        let source = Source::Table(rows);
        Ok(Self::new(
            name,
            source,
            columns,
            &ask.delivery,
            Some(changes),
        ))
    }

    /// Begins an export of rows that are there already, each with a key that no other has. Rows up to the one of the
    /// cursor are left out.
    ///
    /// # Errors
    /// The cursor is none of these rows.
    pub fn of_rows(
        name: &str,
        columns: Vec<String>,
        rows: Vec<(Vec<String>, Vec<Cell>)>,
        delivery: &Delivery,
    ) -> Result<Self> {
        let mut rows = VecDeque::from(rows);
        if let Some(after) = Self::after(delivery, name)? {
            let place = rows.iter().position(|(key, _)| *key == after.key);
            let place = place.ok_or_else(|| {
                crate::error::Error::BadInput(
                    "after: a cursor of this very question is needed; no row has its key".into(),
                )
            })?;
            rows.drain(..=place);
        }
        let source = Source::List(rows);
        Ok(Self::new(name, source, columns, delivery, None))
    }

    fn new(
        name: &str,
        source: Source,
        mut columns: Vec<String>,
        delivery: &Delivery,
        changes: Option<FeedPlace>,
    ) -> Self {
        columns.push(CURSOR.to_owned());
        Self {
            file: File::new(delivery.format, delivery.gzip, columns),
            source,
            name: name.to_owned(),
            changes,
            last: delivery.after.clone(),
            begun: false,
            header: delivery.header.unwrap_or(delivery.after.is_none()),
            ended: false,
        }
    }

    fn after(delivery: &Delivery, name: &str) -> Result<Option<Cursor>> {
        let after = delivery.after.as_deref();
        after.map(|text| Cursor::decode(text, name)).transpose()
    }

    /// The place in the change feed from which on this export does not tell what changed; `None` where the feed does
    /// not matter.
    pub fn changes(&self) -> Option<String> {
        self.changes.map(FeedPlace::encode)
    }

    /// The next bytes, never none of them; `None` after the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        while !self.ended {
            let bytes = self.page().await?;
            // What compresses holds bytes back.
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    async fn page(&mut self) -> Result<Vec<u8>> {
        if !self.begun {
            self.begun = true;
            if self.header {
                self.file.header()?;
            }
        }
        let page = match &mut self.source {
            Source::Table(rows) => rows.next(PAGE).await?,
            Source::List(rows) => {
                let page = usize::try_from(PAGE).unwrap_or(rows.len()).min(rows.len());
                rows.drain(..page).collect()
            }
        };
        let changes = self.changes();
        for (key, mut cells) in page {
            let cursor = Cursor {
                export: self.name.clone(),
                key,
                changes: changes.clone(),
            };
            let cursor = cursor.encode();
            cells.push(Cell::Text(cursor.clone()));
            self.file.row(&cells)?;
            self.last = Some(cursor);
        }
        let over = match &self.source {
            Source::Table(rows) => rows.is_over(),
            Source::List(rows) => rows.is_empty(),
        };
        if !over {
            return Ok(self.file.take());
        }
        self.ended = true;
        self.file.end(self.last.as_deref(), changes.as_deref())?;
        self.file.finish()
    }
}
