//! File import: vendors' files and files of this program's own formats become campaigns, facts, customers, orders and
//! deals of one team.
//!
//! `reader` opens the file and yields rows, `layout` recognises what it is by the entries in `profile`, `table` maps its
//! columns and reads its numbers and dates, `header` tells which column is what, `cell` reads single values, one module
//! per format turns a row into what is stored, `identity` tells which customer a row means, `pipeline` drives them in
//! batches inside one transaction.

mod ad_stats;
pub mod bulk;
mod cell;
mod channel_kind;
mod columns;
mod content;
mod conversions;
mod costs;
mod daily;
mod deals;
mod error;
mod figures;
mod format;
mod fx_rates;
mod header;
mod identity;
pub mod job;
mod layout;
mod leads;
mod orders;
mod own;
mod people;
mod pipeline;
mod preview;
mod profile;
mod properties;
mod reader;
mod refunds;
mod report;
mod resolve;
mod row;
mod session;
mod stage_events;
mod surveys;
mod table;
mod touchpoints;
mod upsert;
mod web_stats;

/// Gives the loader of a format to a macro.
macro_rules! loaders {
    ($format:expr, $do:ident) => {
        match $format {
            $crate::import::Format::AdStats => $do!($crate::import::ad_stats::AdStats),
            $crate::import::Format::Orders => $do!($crate::import::orders::Orders),
            $crate::import::Format::Leads => $do!($crate::import::leads::Leads),
            $crate::import::Format::Deals => $do!($crate::import::deals::Deals),
            $crate::import::Format::StageEvents => $do!($crate::import::stage_events::StageEvents),
            $crate::import::Format::Touchpoints => $do!($crate::import::touchpoints::Touchpoints),
            $crate::import::Format::Refunds => $do!($crate::import::refunds::Refunds),
            $crate::import::Format::Costs => $do!($crate::import::costs::Costs),
            $crate::import::Format::FxRates => $do!($crate::import::fx_rates::FxRates),
            $crate::import::Format::WebStats => $do!($crate::import::web_stats::WebStats),
            $crate::import::Format::EmailStats => {
                $do!($crate::import::daily::DailyFigures<entity::email_day::Entity>)
            }
            $crate::import::Format::SocialStats => {
                $do!($crate::import::daily::DailyFigures<entity::social_day::Entity>)
            }
            $crate::import::Format::Conversions => $do!($crate::import::conversions::Conversions),
            $crate::import::Format::Surveys => $do!($crate::import::surveys::Surveys),
            $crate::import::Format::Content => $do!($crate::import::content::Content),
            $crate::import::Format::People => $do!($crate::import::people::People),
            $crate::import::Format::Figures => $do!($crate::import::figures::Figures),
        }
    };
}
use loaders;

use std::io::Read;

use chrono::NaiveDate;
use entity::team;
use serde::{Deserialize, Serialize};

pub use columns::{ColumnMapping, MappedColumn};
pub use error::ImportError;
pub use format::Format;
pub use layout::Layout;
pub use preview::Preview;
pub use profile::Profile;
pub use report::{Refusal, Report};
pub use table::{DayOrder, DecimalMark};

use self::{
    header::Shape,
    reader::Rows,
    report::MOST_REFUSALS,
    table::{Hints, Opened, Table},
};
use crate::{
    error::Error,
    store::{TeamStore, TeamWriter, is_source_name},
    time::DateRange,
};

/// How a file is to be imported.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportAsk {
    /// What the file's rows are; recognised by its header when `None`.
    pub layout: Option<Layout>,
    /// Who delivers the file, 1 to 60 characters. Ids in the file are this source's names for things. A file of the
    /// [default source](Self::DEFAULT_SOURCE) is of the source that its layout names, such as the vendor.
    pub source: String,
    /// The date of rows that have none.
    pub day: Option<NaiveDate>,
    /// The first of the days that rows without a date cover; `day` is the last. They are then flagged as a span.
    pub from: Option<NaiveDate>,
    /// The decimal mark of the file's numbers; learnt from them when `None`.
    pub decimal: Option<DecimalMark>,
    /// The order of days and months in the file's dates; learnt from them when `None`.
    pub dates: Option<DayOrder>,
    /// Whether the good rows are kept when others are refused.
    pub partial: bool,
    /// Whether nothing is stored, only told what would be.
    pub dry_run: bool,
}

impl ImportAsk {
    /// The source of files for which none is named.
    pub const DEFAULT_SOURCE: &str = "import";

    /// An import of a whole file of the default source, whose rows all have a date.
    pub fn new(layout: impl Into<Layout>) -> Self {
        Self {
            layout: Some(layout.into()),
            ..Self::recognised()
        }
    }

