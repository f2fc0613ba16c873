//! The question for lifetime values and its answer: a cohort of customers, in segments, with what they cost.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{source_load, values::Basis};
use rust_decimal::Decimal;

use super::{
    Buyer, Model, Terms, buyers,
    payback::{Paid, paid},
    segment::{Group, Number},
};
use crate::{
    auth::Scope,
    error::{Error, Result},
    kpi::{Ask, Kpi, KpiValue, Rights, Row, Undefined},
    store::{
        FactTable, TeamStore, Whose,
        measures::{Cut, Dimension, Key, Measure},
    },
    time::{DateRange, PeriodAsk, ResolvedPeriod},
};

/// A question for lifetime values.
#[derive(Clone, Debug)]
pub struct LifetimeAsk {
    /// Customers whose first order lies in these days, observed up to their end.
    pub period: PeriodAsk,
    /// Told apart by what.
    pub by: Option<Dimension>,
    /// What is predicted.
    pub terms: Terms,
    /// Whether the months to payback are asked.
    pub payback: bool,
    /// What the caller may read.
    pub rights: Rights,
}

/// Customers of a segment, or all, with what one cost.
#[derive(Clone, Debug)]
pub struct Valued {
    /// The segment.
    pub key: Key,
    /// The customers.
    pub group: Group,
    /// What winning one cost in the same days.
    pub cac: KpiValue,
    /// The month after the first order in which that had come back; where it was asked.
    pub payback: Number,
}

impl Valued {
    /// Lifetime value per unit of acquisition cost.
    pub fn per_cost(&self) -> Number {
        self.group.per_cost(self.cac.value)
    }
}

/// The answer.
pub struct Lifetime {
    /// The days asked.
    pub period: ResolvedPeriod,
    /// The last day observed: that of the period, or the last with orders delivered if that is earlier.
    pub through: Option<NaiveDate>,
    /// The models.
    pub model: Model,
    /// All customers together.
    pub total: Valued,
    /// The segments, in the order of their keys; empty where none were asked.
    pub segments: Vec<Valued>,
}

/// The days of which orders are known.
fn orders_known(loads: &[source_load::Model]) -> Option<DateRange> {
    let of_orders = || {
        loads
            .iter()
            .filter(|load| load.fact == FactTable::Orders.name())
    };
    let from = of_orders().filter_map(|load| load.data_from).min()?;
    let to = of_orders().filter_map(|load| load.data_through).max()?;
    DateRange::new(from, to)
}

/// The period asked, and the days of it that are observed; `None` for those when no orders are known of them.
pub async fn observed(
    store: &TeamStore,
    period: &PeriodAsk,
) -> Result<(ResolvedPeriod, Option<DateRange>)> {
    let loads = store.source_loads().await?;
    let calendar = store.calendar()?;
    let today = calendar.today(store.clock().now());
    let all = crate::kpi::delivered::Delivered::new(&loads).all();
    let period = calendar.resolve(period, today, all)?;
    let days = orders_known(&loads)
        .filter(|known| known.intersect(&period.range).is_some())
        .and_then(|known| DateRange::new(period.range.from, period.range.to.min(known.to)));
    Ok((period, days))
}

/// Fits the models and predicts, away from the threads that answer requests.
pub async fn fit<T: Send + 'static>(
    buyers: Vec<Buyer>,
    terms: Terms,
    then: impl FnOnce(Vec<Buyer>, Model) -> T + Send + 'static,
) -> Result<T> {
    let work = move || {
        let model = Model::fit(&buyers, terms);
        then(buyers, model)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Internal(format!("a fit ended early: {error}")))
}

impl LifetimeAsk {
    /// Reads the cohort and computes the answer, with the same number of statements for any number of customers and
    /// segments.
    pub async fn answer(&self, store: &TeamStore) -> Result<Lifetime> {
        let (period, days) = observed(store, &self.period).await?;
        let whose = Whose::FirstOrderedIn(days.unwrap_or(period.range));
        let calendar = store.calendar()?;
        let costs = self.costs(days.unwrap_or(period.range));
        let (found, costs) = futures_util::try_join!(
            async {
                match days {
                    Some(_) => buyers(store, &whose, self.by).await,
                    None => Ok(vec![]),
                }
            },
            costs.answer(store)
        )?;
        let (paid, paid_by_all) = match days {
            Some(days) if self.payback => paid(store, &calendar, days, self.by, &found).await?,
            _ => Default::default(),
        };
        let terms = self.terms;
        let (found, predicted, model) = fit(found, terms, move |found, model| {
            let predicted = model.predict(&found);
            (found, predicted, model)
        })
        .await?;
        let members: Vec<_> = found.iter().zip(&predicted).collect();
        let mut by_key: BTreeMap<&Key, Vec<_>> = BTreeMap::new();
        for member in &members {
            by_key.entry(&member.0.segment).or_default().push(*member);
        }
        let known = days.is_some();
        let valued = |key: &Key, members: Vec<_>, cac: KpiValue, paid: Option<&Paid>| {
            let group = Group::of(members, terms.basis);
            let payback = cac
                .value
                .and_then(|cost| paid.map_or(Ok(0), |paid| paid.months(cost)))
                .map(Decimal::from);
            let valued = Valued {
                key: key.clone(),
                group: if known { group } else { group.unknown() },
                cac,
                payback,
            };
            if self.rights.money {
                valued
            } else {
                valued.withheld()
            }
        };
        let cost_of_all = cost_of(costs.totals.or_else(|| costs.rows.first().cloned()))?;
        let total = valued(&Key::None, members, cost_of_all.clone(), Some(&paid_by_all));
        let mut segments = Vec::new();
        if self.by.is_some() {
            let costs: BTreeMap<Key, Row> = costs
                .rows
                .into_iter()
                .filter_map(|row| Some((row.key.first()?.clone(), row)))
                .collect();
            for (key, members) in by_key {
                // Callers who may not read amounts are told so of each; nothing was read.
                let cac = match costs.get(key) {
                    None if !self.rights.money => cost_of_all.clone(),
                    row => cost_of(row.cloned())?,
                };
                segments.push(valued(key, members, cac, paid.get(key)));
            }
        }
        Ok(Lifetime {
            period,
            through: days.map(|days| days.to),
            model,
            total,
            segments,
        })
    }

    /// The question for what the customers cost.
    fn costs(&self, days: DateRange) -> Ask {
        let period = PeriodAsk::Range {
            from: days.from,
            to: days.to,
        };
        Ask {
            cuts: self.by.map(Cut::By).into_iter().collect(),
            totals: true,
            // Segments are told apart by who acquired the customers, so their costs are, too.
            basis: Some(Basis::AcquiredCohort),
            ..Ask::new([Kpi::Cac], period, self.rights)
        }
    }
}

fn cost_of(row: Option<Row>) -> Result<KpiValue> {
    row.and_then(|row| row.values.into_iter().next())
        .ok_or_else(|| Error::Internal("a segment of customers without its cost".into()))
}

impl Group {
    /// The same group where no orders are known of the days asked.
    fn unknown(self) -> Self {
        let none = Err(Undefined::NoData(Measure::orders));
        Self {
            historic: none,
            predicted: none,
            purchases: none,
            alive: none,
            ..self
        }
    }
}

impl Valued {
    /// The same without amounts, for callers who may not read them.
    fn withheld(self) -> Self {
        let none = Err(Undefined::NotPermitted(Scope::MoneyRead));
        Self {
            group: Group {
                historic: none,
                predicted: none,
                ..self.group
            },
            payback: none,
            ..self
        }
    }
}
