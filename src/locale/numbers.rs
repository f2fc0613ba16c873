//! Numbers in the way of one locale, by CLDR's data; exact decimals in, and the only place where they are rounded
//! (half to even).

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, OnceLock, PoisonError},
};

use fixed_decimal::{Decimal as Digits, SignDisplay};
use fluent_bundle::FluentArgs;
use icu_decimal::DecimalFormatter;
use icu_experimental::{
    dimension::{
        currency::CurrencyType, currency::formatter::CurrencyFormatter,
        percent::formatter::PercentFormatter, provider::currency::fractions::CurrencyFractionsV1,
    },
    duration::{
        Duration, DurationFormatter, DurationSign, ValidatedDurationFormatterOptions,
        options::{BaseStyle, DurationFormatterOptions, FieldDisplay},
    },
};
use icu_provider::{DataError, DataPayload, DataProvider};
use iso_currency::Currency;
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use writeable::Writeable;

use super::{Language, Locale, text};
use crate::error::{Error, Result};

type Money = (CurrencyFormatter<DecimalFormatter>, u8);

/// Writes numbers in the way of one locale. Each kind of formatter is made when it is first needed, and once.
pub struct NumberFormats {
    locale: Locale,
    language: Language,
    plain: OnceLock<DecimalFormatter>,
    percent: OnceLock<PercentFormatter<DecimalFormatter>>,
    duration: OnceLock<DurationFormatter>,
    money: Mutex<HashMap<Currency, Money>>,
}

impl NumberFormats {
    /// The formats of a locale.
    pub fn new(locale: Locale) -> Self {
        Self {
            language: Language::of(&locale).unwrap_or(Language::English),
            locale,
            plain: OnceLock::new(),
            percent: OnceLock::new(),
            duration: OnceLock::new(),
            money: Mutex::default(),
        }
    }

    /// A number with at least `min` and at most `max` digits after the point: `1,234.5`.
    pub fn number(&self, value: Decimal, min: u8, max: u8) -> Result<String> {
        let format = made(&self.plain, || {
            DecimalFormatter::try_new((&self.locale.0).into(), Default::default())
        })?;
        Ok(format
            .format(&digits(value, min, max))
            .write_to_string()
            .into_owned())
    }

    /// The same with the sign shown for numbers above zero, too: `+42`.
    pub fn signed(&self, value: Decimal, min: u8, max: u8) -> Result<String> {
        let format = made(&self.plain, || {
            DecimalFormatter::try_new((&self.locale.0).into(), Default::default())
        })?;
        let digits = digits(value, min, max).with_sign_display(SignDisplay::ExceptZero);
        Ok(format.format(&digits).write_to_string().into_owned())
    }

    /// A fraction of 1 as a percentage with `decimals` digits after the point: `12.35%`.
    pub fn percent(&self, fraction: Decimal, decimals: u8) -> Result<String> {
        let format = made(&self.percent, || {
            PercentFormatter::try_new((&self.locale.0).into(), Default::default())
        })?;
        let mut digits = digits(fraction, 0, decimals.saturating_add(2));
        digits.multiply_pow10(2);
        digits.trim_start();
        digits.pad_end(-i16::from(decimals));
        Ok(format.format(&digits).write_to_string().into_owned())
    }

    /// An amount with the currency's symbol and as many minor digits as CLDR gives it: `$1,234.50`.
    pub fn money(&self, amount: Decimal, currency: Currency) -> Result<String> {
        let mut made = self.money.lock().unwrap_or_else(PoisonError::into_inner);
        let (format, decimals) = match made.entry(currency) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.money_format(currency)?),
        };
        let digits = digits(amount, *decimals, *decimals);
        Ok(format
            .format_fixed_decimal(&digits)
            .write_to_string()
            .into_owned())
    }

    /// An amount of money per day: `$2,777.78/day`.
    pub fn money_per_day(&self, amount: Decimal, currency: Currency) -> Result<String> {
        let amount = self.money(amount, currency)?;
        let arguments = FluentArgs::from_iter([("amount", amount.as_str())]);
        Ok(text(self.language, "amount-per-day", None, &arguments)
            .unwrap_or_else(|| format!("{amount}/day")))
    }

    /// Whole seconds, with minutes and hours where they are reached: `1m 5s`.
    pub fn duration(&self, seconds: Decimal) -> Result<String> {
        let format = made(&self.duration, || {
            let mut options = DurationFormatterOptions::default();
            options.base = BaseStyle::Narrow;
            options.second_visibility = Some(FieldDisplay::Always);
            let options = ValidatedDurationFormatterOptions::validate(options)
                .map_err(|_| DataError::custom("options of durations"))?;
            DurationFormatter::try_new((&self.locale.0).into(), options)
        })?;
        let seconds = rounded(seconds, 0);
        // Seconds are sums of 64-bit numbers, so the largest one is never passed.
        let whole = seconds.abs().to_u64().unwrap_or(u64::MAX);
        let duration = Duration {
            sign: if seconds.is_sign_negative() {
                DurationSign::Negative
            } else {
                DurationSign::Positive
            },
            hours: whole / 3600,
            minutes: whole % 3600 / 60,
            seconds: whole % 60,
            ..Duration::default()
        };
        Ok(format.format(&duration).write_to_string().into_owned())
    }

    fn money_format(&self, currency: Currency) -> Result<Money> {
        let currency: CurrencyType = currency
            .code()
            .parse()
            .map_err(|_| Error::Internal(format!("currency {}", currency.code())))?;
        let format = CurrencyFormatter::try_new_symbol(
            (&self.locale.0).into(),
            currency,
            Default::default(),
        )
        .map_err(missing)?;
        let fractions: DataPayload<CurrencyFractionsV1> = icu_experimental::provider::Baked
            .load(Default::default())
            .map_err(missing)?
            .payload;
        Ok((format, fractions.get().resolve(currency).digits))
    }
}

/// What `cell` holds, made first where it holds nothing.
fn made<T>(cell: &OnceLock<T>, make: impl FnOnce() -> Result<T, DataError>) -> Result<&T> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make().map_err(missing)?;
    Ok(cell.get_or_init(|| value))
}

/// CLDR's data are part of the binary, so a lack is a mistake in building it.
fn missing(error: DataError) -> Error {
    Error::Internal(format!("CLDR data: {error}"))
}

fn digits(value: Decimal, min: u8, max: u8) -> Digits {
    let value = rounded(value, max);
    let mut digits = Digits::from(value.mantissa());
    // A Decimal has at most 28 digits after the point.
    digits.multiply_pow10(-i16::try_from(value.scale()).unwrap_or(i16::MAX));
    digits.pad_end(-i16::from(min));
    digits
}

/// Rounds half to even; the result has no trailing zeros and no negative zero.
fn rounded(value: Decimal, decimals: u8) -> Decimal {
    value
        .round_dp_with_strategy(decimals.into(), RoundingStrategy::MidpointNearestEven)
        .normalize()
}
