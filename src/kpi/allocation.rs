//! Costs that name neither campaign nor channel, shared out among them by the rule of each cost.
//!
//! What a day costs goes to the pairs of campaign and channel that have ad spend on that day; the parts add up to the
//! whole exactly, whatever is grouped and filtered by. On days without ad spend a cost stays nobody's.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::values::CostAllocation;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    sums::{Sum, SumsAsk, time_cut, with},
    together::{Read, Together, add, read_together},
};
use crate::{
    error::Result,
    store::{
        TeamStore,
        measures::{Cut, Dimension, Fact, Filter, Key, Measure},
    },
    time::{Bucket, Grain},
};

/// Decimal places of the parts of a cost; what they leave goes to the largest part.
const PLACES: u32 = 12;

/// A campaign and a channel.
type Pair = (Key, Key);
/// The ad spend of a day by campaign and channel.
type Spend = BTreeMap<Pair, Decimal>;

/// Reads costs with what is shared out added to what names its campaign or channel itself.
pub(super) async fn read(
    store: &TeamStore,
    ask: &SumsAsk<'_>,
    together: Together,
    measures: &[Measure],
) -> Result<Read> {
    let of = |fact| together.of(fact);
    let mut sums = read_together(store, ask, of(Fact::OwnCosts), measures).await?;
    let by_day = SumsAsk {
        cuts: &[Cut::Time(Grain::Day)],
        filter: &Filter::Everything,
        ..*ask
    };
    let parts_of: Vec<Pool> = measures.iter().copied().flat_map(pools).collect();
    let pooled: Vec<Measure> = parts_of.iter().map(|pool| pool.of).collect();
    let mut pools = read_together(store, &by_day, of(Fact::SharedCosts), &pooled).await?;
    if pools.values().all(BTreeMap::is_empty) {
        return Ok(sums);
    }
    let (spend, groups) = futures_util::try_join!(spend(store, ask), groups(store, ask))?;
    let none = Spend::new();
    for pool in parts_of {
        for (key, cost) in pools.remove(&pool.of).unwrap_or_default() {
            let Some(day) = key.first().and_then(|key| day_of(ask, key)) else {
                continue;
            };
            let weights = weights(pool.rule, spend.get(&day).unwrap_or(&none));
            for (pair, part) in parts(cost.value, &weights) {
                let group = match &pair {
                    Some(pair) => groups.get(pair),
                    None => ask.filter.passes_nobodys().then_some(&NOBODYS),
                };
                if let Some(group) = group {
                    let part = Sum {
                        value: part,
                        ..cost
                    };
                    add(&mut sums, pool.for_measure, &group.key(ask, day), |sum| {
                        sum.include(part)
                    });
                }
            }
        }
    }
    Ok(sums)
}

/// What is shared out by one rule.
struct Pool {
    for_measure: Measure,
    of: Measure,
    rule: CostAllocation,
}

fn pools(measure: Measure) -> Vec<Pool> {
    let (by_spend, evenly) = match measure {
        Measure::other_costs => (Measure::shared_by_spend, Measure::shared_evenly),
        Measure::acquisition_costs => (Measure::acquisition_by_spend, Measure::acquisition_evenly),
        _ => return Vec::new(),
    };
    let pool = |of, rule| Pool {
        for_measure: measure,
        of,
        rule,
    };
    vec![
        pool(by_spend, CostAllocation::Spend),
        pool(evenly, CostAllocation::Evenly),
    ]
}

fn day_of(ask: &SumsAsk<'_>, key: &Key) -> Option<NaiveDate> {
    let Key::Bucket(index) = key else { return None };
    let bucket = Bucket {
        grain: Grain::Day,
        index: *index,
    };
    Some(ask.calendar.range(bucket).from)
}

/// The values of a pair in the cuts but for time; `None` stands for empty in each.
struct Group(Option<Vec<Key>>);

static NOBODYS: Group = Group(None);

impl Group {
    fn key(&self, ask: &SumsAsk<'_>, day: NaiveDate) -> Vec<Key> {
        let time = time_cut(ask.cuts);
        let width = ask.cuts.len() - usize::from(time.is_some());
        let rest = self.0.clone().unwrap_or_else(|| vec![Key::None; width]);
        match time {
            Some((place, grain)) => with(&rest, place, ask.calendar.bucket(grain, day).index),
            None => rest,
        }
    }
}

