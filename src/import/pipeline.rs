//! The way of every file: rows are parsed, gathered in batches and written by the format's loader, all in one
//! transaction.

use super::{
    ImportAsk,
    error::ImportError,
    header::Shape,
    layout::Found,
    preview::Preview,
    report::{Refusal, Report},
    row::Row,
    session::Session,
    table::{Next, Opened, Table},
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
    source: &str,
    file: Opened<'_>,
    found: &Found,
    progress: &dyn Fn(u64),
) -> Result<Report, ImportError> {
    let hints = ask.hints(&store.team().currency);
    let mut table = Table::new(file, L::SHAPE, found, &hints)?;
    let preview = Preview::of(&table, found, source);
    let writer = store.begin_bulk("import").await?;
    let mut session = Session::new(&writer, source, ask.day)?;
    let mut loader = L::default();
    let mut batch = Vec::with_capacity(BATCH);
    let (mut batches, mut next_statistics) = (0_u64, 1_u64);
    while let Some(next) = table.next_row()? {
        session.tally.report.read += 1;
        match parse(&mut loader, next, &mut session) {
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
    for fact in L::FACTS {
        let days = session.tally.days();
        let spans = &table.spans;
        writer
            .note_load_of_spans(source, *fact, days, spans)
            .await?;
    }
    let mut report = session.tally.report;
    report.passed_over = table.passed_over;
    report.preview = Some(preview);
    progress(report.read);
    report.dry_run = ask.dry_run;
    let good = report.refused == 0 || ask.partial;
    report.committed = good && !ask.dry_run;
    if report.committed {
        writer.describe(report.told());
        writer.commit().await?;
    } else if !good {
        (report.written, report.unchanged) = (0, 0);
    }
    Ok(report)
}

/// Reads a row that is well formed.
fn parse<L: Loader>(
    loader: &mut L,
    next: Next<'_>,
    session: &mut Session<'_>,
) -> Result<Parsed<L::Row>, Refusal> {
    let line = next.line;
    let row = Row::new(next.header, line, next.record, next.raw);
    match next.fault {
        None => loader.parse(&row, session).map(|row| Parsed { line, row }),
        Some((None, reason)) => Err(row.refuse(reason)),
        Some((Some(place), reason)) => Err(row.refuse_field(place, &reason)),
    }
}
