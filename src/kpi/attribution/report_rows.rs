//! From what was read to the report's rows and totals.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{
    CreditSum, Credited, Rules,
    report::{Amounts, Figures, ModelFigures, Reconciliation, ReportAsk, ReportRow},
};
use crate::{
    auth::Scope,
    error::{Error, Result},
    kpi::{Delivered, Kpi, KpiComparison, KpiValue, Loads, Undefined, formula::Term, sums::Sums},
    store::measures::{Key, Measure, Scale},
    time::ResolvedPeriod,
};

/// The most rows of a report.
const MOST_ROWS: usize = 10_000;

/// What all numbers of a report have in common.
pub(super) struct Setting<'a> {
    pub ask: &'a ReportAsk,
    pub rules: Arc<Rules>,
    pub delivered: &'a Delivered,
    pub loads: Arc<Loads>,
    pub period: &'a ResolvedPeriod,
    pub today: NaiveDate,
    pub currency: iso_currency::Currency,
}

/// The groups that have a credit or a cost, now or before.
pub(super) fn rows(
    setting: &Setting<'_>,
    now: &Figures,
    before: Option<&Figures>,
) -> Result<Vec<ReportRow>> {
    let mut keys: BTreeSet<&Vec<Key>> = BTreeSet::new();
    for figures in std::iter::once(now).chain(before) {
        keys.extend(figures.efforts.keys());
        for credited in figures.results.iter().chain(&figures.customers) {
            keys.extend(credited.attributed.keys());
        }
    }
    if keys.len() > MOST_ROWS {
        return Err(Error::Limit(format!(
            "the report has {} rows; at most {MOST_ROWS} are allowed: ask a coarser dimension or a narrower filter",
            keys.len()
        )));
    }
    let mut rows: Vec<ReportRow> = keys
        .into_iter()
        .map(|key| setting.row(key, now, before))
        .collect();
    let first = |row: &ReportRow| {
        row.models
            .first()
            .map_or(Decimal::ZERO, |model| model.now.count)
    };
    // Groups come ordered by key, and the sort is stable, so ties stay in that order.
    rows.sort_by_key(|row| Reverse(first(row)));
    Ok(rows)
}

/// What nobody is credited with, and the reconciliation of counts and of amounts, by the first model.
pub(super) fn totals(setting: &Setting<'_>, figures: &Figures) -> (Amounts, [Reconciliation; 2]) {
    let none = Credited::default();
    let credited = figures.results.first().unwrap_or(&none);
    let measures = setting.ask.result.measures().1;
    let all = |groups: &BTreeMap<Vec<Key>, Vec<CreditSum>>, place: usize| {
        let sums = groups.values().filter_map(|sums| sums.get(place));
        sums.fold(CreditSum::default(), |all, sum| all.plus(sum))
    };
    let reconcile = |place: usize, claim: Measure| {
        let measure = measures[place];
        let (given, left) = (
            all(&credited.attributed, place),
            all(&credited.unattributed, place),
        );
        let value = |sum: &CreditSum| number(setting.term(measure, Some(sum), figures));
        Reconciliation {
            attributed: value(&given),
            unattributed: value(&left),
            total: value(&given.plus(&left)),
            claimed: number(setting.sum(&figures.claims, claim, &[], figures)),
        }
    };
    let unattributed = Amounts {
        count: all(&credited.unattributed, 0).value(),
        value: number(setting.term(measures[1], Some(&all(&credited.unattributed, 1)), figures)),
    };
    let counts = reconcile(0, Measure::conversions);
    (
        unattributed,
        [counts, reconcile(1, Measure::conversion_value)],
    )
}

fn number(term: Term) -> Result<Decimal, Undefined> {
    crate::kpi::formula::Formula::from(term).evaluate().value
}

