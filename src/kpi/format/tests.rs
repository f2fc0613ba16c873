//! How values are written, by unit and by locale. `␣` stands for a space that does not break, `·` for a narrow one.

use proptest::prelude::*;

use super::*;
use crate::locale::Locale;

fn written_in(locale: &str, value: &str, unit: Unit, currency: Currency) -> String {
    let formats = NumberFormats::new(Locale::parse(locale).unwrap());
    format_value(value.parse().unwrap(), unit, Some(currency), &formats)
        .unwrap()
        .replace('\u{a0}', "␣")
        .replace('\u{202f}', "·")
}

fn written(value: &str, unit: Unit) -> String {
    written_in("en", value, unit, Currency::USD)
}

#[test]
fn counts_are_grouped_and_fractional_only_when_needed() {
    assert_eq!(written("1234567", Unit::Count), "1,234,567");
    assert_eq!(written("0", Unit::Count), "0");
    assert_eq!(written("999", Unit::Count), "999");
    assert_eq!(written("-1000.00", Unit::Count), "-1,000");
    assert_eq!(written("1234.5", Unit::Count), "1,234.5");
    assert_eq!(written("1234.567", Unit::Count), "1,234.57");
}

#[test]
fn numbers_are_grouped_in_the_way_of_the_locale() {
    for (locale, expected) in [
        ("en", "-1,234,567.5"),
        ("de-DE", "-1.234.567,5"),
        ("de-CH", "-1'234'567.5"),
        ("ru-RU", "-1␣234␣567,5"),
        ("fr-FR", "-1·234·567,5"),
        ("zh-CN", "-1,234,567.5"),
        ("zh-TW", "-1,234,567.5"),
        ("en-IN", "-12,34,567.5"),
        ("hi-IN", "-12,34,567.5"),
        ("ar-EG", "\u{61c}-١٬٢٣٤٬٥٦٧٫٥"),
        ("sv", "−1␣234␣567,5"),
    ] {
        let text = written_in(locale, "-1234567.5", Unit::Count, Currency::EUR);
        assert_eq!(text, expected, "{locale}");
    }
}

#[test]
fn money_has_the_symbol_where_the_locale_puts_it() {
    for (locale, currency, expected) in [
        ("en", Currency::USD, "$1,234.50"),
        ("en", Currency::EUR, "€1,234.50"),
        ("en-GB", Currency::USD, "US$1,234.50"),
        ("de-DE", Currency::EUR, "1.234,50␣€"),
        ("de-CH", Currency::CHF, "CHF␣1'234.50"),
        ("ru-RU", Currency::RUB, "1␣234,50␣₽"),
        ("zh-CN", Currency::CNY, "¥1,234.50"),
        ("zh-TW", Currency::TWD, "$1,234.50"),
        ("zh-HK", Currency::TWD, "NT$1,234.50"),
        ("en-IN", Currency::INR, "₹1,234.50"),
        ("ja-JP", Currency::USD, "$1,234.50"),
        ("pt-BR", Currency::BRL, "R$␣1.234,50"),
    ] {
        let text = written_in(locale, "1234.5", Unit::Currency, currency);
        assert_eq!(text, expected, "{locale}");
    }
    let lakhs = written_in("en-IN", "12345678.9", Unit::Currency, Currency::INR);
    assert_eq!(lakhs, "₹1,23,45,678.90");
}

#[test]
fn amounts_have_the_minor_digits_of_their_currency() {
    let money = |locale, value, currency| written_in(locale, value, Unit::Currency, currency);
    assert_eq!(money("en", "1234.4", Currency::JPY), "¥1,234");
    assert_eq!(money("ja", "1234", Currency::JPY), "￥1,234");
    assert_eq!(money("en", "1.2345", Currency::KWD), "KWD␣1.234");
    assert_eq!(money("de", "3", Currency::EUR), "3,00␣€");
}

#[test]
fn negative_amounts_have_their_sign_where_the_locale_puts_it() {
    let money = |locale, currency| written_in(locale, "-3", Unit::Currency, currency);
    assert_eq!(money("en", Currency::USD), "-$3.00");
    assert_eq!(money("de-DE", Currency::EUR), "-3,00␣€");
    assert_eq!(money("de-CH", Currency::CHF), "CHF-3.00");
    assert_eq!(money("ru", Currency::RUB), "-3,00␣₽");
}

