//! Publishing while reading: each batch is a transaction of its own, which also notes how far the import is, so that
//! whoever goes on writes no row twice.

use entity::import_job::State;

use super::{running::Running, work::operation};
use crate::import::{
    ImportAsk, Ready,
    error::ImportError,
    loaders,
    pipeline::{Loader, MOST_KEPT, Parsed, Statistics, parse},
    report::{Report, Tally},
    session::{Reading, Session},
    table::Table,
};

/// Rows of a batch.
const ROWS: usize = 2_000;

/// Publishes the rows after those that are known. `advance` is called after each batch.
pub(super) async fn run(
    running: &Running,
    ask: &ImportAsk,
    ready: Ready<'_>,
    known: Report,
    advance: impl Fn(),
) -> Result<(), ImportError> {
    macro_rules! run {
        ($loader:ty) => {
            publish::<$loader>(running, ask, ready, known, advance).await
        };
    }
    loaders!(ready.preview.layout.format(), run)
}

async fn publish<L: Loader>(
    running: &Running,
    ask: &ImportAsk,
    ready: Ready<'_>,
    known: Report,
    advance: impl Fn(),
) -> Result<(), ImportError> {
    let Ready { mut table, preview } = ready;
    let source = preview.source.clone();
    let (published, mut noted) = (known.read, known.refusals.len());
    let mut tally = Tally::default();
    tally.most_refusals = MOST_KEPT;
    tally.report = Report {
        read: 0,
        preview: Some(preview),
        ..known
    };
    let mut loader = L::default();
    let mut statistics = Statistics::default();
    let mut is_last = false;
    while !is_last {
        let mut reading = Reading::new(running.store.team(), &source, ask.day)?;
        reading.tally = tally;
        let batch = read::<L>(
            &mut table,
            &mut reading,
            &mut loader,
            published,
            &mut is_last,
        )?;
        if !running.goes_on() {
            return Err(ImportError::Stopped);
        }
        advance();
        let writer = running.store.begin_bulk(operation(running)).await?;
        let mut session = Session::writing(&writer, reading);
        loader.write(batch, &mut session).await?;
        statistics.refresh::<L>(&writer).await?;
        let days = session.tally.take_days();
        for fact in L::FACTS {
            let spans = &table.spans;
            writer
                .note_load_of_spans(&source, *fact, days, spans)
                .await?;
        }
        tally = session.into_tally();
        let report = &mut tally.report;
        report.passed_over = table.passed_over;
        let state = match is_last {
            true => State::Done,
            false => State::Publishing,
        };
        if is_last {
            writer.describe(report.told());
        }
        let booking = running.booking(state, report);
        noted = running.book(&writer, booking, report, noted).await?;
        writer.commit().await?;
    }
    Ok(())
}

/// Reads the next batch of rows that are not published.
fn read<L: Loader>(
    table: &mut Table<'_>,
    reading: &mut Reading<'_>,
    loader: &mut L,
    published: u64,
    is_last: &mut bool,
) -> Result<Vec<Parsed<L::Row>>, ImportError> {
    let mut batch = Vec::with_capacity(ROWS);
    let mut rows = 0;
    while rows < ROWS {
        let Some(next) = table.next_row()? else {
            *is_last = true;
            break;
        };
        reading.tally.report.read += 1;
        if reading.tally.report.read <= published {
            continue;
        }
        rows += 1;
        match parse(loader, next, reading) {
            Ok(parsed) => batch.push(parsed),
            Err(refusal) => reading.tally.refuse(refusal),
        }
    }
    Ok(batch)
}
