//! The way of every file: rows are parsed, gathered in batches and written by the format's loader, all in one
//! transaction.

use std::io::Read;

use super::{
    ImportAsk,
    error::ImportError,
    header::{Header, Shape},
    reader::Rows,
    report::{Refusal, Report},
    row::Row,
    session::Session,
};
use crate::{
    error::Result,
    store::{FactTable, TeamStore},
};

/// Rows per batch: few statements, little memory.
const BATCH: usize = 1_000;

/// The database's statistics are brought up to date whenever the load has grown by this factor.
const STATISTICS_GROWTH: u64 = 4;

/// A parsed row with its line.
pub(super) struct Parsed<T> {
    pub line: u64,
    pub row: T,
}

/// How the rows of one format are read and stored.
pub(super) trait Loader: Default {
    /// A row, read but not yet stored.
    type Row;
    /// The columns.
    const SHAPE: &'static Shape;
    /// The facts that a load of this format delivers.
    const FACTS: &'static [FactTable];

    /// Reads a row.
    fn parse(&mut self, row: &Row<'_>, session: &mut Session<'_>) -> Result<Self::Row, Refusal>;

    /// Writes a batch, in a number of statements that does not depend on its size, and counts each of its rows.
    async fn write(
        &mut self,
        batch: Vec<Parsed<Self::Row>>,
        session: &mut Session<'_>,
    ) -> Result<()>;

    /// Completes the load after the last batch.
    async fn finish(&mut self, _session: &mut Session<'_>) -> Result<()> {
        Ok(())
    }
}

/// Imports a file by a loader.
pub(super) async fn run<L: Loader>(
    store: &TeamStore,
    ask: &ImportAsk,
    input: impl Read,
    progress: &dyn Fn(u64),
) -> Result<Report, ImportError> {
    let mut rows = Rows::open(input)?;
    let Some((_, names)) = rows.next_row()? else {
        return Err(ImportError::Empty);
    };
    let header = Header::new(L::SHAPE, names, ask.day.is_some())?;
    let writer = store.begin_bulk("import").await?;
    let mut session = Session::new(&writer, &ask.source, ask.day)?;
    let mut loader = L::default();
    let mut batch = Vec::with_capacity(BATCH);
    let (mut batches, mut next_statistics) = (0_u64, 1_u64);
    while let Some((mark, record)) = rows.next_row()? {
        session.tally.report.read += 1;
        let parsed = Row::new(&header, mark, record).and_then(|row| {
            let line = row.line();
            let row = loader.parse(&row, &mut session)?;
            Ok(Parsed { line, row })
        });
        match parsed {
            Ok(parsed) => batch.push(parsed),
            Err(refusal) => session.tally.refuse(refusal),
        }
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            loader.write(full, &mut session).await?;
            batches += 1;
            if batches == next_statistics {
                writer.refresh_statistics(L::FACTS).await?;
                next_statistics *= STATISTICS_GROWTH;
            }
        }
        if session.tally.report.read.is_multiple_of(BATCH as u64) {
            progress(session.tally.report.read);
        }
    }
    loader.write(batch, &mut session).await?;
    loader.finish(&mut session).await?;
    for table in L::FACTS {
        let days = session.tally.days();
        writer.note_load(&ask.source, *table, days).await?;
    }
    let mut report = session.tally.report;
    progress(report.read);
    report.committed = report.refused == 0 || ask.partial;
    if report.committed {
        writer.describe(report.told(ask));
        writer.commit().await?;
    } else {
        (report.written, report.unchanged) = (0, 0);
    }
    Ok(report)
}
