//! Models that look at one journey alone: how much each of its touches weighs.

use super::model::AttributionModel;

/// A touch as the models see it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which channel it was, as a small number.
    pub player: u32,
    /// Whether it came by no channel at all.
    pub direct: bool,
    /// How long before the conversion, in days.
    pub age_days: f64,
}

/// Which touches of a journey mark its milestones, by their places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Milestones {
    /// The last touch up to when the person became a lead.
    pub lead: Option<usize>,
    /// The last touch up to when the person became an opportunity.
    pub opportunity: Option<usize>,
}

/// The weights of a journey's touches, which come in the order of time; they need not add up to one.
/// [`AttributionModel::Markov`] looks at all journeys together: its weights here are those of
/// [`AttributionModel::Linear`].
pub fn weights(
    model: AttributionModel,
    steps: &[Step],
    milestones: Milestones,
    half_life_days: f64,
) -> Vec<f64> {
    use AttributionModel as M;
    let count = steps.len();
    let only = |place: usize| {
        (0..count)
            .map(|at| f64::from(u8::from(at == place)))
            .collect()
    };
    match model {
        M::FirstTouch => only(0),
        M::LastTouch => only(count.saturating_sub(1)),
        M::LastNonDirect => {
            let last = steps.iter().rposition(|step| !step.direct);
            only(last.unwrap_or(count.saturating_sub(1)))
        }
        M::Linear | M::Markov => vec![1.0; count],
        M::TimeDecay => {
            // Ages count from the youngest, so that the weights of old journeys do not vanish all together.
            let youngest = steps
                .iter()
                .map(|step| step.age_days)
                .fold(f64::INFINITY, f64::min);
            let weight = |step: &Step| (-(step.age_days - youngest) / half_life_days).exp2();
            steps.iter().map(weight).collect()
        }
        M::PositionBased => position_based(count),
        M::WShaped => w_shaped(count, milestones),
        M::Shapley => shapley(steps),
    }
}

fn position_based(count: usize) -> Vec<f64> {
    match count {
        0..=2 => vec![1.0; count],
        _ => (0..count)
            .map(|place| match place {
                0 => 0.4,
                place if place == count - 1 => 0.4,
                _ => 0.2 / (count - 2) as f64,
            })
            .collect(),
    }
}

/// 30 % each to the first touch and to those of the milestones, 10 % to the rest. What has no touch leaves its share
/// to the others in proportion; a touch that marks two milestones gets both shares.
fn w_shaped(count: usize, milestones: Milestones) -> Vec<f64> {
    let mut weights = vec![0.0; count];
    let marks = [Some(0), milestones.lead, milestones.opportunity];
    for place in marks.into_iter().flatten() {
        if let Some(weight) = weights.get_mut(place) {
            *weight += 0.3;
        }
    }
    let rest = weights.iter().filter(|weight| **weight == 0.0).count();
    for weight in &mut weights {
        if *weight == 0.0 {
            *weight = 0.1 / rest as f64;
        }
    }
    weights
}

