//! Repeatable chance: numbers that look random and depend on nothing but a day and a name.

use chrono::NaiveDate;

/// A row of chance numbers, the same whenever and wherever it is made (FNV-1a seeds SplitMix64).
pub struct Chance(u64);

impl Chance {
    /// The numbers of `name` on `day`.
    pub fn of(day: NaiveDate, name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let date = i64::from(day.to_epoch_days()).cast_unsigned() << 32;
        let mut chance = Self(hash ^ date);
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to, but without, `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        low + share * (high - low)
    }

    /// A whole number below `count`; 0 when `count` is 0.
    pub fn below(&mut self, count: u64) -> u64 {
        self.next() % count.max(1)
    }

    /// True with this probability, 0 to 1.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.between(0.0, 1.0) < probability
    }

    /// A whole number near `expected`, at least 0, whose mean over many draws is `expected`.
    pub fn about(&mut self, expected: f64) -> i64 {
        (expected + self.between(0.0, 1.0)).floor().max(0.0) as i64
    }

    /// A whole number near a share of `whole` that lies between `low` and `high`.
    pub fn part(&mut self, whole: f64, low: f64, high: f64) -> i64 {
        let share = self.between(low, high);
        self.about(whole * share)
    }

    /// One of `choices`.
    pub fn pick<'a, T, const N: usize>(&mut self, choices: &'a [T; N]) -> &'a T {
        const { assert!(N > 0, "there must be something to pick") }
        &choices[(self.next() % N as u64) as usize]
    }

    /// One of `choices` by weight; `None` when nothing has weight.
    pub fn weighted<T: Copy>(&mut self, choices: &[(T, u32)]) -> Option<T> {
        let total = choices.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.below(total);
        for (choice, weight) in choices {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return Some(*choice),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_same_day_and_name_give_the_same_numbers() {
        let draw = |date: &str, name: &str| Chance::of(day(date), name).next();
        assert_eq!(draw("2025-03-04", "a"), draw("2025-03-04", "a"));
        assert_ne!(draw("2025-03-04", "a"), draw("2025-03-05", "a"));
        assert_ne!(draw("2025-03-04", "a"), draw("2025-03-04", "b"));
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_hit_the_mean() {
        let mut chance = Chance::of(day("2025-01-01"), "bounds");
        let drawn: Vec<f64> = (0..10_000).map(|_| chance.between(2.0, 4.0)).collect();
        assert!(drawn.iter().all(|number| (2.0..4.0).contains(number)));
        let mean = drawn.iter().sum::<f64>() / 10_000.0;
        assert!((2.97..3.03).contains(&mean), "{mean}");
        let whole: i64 = (0..10_000).map(|_| chance.about(0.3)).sum();
        assert!((2_800..3_200).contains(&whole), "{whole}");
        assert!((0..100).all(|_| chance.below(3) < 3));
    }

    #[test]
    fn what_has_no_weight_is_never_drawn() {
        let mut chance = Chance::of(day("2025-01-01"), "weights");
        assert!((0..100).all(|_| chance.weighted(&[('a', 0), ('b', 1), ('c', 0)]) == Some('b')));
        assert_eq!(chance.weighted(&[('a', 0)]), None);
        assert_eq!(chance.weighted::<char>(&[]), None);
    }
}
