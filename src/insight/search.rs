//! Finds anomalies: reads series of buckets, and judges the last complete ones.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use futures_util::future::try_join_all;
use rust_decimal::Decimal;

use super::{
    anomaly::{HISTORY, Judgement, history, judge},
    components::{components, with_components},
    report::{Driver, explain},
    series::{Series, SeriesAsk, last_bucket, last_day},
    volume,
};
use crate::{
    error::{Error, Result},
    kpi::{
        Kpi, KpiComparison, KpiValue, Rights,
        definition::{Cadence, MetricKind},
    },
    store::{
        TeamStore,
        measures::{Cut, Dimension, Key},
    },
    time::{Bucket, Calendar, Grain},
};

/// A source that is behind by more buckets than these has nothing that is news.
const MOST_LAG: i32 = 7;
/// There are no facts before this year.
const FIRST_YEAR: i32 = 1970;
/// How many drivers an anomaly names.
const DRIVERS: usize = 3;

/// How many KPIs are judged when none are named.
const USUAL_KPIS: usize = 30;

/// The KPIs that are judged when none are named: the operational ones that mean something.
pub fn usual_kpis() -> Vec<Kpi> {
    let operational = Kpi::ALL.iter().copied().filter(|kpi| {
        let definition = kpi.definition();
        definition.cadence == Cadence::Operational
            && !definition.vanity
            && definition.kind() != MetricKind::Cumulative
    });
    operational.take(USUAL_KPIS).collect()
}

/// Where an anomaly stands: enough to find it again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The bucket's size.
    pub grain: Grain,
    /// The bucket's index.
    pub index: i32,
    /// The KPI.
    pub kpi: Kpi,
    /// The dimension of the segment, or for the whole team that of its drivers.
    pub dimension: Option<Dimension>,
    /// The segment; none for the whole team.
    pub segment: Option<Key>,
    /// The least volume asked, where it was not the KPI's usual one.
    pub least_volume: Option<Decimal>,
}

/// A value that is out of the ordinary.
#[derive(Clone, Debug)]
pub struct Anomaly {
    /// Where it stands.
    pub place: Place,
    /// The value, compared with the typical bucket of its history: the one nearest to the median, the latest of equals.
    pub observed: KpiValue,
    /// The index of that typical bucket.
    typical: i32,
    /// What was expected.
    pub judgement: Judgement,
    /// The relative changes of the KPI's components from that typical bucket.
    pub components: Vec<(Kpi, Decimal)>,
    /// The segments of the first dimension asked that drove the whole team's value away from the typical bucket; empty
    /// for segments.
    pub drivers: Vec<Driver>,
}

/// Which values to judge.
#[derive(Clone, Debug)]
pub struct Search {
    /// Of which KPIs.
    pub kpis: Vec<Kpi>,
    /// Of the whole team, and of each segment of these dimensions.
    pub split_by: Vec<Dimension>,
    /// The size of the buckets.
    pub grain: Grain,
    /// The last day to look at; the last that is over when `None` or in the future.
    pub day: Option<NaiveDate>,
    /// How many buckets to judge, counted back from the last complete one.
    pub buckets: i32,
    /// How much a value must rest on; the KPI's usual number when `None`.
    pub least_volume: Option<Decimal>,
    /// What the caller may read.
    pub rights: Rights,
}

impl Search {
    /// The anomalies, the latest first, then by descending score (those without one first), then by KPI and segment.
    /// The number of statements depends on the KPIs' facts and on the dimensions, never on the number of segments.
    pub async fn find(&self, store: &TeamStore) -> Result<Vec<Anomaly>> {
        let calendar = store.calendar()?;
        let judged = self.judged(store, &calendar).await?;
        let Some(first) = judged.values().map(|(first, _)| *first).min() else {
            return Ok(vec![]);
        };
        let last = judged
            .values()
            .map(|(_, last)| *last)
            .max()
            .unwrap_or(first);
        let oldest = history(self.grain, first).last().unwrap_or(first - HISTORY);
        let begins = calendar.range(Bucket {
            grain: self.grain,
            index: oldest,
        });
        if begins.from.year() < FIRST_YEAR {
            return Err(Error::invalid(
                "input.buckets",
                self.buckets,
                "they and the eight before them must not reach back before 1970",
            ));
        }
        let kpis = with_components(&self.kpis);
        let ask = |dimension: Option<Dimension>| SeriesAsk {
            kpis: &kpis,
            cuts: dimension.into_iter().map(Cut::By).collect(),
            grain: self.grain,
            indexes: oldest..=last,
            groups: None,
            rights: self.rights,
        };
        let splits = std::iter::once(None).chain(self.split_by.iter().copied().map(Some));
        let reads = splits.map(|dimension| {
            let ask = ask(dimension);
            async move {
                let groups: Groups = ask.read(store).await?;
                Ok::<_, Error>((dimension, groups))
            }
        });
        let read = try_join_all(reads).await?;
        let mut found = Vec::new();
        for (dimension, groups) in &read {
            for (key, series) in groups {
                for (kpi, (first, last)) in &judged {
                    for index in *first..=*last {
                        let place = Place {
                            grain: self.grain,
                            index,
                            kpi: *kpi,
                            dimension: dimension.or(self.split_by.first().copied()),
                            segment: key.first().cloned(),
                            least_volume: self.least_volume,
                        };
                        found.extend(anomaly(place, &kpis, series, &calendar));
                    }
                }
            }
        }
        if let Some((_, groups)) = read.get(1) {
            for anomaly in &mut found {
                anomaly.find_drivers(groups, &kpis, &calendar);
            }
        }
        found.sort_by(|a, b| {
            let score = |anomaly: &Anomaly| anomaly.judgement.score.unwrap_or(Decimal::MAX);
            let index = b.place.index.cmp(&a.place.index);
            let score = score(b).cmp(&score(a));
            index.then(score).then_with(|| a.place.cmp(&b.place))
        });
        Ok(found)
    }