/// The Shapley value of the game in which a set of channels earns the journeys that need no other: each journey's
/// worth is shared alike by its distinct channels, and a channel's part alike by its touches.
fn shapley(steps: &[Step]) -> Vec<f64> {
    let touches = |player: u32| steps.iter().filter(|step| step.player == player).count();
    steps
        .iter()
        .map(|step| 1.0 / touches(step.player) as f64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(players: &[u32], ages: &[f64]) -> Vec<Step> {
        let pairs = players.iter().zip(ages);
        pairs
            .map(|(player, age)| Step {
                player: *player,
                direct: *player == 9,
                age_days: *age,
            })
            .collect()
    }

    fn parts(model: AttributionModel, players: &[u32], milestones: Milestones) -> Vec<f64> {
        let ages: Vec<f64> = (0..players.len())
            .rev()
            .map(|age| age as f64 * 7.0)
            .collect();
        let weights = weights(model, &steps(players, &ages), milestones, 7.0);
        let sum: f64 = weights.iter().sum();
        weights
            .iter()
            .map(|weight| (weight / sum * 1e4).round() / 1e4)
            .collect()
    }

    #[test]
    fn each_model_weighs_a_journey_of_four_touches_as_its_definition_says() {
        use AttributionModel as M;
        let none = Milestones::default();
        for (model, expected) in [
            (M::FirstTouch, [1.0, 0.0, 0.0, 0.0]),
            (M::LastTouch, [0.0, 0.0, 0.0, 1.0]),
            (M::LastNonDirect, [0.0, 0.0, 1.0, 0.0]),
            (M::Linear, [0.25, 0.25, 0.25, 0.25]),
            (M::TimeDecay, [0.0667, 0.1333, 0.2667, 0.5333]),
            (M::PositionBased, [0.4, 0.1, 0.1, 0.4]),
            (M::Shapley, [0.1667, 0.3333, 0.1667, 0.3333]),
        ] {
            assert_eq!(parts(model, &[1, 2, 1, 9], none), expected, "{model:?}");
        }
        assert_eq!(parts(M::LastNonDirect, &[9, 9], none), [0.0, 1.0]);
        assert_eq!(parts(M::PositionBased, &[1, 2], none), [0.5, 0.5]);
        assert_eq!(parts(M::PositionBased, &[1], none), [1.0]);
    }

    #[test]
    fn w_shaped_leaves_the_share_of_a_missing_milestone_to_the_others_in_proportion() {
        let w = |lead, opportunity, count| {
            parts(
                AttributionModel::WShaped,
                &vec![1; count],
                Milestones { lead, opportunity },
            )
        };
        assert_eq!(w(Some(1), Some(3), 5), [0.3, 0.3, 0.05, 0.3, 0.05]);
        assert_eq!(w(Some(1), None, 3), [0.4286, 0.4286, 0.1429]);
        assert_eq!(w(Some(0), Some(1), 2), [0.6667, 0.3333]);
        assert_eq!(w(None, None, 1), [1.0]);
    }

    #[test]
    fn touches_older_than_a_thousand_half_lives_still_share_a_journey() {
        let old = steps(&[1, 2], &[80_007.0, 80_000.0]);
        let weights = weights(
            AttributionModel::TimeDecay,
            &old,
            Milestones::default(),
            7.0,
        );
        assert_eq!(weights, [0.5, 1.0]);
    }

    #[test]
    fn the_closed_form_of_shapley_is_what_summing_over_all_coalitions_gives() {
        let journeys: [(&[u32], f64); 5] = [
            (&[0, 1, 0], 3.0),
            (&[1], 2.0),
            (&[2, 0, 1, 2], 5.0),
            (&[3, 2], 7.0),
            (&[0, 3], 1.0),
        ];
        let players = 4;
        let worth = |coalition: u32| -> f64 {
            let inside = |path: &[u32]| path.iter().all(|player| coalition & (1 << player) != 0);
            journeys
                .iter()
                .filter(|(path, _)| inside(path))
                .map(|(_, worth)| worth)
                .sum()
        };
        let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
        for player in 0..players {
            let others = (0..1 << players).filter(|set: &u32| set & (1 << player) == 0);
            let brute: f64 = others
                .map(|set| {
                    let size = set.count_ones();
                    let weight =
                        factorial(size) * factorial(players - size - 1) / factorial(players);
                    weight * (worth(set | 1 << player) - worth(set))
                })
                .sum();
            let closed: f64 = journeys
                .iter()
                .map(|(path, worth)| {
                    let steps = steps(path, &vec![0.0; path.len()]);
                    let weights = shapley(&steps);
                    let sum: f64 = weights.iter().sum();
                    let own = steps
                        .iter()
                        .zip(&weights)
                        .filter(|(step, _)| step.player == player);
                    worth * own.map(|(_, weight)| weight / sum).sum::<f64>()
                })
                .sum();
            assert!(
                (brute - closed).abs() < 1e-12,
                "{player}: {brute} and {closed}"
            );
        }
    }
}
