//! Amounts of the demo team: micros of its currency.

/// The demo team's currency.
pub const CURRENCY: &str = "USD";
/// A cent in micros.
pub const CENT: i64 = 10_000;
/// A dollar in micros.
pub const DOLLAR: i64 = 100 * CENT;

/// Micros of an amount in dollars, whole cents.
pub fn dollars(amount: f64) -> i64 {
    (amount * 100.0).round() as i64 * CENT
}

/// A share of an amount, whole cents.
pub fn part(amount: i64, share: f64) -> i64 {
    (amount as f64 / CENT as f64 * share).round() as i64 * CENT
}