    /// The same, of a file whose layout is recognised.
    pub fn recognised() -> Self {
        Self {
            layout: None,
            source: Self::DEFAULT_SOURCE.to_owned(),
            day: None,
            from: None,
            decimal: None,
            dates: None,
            partial: false,
            dry_run: false,
        }
    }

    fn hints<'a>(&self, currency: &'a str) -> Hints<'a> {
        let mapping = self.layout.as_ref().and_then(Layout::mapping);
        Hints {
            decimal: self.decimal.or(mapping.and_then(|mapping| mapping.decimal)),
            dates: self.dates.or(mapping.and_then(|mapping| mapping.dates)),
            span: self
                .from
                .zip(self.day)
                .and_then(|(from, to)| DateRange::new(from, to)),
            dated: self.day.is_some(),
            currency,
        }
    }

    /// Whether the options fit together.
    ///
    /// # Errors
    /// Names the option that does not.
    pub fn check(&self) -> Result<(), Error> {
        if !is_source_name(&self.source) {
            return Err(Error::invalid(
                "source",
                &self.source,
                "allowed are 1 to 60 characters, without blanks around them",
            ));
        }
        match (self.from, self.day) {
            (Some(from), day) if day.is_none_or(|day| day < from) => Err(Error::invalid(
                "from",
                from,
                "it must not be after the day, which must be given, too",
            )),
            _ => Ok(()),
        }
    }
}

/// Imports a file in one transaction. Rows that cannot be stored are refused and reported; unless
/// [`ImportAsk::partial`] is set, one refused row means that nothing of the file is stored.
/// `progress` is told the number of rows read so far, now and then.
///
/// # Errors
/// The file cannot be read, is not text, lacks a column or has a row beyond all bounds; the database failed. Nothing
/// of the file is stored then.
pub async fn import(
    store: &TeamStore,
    ask: &ImportAsk,
    input: impl Read,
    progress: &dyn Fn(u64),
) -> Result<Report, ImportError> {
    let ready = open(store.team(), ask, input)?;
    let writer = store.begin_bulk("import").await?;
    let goes_on = |rows| {
        progress(rows);
        true
    };
    let report = load(&writer, ask, ready, MOST_REFUSALS, &goes_on).await?;
    if report.committed {
        writer.describe(report.told());
        writer.commit().await?;
    }
    Ok(report)
}

/// Reads a file whole, without a database, and tells which of its rows cannot be stored. Of its first `known.read` rows
/// is told what `known` tells. `goes_on` hears now and then how far it is.
///
/// # Errors
/// The file cannot be read, is not text, lacks a column or has a row beyond all bounds, or `goes_on` says no.
pub fn check(
    team: &team::Model,
    ask: &ImportAsk,
    input: impl Read,
    known: Report,
    goes_on: &mut dyn FnMut(&Report) -> bool,
) -> Result<Report, ImportError> {
    let ready = open(team, ask, input)?;
    macro_rules! check {
        ($loader:ty) => {
            pipeline::check::<$loader>(team, ask.day, ready, known, goes_on)
        };
    }
    loaders!(ready.preview.layout.format(), check)
}

/// A file whose layout is known.
struct Ready<'a> {
    table: Table<'a>,
    preview: Preview,
}

/// Opens a file of a team and finds its layout.
fn open<'a>(
    team: &team::Model,
    ask: &ImportAsk,
    input: impl Read + 'a,
) -> Result<Ready<'a>, ImportError> {
    ask.check()?;
    let file = Opened::new(Rows::open(input)?)?;
    let found = layout::find(&file, ask.layout.clone(), ask.day.is_some(), shape)?;
    let source = match found.layout.source() {
        Some(source) if ask.source == ImportAsk::DEFAULT_SOURCE => source,
        _ => &ask.source,
    };
    let hints = ask.hints(&team.currency);
    let table = Table::new(file, shape(found.layout.format()), &found, &hints)?;
    let preview = Preview::of(&table, &found, source);
    Ok(Ready { table, preview })
}

/// Writes an opened file in a transaction, by the loader of its format.
async fn load(
    writer: &TeamWriter,
    ask: &ImportAsk,
    ready: Ready<'_>,
    most_refusals: usize,
    goes_on: &dyn Fn(u64) -> bool,
) -> Result<Report, ImportError> {
    macro_rules! load {
        ($loader:ty) => {
            pipeline::load::<$loader>(writer, ask, ready, most_refusals, goes_on).await
        };
    }
    loaders!(ready.preview.layout.format(), load)
}

/// The columns of a format.
fn shape(format: Format) -> &'static Shape {
    macro_rules! shape {
        ($loader:ty) => {
            <$loader as pipeline::Loader>::SHAPE
        };
    }
    loaders!(format, shape)
}
