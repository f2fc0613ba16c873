//! The arguments that change a KPI's number: period, comparison, basis.

use async_graphql::{InputObject, OneofObject};
use chrono::{DateTime, Utc};
use entity::values::Basis;

use super::{
    attribution_input::AttributionInput,
    scalars::{CurrencyCode, Date},
};
use crate::{
    error::{Error, Result},
    kpi::{DateBasis, attribution::CreditingAsk},
    time::{CompareAsk, CompareTo, DateRange, Grain, Industry, PeriodAsk, PeriodPreset},
};

/// A period, given in one of three ways. Days are cut in the team's time zone.
#[derive(OneofObject, Clone)]
pub enum PeriodInput {
    /// By name. `THIS_…` periods run to their end, so they are incomplete.
    Preset(PeriodPreset),
    /// By its first and last day.
    Range(DateRangeInput),
    /// The last so many days, weeks, months ….
    Trailing(TrailingInput),
}

/// Days from the first to the last, both included.
#[derive(InputObject, Clone, Copy)]
pub struct DateRangeInput {
    /// The first day.
    pub from: Date,
    /// The last day, included.
    pub to: Date,
}

/// A number of whole buckets before the current one.
#[derive(InputObject, Clone)]
pub struct TrailingInput {
    /// How many, 1 to 1000.
    pub count: u32,
    /// Their size.
    pub grain: Grain,
    /// Whether the current, incomplete bucket belongs to it too. Default: false.
    pub include_current: Option<bool>,
}

/// What else decides a KPI's number.
#[derive(InputObject, Clone, Default)]
pub struct KpiOptions {
    /// Compare every value with that of another period.
    pub compare_to: Option<CompareInput>,
    /// On whose word conversions rest. Default: the team's setting. Every value says in `provenance` what it rests
    /// on.
    pub basis: Option<Basis>,
    /// Tell what was known at this instant: the facts as they stood, on the clock of that instant, so that what was
    /// today then is today in the answer. It may not lie in the future. Default: now.
    pub as_of: Option<DateTime<Utc>>,
    /// How results are credited, on the basis ATTRIBUTED. Default: the team's settings.
    pub attribution: Option<AttributionInput>,
    /// On which day results count. On the basis ATTRIBUTED: EVENT_DATE or TOUCH_DATE; default: TOUCH_DATE for KPIs that
    /// set results beside spend or visits, such as ROAS and CPA, EVENT_DATE for all others. On any other basis, by which
    /// day refunds count: EVENT_DATE, when they were paid, or ORDER_DATE, with their orders; default: as each KPI's
    /// definition says. KPIs of customers' whole lives keep ORDER_DATE.
    pub date_basis: Option<DateBasis>,
    /// The currency of amounts: each fact is converted at its own day's rate. Default: the team's.
    pub currency: Option<CurrencyCode>,
    /// Only what is over: the period ends with its last whole bucket, or day where TIME is not grouped by, and what it
    /// is compared with ends alike. Default: false.
    pub only_complete: Option<bool>,
}

/// What values are compared with.
#[derive(InputObject, Clone)]
pub struct CompareInput {
    /// Which period.
    pub to: CompareTo,
    /// The days of a CUSTOM period.
    pub range: Option<DateRangeInput>,
    /// Shift by whole weeks, so that weekdays meet: 364 days for the previous year. Default: false.
    pub match_weekday: Option<bool>,
    /// Compare an incomplete period with as much of the other as is over: of one that lies months or years earlier up to
    /// the same day of the month, of any other as many days. Default: true.
    pub align_elapsed: Option<bool>,
    /// Only benchmarks of this industry, written as it was when they were set; for BENCHMARK alone. Default: any.
    pub industry: Option<String>,
}

impl PeriodInput {
    /// The period as the calendar takes it.
    pub fn ask(&self) -> PeriodAsk {
        match self {
            Self::Preset(preset) => PeriodAsk::Preset(*preset),
            Self::Range(range) => PeriodAsk::Range {
                from: range.from.0,
                to: range.to.0,
            },
            Self::Trailing(trailing) => PeriodAsk::Trailing {
                count: trailing.count,
                grain: trailing.grain,
                include_current: trailing.include_current.unwrap_or(false),
            },
        }
    }
}

impl CompareInput {
    /// The comparison as the calendar takes it.
    pub fn ask(&self) -> Result<CompareAsk> {
        let range = match &self.range {
            None => None,
            Some(range) => Some(DateRange::new(range.from.0, range.to.0).ok_or_else(|| {
                Error::invalid(
                    "compareTo.range.from",
                    range.from.0,
                    "it must not lie after compareTo.range.to",
                )
            })?),
        };
        let industry = match &self.industry {
            Some(name) if self.to != CompareTo::Benchmark => {
                let allowed = "only a comparison with BENCHMARK takes one";
                return Err(Error::invalid("compareTo.industry", name, allowed));
            }
            Some(name) => Some(Industry::from(name).map_err(|_| {
                let shown: String = name.chars().take(60).collect();
                Error::invalid("compareTo.industry", shown, "120 bytes at most")
            })?),
            None => None,
        };
        Ok(CompareAsk {
            industry,
            range,
            match_weekday: self.match_weekday.unwrap_or(false),
            align_elapsed: self.align_elapsed.unwrap_or(true),
            ..CompareAsk::new(self.to)
        })
    }
}

impl KpiOptions {
    /// How results are credited.
    pub fn crediting(&self) -> Result<CreditingAsk> {
        let asked = self.attribution.clone().unwrap_or_default();
        asked.checked("options.attribution", self.date_basis)
    }

    /// The comparison asked, if any.
    pub fn compare(&self) -> Result<Option<CompareAsk>> {
        self.compare_to.as_ref().map(CompareInput::ask).transpose()
    }

    /// The currency asked, if any.
    pub fn currency(&self) -> Result<Option<iso_currency::Currency>> {
        let known = |code: &CurrencyCode| {
            iso_currency::Currency::from_code(&code.0).ok_or_else(|| {
                Error::invalid(
                    "options.currency",
                    code.0.chars().take(20).collect::<String>(),
                    "it must be the three-letter code of a currency (ISO 4217), such as EUR",
                )
            })
        };
        self.currency.as_ref().map(known).transpose()
    }

    /// Refuses what is given but not taken by a question, rather than passing over it.
    pub fn take_only(&self, taken: &[&str]) -> Result<()> {
        let given = [
            ("compareTo", self.compare_to.is_some()),
            ("basis", self.basis.is_some()),
            ("asOf", self.as_of.is_some()),
            ("attribution", self.attribution.is_some()),
            ("dateBasis", self.date_basis.is_some()),
            ("currency", self.currency.is_some()),
            ("onlyComplete", self.only_complete.is_some()),
        ];
        let refused = given
            .into_iter()
            .find(|(name, given)| *given && !taken.contains(name));
        match refused {
            None => Ok(()),
            Some((name, _)) => Err(Error::BadInput(format!(
                "input.options.{name}: not taken here; {} are",
                taken.join(", ")
            ))),
        }
    }

    /// Whether only what is over is asked.
    pub fn only_complete(&self) -> bool {
        self.only_complete.unwrap_or(false)
    }
}
