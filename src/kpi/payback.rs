//! CAC payback: in which month the margin of a cohort, added up month by month, covers what it cost to win it.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::{
    Undefined,
    sums::{GroupKey, Sum, Sums, SumsAsk, time_cut},
};
use crate::{
    error::Result,
    store::{
        TeamStore,
        measures::{Cut, Key, Measure},
    },
    time::{Bucket, Grain},
};

const COSTS: [Measure; 2] = [Measure::spend, Measure::acquisition_costs];
const MARGIN: [Measure; 4] = [
    Measure::cohort_net,
    Measure::cohort_refunded,
    Measure::cohort_goods_cost,
    Measure::cohort_orders_without_cost,
];

/// One month's part of a cohort's margin.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    margin: Decimal,
    undefined: Option<Undefined>,
    estimated: bool,
}

/// Reads costs and margins by month of age, and finds the month for each group that has customers.
pub async fn read(
    store: &TeamStore,
    ask: &SumsAsk<'_>,
) -> Result<HashMap<Measure, BTreeMap<GroupKey, Sum>>> {
    let aged: Vec<Cut> = ask
        .cuts
        .iter()
        .cloned()
        .chain([Cut::Age(Grain::Month)])
        .collect();
    let costs = SumsAsk {
        measures: &COSTS,
        ..*ask
    };
    let margins = SumsAsk {
        measures: &MARGIN,
        cuts: &aged,
        ..*ask
    };
    // These ask for other facts than this one, so they do not come back here.
    let (costs, margins) = futures_util::try_join!(
        Box::pin(Sums::read(store, &costs)),
        Box::pin(Sums::read(store, &margins))
    )?;
    let mut months = BTreeMap::new();
    for (key, parts) in by_month(&margins) {
        let cost = COSTS
            .into_iter()
            .filter_map(|measure| costs.sum(measure, &key));
        let cost = cost.fold(Sum::default(), |total, sum| Sum {
            value: total.value + sum.value,
            undefined: total.undefined.or(sum.undefined),
            estimated: total.estimated || sum.estimated,
        });
        let over = months_over(last_day(ask, &key), ask.today);
        months.insert(key, paid_back(&parts, cost, over));
    }
    Ok(HashMap::from([(Measure::payback_months, months)]))
}

/// The margins of each group by month of age.
fn by_month(margins: &Sums) -> BTreeMap<GroupKey, BTreeMap<i32, Part>> {
    let mut groups: BTreeMap<GroupKey, BTreeMap<i32, Part>> = BTreeMap::new();
    for key in margins.keys() {
        let Some((Key::Bucket(age), rest)) = key.split_last() else {
            continue;
        };
        let sum = |measure| margins.sum(measure, key).unwrap_or_default();
        let [net, refunded, goods, without_cost] = MARGIN.map(sum);
        let orders = u64::try_from(without_cost.value).unwrap_or(0);
        let unknown = (orders > 0).then_some(Undefined::MissingCost { orders });
        let part = Part {
            margin: net.value - refunded.value - goods.value,
            undefined: net
                .undefined
                .or(refunded.undefined)
                .or(goods.undefined)
                .or(unknown),
            estimated: net.estimated || refunded.estimated || goods.estimated,
        };
        groups.entry(rest.to_vec()).or_default().insert(*age, part);
    }
    groups
}

/// The first month by whose end the margins cover the cost. An unknown margin before it leaves the month open.
fn paid_back(parts: &BTreeMap<i32, Part>, cost: Sum, months_over: u32) -> Sum {
    let mut margin = Decimal::ZERO;
    let mut found = Sum {
        estimated: cost.estimated,
        undefined: cost.undefined,
        ..Sum::default()
    };
    for (age, part) in parts {
        margin += part.margin;
        found.estimated |= part.estimated;
        found.undefined = found.undefined.or(part.undefined);
        if found.undefined.is_some() {
            return found;
        }
        if margin >= cost.value {
            found.value = Decimal::from(*age);
            return found;
        }
    }
    found.undefined = Some(Undefined::NotPaidBack {
        months: months_over,
    });
    found
}

/// The last day on which customers of a group came.
fn last_day(ask: &SumsAsk<'_>, key: &GroupKey) -> NaiveDate {
    let bucket = time_cut(ask.cuts).and_then(|(place, grain)| match key.get(place) {
        Some(Key::Bucket(index)) => Some(Bucket {
            grain,
            index: *index,
        }),
        _ => None,
    });
    let end = bucket.map_or(ask.days.to, |bucket| ask.calendar.range(bucket).to);
    end.min(ask.days.to)
}

/// The calendar months from a day's to today's.
fn months_over(day: NaiveDate, today: NaiveDate) -> u32 {
    let months = |day: NaiveDate| day.year() * 12 + day.month0() as i32;
    u32::try_from(months(today) - months(day)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(margins: &[i64]) -> BTreeMap<i32, Part> {
        let part = |margin: &i64| Part {
            margin: Decimal::from(*margin),
            ..Part::default()
        };
        (0..).zip(margins.iter().map(part)).collect()
    }

    fn cost(value: i64) -> Sum {
        Sum {
            value: Decimal::from(value),
            ..Sum::default()
        }
    }

    #[test]
    fn a_cost_of_100_is_paid_back_in_the_month_that_brings_the_margin_to_it() {
        let margins = parts(&[40, 30, 30, 50]);
        assert_eq!(paid_back(&margins, cost(100), 3).value, Decimal::from(2));
        assert_eq!(paid_back(&margins, cost(40), 3).value, Decimal::ZERO);
        let open = paid_back(&margins, cost(151), 3);
        assert_eq!(open.undefined, Some(Undefined::NotPaidBack { months: 3 }));
    }

    #[test]
    fn an_unknown_margin_matters_only_before_the_cost_is_paid_back() {
        let mut margins = parts(&[40, 60, 10]);
        margins.get_mut(&2).unwrap().undefined = Some(Undefined::MissingCost { orders: 1 });
        assert_eq!(paid_back(&margins, cost(100), 3).undefined, None);
        let open = paid_back(&margins, cost(101), 3);
        assert_eq!(open.undefined, Some(Undefined::MissingCost { orders: 1 }));
    }
}