    /// The search that finds what stands at these places again, which share grain, dimension and least volume.
    pub fn again(places: &[&Place], calendar: &Calendar, rights: Rights) -> Option<Self> {
        let first = places.first()?;
        let indexes = places.iter().map(|place| place.index);
        let (oldest, newest) = (indexes.clone().min()?, indexes.max()?);
        let newest_days = calendar.range(Bucket {
            grain: first.grain,
            index: newest,
        });
        let kpis: BTreeSet<Kpi> = places.iter().map(|place| place.kpi).collect();
        Some(Self {
            kpis: kpis.into_iter().collect(),
            split_by: first.dimension.into_iter().collect(),
            grain: first.grain,
            day: Some(newest_days.to),
            buckets: newest.checked_sub(oldest)?.checked_add(1)?,
            least_volume: first.least_volume,
            rights,
        })
    }

    /// The first and the last bucket to judge, for each KPI that has any.
    async fn judged(
        &self,
        store: &TeamStore,
        calendar: &Calendar,
    ) -> Result<BTreeMap<Kpi, (i32, i32)>> {
        let loads = store.source_loads().await?;
        let today = calendar.today(store.clock().now());
        let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        let day = self.day.map_or(yesterday, |day| day.min(yesterday));
        let of = |kpi: Kpi| {
            let complete = last_day(kpi, store.team().ad_basis, &loads, today)?;
            let news = last_bucket(kpi, calendar, self.grain, day);
            let last = last_bucket(kpi, calendar, self.grain, day.min(complete));
            (news - last <= MOST_LAG).then_some((last - self.buckets + 1, last))
        };
        let judged = self.kpis.iter().filter_map(|kpi| Some((*kpi, of(*kpi)?)));
        Ok(judged.collect())
    }
}

type Groups = BTreeMap<Vec<Key>, Series>;

/// The anomaly at a place, if there is one.
fn anomaly(place: Place, kpis: &[Kpi], series: &Series, calendar: &Calendar) -> Option<Anomaly> {
    let at = kpis.iter().position(|kpi| *kpi == place.kpi)?;
    let (judgement, typical) = judge_at(series, at, &place)?;
    if !judgement.fires {
        return None;
    }
    let compared = |at: usize| compared(series, at, place.grain, (place.index, typical), calendar);
    let components = components(place.kpi).iter().filter_map(|component| {
        let at = kpis.iter().position(|kpi| kpi == component)?;
        Some((*component, compared(at)?.relative_change()?))
    });
    Some(Anomaly {
        observed: compared(at)?,
        typical,
        judgement,
        components: components.collect(),
        drivers: vec![],
        place,
    })
}

/// Judges a series' value in a bucket; gives the index of the typical bucket of the history, too.
pub(super) fn judge_at(series: &Series, at: usize, place: &Place) -> Option<(Judgement, i32)> {
    let observed = series.at(place.index, at)?;
    let past: Vec<(i32, Decimal)> = history(place.grain, place.index)
        .filter_map(|index| Some((index, series.at(index, at)?.value.ok()?)))
        .collect();
    let values: Vec<Decimal> = past.iter().map(|(_, value)| *value).collect();
    let judgement = judge(observed.value.ok()?, &values)?;
    let distance = |value: Decimal| value.checked_sub(judgement.median).unwrap_or(value).abs();
    let (typical, _) = past.into_iter().min_by_key(|(_, value)| distance(*value))?;
    volume::suffices(place.kpi, observed, judgement.median, place.least_volume)
        .then_some((judgement, typical))
}

fn compared(
    series: &Series,
    at: usize,
    grain: Grain,
    (index, typical): (i32, i32),
    calendar: &Calendar,
) -> Option<KpiValue> {
    let mut value = series.at(index, at)?.clone();
    value.comparison = Some(Box::new(KpiComparison {
        baseline: series.at(typical, at)?.clone(),
        days: calendar.range(Bucket {
            grain,
            index: typical,
        }),
    }));
    Some(value)
}

impl Anomaly {
    /// Finds what drove the whole team's value, among the segments of one dimension.
    fn find_drivers(&mut self, groups: &Groups, kpis: &[Kpi], calendar: &Calendar) {
        let at = kpis.iter().position(|kpi| *kpi == self.place.kpi);
        let (None, Some(at)) = (&self.place.segment, at) else {
            return;
        };
        let indexes = (self.place.index, self.typical);
        let segments = groups.iter().filter_map(|(key, series)| {
            let value = compared(series, at, self.place.grain, indexes, calendar)?;
            Some((key.first()?.clone(), value))
        });
        if let Ok(drivers) = explain(self.place.kpi, &self.observed, segments.collect(), DRIVERS) {
            self.drivers = drivers.top;
        }
    }
}
