//! The way of every file: rows are parsed, gathered in batches and written by the format's loader, all in one
//! transaction. `check` goes it without writing.

use chrono::NaiveDate;
use entity::team;

use super::{
    ImportAsk, Ready,
    error::ImportError,
    header::Shape,
    report::{Refusal, Report},
    row::Row,
    session::{Reading, Session},
    table::Next,
};
use crate::{
    error::{Error, Result},
    store::{FactTable, TeamWriter},
};

/// The most rows that a loader holds in memory.
const MOST_HELD: usize = 500_000;
/// How many refusals of a job's file are kept.
pub(super) const MOST_KEPT: usize = 1_000;

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
    /// Whether rows add up or replace whole days, so that they can only be written together.
    const IN_ONE_STEP: bool = false;

    /// Reads a row.
    fn parse(&mut self, row: &Row<'_>, reading: &mut Reading<'_>) -> Result<Self::Row, Refusal>;

    /// Writes a batch, in a number of statements that does not depend on its size, and counts each of its rows.
    async fn write(
        &mut self,
        batch: Vec<Parsed<Self::Row>>,
        session: &mut Session<'_>,
    ) -> Result<()>;

    /// How many rows are held in memory until the end.
    fn held(&self) -> usize {
        0
    }

    /// Completes the load after the last batch.
    async fn finish(&mut self, _session: &mut Session<'_>) -> Result<()> {
        Ok(())
    }
}

/// Checks the rows of a file after the first `known.read`, of which `known` tells, and writes nothing. `goes_on` is
/// told now and then how far it is.
pub(super) fn check<L: Loader>(
    team: &team::Model,
    day: Option<NaiveDate>,
    ready: Ready<'_>,
    known: Report,
    goes_on: &mut dyn FnMut(&Report) -> bool,
) -> Result<Report, ImportError> {
    let Ready { mut table, preview } = ready;
    let mut reading = Reading::new(team, &preview.source, day)?;
    let checked = known.read;
    reading.tally.most_refusals = MOST_KEPT;
    reading.tally.report = Report { read: 0, ..known };
    let mut loader = L::default();
    while let Some(next) = table.next_row()? {
        reading.tally.report.read += 1;
        let read = reading.tally.report.read;
        if read > checked
            && let Err(refusal) = parse(&mut loader, next, &mut reading)
        {
            reading.tally.refuse(refusal);
        }
        if read.is_multiple_of(BATCH as u64) && !goes_on(&reading.tally.report) {
            return Err(ImportError::Stopped);
        }
    }
    let mut report = reading.tally.report;
    report.passed_over = table.passed_over;
    report.preview = Some(preview);
    Ok(report)
}

/// Writes a file in a transaction that the caller commits when the report says so. `goes_on` is told the number of rows
/// read so far, now and then. The first `most_refusals` are told one by one.
pub(super) async fn load<L: Loader>(
    writer: &TeamWriter,
    ask: &ImportAsk,
    ready: Ready<'_>,
    most_refusals: usize,
    goes_on: &dyn Fn(u64) -> bool,
) -> Result<Report, ImportError> {
    let Ready { mut table, preview } = ready;
    let source = preview.source.clone();
    let mut session = Session::new(writer, &source, ask.day)?;
    session.tally.most_refusals = most_refusals;
    let mut loader = L::default();
    let mut batch = Vec::with_capacity(BATCH);
    let mut statistics = Statistics::default();
    while let Some(next) = table.next_row()? {
        session.tally.report.read += 1;
        match parse(&mut loader, next, &mut session) {
            Ok(parsed) => batch.push(parsed),
            Err(refusal) => session.tally.refuse(refusal),
        }
        if batch.len() == BATCH {
            let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            loader.write(full, &mut session).await?;
            session.forget_between_batches();
            check_held(&loader)?;
            statistics.refresh::<L>(writer).await?;
        }
        let read = session.tally.report.read;
        if read.is_multiple_of(BATCH as u64) && !goes_on(read) {
            return Err(ImportError::Stopped);
        }
    }
    loader.write(batch, &mut session).await?;
    loader.finish(&mut session).await?;
    for fact in L::FACTS {
        let days = session.tally.days();
        let spans = &table.spans;
        writer
            .note_load_of_spans(session.source, *fact, days, spans)
            .await?;
    }
    let mut report = session.into_tally().report;
    report.passed_over = table.passed_over;
    report.preview = Some(preview);
    goes_on(report.read);
    report.dry_run = ask.dry_run;
    let good = report.refused == 0 || ask.partial;
    report.committed = good && !ask.dry_run;
    if !good {
        (report.written, report.unchanged) = (0, 0);
    }
    Ok(report)
}

/// That not more rows are held in memory than it has room for.
fn check_held<L: Loader>(loader: &L) -> Result<()> {
    match loader.held() > MOST_HELD {
        true => Err(Error::Limit(format!(
            "the file has over {MOST_HELD} different figures by the day, which are replaced together; split it by days"
        ))),
        false => Ok(()),
    }
}

/// When the database's statistics are to be brought up to date.
#[derive(Default)]
pub(super) struct Statistics {
    batches: u64,
    next: u64,
}

impl Statistics {
    /// Counts a batch that was written, and brings them up to date whenever the load has grown enough.
    pub async fn refresh<L: Loader>(&mut self, writer: &TeamWriter) -> Result<()> {
        self.batches += 1;
        if self.batches >= self.next.max(1) {
            self.next = self.batches * STATISTICS_GROWTH;
            writer.refresh_statistics(L::FACTS).await?;
        }
        Ok(())
    }
}

/// Reads a row that is well formed.
pub(super) fn parse<L: Loader>(
    loader: &mut L,
    next: Next<'_>,
    reading: &mut Reading<'_>,
) -> Result<Parsed<L::Row>, Refusal> {
    let line = next.line;
    let row = Row::new(next.header, line, next.record, next.raw);
    match next.fault {
        None => loader.parse(&row, reading).map(|row| Parsed { line, row }),
        Some((None, reason)) => Err(row.refuse(reason)),
        Some((Some(place), reason)) => Err(row.refuse_field(place, &reason)),
    }
}
