//! Exact quantiles of whole numbers.

/// The value that `percent` of an ascending list do not exceed, interpolated linearly between neighbours (type 7 of
/// Hyndman and Fan, the default of most tools) and rounded half to even; none of an empty list. 50 is the median.
pub fn quantile(ascending: &[i64], percent: u32) -> Option<i64> {
    let last = i128::try_from(ascending.len()).ok()?.checked_sub(1)?;
    let place = last.max(0) * i128::from(percent.min(100));
    let (index, rest) = (usize::try_from(place / 100).ok()?, place % 100);
    let low = i128::from(*ascending.get(index)?);
    let high = i128::from(*ascending.get(index + 1).unwrap_or(ascending.get(index)?));
    let hundredfold = low * 100 + (high - low) * rest;
    let (whole, part) = (hundredfold.div_euclid(100), hundredfold.rem_euclid(100));
    let up = part > 50 || (part == 50 && whole % 2 != 0);
    i64::try_from(whole + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let list = [10, 20, 30, 40];
        assert_eq!(quantile(&list, 0), Some(10));
        assert_eq!(quantile(&list, 25), Some(18)); // 17.5
        assert_eq!(quantile(&list, 50), Some(25));
        assert_eq!(quantile(&list, 90), Some(37));
        assert_eq!(quantile(&list, 100), Some(40));
        assert_eq!(quantile(&[7], 50), Some(7));
        assert_eq!(quantile(&[-3, 0], 50), Some(-2)); // -1.5
        assert_eq!(quantile(&[], 50), None);
    }
}
