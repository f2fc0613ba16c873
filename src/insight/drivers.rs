//! Why a KPI changed: what each segment contributed, and how much of it is its own rate and how much the mix.
//!
//! A ratio R = ΣN/ΣD is the mean of the segments' rates r = N/D, weighted by their shares w = D/ΣD. With 0 for the
//! baseline and 1 for now, each segment's part in R₁ − R₀ is split exactly, without an interaction term:
//! rate effect w₁·(r₁ − r₀), at the share of now; mix effect (w₁ − w₀)·(r₀ − R₀), at the rate of the baseline relative
//! to the whole, so that it is only mix when a better or worse segment than the whole gains weight.

use rust_decimal::Decimal;

/// Decimal places of effects.
const PLACES: u32 = 12;

/// The two parts of a ratio in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    /// The upper part.
    pub numerator: Decimal,
    /// The lower part.
    pub denominator: Decimal,
}

impl Ratio {
    fn rate(self) -> Option<Decimal> {
        self.numerator.checked_div(self.denominator)
    }
}

/// A value now and in the baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change<T> {
    /// In the period.
    pub now: T,
    /// In the baseline.
    pub before: T,
}

/// What one segment contributed to the change of the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// By its own rate, at its share of now. Zero for sums.
    pub rate: Decimal,
    /// By its share, at its rate of the baseline relative to the whole. For sums: its own change.
    pub mix: Decimal,
    /// By a numerator without a denominator, such as spend that won no customer.
    pub residual: Decimal,
}

impl Effect {
    /// All of it.
    pub fn total(&self) -> Decimal {
        self.rate
            .saturating_add(self.mix)
            .saturating_add(self.residual)
    }

    fn add(&self, other: &Self) -> Self {
        Self {
            rate: self.rate.saturating_add(other.rate),
            mix: self.mix.saturating_add(other.mix),
            residual: self.residual.saturating_add(other.residual),
        }
    }

    fn rounded(self) -> Self {
        let round = |value: Decimal| value.round_dp(PLACES).normalize();
        Self {
            rate: round(self.rate),
            mix: round(self.mix),
            residual: round(self.residual),
        }
    }
}

/// A change taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decomposition {
    /// What all segments contributed: `rate + mix + residual` is the change exactly. The residual also holds what
    /// segments do not explain, as when people belong to several of them.
    pub whole: Effect,
    /// What each segment contributed, in the order given, each rounded to twelve places.
    pub segments: Vec<Effect>,
}

/// Takes the change of a ratio apart. `change` is the change of the whole ratio; `None` where a whole ratio has no
/// value or a number grows too large.
pub fn of_ratio(
    change: Decimal,
    whole: Change<Ratio>,
    segments: &[Change<Ratio>],
) -> Option<Decomposition> {
    let before = whole.before.rate()?;
    whole.now.rate()?;
    let effects = segments
        .iter()
        .map(|segment| effect(segment, &whole, before))
        .collect::<Option<Vec<_>>>()?;
    let sum = effects
        .iter()
        .fold(Effect::default(), |sum, effect| sum.add(effect));
    let explained = sum.total();
    let gap = change.checked_sub(explained)?;
    let Effect { rate, residual, .. } = Effect {
        residual: sum.residual.checked_add(gap)?,
        ..sum
    }
    .rounded();
    // The last decimal places of rounding go to the mix, so that the parts add up to the last digit.
    let mix = change.checked_sub(rate)?.checked_sub(residual)?.normalize();
    Some(Decomposition {
        whole: Effect {
            rate,
            mix,
            residual,
        },
        segments: effects.into_iter().map(Effect::rounded).collect(),
    })
}

fn effect(segment: &Change<Ratio>, whole: &Change<Ratio>, before: Decimal) -> Option<Effect> {
    let share = |part: Ratio, whole: Ratio| part.denominator.checked_div(whole.denominator);
    let (share_now, share_before) = (
        share(segment.now, whole.now)?,
        share(segment.before, whole.before)?,
    );
    let lost = |part: Ratio, whole: Ratio| match part.denominator.is_zero() {
        true => part.numerator.checked_div(whole.denominator),
        false => Some(Decimal::ZERO),
    };
    let residual =
        lost(segment.now, whole.now)?.checked_sub(lost(segment.before, whole.before)?)?;
    // A segment that is new or gone has one rate only: all that it does is mix.
    let (rate_now, rate_before) = match (segment.now.rate(), segment.before.rate()) {
        (Some(now), Some(then)) => (now, then),
        (Some(one), None) | (None, Some(one)) => (one, one),
        (None, None) => (before, before),
    };
    Some(Effect {
        rate: share_now.checked_mul(rate_now.checked_sub(rate_before)?)?,
        mix: share_now
            .checked_sub(share_before)?
            .checked_mul(rate_before.checked_sub(before)?)?,
        residual,
    })
}

/// Takes the change of a sum apart: each segment contributes its own change, all of it mix.
pub fn of_sum(change: Decimal, segments: &[Change<Decimal>]) -> Option<Decomposition> {
    let effects = segments
        .iter()
        .map(|segment| {
            Some(Effect {
                mix: segment.now.checked_sub(segment.before)?.normalize(),
                ..Effect::default()
            })
        })
        .collect::<Option<Vec<_>>>()?;
    let mix = effects
        .iter()
        .try_fold(Decimal::ZERO, |sum, effect| sum.checked_add(effect.mix))?;
    Some(Decomposition {
        whole: Effect {
            rate: Decimal::ZERO,
            mix: mix.normalize(),
            residual: change.checked_sub(mix)?.normalize(),
        },
        segments: effects,
    })
}

/// The places of the segments that contributed most, at most `most`, the largest first, without those that contributed
/// nothing; ties stay in order.
pub fn largest(segments: &[Effect], most: usize) -> Vec<usize> {
    let size = |place: &usize| segments[*place].total().abs();
    let mut places: Vec<usize> = (0..segments.len())
        .filter(|place| !size(place).is_zero())
        .collect();
    places.sort_by_key(|place| std::cmp::Reverse(size(place)));
    places.truncate(most);
    places
}

#[cfg(test)]
mod tests;
