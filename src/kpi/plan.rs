//! From a question to rows of values: which measures to read, over which days, grouped by what; then formulas.
//!
//! Both doors of the API, `kpis` on an entity and `metrics`, come through here, so that their numbers cannot differ.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use entity::{source_load, values::Basis};
use rust_decimal::Decimal;

use super::{
    Ask, Kpi, KpiComparison, KpiValue, Loads, Metric, Row, Table,
    as_of::Reading,
    attribution::{Crediting, Side, Sides},
    delivered::Delivered,
    fit::Taking,
    formula::{Term, share_known},
    maturity,
    provisional::Provisional,
    reference::References,
    sums::{GroupKey, Sums, SumsAsk, time_cut},
};
use crate::{
    error::{Error, Result},
    store::{
        TeamStore,
        measures::{Cut, Measure},
    },
    time::{Bucket, Calendar, DateRange, ResolvedPeriod},
};

impl Ask {
    /// Reads what is needed and computes the answer. The number of statements depends on the KPIs and on whether
    /// there is a comparison, never on how many groups there are.
    pub async fn answer(&self, store: &TeamStore) -> Result<Table> {
        // On the heap, because resolvers that ask stand deep within each other on a worker's stack.
        Box::pin(self.answered(store)).await
    }

    async fn answered(&self, store: &TeamStore) -> Result<Table> {
        let store = &store.reading(self.as_of)?;
        let loads = store.source_loads().await?;
        let mut plan = Plan::new(self, store, loads)?;
        plan.references = References::load(self, &plan.metrics, store).await?;
        let (mut rows, totals) = futures_util::try_join!(plan.groups(&self.cuts), async {
            match self.totals && !self.cuts.is_empty() {
                true => plan.rows(&[]).await,
                false => Ok(vec![]),
            }
        })?;
        let mut totals = totals.into_iter().next();
        if self.cuts.is_empty() {
            totals = rows.first().filter(|_| self.totals).cloned();
            rows.retain(|row| self.keeps(row));
        }
        let warnings = plan.warnings(rows.iter().chain(&totals));
        // What only decided which rows to keep has done so.
        for row in rows.iter_mut().chain(&mut totals) {
            row.values.truncate(self.metrics.len());
        }
        Ok(Table {
            rows,
            totals,
            cost: plan.cost(),
            warnings,
            baseline: match &plan.references {
                Some(_) => Some(plan.period.range),
                None => plan.baseline,
            },
            period: plan.period,
            loads: plan.loads,
        })
    }
}

/// The most values of one answer.
const MOST_VALUES: usize = 250_000;
/// After so many rows other requests get their turn, and a request past its time ends.
const ROWS_AT_A_TIME: usize = 256;

/// A question with everything settled that can be settled without reading facts.
pub(super) struct Plan<'a> {
    pub ask: &'a Ask,
    /// What rows hold values of: the metrics asked, then those that decide which rows to keep.
    pub metrics: Vec<Metric>,
    pub store: &'a TeamStore,
    pub calendar: Calendar,
    pub today: chrono::NaiveDate,
    pub period: ResolvedPeriod,
    pub baseline: Option<DateRange>,
    references: Option<References>,
    delivered: Delivered,
    pub(super) loads: Arc<Loads>,
    pub taking: Taking,
    pub crediting: Crediting,
    pub currency: iso_currency::Currency,
    pub reading: Reading,
    provisional: Provisional,
}

