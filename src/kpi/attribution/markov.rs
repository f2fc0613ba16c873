//! The Markov model of order one: how much less would convert were a channel removed.
//!
//! States are the start, the channels, conversion and null; transitions are counted over all journeys. With a channel
//! removed, whoever would have come to it is lost. Removal effects are exact: a linear system, no simulation.

use nalgebra::{DMatrix, DVector};

/// Counts of transitions between the states of journeys.
pub struct Chain {
    from_start: Vec<f64>,
    between: DMatrix<f64>,
    converted: Vec<f64>,
    lost: Vec<f64>,
}

impl Chain {
    /// A chain of so many channels without journeys.
    pub fn new(channels: usize) -> Self {
        Self {
            from_start: vec![0.0; channels],
            between: DMatrix::zeros(channels, channels),
            converted: vec![0.0; channels],
            lost: vec![0.0; channels],
        }
    }

    /// Counts a journey over these channels, in the order of time.
    pub fn add(&mut self, path: impl IntoIterator<Item = usize>, converted: bool) {
        let mut last: Option<usize> = None;
        for channel in path {
            match last {
                None => self.from_start[channel] += 1.0,
                Some(last) => self.between[(last, channel)] += 1.0,
            }
            last = Some(channel);
        }
        if let Some(last) = last {
            let end = if converted {
                &mut self.converted
            } else {
                &mut self.lost
            };
            end[last] += 1.0;
        }
    }

    /// The removal effect of each channel: the share of conversions that would be lost without it, 0 to 1. None when
    /// no journey converts.
    ///
    /// A journey converts by way of a channel when it ever comes to it and converts from there, so the effect is
    /// P(ever there) · P(conversion from there) / P(conversion): one inverse instead of one system per channel.
    pub fn removal_effects(&self) -> Option<Vec<f64>> {
        let channels = self.from_start.len();
        let starts: f64 = self.from_start.iter().sum();
        if starts == 0.0 || self.converted.iter().sum::<f64>() == 0.0 {
            return None;
        }
        let start = DVector::from_iterator(channels, self.from_start.iter().map(|n| n / starts));
        let mut stay = DMatrix::identity(channels, channels);
        let mut converts = DVector::zeros(channels);
        for from in 0..channels {
            let left = self.between.row(from).sum() + self.converted[from] + self.lost[from];
            // A channel that no journey names is never reached.
            if left > 0.0 {
                for to in 0..channels {
                    stay[(from, to)] -= self.between[(from, to)] / left;
                }
                converts[from] = self.converted[from] / left;
            }
        }
        let visits = stay.try_inverse()?;
        let from_here = &visits * &converts;
        let expected = visits.transpose() * &start;
        let conversion = start.dot(&from_here);
        let effect = |channel: usize| {
            let ever_there = expected[channel] / visits[(channel, channel)];
            (ever_there * from_here[channel] / conversion).clamp(0.0, 1.0)
        };
        Some((0..channels).map(effect).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The chance to convert when whoever comes to `removed` is lost, by repeated steps.
    fn conversion_without(chain: &Chain, removed: Option<usize>) -> f64 {
        let channels = chain.from_start.len();
        let starts: f64 = chain.from_start.iter().sum();
        let mut there: Vec<f64> = chain.from_start.iter().map(|n| n / starts).collect();
        let mut converted = 0.0;
        for _ in 0..20_000 {
            let mut next = vec![0.0; channels];
            for from in (0..channels).filter(|from| Some(*from) != removed) {
                let left = chain.between.row(from).sum() + chain.converted[from] + chain.lost[from];
                if left > 0.0 {
                    converted += there[from] * chain.converted[from] / left;
                    for (to, next) in next.iter_mut().enumerate() {
                        *next += there[from] * chain.between[(from, to)] / left;
                    }
                }
            }
            there = next;
        }
        converted
    }

    #[test]
    fn the_textbook_of_three_channels_gives_its_removal_effects() {
        // start → C1 → C2 → C3 → conversion; start → C1 → null; start → C2 → C3 → null.
        let mut chain = Chain::new(3);
        chain.add([0, 1, 2], true);
        chain.add([0], false);
        chain.add([1, 2], false);
        let effects = chain.removal_effects().unwrap();
        for (effect, expected) in effects.iter().zip([0.5, 1.0, 1.0]) {
            assert!((effect - expected).abs() < 1e-12, "{effects:?}");
        }
    }

    #[test]
    fn without_conversions_there_are_no_effects() {
        let mut chain = Chain::new(1);
        assert_eq!(chain.removal_effects(), None);
        chain.add([0], false);
        assert_eq!(chain.removal_effects(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn effects_are_what_removing_each_channel_and_walking_the_chain_gives(
            journeys in prop::collection::vec((prop::collection::vec(0_usize..5, 1..7), any::<bool>()), 1..25),
        ) {
            let mut chain = Chain::new(5);
            for (path, converted) in &journeys {
                chain.add(path.iter().copied(), *converted);
            }
            let Some(effects) = chain.removal_effects() else { return Ok(()) };
            let whole = conversion_without(&chain, None);
            for (channel, effect) in effects.iter().enumerate() {
                let expected = 1.0 - conversion_without(&chain, Some(channel)) / whole;
                prop_assert!((effect - expected).abs() < 1e-9, "{channel}: {effect} and {expected}");
            }
        }
    }
}
