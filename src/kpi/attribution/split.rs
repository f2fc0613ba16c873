//! Exact splitting: parts of a whole number that add up to it, by the method of the largest remainder.

/// The whole of which shares are parts: a conversion is split to quadrillionths, as finely as floating
/// point numbers tell.
pub const WHOLE: u64 = 1_000_000_000_000_000;

/// Turns weights into shares of [`WHOLE`] that add up to it exactly. What rounding down leaves goes to the largest
/// remainders, the earlier of equals first. Weights that are negative or no numbers count nothing; without any that
/// counts, all share alike.
pub fn shares(weights: &[f64]) -> Vec<u64> {
    let counted = |weight: f64| {
        if weight.is_finite() {
            weight.max(0.0)
        } else {
            0.0
        }
    };
    let sum: f64 = weights.iter().copied().map(counted).sum();
    let even = !(sum > 0.0 && sum.is_finite());
    let exact = |weight: f64| {
        let part = if even {
            1.0 / weights.len() as f64
        } else {
            counted(weight) / sum
        };
        part * WHOLE as f64
    };
    let mut parts: Vec<u64> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<f64> = Vec::with_capacity(weights.len());
    for weight in weights {
        let exact = exact(*weight);
        parts.push(exact as u64);
        remainders.push(exact - exact.floor());
    }
    let given: i128 = parts.iter().map(|part| i128::from(*part)).sum();
    let mut left = i128::from(WHOLE) - given;
    // What weighs nothing gets nothing, not even what rounding leaves.
    let mut order = by_remainder(&remainders);
    order.retain(|place| even || counted(weights[*place]) > 0.0);
    // A quotient that rounds up can give one too many: then the smallest remainder pays it back.
    while left != 0 && !order.is_empty() {
        for place in &order {
            match left {
                0 => break,
                left_over if left_over > 0 => {
                    parts[*place] += 1;
                    left -= 1;
                }
                _ if parts[*place] > 0 => {
                    parts[*place] -= 1;
                    left += 1;
                }
                _ => {}
            }
        }
    }
    parts
}

fn by_remainder(remainders: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..remainders.len()).collect();
    order.sort_by(|a, b| remainders[*b].total_cmp(&remainders[*a]).then(a.cmp(b)));
    order
}

/// Splits a whole number by shares that add up to [`WHOLE`], so that the parts add up to it exactly.
pub fn split(total: i128, shares: &[u64]) -> Vec<i128> {
    let whole = i128::from(WHOLE);
    let (high, low) = (total.div_euclid(whole), total.rem_euclid(whole));
    let mut remainders = Vec::with_capacity(shares.len());
    let mut parts: Vec<i128> = shares
        .iter()
        .map(|share| {
            let share = i128::from(*share);
            // In two steps, because the product of a large amount and a share would not fit.
            remainders.push((low * share).rem_euclid(whole));
            high * share + (low * share).div_euclid(whole)
        })
        .collect();
    let mut left = total - parts.iter().sum::<i128>();
    if left > 0 {
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by(|a, b| remainders[*b].cmp(&remainders[*a]).then(a.cmp(b)));
        for place in order {
            if left == 0 {
                break;
            }
            parts[place] += 1;
            left -= 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn thirds_add_up_and_the_first_of_equals_gets_the_rest() {
        assert_eq!(
            shares(&[1.0, 1.0, 1.0]),
            [
                333_333_333_333_334,
                333_333_333_333_333,
                333_333_333_333_333
            ]
        );
        assert_eq!(split(100, &shares(&[1.0, 1.0, 1.0])), [34, 33, 33]);
        assert_eq!(
            split(-100, &shares(&[1.0, 1.0, 1.0])).iter().sum::<i128>(),
            -100
        );
        assert_eq!(shares(&[0.0, f64::NAN]), [WHOLE / 2, WHOLE / 2]);
        assert!(shares(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn shares_and_parts_always_add_up(
            weights in prop::collection::vec(0.0..1e9_f64, 1..60),
            total in -1_000_000_000_000_000_000_000_000_000_i128..1_000_000_000_000_000_000_000_000_000,
        ) {
            let shares = shares(&weights);
            prop_assert_eq!(shares.iter().sum::<u64>(), WHOLE);
            prop_assert_eq!(split(total, &shares).iter().sum::<i128>(), total);
        }
    }
}