/// Ad spend by day, campaign and channel, whatever is filtered by: shares are of the whole.
async fn spend(store: &TeamStore, ask: &SumsAsk<'_>) -> Result<HashMap<NaiveDate, Spend>> {
    let cuts = [
        Cut::By(Dimension::Campaign),
        Cut::By(Dimension::Channel),
        Cut::Time(Grain::Day),
    ];
    let ads = SumsAsk {
        cuts: &cuts,
        filter: &Filter::Everything,
        ..*ask
    };
    let read = read_together(store, &ads, Together::plain(Fact::Ads), &[Measure::spend]).await?;
    let mut days: HashMap<NaiveDate, Spend> = HashMap::new();
    for (key, sum) in read.into_values().flatten() {
        if let [campaign, channel, day] = key.as_slice()
            && let Some(day) = day_of(ask, day)
            && sum.value > Decimal::ZERO
        {
            let pair = (campaign.clone(), channel.clone());
            days.entry(day).or_default().insert(pair, sum.value);
        }
    }
    Ok(days)
}

/// The pairs of campaign and channel that pass the filter, with their values in the cuts.
async fn groups(store: &TeamStore, ask: &SumsAsk<'_>) -> Result<HashMap<Pair, Group>> {
    let others = ask.cuts.iter().filter(|cut| !matches!(cut, Cut::Time(_)));
    let cuts: Vec<Cut> = [Cut::By(Dimension::Campaign), Cut::By(Dimension::Channel)]
        .into_iter()
        .chain(others.cloned())
        .collect();
    let ads = SumsAsk {
        cuts: &cuts,
        ..*ask
    };
    let read = read_together(store, &ads, Together::plain(Fact::Ads), &[Measure::spend]).await?;
    let pairs = read
        .into_values()
        .flatten()
        .filter_map(|(key, _)| match key.as_slice() {
            [campaign, channel, rest @ ..] => Some((
                (campaign.clone(), channel.clone()),
                Group(Some(rest.to_vec())),
            )),
            _ => None,
        });
    Ok(pairs.collect())
}

/// What each pair's part is in proportion to.
fn weights(rule: CostAllocation, spend: &Spend) -> Vec<(&Pair, Decimal)> {
    let mut of_campaign: BTreeMap<&Key, Decimal> = BTreeMap::new();
    for ((campaign, _), spend) in spend {
        *of_campaign.entry(campaign).or_default() += spend;
    }
    spend
        .iter()
        .map(|(pair, spend)| match rule {
            // A campaign's even part goes to its channels by their spend.
            CostAllocation::Evenly => (pair, spend / of_campaign.get(&pair.0).unwrap_or(spend)),
            _ => (pair, *spend),
        })
        .collect()
}

/// The parts of an amount by weight; all of it for nobody where nothing has weight.
fn parts(amount: Decimal, weights: &[(&Pair, Decimal)]) -> Vec<(Option<Pair>, Decimal)> {
    let total: Decimal = weights.iter().map(|(_, weight)| weight).sum();
    let Some(largest) =
        (0..weights.len()).max_by_key(|place| (weights[*place].1, usize::MAX - place))
    else {
        return vec![(None, amount)];
    };
    let mut parts: Vec<(Option<Pair>, Decimal)> = weights
        .iter()
        .map(|(pair, weight)| {
            let part = amount * (weight / total);
            let part = part.round_dp_with_strategy(PLACES, RoundingStrategy::ToZero);
            (Some((*pair).clone()), part)
        })
        .collect();
    let given: Decimal = parts.iter().map(|(_, part)| part).sum();
    if let Some((_, part)) = parts.get_mut(largest) {
        *part += amount - given;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_amount_and_follow_the_weights() {
        let pair = |id| (Key::Id(id), Key::None);
        let (one, two, three) = (pair(1), pair(2), pair(3));
        let weights = [(&one, 1.into()), (&two, 1.into()), (&three, 1.into())];
        let parts = parts(Decimal::from(100), &weights);
        assert_eq!(
            parts.iter().map(|(_, part)| part).sum::<Decimal>(),
            Decimal::from(100)
        );
        assert_eq!(parts[0].1.to_string(), "33.333333333334");
        assert_eq!(parts[1].1, parts[2].1);
    }

    #[test]
    fn what_nobody_spent_for_stays_nobodys() {
        assert_eq!(parts(Decimal::TEN, &[]), [(None, Decimal::TEN)]);
    }

    #[test]
    fn even_parts_are_the_campaigns_and_not_their_channels() {
        let pair = |id, channel| (Key::Id(id), Key::Id(channel));
        let spend = Spend::from([
            (pair(1, 1), Decimal::from(30)),
            (pair(1, 2), Decimal::from(10)),
            (pair(2, 1), Decimal::from(900)),
        ]);
        let weights: Vec<_> = weights(CostAllocation::Evenly, &spend)
            .into_iter()
            .map(|(_, weight)| weight)
            .collect();
        assert_eq!(
            weights,
            [Decimal::new(75, 2), Decimal::new(25, 2), Decimal::ONE]
        );
    }
}