impl Setting<'_> {
    fn row(&self, key: &[Key], now: &Figures, before: Option<&Figures>) -> ReportRow {
        let spend =
            |figures: &Figures| vec![self.sum(&figures.efforts, Measure::spend, key, figures)];
        let models = self.ask.models.iter().enumerate().map(|(place, model)| {
            let roas = |figures: &Figures| {
                let value = self.credit(&figures.results, place, 1, key, figures);
                vec![
                    value,
                    self.sum(&figures.efforts, Measure::spend, key, figures),
                ]
            };
            let cac = |figures: &Figures| {
                let sum = |measure| self.sum(&figures.efforts, measure, key, figures);
                let customers = figures
                    .customers
                    .get(place)
                    .and_then(|of| of.attributed.get(key));
                let customers = customers.and_then(|sums| sums.first());
                let customers = self.term(Measure::new_customers, customers, figures);
                vec![
                    sum(Measure::spend),
                    sum(Measure::acquisition_costs),
                    customers,
                ]
            };
            ModelFigures {
                model: *model,
                now: self.amounts(place, key, now),
                before: before.map(|before| self.amounts(place, key, before)),
                roas: self.value(Kpi::Roas, Some(place), now, before, roas),
                cac: self
                    .ask
                    .with_customers
                    .then(|| self.value(Kpi::Cac, Some(place), now, before, cac)),
            }
        });
        ReportRow {
            key: key.first().cloned().unwrap_or(Key::None),
            spend: self.value(Kpi::Spend, None, now, before, spend),
            models: models.collect(),
        }
    }

    fn amounts(&self, model: usize, key: &[Key], figures: &Figures) -> Amounts {
        let sums = figures
            .results
            .get(model)
            .and_then(|of| of.attributed.get(key));
        Amounts {
            count: sums
                .and_then(|sums| sums.first())
                .map_or(Decimal::ZERO, CreditSum::value),
            value: number(self.credit(&figures.results, model, 1, key, figures)),
        }
    }

    fn credit(
        &self,
        credited: &[Credited],
        model: usize,
        measure: usize,
        key: &[Key],
        figures: &Figures,
    ) -> Term {
        let sums = credited.get(model).and_then(|of| of.attributed.get(key));
        let sum = sums.and_then(|sums| sums.get(measure));
        self.term(self.ask.result.measures().1[measure], sum, figures)
    }

    /// A credited sum as formulas take it: nothing where the facts were delivered and none is credited.
    fn term(&self, measure: Measure, sum: Option<&CreditSum>, figures: &Figures) -> Term {
        let term = match measure.spec().scale {
            Scale::Money => Term::money,
            _ => Term::count,
        };
        if !self.ask.may_read(measure) {
            return Term::undefined(Undefined::NotPermitted(Scope::MoneyRead));
        }
        match sum.filter(|sum| sum.any) {
            Some(sum) => match sum.missing_rate {
                Some(currency) => Term::undefined(Undefined::MissingFxRate { currency }),
                None => term(sum.value()),
            },
            None if self.delivered.covers(measure, figures.days) => term(Decimal::ZERO),
            None => Term::undefined(Undefined::NoData(measure)),
        }
    }

    fn sum(&self, sums: &Sums, measure: Measure, key: &[Key], figures: &Figures) -> Term {
        if !self.ask.may_read(measure) {
            return Term::undefined(Undefined::NotPermitted(Scope::MoneyRead));
        }
        if let Some(reason) = self.ask.misfit(measure) {
            return Term::undefined(reason);
        }
        let delivered = self.delivered.covers(measure, figures.days);
        sums.term(measure, &key.to_vec(), delivered).0
    }

    fn value(
        &self,
        kpi: Kpi,
        model: Option<usize>,
        now: &Figures,
        before: Option<&Figures>,
        terms: impl Fn(&Figures) -> Vec<Term>,
    ) -> KpiValue {
        let basis = match model {
            Some(_) => ReportAsk::BASIS,
            None => entity::values::Basis::PlatformReported,
        };
        let one = |figures: &Figures| {
            let result = kpi.compute(terms(figures)).evaluate();
            let mut value = KpiValue::new(
                kpi,
                result,
                self.period,
                self.currency,
                basis,
                self.loads.clone(),
            );
            value.complete = figures.days.to < self.today;
            value.days = figures.days;
            value.credited = model.map(|place| {
                let rules = Rules {
                    model: self.ask.models[place],
                    ..Rules::clone(&self.rules)
                };
                (Arc::new(rules), self.ask.by_touch)
            });
            // Where amounts may not be read, nor may the parts of what is made of them.
            match self.ask.rights.money {
                true => value,
                false => value.withheld(),
            }
        };
        let mut value = one(now);
        value.comparison = before.map(|before| {
            Box::new(KpiComparison {
                baseline: one(before),
                days: before.days,
            })
        });
        value
    }
}
