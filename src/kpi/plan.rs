//! From a question to rows of values: which measures to read, over which days, grouped by what; then formulas.
//!
//! Both doors of the API, `kpis` on an entity and `metrics`, come through here, so that their numbers cannot differ.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use entity::{source_load, values::Basis};
use rust_decimal::Decimal;

use super::{
    Ask, Kpi, KpiComparison, KpiValue, Loads, Row, Table, Undefined,
    as_of::Reading,
    attribution::{Crediting, Side, Sides, of_touch},
    definition::needs_money,
    formula::{Formula, Term, share_known},
    maturity,
    provisional::Provisional,
    reference::{self, References},
    sums::{Delivered, GroupKey, Sums, SumsAsk, check_rows, time_cut, with, without},
};
use crate::{
    auth::Scope,
    error::{Error, Result},
    store::{
        TeamStore,
        measures::{Cut, Dimension, Key, Measure},
    },
    time::{Bucket, Calendar, DateRange, ResolvedPeriod},
};

impl Ask {
    /// Reads what is needed and computes the answer. The number of statements depends on the KPIs and on whether
    /// there is a comparison, never on how many groups there are.
    pub async fn answer(&self, store: &TeamStore) -> Result<Table> {
        let store = &store.reading(self.as_of)?;
        let loads = store.source_loads().await?;
        let mut plan = Plan::new(self, store, loads)?;
        plan.references = References::load(self, store).await?;
        let (rows, totals) = futures_util::try_join!(plan.rows(&self.cuts), async {
            match self.totals && !self.cuts.is_empty() {
                true => Ok(Some(plan.rows(&[]).await?)),
                false => Ok(None),
            }
        })?;
        let totals = match totals {
            Some(mut total) => total.pop(),
            None if self.totals => rows.first().cloned(),
            None => None,
        };
        let baseline = match &plan.references {
            Some(_) => Some(plan.period.range),
            None => plan.baseline,
        };
        let (period, loads) = (plan.period, plan.loads);
        Ok(Table {
            rows,
            totals,
            period,
            baseline,
            loads,
        })
    }
}

/// The most values of one answer.
const MOST_VALUES: usize = 250_000;
/// After so many rows other requests get their turn, and a request past its time ends.
const ROWS_AT_A_TIME: usize = 256;

struct Plan<'a> {
    ask: &'a Ask,
    store: &'a TeamStore,
    calendar: Calendar,
    today: chrono::NaiveDate,
    period: ResolvedPeriod,
    baseline: Option<DateRange>,
    references: Option<References>,
    delivered: Delivered,
    loads: Arc<Loads>,
    basis: Basis,
    crediting: Crediting,
    currency: iso_currency::Currency,
    reading: Reading,
    provisional: Provisional,
}

impl<'a> Plan<'a> {
    fn new(ask: &'a Ask, store: &'a TeamStore, loads: Vec<source_load::Model>) -> Result<Self> {
        let calendar = store.calendar()?;
        let today = calendar.today(store.clock().now());
        let delivered = Delivered::new(&loads);
        let period = calendar.resolve(&ask.period, today, delivered.all())?;
        let baseline = match &ask.compare {
            Some(compare) => reference::baseline_days(&calendar, &period, compare, today)?,
            None => None,
        };
        let code = &store.team().currency;
        let currency = iso_currency::Currency::from_code(code)
            .ok_or_else(|| Error::Internal(format!("the team's currency {code} is unknown")))?;
        let basis = ask.basis.unwrap_or(store.team().ad_basis);
        let measures = ask.kpis.iter().flat_map(|kpi| measures(*kpi, basis));
        let reading = Reading::new(store, measures);
        let crediting = Crediting::new(&ask.crediting, basis, store.team())?;
        Ok(Self {
            ask,
            store,
            calendar,
            today,
            period,
            baseline,
            references: None,
            delivered,
            provisional: Provisional::new(&loads),
            loads: Arc::new(Loads::new(loads, today)),
            basis,
            crediting,
            currency,
            reading,
        })
    }

    /// The measures of a KPI on the basis asked.
    fn measures(&self, kpi: Kpi) -> impl Iterator<Item = Measure> + use<> {
        measures(kpi, self.basis)
    }

    /// Why a measure cannot be read with these cuts and this filter, if it cannot.
    fn misfit(&self, measure: Measure, cuts: &[Cut], side: Side) -> Option<Undefined> {
        let fact = measure.spec().fact;
        let asked = |dimension: &Dimension| {
            cuts.iter().any(|cut| cut.dimension() == *dimension)
                || self.ask.filter.names(*dimension)
        };
        if self.reading.forgets(measure) {
            return Some(Undefined::NoHistory(measure, None));
        }
        // The team's setting is about advertising results; only a query can insist on crediting nobody.
        let blended = self.ask.basis == Some(Basis::Blended) && fact.by_acquisition();
        for dimension in Dimension::ALL.into_iter().filter(asked) {
            if !self.ask.rights.personal
                && dimension == Dimension::Property
                && fact.tells_of_persons()
            {
                return Some(Undefined::NotPermitted(Scope::PersonalDataRead));
            }
            if self.reading.forgets_dimension(fact, dimension) {
                return Some(Undefined::NoHistory(measure, Some(dimension)));
            }
            let cut = cuts.iter().any(|cut| cut.dimension() == dimension);
            // Spend and visits are of no conversion type: naming one narrows the conversions alone.
            let untouched =
                dimension == Dimension::ConversionType && !cut && !measure.counts_conversions();
            let fits = dimension.fits(fact) || (side != Side::Plain && of_touch(dimension));
            if !untouched && (!fits || (blended && dimension.credits())) {
                return Some(Undefined::IncompatibleDimension(measure, dimension));
            }
        }
        None
    }

