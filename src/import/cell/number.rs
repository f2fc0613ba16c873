//! Numbers: counts, amounts in micros, rates. Never through floating point.

use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

use super::Cell;

/// An amount of money, or another number, that is not negative, in millionths; further digits are rounded half to even.
pub(in crate::import) fn amount(text: &str) -> Cell<i64> {
    not_negative(scaled(text, 6)?)
}

/// An exchange rate above zero, in billionths.
pub(in crate::import) fn rate_nanos(text: &str) -> Cell<i64> {
    match scaled(text, 9)? {
        ..=0 => Err("is no rate: it must be greater than 0".into()),
        rate => Ok(rate),
    }
}

/// A whole number that is not negative; `7350.0` is one too.
pub(in crate::import) fn count(text: &str) -> Cell<i64> {
    let number = decimal(text)?;
    if !number.fract().is_zero() {
        return Err("is not a whole number".into());
    }
    not_negative(i64::try_from(number.trunc().mantissa()).map_err(|_| too_large())?)
}

fn not_negative(number: i64) -> Cell<i64> {
    if number < 0 {
        return Err("is negative".into());
    }
    Ok(number)
}

fn scaled(text: &str, digits: u32) -> Cell<i64> {
    let mut number =
        decimal(text)?.round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven);
    number.rescale(digits);
    if number.scale() != digits {
        return Err(too_large());
    }
    i64::try_from(number.mantissa()).map_err(|_| too_large())
}

fn decimal(text: &str) -> Cell<Decimal> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (text, None),
    };
    let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let sound = plain(whole)
        && plain(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| exponent.parse::<i16>().is_ok());
    if !sound {
        return Err(if text.contains(',') {
            "is not a number: write it with a decimal point and without thousands separators".into()
        } else {
            "is not a number".into()
        });
    }
    let parsed = match exponent {
        Some(_) => Decimal::from_scientific(text),
        None => Decimal::from_str(text),
    };
    parsed.map_err(|_| too_large())
}

fn too_large() -> String {
    "is too large (or has too many digits) to be stored".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_half_to_even_at_the_micro() {
        for (text, micros) in [
            ("1.429999948", 1_430_000),
            ("0.0000005", 0),
            ("0.0000015", 2),
            ("0.00000250000000001", 3),
            ("17.9520065", 17_952_006),
            (".5", 500_000),
            ("5.", 5_000_000),
            ("+2", 2_000_000),
            ("-0", 0),
            ("1e-05", 10),
            ("1.5E3", 1_500_000_000),
            ("9223372036854.775807", i64::MAX),
            ("0.3333333333333333333333333333333333333333", 333_333),
        ] {
            assert_eq!(amount(text), Ok(micros), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_reason() {
        for (text, reason) in [
            ("-1", "negative"),
            ("1,234.50", "thousands separators"),
            ("1_000", "not a number"),
            ("$5", "not a number"),
            ("NaN", "not a number"),
            ("inf", "not a number"),
            ("0x10", "not a number"),
            ("1.2.3", "not a number"),
            (".", "not a number"),
            ("-", "not a number"),
            ("e5", "not a number"),
            ("1e", "not a number"),
            ("9223372036854.775808", "too large"),
            ("1e300", "too large"),
            ("99999999999999999999999999999999999999", "too large"),
        ] {
            let error = amount(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn counts_are_whole_and_not_negative() {
        assert_eq!(count("7350"), Ok(7350));
        assert_eq!(count("7350.0"), Ok(7350));
        assert_eq!(count("9223372036854775807"), Ok(i64::MAX));
        assert!(count("7350.5").unwrap_err().contains("whole"));
        assert!(count("-1").unwrap_err().contains("negative"));
        assert!(
            count("9223372036854775808")
                .unwrap_err()
                .contains("too large")
        );
        assert!(count("many").unwrap_err().contains("not a number"));
    }

    #[test]
    fn rates_are_above_zero() {
        assert_eq!(rate_nanos("1.0837"), Ok(1_083_700_000));
        assert!(rate_nanos("0").is_err());
        assert!(rate_nanos("-1").is_err());
        assert!(rate_nanos("0.0000000001").is_err());
    }
}
