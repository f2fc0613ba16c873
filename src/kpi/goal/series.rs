//! The values of many goals by bucket, read together: goals of one grain whose scopes differ only in which campaign or
//! channel they name share a plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{measured::Measured, progress::Series, scope::Scope};
use crate::{
    error::Result,
    kpi::{Ask, Kpi, Rights},
    store::{
        TeamStore,
        measures::{Cut, Dimension, Filter, Key},
    },
    time::{Bucket, Calendar, Grain, PeriodAsk},
};

/// The most values of one plan; more goals than fit make another.
const MOST_VALUES: usize = 100_000;

/// The values of a KPI in some buckets, first and last included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeriesAsk {
    /// The KPI.
    pub kpi: Kpi,
    /// Of which facts.
    pub scope: Scope,
    /// The size of the buckets.
    pub grain: Grain,
    /// The first bucket's number.
    pub first: i32,
    /// The last bucket's number.
    pub last: i32,
}

impl SeriesAsk {
    /// These buckets of a goal's KPI.
    pub fn of(goal: &Measured, (first, last): (i32, i32)) -> Self {
        Self {
            kpi: goal.kpi,
            scope: goal.scope.clone(),
            grain: goal.grain,
            first,
            last,
        }
    }
}

/// What asks of one plan have in common.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Shape {
    grain: Grain,
    /// The dimensions of which each ask names one row: they become groups.
    cuts: Vec<Dimension>,
    /// What else narrows the facts, as the database keeps it.
    rest: String,
}

/// One plan's part of the asks.
#[derive(Default)]
struct Batch<'a> {
    asks: Vec<(&'a SeriesAsk, Vec<Key>)>,
    kpis: BTreeSet<Kpi>,
    groups: BTreeSet<Vec<Key>>,
    buckets: BTreeSet<i32>,
}

impl<'a> Batch<'a> {
    fn add(&mut self, ask: &'a SeriesAsk, group: Vec<Key>) {
        self.kpis.insert(ask.kpi);
        self.groups.insert(group.clone());
        self.buckets.extend(ask.first..=ask.last);
        self.asks.push((ask, group));
    }

    /// How many values the plan would have with this ask in it.
    fn size_with(&self, ask: &SeriesAsk, group: &Vec<Key>) -> usize {
        let kpis = self.kpis.len() + usize::from(!self.kpis.contains(&ask.kpi));
        let groups = self.groups.len() + usize::from(!self.groups.contains(group));
        let fresh = (ask.first..=ask.last).filter(|bucket| !self.buckets.contains(bucket));
        kpis * groups * (self.buckets.len() + fresh.count())
    }
}

/// Reads the values of each ask. The number of statements depends on how many grains and shapes of scope there are,
/// not on how many asks.
pub async fn read(
    store: &TeamStore,
    rights: Rights,
    asks: &[SeriesAsk],
) -> Result<HashMap<SeriesAsk, Series>> {
    let calendar = store.calendar()?;
    let mut shapes: BTreeMap<Shape, (Scope, Vec<Batch<'_>>)> = BTreeMap::new();
    for ask in asks {
        let (shape, rest, group) = shape(ask);
        let (_, batches) = shapes.entry(shape).or_insert((rest, vec![]));
        match batches.last_mut() {
            Some(batch) if batch.size_with(ask, &group) <= MOST_VALUES => batch.add(ask, group),
            _ => {
                let mut batch = Batch::default();
                batch.add(ask, group);
                batches.push(batch);
            }
        }
    }
    let plans = shapes.iter().flat_map(|(shape, (rest, batches))| {
        batches
            .iter()
            .map(|batch| answer(store, rights, &calendar, shape, rest, batch))
    });
    let answers = futures_util::future::try_join_all(plans).await?;
    Ok(answers.into_iter().flatten().collect())
}

/// Takes the campaign and the channel out of a scope that names exactly one.
fn shape(ask: &SeriesAsk) -> (Shape, Scope, Vec<Key>) {
    let (mut cuts, mut group, mut rest) = (vec![], vec![], vec![]);
    for part in ask.scope.parts() {
        match (part.dimension, part.ids.as_slice()) {
            (Dimension::Campaign | Dimension::Channel, [id]) => {
                cuts.push(part.dimension);
                group.push(Key::Id(*id));
            }
            _ => rest.push(part.clone()),
        }
    }
    let rest = Scope::new(rest);
    let shape = Shape {
        grain: ask.grain,
        cuts,
        rest: rest.to_json(),
    };
    (shape, rest, group)
}

async fn answer(
    store: &TeamStore,
    rights: Rights,
    calendar: &Calendar,
    shape: &Shape,
    rest: &Scope,
    batch: &Batch<'_>,
) -> Result<Vec<(SeriesAsk, Series)>> {
    let (Some(first), Some(last)) = (batch.buckets.first(), batch.buckets.last()) else {
        return Ok(vec![]);
    };
    let range = |index: &i32| {
        calendar.range(Bucket {
            grain: shape.grain,
            index: *index,
        })
    };
    let mut filter = rest.filter();
    let mut cuts = vec![Cut::Time(shape.grain)];
    for (place, dimension) in shape.cuts.iter().enumerate() {
        let ids = batch.groups.iter().filter_map(|group| match group[place] {
            Key::Id(id) => Some(id),
            _ => None,
        });
        filter = filter.and(Filter::of(*dimension, ids.collect()));
        cuts.push(Cut::By(*dimension));
    }
    let groups = batch.groups.iter().flat_map(|group| {
        batch.buckets.iter().map(move |bucket| {
            let mut key = vec![Key::Bucket(*bucket)];
            key.extend(group.iter().cloned());
            key
        })
    });
    let kpis: Vec<Kpi> = batch.kpis.iter().copied().collect();
    let period = PeriodAsk::Range {
        from: range(first).from,
        to: range(last).to,
    };
    let ask = Ask {
        cuts,
        filter,
        groups: Some(groups.collect()),
        ..Ask::new(kpis.iter().copied(), period, rights)
    };
    let table = ask.answer(store).await?;
    let rows: HashMap<Vec<Key>, _> = table
        .rows
        .into_iter()
        .map(|row| (row.key, row.values))
        .collect();
    let series = batch.asks.iter().map(|(ask, group)| {
        let place = kpis.iter().position(|kpi| *kpi == ask.kpi);
        let values = (ask.first..=ask.last).filter_map(|bucket| {
            let mut key = vec![Key::Bucket(bucket)];
            key.extend(group.iter().cloned());
            Some((bucket, rows.get(&key)?.get(place?)?.clone()))
        });
        ((*ask).clone(), values.collect())
    });
    Ok(series.collect())
}
