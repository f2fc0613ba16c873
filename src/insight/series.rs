//! KPIs as series of buckets, one for each group, read with one question.

use std::{collections::BTreeMap, ops::RangeInclusive};

use chrono::{Days, NaiveDate};
use entity::{source_load, values::Basis};

use crate::{
    error::Result,
    kpi::{Ask, Kpi, KpiValue, Rights},
    store::{
        TeamStore,
        measures::{Cut, Key},
    },
    time::{Bucket, Calendar, Grain, PeriodAsk},
};

/// Which series to read.
pub struct SeriesAsk<'a> {
    /// Of which KPIs.
    pub kpis: &'a [Kpi],
    /// One for each value of these; one for the whole team when empty.
    pub cuts: Vec<Cut>,
    /// The size of the buckets.
    pub grain: Grain,
    /// Which buckets.
    pub indexes: RangeInclusive<i32>,
    /// Exactly these groups, in the order of the cuts; all that have facts when `None`.
    pub groups: Option<Vec<Vec<Key>>>,
    /// What the caller may read.
    pub rights: Rights,
}

/// The series of one group.
#[derive(Default)]
pub struct Series {
    buckets: BTreeMap<i32, Vec<KpiValue>>,
}

impl Series {
    /// A KPI's value in a bucket, by the KPI's place in the question.
    pub fn at(&self, index: i32, place: usize) -> Option<&KpiValue> {
        self.buckets.get(&index)?.get(place)
    }
}

impl SeriesAsk<'_> {
    /// Reads the series, by group.
    pub async fn read(self, store: &TeamStore) -> Result<BTreeMap<Vec<Key>, Series>> {
        let calendar = store.calendar()?;
        let range = |index| {
            calendar.range(Bucket {
                grain: self.grain,
                index,
            })
        };
        let groups = self.groups.map(|groups| {
            let with_bucket = |index: i32| {
                groups.iter().map(move |group| {
                    let mut key = vec![Key::Bucket(index)];
                    key.extend(group.iter().cloned());
                    key
                })
            };
            self.indexes.clone().flat_map(with_bucket).collect()
        });
        let mut cuts = vec![Cut::Time(self.grain)];
        cuts.extend(self.cuts);
        let period = PeriodAsk::Range {
            from: range(*self.indexes.start()).from,
            to: range(*self.indexes.end()).to,
        };
        let table = Ask {
            cuts,
            groups,
            fill: true,
            ..Ask::new(self.kpis.iter().copied(), period, self.rights)
        }
        .answer(store)
        .await?;
        let mut series: BTreeMap<Vec<Key>, Series> = BTreeMap::new();
        for row in table.rows {
            let mut key = row.key.into_iter();
            if let Some(Key::Bucket(index)) = key.next() {
                let group = series.entry(key.collect()).or_default();
                group.buckets.insert(index, row.values);
            }
        }
        Ok(series)
    }
}

/// The last day whose facts are complete for a KPI: over, and delivered by the sources of every fact that it needs.
/// `None` when one of these facts was never delivered.
pub fn last_day(
    kpi: Kpi,
    basis: Basis,
    loads: &[source_load::Model],
    today: NaiveDate,
) -> Option<NaiveDate> {
    let yesterday = today.checked_sub_days(Days::new(1))?;
    let measures = kpi.definition().measures.iter();
    measures
        .map(|measure| measure.under(basis).spec())
        .filter(|spec| !spec.optional)
        .filter_map(|spec| spec.fact.loaded_as())
        .map(|fact| {
            let of_fact = loads.iter().filter(|load| load.fact == fact.name());
            of_fact.filter_map(|load| load.data_through).max()
        })
        .try_fold(yesterday, |last, through| Some(last.min(through?)))
}

/// The last bucket that ends by `day`. KPIs that count only days that are over, such as BUDGET_PACING, are looked at
/// while the bucket is under way: the bucket of `day` itself.
pub fn last_bucket(kpi: Kpi, calendar: &Calendar, grain: Grain, day: NaiveDate) -> i32 {
    let bucket = calendar.bucket(grain, day);
    let measures = kpi.definition().measures;
    let counts_past_days = measures.iter().all(|measure| measure.spec().elapsed);
    if counts_past_days || calendar.range(bucket).to <= day {
        bucket.index
    } else {
        bucket.index - 1
    }
}
