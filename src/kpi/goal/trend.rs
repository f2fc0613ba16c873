//! The straight line that lies closest to a row of points, in exact arithmetic, so that every database and machine
//! gives the same.

use rust_decimal::Decimal;

/// Decimal places of what the line is read at.
const PLACES: u32 = 12;

/// The least-squares line through `points` (place and value), read at `at`. `None` with fewer than two places, and for
/// numbers too large to compute with.
pub fn least_squares(points: &[(i32, Decimal)], at: Decimal) -> Option<Decimal> {
    let (origin, _) = *points.first()?;
    let count = Decimal::from(points.len());
    let (mut x_sum, mut y_sum, mut xx_sum, mut xy_sum) =
        (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    for (place, value) in points {
        let x = Decimal::from(place.checked_sub(origin)?);
        x_sum = x_sum.checked_add(x)?;
        y_sum = y_sum.checked_add(*value)?;
        xx_sum = xx_sum.checked_add(x.checked_mul(x)?)?;
        xy_sum = xy_sum.checked_add(x.checked_mul(*value)?)?;
    }
    let spread = count
        .checked_mul(xx_sum)?
        .checked_sub(x_sum.checked_mul(x_sum)?)?;
    if spread.is_zero() {
        return None;
    }
    let together = count
        .checked_mul(xy_sum)?
        .checked_sub(x_sum.checked_mul(y_sum)?)?;
    // One division at the end keeps what has an exact result exact:
    // mean(y) + slope * (x - mean(x)) = (y_sum * spread + together * (count * x - x_sum)) / (count * spread).
    let x = at.checked_sub(Decimal::from(origin))?;
    let distance = count.checked_mul(x)?.checked_sub(x_sum)?;
    let above = y_sum
        .checked_mul(spread)?
        .checked_add(together.checked_mul(distance)?)?;
    let value = above.checked_div(count.checked_mul(spread)?)?;
    Some(value.round_dp(PLACES).normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(i32, &str)], at: &str) -> Option<String> {
        let points: Vec<_> = points
            .iter()
            .map(|(place, value)| (*place, value.parse().unwrap()))
            .collect();
        least_squares(&points, at.parse().unwrap()).map(|value| value.to_string())
    }

    #[test]
    fn points_on_a_line_are_continued_exactly() {
        let points = [(24_312, "10"), (24_313, "12"), (24_314, "14")];
        assert_eq!(line(&points, "24317").unwrap(), "20");
        assert_eq!(line(&points, "24314.5").unwrap(), "15");
    }

    #[test]
    fn points_beside_a_line_are_met_in_the_least_squares() {
        // x 0 1 2 3, y 1 3 2 5: slope (4*22 - 6*11) / (4*14 - 36) = 1.1, through (1.5, 2.75).
        let points = [(0, "1"), (1, "3"), (2, "2"), (3, "5")];
        assert_eq!(line(&points, "5").unwrap(), "6.6");
        // x 0 1 2, y .03 .01 .02: slope -0.005, through (1, 0.02).
        let rates = [(0, "0.03"), (1, "0.01"), (2, "0.02")];
        assert_eq!(line(&rates, "4").unwrap(), "0.005");
    }

    #[test]
    fn gaps_count_as_time() {
        assert_eq!(line(&[(0, "1"), (4, "3")], "6").unwrap(), "4");
    }

    #[test]
    fn one_point_has_no_direction_and_huge_numbers_give_none() {
        assert_eq!(line(&[], "1"), None);
        assert_eq!(line(&[(3, "5")], "9"), None);
        let huge = Decimal::MAX.to_string();
        assert_eq!(line(&[(0, &huge), (1, &huge)], "9"), None);
    }
}