/// What was read for a set of cuts.
pub(super) struct Readings {
    pub sums: Sides,
    /// The sums of the baseline.
    pub before: Option<Sides>,
    /// Which bucket of the baseline stands against which.
    pub pairs: HashMap<i32, Option<Bucket>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        ask: &'a Ask,
        store: &'a TeamStore,
        loads: Vec<source_load::Model>,
    ) -> Result<Self> {
        let calendar = store.calendar()?;
        let today = calendar.today(store.clock().now());
        let delivered = Delivered::new(&loads);
        let complete = ask
            .only_complete
            .then(|| time_cut(&ask.cuts).map(|(_, grain)| grain));
        let (period, baseline) = calendar.window(
            &ask.period,
            ask.compare.as_ref(),
            complete,
            today,
            delivered.all(),
        )?;
        let currency = store.currency(ask.currency)?;
        let basis = ask.basis.unwrap_or(store.team().ad_basis);
        let metrics = ask.computed();
        let taking = Taking {
            basis,
            // Credits count on the days that the date basis chooses; refunds then as each KPI has them.
            refunds_by: ask
                .crediting
                .date_basis
                .filter(|_| basis != Basis::Attributed),
        };
        let measures = metrics.iter().flat_map(|metric| taking.measures(metric));
        let reading = Reading::new(store, measures);
        let crediting = Crediting::new(&ask.crediting, basis, store.team())?;
        Ok(Self {
            ask,
            metrics,
            store,
            calendar,
            today,
            period,
            baseline,
            references: None,
            delivered,
            provisional: Provisional::new(&loads),
            loads: Arc::new(Loads::new(loads, today)),
            taking,
            crediting,
            currency,
            reading,
        })
    }

    async fn sums(&self, cuts: &[Cut], days: DateRange) -> Result<Sides> {
        let reads = self
            .readable(cuts)
            .into_iter()
            .map(async |(side, measures)| {
                let ask = SumsAsk {
                    measures: &measures,
                    cuts,
                    filter: &self.ask.filter,
                    days,
                    calendar: &self.calendar,
                    today: self.today,
                    currency: self.currency.code(),
                    credit: self.crediting.on(side),
                };
                Ok::<_, Error>((side, Sums::read(self.store, &ask).await?))
            });
        let read: Vec<(Side, Sums)> = futures_util::future::try_join_all(reads).await?;
        Ok(read.into_iter().collect())
    }

    async fn read(&self, cuts: &[Cut]) -> Result<Readings> {
        let (sums, before) = futures_util::try_join!(self.sums(cuts, self.period.range), async {
            match self.baseline {
                Some(days) => self.sums(cuts, days).await.map(Some),
                None => Ok(None),
            }
        })?;
        let pairs = self.bucket_pairs(cuts);
        Ok(Readings {
            sums,
            before,
            pairs,
        })
    }

    /// The rows of these cuts, in the order of their keys.
    async fn rows(&self, cuts: &[Cut]) -> Result<Vec<Row>> {
        let read = self.read(cuts).await?;
        let keys = self.keys(cuts, &read)?;
        self.rows_of(cuts, &read, keys).await
    }

    /// The rows of these cuts that are kept, in the order of their keys.
    async fn groups(&self, cuts: &[Cut]) -> Result<Vec<Row>> {
        let Some(top) = &self.ask.top else {
            let mut rows = self.rows(cuts).await?;
            // One row for everything is the total too, which is told whether it is kept or not.
            rows.retain(|row| cuts.is_empty() || self.ask.keeps(row));
            return Ok(rows);
        };
        let read = self.read(cuts).await?;
        let keys = self.keys(cuts, &read)?;
        let mut rows = self.rows_of(cuts, &read, keys.clone()).await?;
        rows.retain(|row| self.ask.keeps(row));
        self.top(top, cuts, &read, &keys, rows).await
    }

    /// The values of these groups.
    pub(super) async fn rows_of(
        &self,
        cuts: &[Cut],
        read: &Readings,
        keys: BTreeSet<GroupKey>,
    ) -> Result<Vec<Row>> {
        let cells = keys.len().saturating_mul(self.metrics.len());
        if cells > MOST_VALUES {
            return Err(Error::Limit(format!(
                "the query makes {} rows of {} values; at most {MOST_VALUES} values are allowed: ask a shorter \
                 period, a coarser grain, fewer dimensions or fewer metrics",
                keys.len(),
                self.metrics.len()
            )));
        }
        let days = self.period.range;
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            if rows.len() % ROWS_AT_A_TIME == ROWS_AT_A_TIME - 1 {
                tokio::task::yield_now().await;
            }
            let own_days = self.days_of(cuts, &key, days);
            let then = self.baseline_of(cuts, &key, read);
            let values = self.metrics.iter().map(|metric| {
                let mut value = self.value(metric, cuts, &key, &read.sums, own_days);
                if let Some(references) = &self.references {
                    let filter = &self.ask.filter;
                    let held = references.comparison(&value, filter, cuts, &key, own_days);
                    value.comparison = Some(held);
                    return value;
                }
                value.comparison =
                    read.before
                        .as_ref()
                        .zip(then.as_ref())
                        .map(|(before, (key, days))| {
                            let baseline = self.value(metric, cuts, key, before, *days);
                            let days = *days;
                            Box::new(KpiComparison { baseline, days })
                        });
                value
            });
            let values = values.collect();
            rows.push(Row { key, values });
        }
        Ok(rows)
    }

    fn value(
        &self,
        metric: &Metric,
        cuts: &[Cut],
        key: &GroupKey,
        sums: &Sides,
        days: DateRange,
    ) -> KpiValue {
        let mut estimated = false;
        let mut term = |kpi: Kpi, measure: Measure| {
            let measure = self.taking.of(measure);
            let side = self.crediting.side_of(kpi, measure);
            if let Some(reason) = self.misfit(metric, measure, cuts, side) {
                return Term::undefined(reason);
            }
            let days = match measure.spec().previous {
                true => self.calendar.previous(days, self.today),
                false => days,
            };
            let delivered = self.delivered.covers(measure, days);
            let (term, by_earlier_rate) = sums.term(side, measure, key, delivered);
            estimated |= by_earlier_rate;
            term
        };
        let mut value = KpiValue::new(
            metric.clone(),
            metric.evaluate(&mut term),
            &self.period,
            self.currency,
            self.basis_of(metric, cuts),
            self.loads.clone(),
        );
        value.days = days;
        value.coverage = self.coverage(metric, cuts, key, sums);
        value.estimated = estimated || metric.is_estimate();
        value.read = Some(self.reading.at);
        value.credited = self.credited(metric);
        value.refunds_by = self.taking.refunds_by;
        value.complete = days.to < self.today;
        value.provisional = self
            .provisional
            .touches(self.measures(metric).into_iter(), days)
            || maturity::is_open(self.measures(metric).into_iter(), days, self.today);
        if self.ask.rights.money || !metric.needs_money() {
            value
        } else {
            value.withheld()
        }
    }

    /// The share of a group's orders whose cost of goods is known, for metrics that need it.
    fn coverage(
        &self,
        metric: &Metric,
        cuts: &[Cut],
        key: &GroupKey,
        sums: &Sides,
    ) -> Option<Decimal> {
        let needed = |(side, without): (Side, Measure)| {
            Some((side, without.with_known_costs_too()?, without))
        };
        let (side, all, without) = self.sided(metric).into_iter().find_map(needed)?;
        if self.misfit(metric, all, cuts, side).is_some() {
            return None;
        }
        share_known(sums.count(side, all, key), sums.count(side, without, key))
    }
}
