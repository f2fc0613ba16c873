//! "Why did it change?": a KPI, its components, and the segments that drove it.

use futures_util::future::try_join_all;
use rust_decimal::Decimal;

use super::{
    components::components,
    drivers::{Change, Decomposition, Effect, Ratio, largest, of_ratio, of_sum},
};
use crate::{
    error::{Error, Result},
    kpi::{Ask, Kpi, KpiValue, Rights, Undefined},
    store::{
        TeamStore,
        measures::{Cut, Filter, Key},
    },
    time::{CompareAsk, PeriodAsk},
};

/// A question for the drivers of a KPI.
pub struct DriverAsk {
    /// Of which KPI.
    pub kpi: Kpi,
    /// In which days.
    pub period: PeriodAsk,
    /// Compared with which.
    pub compare: CompareAsk,
    /// Segments by each of these.
    pub by: Vec<Cut>,
    /// How many segments of each to name.
    pub most: usize,
    /// Of which facts.
    pub filter: Filter,
    /// On whose word; the team's setting where none is asked.
    pub basis: Option<entity::values::Basis>,
    /// What the caller may read.
    pub rights: Rights,
}

/// The answer.
pub struct Report {
    /// The KPI, compared.
    pub value: KpiValue,
    /// Its components, compared.
    pub components: Vec<KpiValue>,
    /// What the segments of each dimension contributed.
    pub breakdowns: Vec<Breakdown>,
}

/// The segments of one dimension.
pub struct Breakdown {
    /// The dimension.
    pub cut: Cut,
    /// What they contributed, or why that cannot be told.
    pub drivers: Result<Drivers, Undefined>,
}

/// What segments contributed.
#[derive(Clone, Debug, Default)]
pub struct Drivers {
    /// All of them together.
    pub whole: Effect,
    /// The largest, the largest first.
    pub top: Vec<Driver>,
}

/// What one segment contributed.
#[derive(Clone, Debug)]
pub struct Driver {
    /// Which segment.
    pub key: Key,
    /// What it contributed.
    pub effect: Effect,
    /// Its own value, compared.
    pub value: KpiValue,
}

impl DriverAsk {
    /// Reads and takes apart. The number of statements depends on the KPI and on how many dimensions are asked, never
    /// on how many segments there are.
    pub async fn answer(&self, store: &TeamStore) -> Result<Report> {
        let mut all = vec![self.kpi];
        all.extend(components(self.kpi));
        let whole = async { self.ask(all, vec![]).answer(store).await };
        let parts = self.by.iter().map(|cut| async {
            self.ask(vec![self.kpi], vec![cut.clone()])
                .answer(store)
                .await
        });
        let (whole, parts) = futures_util::try_join!(whole, try_join_all(parts))?;
        let row = whole.rows.into_iter().next();
        let mut values = row.map(|row| row.values).unwrap_or_default().into_iter();
        let value = values
            .next()
            .ok_or_else(|| Error::Internal("a question without groups has one row".into()))?;
        let breakdowns = self.by.iter().zip(parts).map(|(cut, table)| {
            let segments = table.rows.into_iter().filter_map(|row| {
                let key = row.key.into_iter().next()?;
                Some((key, row.values.into_iter().next()?))
            });
            Breakdown {
                cut: cut.clone(),
                drivers: explain(self.kpi, &value, segments.collect(), self.most),
            }
        });
        Ok(Report {
            breakdowns: breakdowns.collect(),
            components: values.collect(),
            value,
        })
    }

    fn ask(&self, kpis: Vec<Kpi>, cuts: Vec<Cut>) -> Ask {
        Ask {
            cuts,
            compare: Some(self.compare),
            filter: self.filter.clone(),
            basis: self.basis,
            ..Ask::new(kpis, self.period, self.rights)
        }
    }
}

/// What segments contributed to the change of a whole. All values carry the same comparison.
pub fn explain(
    kpi: Kpi,
    whole: &KpiValue,
    segments: Vec<(Key, KpiValue)>,
    most: usize,
) -> Result<Drivers, Undefined> {
    let before = baseline(whole)?;
    let change = whole
        .value?
        .checked_sub(before.value?)
        .ok_or(Undefined::OutOfRange)?;
    let apart = if kpi.definition().is_ratio() {
        let parts = segments.iter().map(|(_, segment)| ratios(segment));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        of_ratio(change, ratios(whole)?, &parts)
    } else {
        let parts = segments.iter().map(|(_, segment)| {
            Ok(Change {
                now: segment.value?,
                before: baseline(segment)?.value?,
            })
        });
        of_sum(change, &parts.collect::<Result<Vec<_>, Undefined>>()?)
    };
    let Decomposition {
        whole,
        segments: effects,
    } = apart.ok_or(Undefined::ZeroDenominator)?;
    let mut segments: Vec<_> = segments.into_iter().map(Some).collect();
    let top = largest(&effects, most).into_iter().filter_map(|place| {
        let (key, value) = segments[place].take()?;
        let effect = effects[place];
        Some(Driver { key, effect, value })
    });
    let top = top.collect();
    Ok(Drivers { whole, top })
}

fn baseline(value: &KpiValue) -> Result<&KpiValue, Undefined> {
    match &value.comparison {
        Some(comparison) => Ok(&comparison.baseline),
        None => Err(Undefined::ZeroDenominator),
    }
}

/// The parts of a ratio; a denominator of zero is as good as any, an unknown part is not.
fn ratios(value: &KpiValue) -> Result<Change<Ratio>, Undefined> {
    let ratio = |value: &KpiValue| match (value.numerator, value.denominator, value.value) {
        (Some(numerator), Some(denominator), _) => Ok(Ratio {
            numerator,
            denominator,
        }),
        (_, _, Err(reason)) => Err(reason),
        _ => Ok(Ratio::default()),
    };
    Ok(Change {
        now: ratio(value)?,
        before: ratio(baseline(value)?)?,
    })
}

impl Report {
    /// The relative changes of the components of the report's KPI, where they have one.
    pub fn changes(&self, kpi: Kpi) -> Vec<(Kpi, Decimal)> {
        let values = components(kpi).iter().zip(&self.components);
        values
            .filter_map(|(kpi, value)| Some((*kpi, value.relative_change()?)))
            .collect()
    }
}
