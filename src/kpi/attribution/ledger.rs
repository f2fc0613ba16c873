//! The ledger of credits: which part of each fact went to which touch. Parts are exact; their sum is the fact.

use std::ops::Range;

use super::{
    AttributionModel, Rules,
    journeys::Journeys,
    markov::Chain,
    split::{shares, split},
    weights::{Milestones, Step, weights},
};

/// A fact with its journey, ready to be credited.
pub struct Deed {
    /// When it happened, in seconds.
    pub at: i64,
    /// The touches that are credited; empty where there is none.
    pub journey: Range<usize>,
    /// Which of them are milestones, counted from the journey's first.
    pub milestones: Milestones,
    /// What there is to credit, in 10⁻¹⁸ of a thing or of the currency's unit; none where the fact has no value.
    pub amounts: Vec<Option<i128>>,
}

/// Who gets a part of what.
pub struct Credit {
    /// The fact; none for what the Markov model gives to channels that only touched people who did not convert.
    pub deed: Option<usize>,
    /// The touch; none for facts without touches.
    pub touch: Option<usize>,
    /// The parts, in the order of the amounts.
    pub parts: Vec<Option<i128>>,
}

/// Credits all facts by a model and hands each part out; the parts of a measure add up to its amounts exactly.
/// `lost` are the journeys that led nowhere, which only the Markov model looks at.
pub fn credit(
    model: AttributionModel,
    rules: &Rules,
    journeys: &Journeys,
    deeds: &[Deed],
    lost: &[Range<usize>],
    mut take: impl FnMut(Credit),
) {
    for (place, deed) in deeds.iter().enumerate() {
        if deed.journey.is_empty() {
            take(Credit {
                deed: Some(place),
                touch: None,
                parts: deed.amounts.clone(),
            });
        }
    }
    if model == AttributionModel::Markov
        && let Some(effects) = removal_effects(journeys, deeds, lost)
    {
        return credit_players(&shares(&effects), journeys, deeds, lost, take);
    }
    for (place, deed) in deeds.iter().enumerate() {
        if deed.journey.is_empty() {
            continue;
        }
        let shares = journey_shares(model, rules, journeys, deed);
        let parts: Vec<Option<Vec<i128>>> = deed
            .amounts
            .iter()
            .map(|amount| amount.map(|amount| split(amount, &shares)))
            .collect();
        for (step, touch) in deed.journey.clone().enumerate() {
            if shares[step] > 0 {
                let parts = parts
                    .iter()
                    .map(|parts| parts.as_ref().map(|parts| parts[step]));
                take(Credit {
                    deed: Some(place),
                    touch: Some(touch),
                    parts: parts.collect(),
                });
            }
        }
    }
}

/// How a journey's touches share what it led to; the shares add up to [`super::split::WHOLE`].
pub fn journey_shares(
    model: AttributionModel,
    rules: &Rules,
    journeys: &Journeys,
    deed: &Deed,
) -> Vec<u64> {
    let steps: Vec<Step> = deed
        .journey
        .clone()
        .map(|touch| {
            let place = journeys.place_of(touch);
            Step {
                player: place.player,
                direct: place.kind == entity::values::ChannelKind::Direct,
                age_days: (deed.at - journeys.touch(touch).at.timestamp()) as f64 / 86_400.0,
            }
        })
        .collect();
    shares(&weights(
        model,
        &steps,
        deed.milestones,
        rules.half_life_days(),
    ))
}

fn removal_effects(journeys: &Journeys, deeds: &[Deed], lost: &[Range<usize>]) -> Option<Vec<f64>> {
    let mut chain = Chain::new(journeys.players);
    let path = |touches: &Range<usize>| {
        touches
            .clone()
            .map(|touch| journeys.place_of(touch).player as usize)
    };
    for deed in deeds {
        chain.add(path(&deed.journey), true);
    }
    for touches in lost {
        chain.add(path(touches), false);
    }
    chain.removal_effects()
}

/// Gives each channel its share of everything that was touched, and within the channel to its touches as the linear
/// model would.
fn credit_players(
    shares_of_players: &[u64],
    journeys: &Journeys,
    deeds: &[Deed],
    lost: &[Range<usize>],
    mut take: impl FnMut(Credit),
) {
    let measures = deeds.first().map_or(0, |deed| deed.amounts.len());
    let mut steps: Vec<Vec<(Option<usize>, usize)>> = vec![vec![]; shares_of_players.len()];
    for (place, deed) in deeds.iter().enumerate() {
        for touch in deed.journey.clone() {
            let player = journeys.place_of(touch).player as usize;
            steps[player].push((Some(place), touch));
        }
    }
    for touch in lost.iter().cloned().flatten() {
        let player = journeys.place_of(touch).player as usize;
        // Only a channel without any other touch has its credit on these.
        if steps[player].first().is_none_or(|(deed, _)| deed.is_none()) {
            steps[player].push((None, touch));
        }
    }
    let touched = |deed: &&Deed| !deed.journey.is_empty();
    let mut parts: Vec<Vec<Vec<Option<i128>>>> = steps
        .iter()
        .map(|steps| vec![vec![None; measures]; steps.len()])
        .collect();
    #[expect(
        clippy::needless_range_loop,
        reason = "the measure's place is used in the deeds and in every part"
    )]
    for measure in 0..measures {
        let amounts = deeds
            .iter()
            .filter(touched)
            .filter_map(|deed| deed.amounts[measure]);
        let mut any = false;
        let total = amounts.inspect(|_| any = true).sum();
        if !any {
            continue;
        }
        let linear = |(deed, _): &(Option<usize>, usize)| {
            let deed = deed.map(|place| &deeds[place]);
            deed.map_or(1.0, |deed| {
                deed.amounts[measure].unwrap_or(0) as f64 / deed.journey.len() as f64
            })
        };
        for (player, credit) in split(total, shares_of_players).into_iter().enumerate() {
            let weights: Vec<f64> = steps[player].iter().map(linear).collect();
            for (step, part) in split(credit, &shares(&weights)).into_iter().enumerate() {
                parts[player][step][measure] = Some(part);
            }
        }
    }
    for (steps, parts) in steps.into_iter().zip(parts) {
        for ((deed, touch), parts) in steps.into_iter().zip(parts) {
            take(Credit {
                deed,
                touch: Some(touch),
                parts,
            });
        }
    }
}
