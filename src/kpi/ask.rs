//! A question for KPIs and its answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::values::Basis;

use super::{Kpi, KpiValue, Loads, attribution::CreditingAsk};
use crate::{
    store::measures::{Cut, Filter, Key},
    time::{CompareAsk, DateRange, PeriodAsk, ResolvedPeriod},
};

/// A question for KPIs.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Which.
    pub kpis: Vec<Kpi>,
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

impl Ask {
    /// The plain question for KPIs of the whole team over a period: no groups, no comparison, the team's settings.
    pub fn new(kpis: Vec<Kpi>, period: PeriodAsk, rights: Rights) -> Self {
        Self {
            kpis,
            cuts: Vec::new(),
            period,
            compare: None,
            filter: Filter::Everything,
            basis: None,
            crediting: CreditingAsk::default(),
            groups: None,
            fill: false,
            totals: false,
            rights,
            as_of: None,
        }
    }
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
    /// The values, in the order of the KPIs asked.
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
}