    async fn sums(&self, cuts: &[Cut], days: DateRange) -> Result<Sides> {
        let mut measures: BTreeMap<Side, BTreeSet<Measure>> = BTreeMap::new();
        for kpi in &self.ask.kpis {
            if !self.ask.rights.money && needs_money(*kpi) {
                continue;
            }
            for measure in self.measures(*kpi) {
                let side = self.crediting.side_of(*kpi, measure);
                // How many of the orders have a known cost is told too.
                let all = measure.with_known_costs_too();
                for measure in std::iter::once(measure).chain(all) {
                    if self.misfit(measure, cuts, side).is_none() {
                        measures.entry(side).or_default().insert(measure);
                    }
                }
            }
        }
        let reads = measures.into_iter().map(async |(side, measures)| {
            let measures: Vec<Measure> = measures.into_iter().collect();
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

    /// The rows of these cuts, in the order of their keys.
    async fn rows(&self, cuts: &[Cut]) -> Result<Vec<Row>> {
        let days = self.period.range;
        let (sums, before) = futures_util::try_join!(self.sums(cuts, days), async {
            match self.baseline {
                Some(days) => self.sums(cuts, days).await.map(Some),
                None => Ok(None),
            }
        })?;
        let pairs = self.bucket_pairs(cuts);
        let keys = self.keys(cuts, &sums, before.as_ref(), &pairs)?;
        let cells = keys.len().saturating_mul(self.ask.kpis.len());
        if cells > MOST_VALUES {
            return Err(Error::Limit(format!(
                "the query makes {} rows of {} values; at most {MOST_VALUES} values are allowed: ask a shorter \
                 period, a coarser grain, fewer dimensions or fewer metrics",
                keys.len(),
                self.ask.kpis.len()
            )));
        }
        let mut rows = Vec::with_capacity(keys.len());
        for key in keys {
            if rows.len() % ROWS_AT_A_TIME == ROWS_AT_A_TIME - 1 {
                tokio::task::yield_now().await;
            }
            let values = self.ask.kpis.iter().map(|kpi| {
                let row_days = self.days_of(cuts, &key, days);
                let mut value = self.value(*kpi, cuts, &key, &sums, row_days);
                if let Some(references) = &self.references {
                    let filter = &self.ask.filter;
                    let held = references.comparison(&value, filter, cuts, &key, row_days);
                    value.comparison = Some(held);
                    return value;
                }
                value.comparison =
                    before
                        .as_ref()
                        .zip(self.baseline)
                        .and_then(|(before, whole)| {
                            let (key, days) =
                                baseline_key(cuts, &key, &pairs, &self.calendar, whole)?;
                            let baseline = self.value(*kpi, cuts, &key, before, days);
                            Some(Box::new(KpiComparison { baseline, days }))
                        });
                value
            });
            let values = values.collect();
            rows.push(Row { key, values });
        }
        Ok(rows)
    }

    /// The groups to show: those with facts now or in the baseline, and with `fill` all buckets of the period.
    fn keys(
        &self,
        cuts: &[Cut],
        sums: &Sides,
        before: Option<&Sides>,
        pairs: &HashMap<i32, Option<Bucket>>,
    ) -> Result<BTreeSet<GroupKey>> {
        if cuts.is_empty() {
            return Ok(BTreeSet::from([GroupKey::new()]));
        }
        if let Some(groups) = &self.ask.groups {
            return Ok(groups.iter().cloned().collect());
        }
        let mut keys: BTreeSet<GroupKey> = sums.keys().cloned().collect();
        let Some((place, grain)) = time_cut(cuts) else {
            keys.extend(before.into_iter().flat_map(|before| before.keys().cloned()));
            return Ok(keys);
        };
        // A group that the baseline has and the period lacks has fallen to nothing: that is news.
        let by_baseline: BTreeMap<i32, i32> = pairs
            .iter()
            .filter_map(|(now, then)| Some((then.as_ref()?.index, *now)))
            .collect();
        for key in before.into_iter().flat_map(Sides::keys) {
            if let Some(Key::Bucket(index)) = key.get(place)
                && let Some(now) = by_baseline.get(index)
            {
                keys.insert(with(&without(key, place), place, *now));
            }
        }
        if self.ask.fill {
            let mut groups: BTreeSet<GroupKey> =
                keys.iter().map(|key| without(key, place)).collect();
            if cuts.len() == 1 {
                groups.insert(GroupKey::new());
            }
            check_rows(groups.len(), &self.calendar, grain, self.period.range)?;
            for rest in &groups {
                for bucket in self.calendar.buckets(grain, self.period.range) {
                    keys.insert(with(rest, place, bucket.index));
                }
            }
        }
        Ok(keys)
    }

    fn bucket_pairs(&self, cuts: &[Cut]) -> HashMap<i32, Option<Bucket>> {
        match (time_cut(cuts), self.baseline) {
            (Some((_, grain)), Some(baseline)) => self
                .calendar
                .pair_buckets(grain, self.period.range, baseline)
                .into_iter()
                .map(|(now, then)| (now.index, then))
                .collect(),
            _ => HashMap::new(),
        }
    }

    /// The days that a row stands for: its bucket's, as far as the period reaches.
    fn days_of(&self, cuts: &[Cut], key: &GroupKey, days: DateRange) -> DateRange {
        bucket_of(cuts, key)
            .and_then(|bucket| self.calendar.range(bucket).intersect(&days))
            .unwrap_or(days)
    }

    fn value(
        &self,
        kpi: Kpi,
        cuts: &[Cut],
        key: &GroupKey,
        sums: &Sides,
        days: DateRange,
    ) -> KpiValue {
        let mut estimated = false;
        let terms = self.measures(kpi).map(|measure| {
            let side = self.crediting.side_of(kpi, measure);
            match self.misfit(measure, cuts, side) {
                Some(reason) => Term::undefined(reason),
                None => {
                    let days = match measure.spec().previous {
                        true => self.calendar.previous(days, self.today),
                        false => days,
                    };
                    let delivered = self.delivered.covers(measure, days);
                    let (term, by_earlier_rate) = sums.term(side, measure, key, delivered);
                    estimated |= by_earlier_rate;
                    term
                }
            }
        });
        let formula: Formula = kpi.compute(terms.collect());
        let mut value = KpiValue::new(
            kpi,
            formula.evaluate(),
            &self.period,
            self.currency,
            self.basis_of(kpi, cuts),
            self.loads.clone(),
        );
        value.days = days;
        value.coverage = self.coverage(kpi, cuts, key, sums);
        value.estimated = estimated || kpi.definition().is_estimate();
        value.read = Some(self.reading.at);
        value.credited = self.crediting.told_of(kpi);
        value.complete = days.to < self.today;
        value.provisional = self.provisional.touches(self.measures(kpi), days)
            || maturity::is_open(self.measures(kpi), days, self.today);
        if self.ask.rights.money || !needs_money(kpi) {
            value
        } else {
            value.withheld()
        }
    }

    /// The share of a group's orders whose cost of goods is known, for KPIs that need it.
    fn coverage(&self, kpi: Kpi, cuts: &[Cut], key: &GroupKey, sums: &Sides) -> Option<Decimal> {
        let mut needed = kpi.definition().measures.iter();
        let (all, without) =
            needed.find_map(|measure| Some((measure.with_known_costs_too()?, *measure)))?;
        let side = self.crediting.side_of(kpi, all);
        if self.misfit(all, cuts, side).is_some() {
            return None;
        }
        share_known(sums.count(side, all, key), sums.count(side, without, key))
    }

    /// On whose word a KPI rests: the platforms', the customers' credited to who acquired them, or nobody's.
    fn basis_of(&self, kpi: Kpi, cuts: &[Cut]) -> Basis {
        let facts: Vec<_> = self
            .measures(kpi)
            .map(|measure| measure.spec().fact)
            .collect();
        if self.crediting.side(kpi) != Side::Plain {
            return Basis::Attributed;
        }
        let credited = cuts.iter().any(|cut| cut.dimension().credits())
            || Dimension::ALL
                .iter()
                .any(|dimension| dimension.credits() && self.ask.filter.names(*dimension));
        let by_customers = facts.iter().any(|fact| fact.by_acquisition());
        match (by_customers, credited) {
            (false, _) => Basis::PlatformReported,
            (true, true) => Basis::AcquiredCohort,
            (true, false) => Basis::Blended,
        }
    }
}

fn measures(kpi: Kpi, basis: Basis) -> impl Iterator<Item = Measure> {
    let measures = kpi.definition().measures.iter();
    measures.map(move |measure| measure.under(basis))
}

fn bucket_of(cuts: &[Cut], key: &GroupKey) -> Option<Bucket> {
    let (place, grain) = time_cut(cuts)?;
    match key.get(place)? {
        Key::Bucket(index) => Some(Bucket {
            grain,
            index: *index,
        }),
        _ => None,
    }
}

/// The group that a group is compared with, and its days.
fn baseline_key(
    cuts: &[Cut],
    key: &GroupKey,
    pairs: &HashMap<i32, Option<Bucket>>,
    calendar: &Calendar,
    baseline: DateRange,
) -> Option<(GroupKey, DateRange)> {
    let Some((place, _)) = time_cut(cuts) else {
        return Some((key.clone(), baseline));
    };
    let bucket = bucket_of(cuts, key)?;
    let then = (*pairs.get(&bucket.index)?)?;
    let days = calendar.range(then).intersect(&baseline)?;
    Some((with(&without(key, place), place, then.index), days))
}
