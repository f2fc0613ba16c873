//! The way of a call's rows: read by the format's rules, checked against each other, written in one batch.

use std::collections::{BTreeMap, HashMap};

use entity::{email_day, social_day};

use super::{
    Fault, Kind,
    benchmarks::Benchmarks,
    customers::Customers,
    days::{self, Days},
    given::{Given, Value},
    names,
};
use crate::{
    error::{Error, Result},
    import::{
        ad_stats::AdStats,
        content::Content,
        conversions::Conversions,
        costs::Costs,
        daily::DailyFigures,
        deals::Deals,
        figures::Figures,
        fx_rates::FxRates,
        orders::Orders,
        people::People,
        pipeline::{Loader, Parsed},
        refunds::Refunds,
        report::{Fate, Refusal},
        row::Row,
        session::Session,
        stage_events::StageEvents,
        surveys::Surveys,
        touchpoints::Touchpoints,
        web_stats::WebStats,
    },
    store::{Change, TeamWriter},
    time::DateRange,
};

/// What became of a row.
pub(super) enum Settled {
    /// It is stored, as the row with this id where there is a use for it.
    Stored(Change, Option<i64>),
    /// It is not.
    Refused(Fault),
}

/// A loader whose rows can be told apart before they are written.
pub(in crate::import) trait Keyed: Loader {
    /// What no two rows of a call may have in common.
    fn key(row: &Self::Row) -> String;
}

/// Writes rows and says in their order what became of each, and how many facts in the `window` went away.
pub(super) async fn upsert(
    writer: &TeamWriter,
    kind: Kind,
    source: &str,
    mut rows: Vec<Given>,
    window: Option<DateRange>,
) -> Result<(Vec<Settled>, u64)> {
    let (others, mut faults) = names::prepare(&mut rows, source);
    for (fault, row) in faults.iter_mut().zip(&rows) {
        if let Some(found) = unreadable(row) {
            fault.get_or_insert(found);
        }
    }
    let mut session = Session::new(writer, source, None)?;
    session.tally.fates = Some(BTreeMap::new());
    let batch = Batch {
        rows: &rows,
        faults,
        others,
        window,
    };
    // Boxed, as the largest of them would count for each else.
    macro_rules! run {
        ($loader:ty) => {
            Box::pin(batch.run::<$loader>(&mut session)).await?
        };
    }
    macro_rules! days {
        ($loader:ty) => {
            Box::pin(batch.run_days::<$loader>(&mut session)).await?
        };
    }
    let gone = match kind {
        Kind::Customers => Box::pin(batch.run_unkeyed::<Customers>(&mut session)).await?,
        Kind::StageEvents => run!(StageEvents),
        Kind::Opportunities => run!(Deals),
        Kind::Orders => run!(Orders),
        Kind::Refunds => run!(Refunds),
        Kind::Touchpoints => run!(Touchpoints),
        Kind::Conversions => run!(Conversions),
        Kind::Costs => run!(Costs),
        Kind::SurveyAnswers => run!(Surveys),
        Kind::Content => run!(Content),
        Kind::Benchmarks => run!(Benchmarks),
        Kind::FxRates => run!(FxRates),
        Kind::AdDays => days!(AdStats),
        Kind::WebDays => days!(WebStats),
        Kind::EmailDays => days!(DailyFigures<email_day::Entity>),
        Kind::SocialDays => days!(DailyFigures<social_day::Entity>),
        Kind::PeopleCounts => days!(People),
        Kind::Figures => days!(Figures),
    };
    let mut fates = session.tally.fates.take().unwrap_or_default();
    let settled = (0..)
        .zip(&rows)
        .map(|(place, row)| match fates.remove(&place) {
            Some(Fate::Stored(change, id)) => Ok(Settled::Stored(change, id)),
            Some(Fate::Refused(code, refusal)) => Ok(Settled::Refused(Fault {
                code: code.to_owned(),
                field: refusal.column.map(|column| row.field(&column).to_owned()),
                reason: refusal.reason,
            })),
            None => Err(Error::Internal(format!(
                "nothing became of row {place} of a call of {kind:?}"
            ))),
        });
    Ok((settled.collect::<Result<_>>()?, gone))
}

/// A value that cannot be read, or a text that says nothing: what is to stay as it is, is left out.
fn unreadable(row: &Given) -> Option<Fault> {
    if row.properties().any(|(key, _)| key.trim().is_empty()) {
        let reason = "a key is blank; 1 character at least is needed".to_owned();
        return Some(Fault::new("INVALID", "properties".to_owned(), reason));
    }
    row.cells().iter().find_map(|cell| {
        let reason = match &cell.value {
            Value::Wrong(reason) => reason.clone(),
            Value::Text(text) if text.trim().is_empty() => {
                "a blank text was given; leave the field out or give a value".to_owned()
            }
            _ => return None,
        };
        Some(Fault::new("INVALID", cell.field.to_owned(), reason))
    })
}

