//! Numbers as vendors write them: decimal comma, thousands separators, signs of currencies, percent.

use iso_currency::Currency;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::import::header::Content;

/// What parts the whole of a number from its fraction.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, async_graphql::Enum, Serialize, Deserialize,
)]
pub enum DecimalMark {
    /// 1,234.50
    Point,
    /// 1.234,50
    Comma,
}

/// How a file writes numbers.
#[derive(Clone, Copy, Debug)]
pub(in crate::import) struct Numbers<'a> {
    /// The decimal mark, if it is known.
    pub mark: Option<DecimalMark>,
    /// Whether a point may as well part thousands where the mark is not known.
    pub semicolons: bool,
    /// The currency of the row, whose signs amounts may have.
    pub currency: &'a str,
}

/// Texts for a number that there is none.
const NONE: [&str; 6] = ["--", "-", "–", "—", "n/a", "N/A"];

/// Whether a cell says that there is no value.
pub(in crate::import) fn is_none(text: &str) -> bool {
    NONE.contains(&text)
}

/// Which mark a number must have been written with; `None` when it tells nothing.
pub(in crate::import) fn evidence(content: Content, text: &str) -> Option<DecimalMark> {
    let body = Parts::of(text)?.body;
    let last = body.rfind([',', '.'])?;
    let (other, mark) = match &body[last..=last] {
        "," => ('.', DecimalMark::Comma),
        _ => (',', DecimalMark::Point),
    };
    let opposite = match mark {
        DecimalMark::Comma => DecimalMark::Point,
        DecimalMark::Point => DecimalMark::Comma,
    };
    let (whole, fraction) = (&body[..last], &body[last + 1..]);
    let same = &body[last..=last];
    if whole.contains(same) {
        return (!whole.contains(other)).then_some(opposite);
    }
    if whole.contains(other) || fraction.len() != 3 || whole.len() > 3 || whole == "0" {
        return Some(mark);
    }
    // Three digits after a single mark: a fraction of a count there cannot be, unless it is zero.
    let whole_number = content == Content::Count && fraction != "000";
    (whole_number || (content == Content::Count && mark == DecimalMark::Comma)).then_some(opposite)
}

impl Numbers<'_> {
    /// The number with a decimal point and nothing else, or what is wrong; `None` for a text that is no such number.
    pub fn plain(&self, content: Content, text: &str) -> Option<Result<String, String>> {
        let parts = Parts::of(text)?;
        let has_mark = parts.body.contains([',', '.']);
        if has_mark && self.mark.is_none() && self.is_ambiguous(parts.body) {
            return Some(Err(
                "can be read with a decimal comma or with thousands separators: say which by --decimal"
                    .into(),
            ));
        }
        let has_sense =
            parts.unit.is_empty() || (content == Content::Amount && self.fits(&parts.unit));
        if !has_sense {
            return (content == Content::Amount && parts.unit.chars().any(|c| !c.is_lowercase()))
                .then(|| {
                    Err(format!(
                        "has the sign '{}'; allowed is {}, the currency of the row",
                        parts.unit, self.currency
                    ))
                });
        }
        let (group, decimal) = match self.mark {
            Some(DecimalMark::Comma) => ('.', ','),
            _ => (',', '.'),
        };
        let (whole, fraction) = match parts.body.split_once(decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (parts.body, None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let Some(whole) = ungrouped(whole, group).filter(|_| fraction.is_none_or(digits)) else {
            return (self.mark == Some(DecimalMark::Comma)).then(|| {
                Err("is not a number: in this file numbers are written like 1.234,56".into())
            });
        };
        let sign = if parts.negative { "-" } else { "" };
        let plain = match fraction {
            Some(fraction) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{whole}"),
        };
        if !parts.percent {
            return Some(Ok(plain));
        }
        let share = plain
            .parse::<Decimal>()
            .ok()?
            .checked_div(Decimal::ONE_HUNDRED)?;
        (content == Content::Amount).then(|| Ok(share.to_string()))
    }

    /// Whether the mark may part thousands as well as a fraction.
    fn is_ambiguous(&self, body: &str) -> bool {
        let single = |mark: char| {
            body.split_once(mark).is_some_and(|(whole, fraction)| {
                fraction.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0"
            })
        };
        single(',') || (self.semicolons && single('.'))
    }

    /// Whether this is a sign or the code of the row's currency.
    fn fits(&self, unit: &str) -> bool {
        let symbol = |currency: Currency| currency.symbol().to_string();
        let known = Currency::from_code(self.currency).map(symbol);
        unit == self.currency
            || known.is_some_and(|symbol| {
                symbol == unit || symbol.ends_with(unit) || unit.ends_with(&*symbol)
            })
    }
}

/// A number taken apart.
struct Parts<'a> {
    negative: bool,
    percent: bool,
    /// What stands beside the digits: a sign or code of a currency.
    unit: String,
    /// Digits and what parts them.
    body: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let inner = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let first = text.find(inner)?;
        let last = text.rfind(inner)?;
        let body = text.get(first..=last)?;
        let (before, after) = (&text[..first], &text[last + 1..]);
        let spaced = |c: char| inner(c) || is_thin(c);
        if !body.chars().all(spaced) || after.len() > 8 || before.len() > 8 {
            return None;
        }
        let negative = before.contains(['-', '−']);
        let percent = after.trim_start().starts_with('%');
        let outside = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '−' | '+' | '%');
        let unit: String = before
            .chars()
            .chain(after.chars())
            .filter(outside)
            .collect();
        (unit.chars().count() <= 4).then_some(Self {
            negative,
            percent,
            unit,
            body,
        })
    }
}

