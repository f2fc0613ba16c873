//! Which touches a customer's first conversion, or first order, is credited to.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::{
    AttributionModel, ChannelRules, Rules,
    journeys::{Journeys, Place},
    ledger::{Deed, journey_shares},
    report::CreditedResult,
    weights::Milestones,
};
use crate::{
    error::Result,
    store::{
        TeamStore,
        measures::{Dimension, EventScan, Filter},
    },
    time::DateRange,
};

/// A touch and its share.
#[derive(Clone, Debug)]
pub struct TouchShare {
    /// When it was.
    pub at: DateTime<Utc>,
    /// Where it came from.
    pub place: Place,
    /// Its part of the result, 0 to 1; the parts of all touches add up to 1 exactly.
    pub share: Decimal,
}

/// What made somebody a customer.
#[derive(Clone, Debug)]
pub struct Acquisition {
    /// What it was.
    pub result: CreditedResult,
    /// When.
    pub at: DateTime<Utc>,
    /// By which model it is credited.
    pub model: AttributionModel,
    /// The touches before it, in the order of time; none when there were none.
    pub touches: Vec<TouchShare>,
}

/// The acquisition of each of these customers who converted or ordered: first conversions, and first orders of those
/// who have no conversion.
pub async fn acquisitions(
    store: &TeamStore,
    customers: &[i64],
    rules: &Rules,
) -> Result<HashMap<i64, Acquisition>> {
    // One journey has no transitions to learn from; within a channel the model is linear.
    let model = match rules.model {
        AttributionModel::Markov => AttributionModel::Linear,
        model => model,
    };
    let rules = Rules {
        model,
        ..rules.clone()
    };
    let mut found = HashMap::new();
    for result in [CreditedResult::Conversions, CreditedResult::Orders] {
        let left = customers
            .iter()
            .copied()
            .filter(|id| !found.contains_key(id))
            .collect();
        let more = first_results(store, left, result, &rules).await?;
        found.extend(more);
    }
    Ok(found)
}

async fn first_results(
    store: &TeamStore,
    customers: Vec<i64>,
    result: CreditedResult,
    rules: &Rules,
) -> Result<HashMap<i64, Acquisition>> {
    let calendar = store.calendar()?;
    let filter = Filter::of(Dimension::Customer, customers.clone());
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    let scan = EventScan {
        fact: result.measures().0,
        measures: &[],
        cuts: &[],
        filter: &filter,
        days: DateRange {
            from: day(1, 1, 1),
            to: day(9999, 12, 31),
        },
        by_deed: false,
        calendar: &calendar,
        money: false,
    };
    if customers.is_empty() {
        return Ok(HashMap::new());
    }
    // They come in the order of time, so the first of each customer is found first.
    let mut first: HashMap<i64, (DateTime<Utc>, NaiveDate)> = HashMap::new();
    for event in store.events(&scan).await? {
        if let Some(customer) = event.customer {
            first.entry(customer).or_insert((event.at, event.day));
        }
    }
    let days = || first.values().map(|(_, day)| *day);
    let (Some(from), Some(to)) = (days().min(), days().max()) else {
        return Ok(HashMap::new());
    };
    let lookback = Days::new(u64::from(rules.lookback_days) + 1);
    let days = DateRange {
        from: from.checked_sub_days(lookback).unwrap_or(from),
        to,
    };
    let (touches, milestones) = futures_util::try_join!(store.touches(days, Some(&scan)), async {
        match rules.model {
            AttributionModel::WShaped => store.milestones(&scan).await,
            _ => Ok(HashMap::new()),
        }
    })?;
    let channels = ChannelRules::of(store.team())?;
    let journeys = Journeys::new(store, touches, &channels, &rules.exclude_channels).await?;
    let acquisition = |(customer, (at, _)): (i64, (DateTime<Utc>, NaiveDate))| {
        let journey = journeys.before(customer, at, rules.lookback(), None);
        let mark = |opportunity| {
            let at = milestones.get(&(customer, opportunity))?;
            journey
                .clone()
                .rposition(|touch| journeys.touch(touch).at <= *at)
        };
        let milestones = Milestones {
            lead: mark(false),
            opportunity: mark(true),
        };
        let deed = Deed {
            at: at.timestamp(),
            journey,
            milestones,
            amounts: vec![],
        };
        let shares = journey_shares(rules.model, rules, &journeys, &deed);
        let touches = deed
            .journey
            .clone()
            .zip(shares)
            .filter(|(_, share)| *share > 0);
        let touches = touches.map(|(touch, share)| TouchShare {
            at: journeys.touch(touch).at,
            place: journeys.place_of(touch).clone(),
            share: Decimal::from_i128_with_scale(i128::from(share), 15).normalize(),
        });
        (
            customer,
            Acquisition {
                result,
                at,
                model: rules.model,
                touches: touches.collect(),
            },
        )
    };
    Ok(first.into_iter().map(acquisition).collect())
}