/// The days that rows tell of, by the rows' places.
type RowDays = BTreeMap<u64, DateRange>;

/// The rows of a call, with what is known to be wrong with them.
struct Batch<'a> {
    rows: &'a [Given],
    faults: Vec<Option<Fault>>,
    others: names::Others,
    window: Option<DateRange>,
}

impl Batch<'_> {
    async fn run<L: Keyed>(self, session: &mut Session<'_>) -> Result<u64> {
        let mut loader = L::default();
        let (parsed, days) = self.parse(&mut loader, session).await?;
        let kept = without_duplicates(parsed, |row| L::key(row), session);
        loader.write(kept, session).await?;
        note_load::<L>(session, days, 0).await?;
        Ok(0)
    }

    async fn run_unkeyed<L: Loader>(self, session: &mut Session<'_>) -> Result<u64> {
        let mut loader = L::default();
        let (parsed, _) = self.parse(&mut loader, session).await?;
        loader.write(parsed, session).await?;
        Ok(0)
    }

    async fn run_days<L: Days>(self, session: &mut Session<'_>) -> Result<u64> {
        let mut loader = L::default();
        let (parsed, days) = self.parse(&mut loader, session).await?;
        let gone = days::write(&mut loader, parsed, self.window, session).await?;
        note_load::<L>(session, days, gone).await?;
        Ok(gone)
    }

    /// Reads the rows and tells the days of each; those that are wrong are refused, and nothing is made for them.
    async fn parse<L: Loader>(
        &self,
        loader: &mut L,
        session: &mut Session<'_>,
    ) -> Result<(Vec<Parsed<L::Row>>, RowDays)> {
        let mut parsed = Vec::with_capacity(self.rows.len());
        let mut days = RowDays::new();
        for (place, (given, fault)) in (0_u64..).zip(self.rows.iter().zip(&self.faults)) {
            if let Some(fault) = fault {
                refuse(place, fault, session);
                continue;
            }
            match loader.parse(&Row::given(place, given), session) {
                Ok(row) => parsed.push((given, Parsed { line: place, row })),
                Err(refusal) => session.tally.refuse(refusal),
            }
            if let Some(range) = session.tally.take_days() {
                days.insert(place, range);
            }
        }
        let given: Vec<&Given> = parsed.iter().map(|(given, _)| *given).collect();
        self.others.resolve(&given, session).await?;
        let mut known = Vec::with_capacity(parsed.len());
        for (given, row) in parsed {
            match self.others.unknown(given, session) {
                Some(fault) => refuse(row.line, &fault, session),
                None => known.push(row),
            }
        }
        Ok((known, days))
    }
}

fn refuse(place: u64, fault: &Fault, session: &mut Session<'_>) {
    let code = match fault.code.as_str() {
        "NOT_FOUND" => "NOT_FOUND",
        _ => "INVALID",
    };
    let refusal = Refusal {
        line: place,
        column: fault.field.clone(),
        reason: fault.reason.clone(),
    };
    session.tally.refuse_as(code, refusal);
}

/// The rows less those whose key comes again: of several the last one counts.
pub(super) fn without_duplicates<R>(
    rows: Vec<Parsed<R>>,
    key: impl Fn(&R) -> String,
    session: &mut Session<'_>,
) -> Vec<Parsed<R>> {
    let mut last: HashMap<String, u64> = HashMap::with_capacity(rows.len());
    for parsed in &rows {
        last.insert(key(&parsed.row), parsed.line);
    }
    let mut kept = Vec::with_capacity(rows.len());
    for parsed in rows {
        match last.get(&key(&parsed.row)) {
            Some(place) if *place != parsed.line => refuse_duplicate(parsed.line, *place, session),
            _ => kept.push(parsed),
        }
    }
    kept
}

/// Refuses a row whose key a later one has.
pub(super) fn refuse_duplicate(place: u64, later: u64, session: &mut Session<'_>) {
    let refusal = Refusal {
        line: place,
        column: None,
        reason: format!("the item {later} of the same call has the same key and counts instead"),
    };
    session.tally.refuse_as("DUPLICATE", refusal);
}

/// Notes that the source has delivered the days of the rows that are stored, unless nothing changed.
async fn note_load<L: Loader>(session: &mut Session<'_>, days: RowDays, gone: u64) -> Result<()> {
    if session.tally.report.written + gone == 0 {
        return Ok(());
    }
    for (place, days) in days {
        let fates = session.tally.fates.as_ref();
        if let Some(Fate::Stored(..)) = fates.and_then(|fates| fates.get(&place)) {
            session.tally.cover(days.from);
            session.tally.cover(days.to);
        }
    }
    let (source, days) = (session.source, session.tally.days());
    for table in L::FACTS {
        session.writer.note_load(source, *table, days).await?;
    }
    Ok(())
}