#[test]
fn rounding_is_half_to_even_once() {
    assert_eq!(written("0.125", Unit::Currency), "$0.12");
    assert_eq!(written("0.135", Unit::Currency), "$0.14");
    assert_eq!(written("2.5", Unit::Seconds), "2s");
    assert_eq!(written("0.00125", Unit::Rate), "0.12%");
    // Rials are written whole; by way of hundredths, 1.495 would become 1.50 and then 2.
    let rials = written_in("en", "1.495", Unit::Currency, Currency::IRR);
    assert_eq!(rials, "IRR␣1");
}

#[test]
fn what_rounds_to_zero_has_no_sign() {
    assert_eq!(written("-0.001", Unit::Currency), "$0.00");
    assert_eq!(written("-0.001", Unit::Score), "0");
    assert_eq!(written("0.001", Unit::Score), "0");
    assert_eq!(written("-0.4", Unit::Seconds), "0s");
    assert_eq!(written("-0.00001", Unit::Rate), "0.00%");
}

#[test]
fn rates_are_percentages_and_ratios_are_multiples() {
    assert_eq!(written("0.123456", Unit::Rate), "12.35%");
    assert_eq!(written("1", Unit::Rate), "100.00%");
    assert_eq!(written("-0.05", Unit::Rate), "-5.00%");
    assert_eq!(written("3.2", Unit::Ratio), "3.20×");
    assert_eq!(written("1234.5", Unit::Ratio), "1,234.50×");
    let percent = |locale| written_in(locale, "-0.123456", Unit::Rate, Currency::EUR);
    assert_eq!(percent("de-DE"), "-12,35␣%");
    assert_eq!(percent("ru-RU"), "-12,35␣%");
    assert_eq!(percent("zh-TW"), "-12.35%");
    assert_eq!(percent("tr"), "-%12,35");
}

#[test]
fn durations_show_the_parts_that_matter() {
    assert_eq!(written("0", Unit::Seconds), "0s");
    assert_eq!(written("42", Unit::Seconds), "42s");
    assert_eq!(written("65", Unit::Seconds), "1m 5s");
    assert_eq!(written("59.6", Unit::Seconds), "1m 0s");
    assert_eq!(written("3605", Unit::Seconds), "1h 5s");
    assert_eq!(written("-65", Unit::Seconds), "-1m 5s");
    let time = |locale| written_in(locale, "3725", Unit::Seconds, Currency::EUR);
    assert_eq!(time("zh-CN"), "1小时2分钟5秒");
    assert_eq!(time("ru"), "1 ч 2 мин 5 с");
}

#[test]
fn scores_always_show_their_sign() {
    assert_eq!(written("42", Unit::Score), "+42");
    assert_eq!(written("-3", Unit::Score), "-3");
    assert_eq!(written("0.35", Unit::Score), "+0.35");
    assert_eq!(
        written_in("de", "0.35", Unit::Score, Currency::EUR),
        "+0,35"
    );
}

#[test]
fn money_per_day_names_the_day_in_the_languages_of_texts() {
    let velocity = |locale| written_in(locale, "2777.7777", Unit::CurrencyPerDay, Currency::EUR);
    assert_eq!(velocity("en"), "€2,777.78/day");
    assert_eq!(velocity("zh-CN"), "€2,777.78/天");
    assert_eq!(velocity("zh-HK"), "€2,777.78/天");
    assert_eq!(velocity("ru-RU"), "2␣777,78␣€/день");
}

const UNITS: [Unit; 7] = [
    Unit::Count,
    Unit::Currency,
    Unit::Rate,
    Unit::Ratio,
    Unit::Seconds,
    Unit::Score,
    Unit::CurrencyPerDay,
];

proptest! {
    #[test]
    fn every_number_can_be_written_everywhere(
        mantissa: i128,
        scale in 0_u32..=28,
        unit in proptest::sample::select(UNITS.to_vec()),
        locale in proptest::sample::select(vec!["en", "de-AT", "ru", "zh-TW", "ar-EG", "fa", "nb", "la", "es-419"]),
    ) {
        let value = Decimal::from_i128_with_scale(mantissa >> 32, scale);
        let formats = NumberFormats::new(Locale::parse(locale).unwrap());
        prop_assert!(!format_value(value, unit, Some(Currency::USD), &formats).unwrap().is_empty());
    }

    #[test]
    fn english_money_reads_back_as_the_amount_in_cents(cents in -1_000_000_000_000_i64..1_000_000_000_000) {
        let amount = Decimal::new(cents, 2);
        let text = written(&amount.to_string(), Unit::Currency);
        let plain: String = text.chars().filter(|c| !"$,".contains(*c)).collect();
        prop_assert_eq!(plain.parse::<Decimal>().unwrap(), amount);
    }
}