/// Whether a character parts thousands wherever it stands.
fn is_thin(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’')
}

/// The digits of a whole number whose thousands may be parted by `group` or a thin character.
fn ungrouped(text: &str, group: char) -> Option<String> {
    let mut groups = text.split(|c: char| c == group || is_thin(c));
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = rest.iter().all(|part| part.len() == 3) && (1..=3).contains(&first.len());
    let sound = digits(first) && rest.iter().all(|part| digits(part));
    (sound && (rest.is_empty() || grouped)).then(|| format!("{first}{}", rest.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DecimalMark::{Comma, Point};

    fn plain(mark: Option<DecimalMark>, text: &str) -> Option<Result<String, String>> {
        let numbers = Numbers {
            mark,
            semicolons: false,
            currency: "EUR",
        };
        numbers.plain(Content::Amount, text)
    }

    #[test]
    fn numbers_are_read_by_their_decimal_mark() {
        for (mark, text, number) in [
            (Some(Point), "1,234.50", "1234.50"),
            (Some(Point), "1,243", "1243"),
            (Some(Comma), "1.234.567,5", "1234567.5"),
            (Some(Comma), "1.243", "1243"),
            (Some(Comma), "12,5 €", "12.5"),
            (Some(Comma), "1 234,5\u{a0}EUR", "1234.5"),
            (Some(Point), "1'234.5", "1234.5"),
            (Some(Point), "-€5", "-5"),
            (Some(Point), "6.16%", "0.0616"),
            (Some(Point), "144.", "144."),
            (None, "1.243", "1.243"),
        ] {
            assert_eq!(plain(mark, text), Some(Ok(number.into())), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_told_and_not_guessed() {
        assert!(
            plain(None, "1,243")
                .unwrap()
                .unwrap_err()
                .contains("--decimal")
        );
        assert!(plain(Some(Comma), "1.50").unwrap().is_err());
        assert!(
            plain(Some(Point), "$5")
                .unwrap()
                .unwrap_err()
                .contains("EUR")
        );
        assert_eq!(plain(Some(Point), "1,50"), None);
        assert_eq!(plain(Some(Point), "12,34,567"), None);
        assert_eq!(plain(None, "many"), None);
        let parted = Numbers {
            mark: None,
            semicolons: true,
            currency: "EUR",
        };
        assert!(parted.plain(Content::Amount, "1.243").unwrap().is_err());
    }

    #[test]
    fn the_mark_is_told_by_numbers_that_have_one_reading() {
        for (content, text, mark) in [
            (Content::Amount, "53.49", Some(Point)),
            (Content::Amount, "53,49", Some(Comma)),
            (Content::Amount, "1.234,5", Some(Comma)),
            (Content::Amount, "1,234,567", Some(Point)),
            (Content::Amount, "1.234.567", Some(Comma)),
            (Content::Amount, "1,243", None),
            (Content::Amount, "0,125", Some(Comma)),
            (Content::Count, "1,243", Some(Point)),
            (Content::Count, "1.243", Some(Comma)),
            (Content::Count, "1.000", None),
            (Content::Count, "7350", None),
        ] {
            assert_eq!(evidence(content, text), mark, "{text}");
        }
    }
}
