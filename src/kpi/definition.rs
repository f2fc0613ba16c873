//! What is said of a KPI beside its number.

use rust_decimal::Decimal;

use super::{Kpi, Verdict, format::Unit};
use crate::store::measures::{Additivity, Dimension, Measure, Scale};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither, or it depends.
    Neutral,
}

impl Direction {
    /// What a change means.
    pub fn verdict(self, change: Decimal) -> Verdict {
        let up = change.is_sign_positive();
        match self {
            Self::Neutral => Verdict::Neutral,
            _ if change.is_zero() => Verdict::Same,
            Self::Higher if up => Verdict::Better,
            Self::Lower if !up => Verdict::Better,
            _ => Verdict::Worse,
        }
    }
}

/// The customer's journey, as far as the KPI tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum JourneyStage {
    /// People come to know the offer.
    Awareness,
    /// People look closer.
    Consideration,
    /// People become leads and customers.
    Conversion,
    /// Customers stay and come again.
    Loyalty,
}

/// How often it makes sense to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum Cadence {
    /// Daily.
    Operational,
    /// Weekly.
    Tactical,
    /// Monthly or quarterly.
    Strategic,
}

/// How the number comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum MetricKind {
    /// One measure.
    Simple,
    /// A sum over a sum.
    Ratio,
    /// Made of several measures without a division.
    Derived,
    /// Counts everything up to the end of the period.
    Cumulative,
}

/// A KPI's entry in the catalogue.
pub struct Definition {
    /// The KPI.
    pub kpi: Kpi,
    /// Its English name.
    pub name: &'static str,
    /// What it means, and when it is null.
    pub description: &'static str,
    /// The expression that is computed, as it stands in the catalogue.
    pub formula: &'static str,
    /// What has to be read.
    pub measures: &'static [Measure],
    /// What its value is.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Where in the journey it belongs, if anywhere.
    pub stage: Option<JourneyStage>,
    /// How often to look.
    pub cadence: Cadence,
    /// Whether it looks good without meaning much.
    pub vanity: bool,
}

impl Definition {
    /// The version of the definition; it changes when the formula's meaning does.
    pub const VERSION: i32 = 1;

    /// How the number comes about.
    pub fn kind(&self) -> MetricKind {
        if self.measures.iter().any(|measure| measure.spec().to_date) {
            MetricKind::Cumulative
        } else if self.is_ratio() {
            MetricKind::Ratio
        } else if self.measures.len() == 1 {
            MetricKind::Simple
        } else {
            MetricKind::Derived
        }
    }

    /// Whether it is a sum over a sum.
    pub fn is_ratio(&self) -> bool {
        self.kpi.compute(Vec::new()).is_ratio()
    }

    /// Whether the number is an estimate by its nature: mail programs open mails before people do.
    pub fn is_estimate(&self) -> bool {
        self.measures.contains(&Measure::mail_opens)
            && !self.measures.contains(&Measure::machine_opens)
    }

    /// What may be done with its parts.
    pub fn additivity(&self) -> Additivity {
        if self.is_ratio() {
            return Additivity::NonAdditive;
        }
        let kinds: Vec<_> = self
            .measures
            .iter()
            .map(|measure| measure.additivity())
            .collect();
        match kinds.iter().find(|kind| **kind != Additivity::Additive) {
            None => Additivity::Additive,
            Some(kind) => *kind,
        }
    }

    /// By what it can be cut on its usual basis.
    pub fn dimensions(&self) -> Vec<Dimension> {
        let fits = |dimension: &Dimension| {
            self.measures
                .iter()
                .all(|measure| dimension.fits(measure.spec().fact))
        };
        Dimension::ALL.into_iter().filter(fits).collect()
    }

    /// What the KPI means, without the line breaks of the source.
    pub fn text(&self) -> String {
        self.description
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The formula as people read it: without the conditions under which it has no value, of which the description
    /// tells.
    pub fn formula_text(&self) -> String {
        let words: Vec<_> = self.formula.split_whitespace().collect();
        let mut text = words.join(" ");
        for condition in [".if_none(", ".if_any(", ".given("] {
            while let Some(from) = text.find(condition) {
                let inside = from + condition.len();
                let mut open = 1_usize;
                let end = text[inside..].find(|letter| {
                    match letter {
                        '(' => open += 1,
                        ')' => open -= 1,
                        _ => {}
                    }
                    open == 0
                });
                let Some(end) = end else { break };
                text.replace_range(from..=inside + end, "");
            }
        }
        text
    }

    /// The name of the KPI's field: the key in camel case.
    pub fn field(&self) -> String {
        let key = format!("{:?}", self.kpi);
        let mut letters = key.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_lowercase().chain(letters).collect()
        })
    }
}

/// Whether the KPI tells of money, be it as an amount or as a ratio of amounts.
pub fn needs_money(kpi: Kpi) -> bool {
    let definition = kpi.definition();
    definition.unit == Unit::Currency
        || definition
            .measures
            .iter()
            .any(|measure| measure.spec().scale == Scale::Money)
}
