//! Single values as JSON and CSV write them.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// An exact number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// A text that is JSON already.
    Json(String),
}

impl Cell {
    /// An amount given in millionths.
    pub fn micros(micros: i64) -> Self {
        Self::Number(Decimal::new(micros, 6).normalize())
    }

    /// A text; nothing when it is empty.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        match text.is_empty() {
            true => Self::Null,
            false => Self::Text(text),
        }
    }

    /// A value, or nothing.
    pub fn of<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, cell)
    }

    /// The value as JSON.
    pub fn json(&self, line: &mut String) {
        match self {
            Self::Null => line.push_str("null"),
            Self::Text(text) => line.push_str(&quoted(text)),
            Self::Int(number) => line.push_str(&number.to_string()),
            Self::Number(number) => line.push_str(&number.to_string()),
            Self::Flag(flag) => line.push_str(if *flag { "true" } else { "false" }),
            Self::Json(json) => line.push_str(json),
        }
    }

    /// The value as a cell of CSV, before quotes.
    pub fn csv(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) | Self::Json(text) => escaped(text),
            Self::Int(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Text(day.to_string())
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// A text as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A cell of CSV that no spreadsheet runs: what it would take for a formula gets an apostrophe before it.
pub fn escaped(text: &str) -> String {
    match is_formula(text) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// What a cell was before it was escaped.
pub fn unescaped(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| is_formula(rest))
        .unwrap_or(text)
}

/// Whether a spreadsheet might run a cell. Quotes and blanks before a formula do not make it safe; a plain number is
/// safe whatever its sign.
fn is_formula(text: &str) -> bool {
    if text.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let begins = text.trim_start_matches(|letter: char| {
        letter.is_whitespace() || matches!(letter, '"' | '\'' | '\u{feff}' | '\u{200b}')
    });
    // The last four are the wide forms that some spreadsheets read alike.
    begins.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) && !is_number(text)
}

/// Digits with a sign, a point and an exponent at most.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'));
    plain && digits.starts_with(|digit: char| digit.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_escaped_and_comes_back() {
        for text in [
            "=1+1",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\tx",
            "\rx",
            " =1",
            "\"=1",
            "'=1",
            "'\"  =cmd|' /C calc'!A0",
            "＝1",
            "-",
            "--5",
            "+49 30 12",
            "-1-1",
            "-0x10",
        ] {
            assert_eq!(escaped(text), format!("'{text}"), "{text}");
            assert_eq!(unescaped(&escaped(text)), text);
        }
    }

    #[test]
    fn numbers_and_plain_texts_stay_as_they_are() {
        for text in [
            "-12.5",
            "+3",
            "-1e-5",
            "12",
            "",
            "a=b",
            "'tis",
            "O'Neill",
            "'",
            "{\"a\":1}",
            "[]",
        ] {
            assert_eq!(escaped(text), text);
            assert_eq!(unescaped(text), text);
        }
    }

    #[test]
    fn amounts_are_exact() {
        for (micros, text) in [
            (12_500_000, "12.5"),
            (-1, "-0.000001"),
            (0, "0"),
            (5_000_000, "5"),
        ] {
            let mut json = String::new();
            Cell::micros(micros).json(&mut json);
            assert_eq!(
                (json.as_str(), Cell::micros(micros).csv().as_str()),
                (text, text)
            );
        }
    }
}
