//! What cohorts and funnels share: their days, the days compared with, and the making of values.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::values::Basis;

use super::{
    Kpi, KpiComparison, KpiValue, Rights, delivered::Delivered, format::Unit, formula::Term,
    loads::Loads,
};
use crate::{
    error::{Error, Result},
    store::{
        TeamStore,
        measures::{Measure, Scale},
    },
    time::{Calendar, CompareAsk, DateRange, PeriodAsk, ResolvedPeriod},
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

impl Frame {
    /// Resolves the days.
    pub async fn new(
        store: &TeamStore,
        period: &PeriodAsk,
        compare: Option<&CompareAsk>,
        rights: Rights,
    ) -> Result<Self> {
        let calendar = store.calendar()?;
        let today = calendar.today(store.clock().now());
        let loads = store.source_loads().await?;
        let delivered = Delivered::new(&loads);
        let period = calendar.resolve(period, today, delivered.all())?;
        let baseline = match compare {
            Some(compare) => Some(calendar.comparison(&period, compare, today)?.baseline),
            None => None,
        };
        let code = &store.team().currency;
        let currency = iso_currency::Currency::from_code(code)
            .ok_or_else(|| Error::Internal(format!("the team's currency {code} is unknown")))?;
        Ok(Self {
            calendar,
            today,
            period,
            baseline,
            delivered,
            loads: Arc::new(Loads::new(loads, today)),
            currency,
            rights,
        })
    }

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
        let definition = kpi.definition();
        let is_money = |measure: &Measure| measure.spec().scale == Scale::Money;
        let of_money =
            definition.unit == Unit::Currency || definition.measures.iter().any(is_money);
        if of_money && !self.rights.money {
            return value.withheld();
        }
        value
    }
}

/// Puts a baseline beside a value.
pub fn compare(value: &mut KpiValue, baseline: KpiValue, days: DateRange) {
    value.comparison = Some(Box::new(KpiComparison { baseline, days }));
}
