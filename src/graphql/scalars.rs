//! Scalars: texts with a form that is checked.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;

/// A calendar date without a zone, `YYYY-MM-DD`, read in the team's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

#[Scalar(
    name = "Date",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if text.len() == 10 => NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .map(Self)
                .map_err(|_| {
                    InputValueError::custom(format!("'{text}' is not a date; write YYYY-MM-DD"))
                }),
            Value::String(text) => {
                let shown: String = text.chars().take(40).collect();
                Err(InputValueError::custom(format!(
                    "'{shown}' is not a date; write YYYY-MM-DD"
                )))
            }
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

macro_rules! text_scalar {
    ($(#[doc = $doc:literal])+ $name:ident, $graphql:literal, $url:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        #[Scalar(name = $graphql, specified_by_url = $url)]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => Ok(Self(text)),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }
    };
}

text_scalar! {
    /// The three-letter code of a currency (ISO 4217), such as EUR.
    CurrencyCode, "CurrencyCode", "https://www.iso.org/iso-4217-currency-codes.html"
}
text_scalar! {
    /// The name of a time zone of the IANA data base, such as Europe/Rome.
    TimeZone, "TimeZone", "https://www.iana.org/time-zones"
}
