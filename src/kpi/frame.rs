//! What cohorts and funnels share: their days, the days compared with, and the making of values.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::values::Basis;

use super::{
    Kpi, KpiComparison, KpiValue, Rights, delivered::Delivered, formula::Term, loads::Loads,
    needs_money,
};
use crate::{
    error::Result,
    store::TeamStore,
    time::{Calendar, CompareAsk, DateRange, Grain, PeriodAsk, PeriodError, ResolvedPeriod},
};

/// A question's days, read by the team's calendar.
pub struct Frame {
    pub calendar: Calendar,
    pub today: NaiveDate,
    pub period: ResolvedPeriod,
    pub baseline: Option<DateRange>,
    pub delivered: Delivered,
    pub loads: Arc<Loads>,
    pub currency: iso_currency::Currency,
    pub rights: Rights,
}

/// What a question says of its days and values.
pub struct FrameAsk<'a> {
    pub period: &'a PeriodAsk,
    pub compare: Option<&'a CompareAsk>,
    /// The currency of amounts; the team's when `None`.
    pub currency: Option<iso_currency::Currency>,
    /// Only what is over: whole buckets of the grain, or days without one.
    pub only_complete: Option<Option<Grain>>,
    pub rights: Rights,
}

impl FrameAsk<'_> {
    /// Resolves the days.
    pub async fn resolve(&self, store: &TeamStore) -> Result<Frame> {
        let calendar = store.calendar()?;
        let today = calendar.today(store.clock().now());
        let loads = store.source_loads().await?;
        let delivered = Delivered::new(&loads);
        if self.compare.is_some_and(|compare| !compare.to.is_period()) {
            return Err(PeriodError::NotAPeriod.into());
        }
        let (period, baseline) = calendar.window(
            self.period,
            self.compare,
            self.only_complete,
            today,
            delivered.all(),
        )?;
        Ok(Frame {
            calendar,
            today,
            period,
            baseline,
            delivered,
            loads: Arc::new(Loads::new(loads, today)),
            currency: store.currency(self.currency)?,
            rights: self.rights,
        })
    }
}

impl Frame {
    /// A KPI of people who came in some days, from its measures' values.
    pub fn value(&self, kpi: Kpi, terms: Vec<Term>, days: DateRange, split: bool) -> KpiValue {
        let basis = match split {
            true => Basis::AcquiredCohort,
            false => Basis::Blended,
        };
        let result = kpi.compute(terms).evaluate();
        let loads = self.loads.clone();
        let mut value = KpiValue::new(kpi, result, &self.period, self.currency, basis, loads);
        value.days = days;
        value.complete = days.to < self.today;
        value.provisional = !value.complete;
        if needs_money(kpi) && !self.rights.money {
            return value.withheld();
        }
        value
    }
}

/// Puts a baseline beside a value.
pub fn compare(value: &mut KpiValue, baseline: KpiValue, days: DateRange) {
    value.comparison = Some(Box::new(KpiComparison { baseline, days }));
}
