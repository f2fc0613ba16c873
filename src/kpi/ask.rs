//! A question for KPIs and its answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::values::Basis;

use super::{Having, KpiValue, Loads, Metric, Top, Undefined, attribution::CreditingAsk};
use crate::{
    store::measures::{Cut, Filter, Key},
    time::{CompareAsk, DateRange, PeriodAsk, ResolvedPeriod},
};

/// A question for KPIs.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Which.
    pub metrics: Vec<Metric>,
    /// Grouped by what.
    pub cuts: Vec<Cut>,
    /// Over which days.
    pub period: PeriodAsk,
    /// Compared with what.
    pub compare: Option<CompareAsk>,
    /// Of which facts.
    pub filter: Filter,
    /// On whose word; the team's setting where none is asked.
    pub basis: Option<Basis>,
    /// How facts are credited on the basis ATTRIBUTED.
    pub crediting: CreditingAsk,
    /// The currency of amounts; the team's where none is asked.
    pub currency: Option<iso_currency::Currency>,
    /// Only buckets, or days where time is not grouped by, that are over.
    pub only_complete: bool,
    /// Which groups to keep, by their values.
    pub having: Option<Having>,
    /// How many of those to keep.
    pub top: Option<Top>,
    /// Exactly these groups, whether they have facts or not; all that have facts when `None`.
    pub groups: Option<Vec<Vec<Key>>>,
    /// Whether time buckets without facts are rows too.
    pub fill: bool,
    /// Whether the total over all groups is asked.
    pub totals: bool,
    /// What the caller may read.
    pub rights: Rights,
    /// Told from the facts as they were known at this instant, on its clock; from those of now when `None`.
    pub as_of: Option<DateTime<Utc>>,
}

/// What a caller may read of KPIs.
#[derive(Clone, Copy, Debug)]
pub struct Rights {
    /// Amounts of money.
    pub money: bool,
    /// What was imported about persons.
    pub personal: bool,
}

/// One group's values.
#[derive(Clone, Debug)]
pub struct Row {
    /// The group's key, in the order of the cuts.
    pub key: Vec<Key>,
    /// The values, in the order of the metrics asked.
    pub values: Vec<KpiValue>,
}

/// The answer.
pub struct Table {
    /// The groups, in the order of their keys.
    pub rows: Vec<Row>,
    /// The total, where it was asked.
    pub totals: Option<Row>,
    /// The period.
    pub period: ResolvedPeriod,
    /// The days of the baseline, where a comparison was asked.
    pub baseline: Option<DateRange>,
    /// What the sources have delivered.
    pub loads: Arc<Loads>,
    /// What the answer cost, by the rule of [`Ask::explain`].
    pub cost: u64,
    /// Why values are missing, each reason once for each metric; nothing to divide by is no reason to warn. And spans of
    /// days that the question cuts.
    pub warnings: Vec<Warning>,
}

/// A metric that has no value in some group or in all of them.
#[derive(Clone, Debug)]
pub struct Warning {
    /// The metric.
    pub metric: Metric,
    /// Why.
    pub reason: Undefined,
}

impl Row {
    /// Whether it stands for groups that were not singled out.
    pub fn is_others(&self) -> bool {
        self.key.contains(&Key::Others)
    }
}

impl Ask {
    /// A question for the whole team over a period, with nothing special about it.
    pub fn new(
        metrics: impl IntoIterator<Item = impl Into<Metric>>,
        period: PeriodAsk,
        rights: Rights,
    ) -> Self {
        Self {
            metrics: metrics.into_iter().map(Into::into).collect(),
            cuts: vec![],
            period,
            compare: None,
            filter: Filter::Everything,
            basis: None,
            crediting: CreditingAsk::default(),
            currency: None,
            only_complete: false,
            having: None,
            top: None,
            groups: None,
            fill: false,
            totals: false,
            rights,
            as_of: None,
        }
    }

    /// Whether a row is one to keep.
    pub(super) fn keeps(&self, row: &Row) -> bool {
        self.having.as_ref().is_none_or(|having| having.passes(row))
    }

    /// The metrics asked, and after them those that only decide which groups to keep.
    pub(super) fn computed(&self) -> Vec<Metric> {
        let mut metrics = self.metrics.clone();
        let having = self.having.iter().flat_map(Having::metrics);
        for metric in having.chain(self.top.iter().map(|top| &top.by)) {
            if !metrics.contains(metric) {
                metrics.push(metric.clone());
            }
        }
        metrics
    }
}
