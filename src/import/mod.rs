//! File import: CSV files, also gzipped, become campaigns, facts, customers, orders and deals of one team.
//!
//! `reader` opens the file and yields rows, `header` tells which column is what, `cell` reads single values,
//! one module per format turns a row into what is stored, `pipeline` drives them in batches inside one transaction.

mod ad_stats;
mod cell;
mod channel_kind;
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
mod leads;
mod orders;
mod people;
mod pipeline;
mod properties;
mod reader;
mod refunds;
mod report;
mod resolve;
mod row;
mod scanner;
mod session;
mod stage_events;
mod surveys;
mod touchpoints;
mod upsert;
mod web_stats;

use std::io::Read;

use chrono::NaiveDate;

pub use error::ImportError;
pub use format::Format;
pub use report::{Refusal, Report};

use crate::{
    error::Error,
    store::{TeamStore, is_source_name},
};

/// How a file is to be imported.
#[derive(Clone, Debug)]
pub struct ImportAsk {
    /// What the file's rows are.
    pub format: Format,
    /// Who delivers the file, 1 to 60 characters. Ids in the file are this source's names for things.
    pub source: String,
    /// The date of rows that have none.
    pub day: Option<NaiveDate>,
    /// Whether the good rows are kept when others are refused.
    pub partial: bool,
}

impl ImportAsk {
    /// The source of files for which none is named.
    pub const DEFAULT_SOURCE: &str = "import";

    /// An import of a whole file of the default source, whose rows all have a date.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            source: Self::DEFAULT_SOURCE.to_owned(),
            day: None,
            partial: false,
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
    if !is_source_name(&ask.source) {
        return Err(Error::invalid(
            "source",
            &ask.source,
            "allowed are 1 to 60 characters, without blanks around them",
        )
        .into());
    }
    macro_rules! run {
        ($loader:ty) => {
            pipeline::run::<$loader>(store, ask, input, progress).await
        };
    }
    match ask.format {
        Format::AdStats => run!(ad_stats::AdStats),
        Format::Orders => run!(orders::Orders),
        Format::Leads => run!(leads::Leads),
        Format::Deals => run!(deals::Deals),
        Format::StageEvents => run!(stage_events::StageEvents),
        Format::Touchpoints => run!(touchpoints::Touchpoints),
        Format::Refunds => run!(refunds::Refunds),
        Format::Costs => run!(costs::Costs),
        Format::FxRates => run!(fx_rates::FxRates),
        Format::WebStats => run!(web_stats::WebStats),
        Format::EmailStats => run!(daily::DailyFigures<entity::email_day::Entity>),
        Format::SocialStats => run!(daily::DailyFigures<entity::social_day::Entity>),
        Format::Conversions => run!(conversions::Conversions),
        Format::Surveys => run!(surveys::Surveys),
        Format::Content => run!(content::Content),
        Format::People => run!(people::People),
        Format::Figures => run!(figures::Figures),
    }
}
