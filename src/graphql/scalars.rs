//! Scalars: texts with a form that is checked.

use async_graphql::{
    InputValueError, InputValueResult, Json, OutputType, Scalar, ScalarType, Value,
    registry::{MetaType, MetaTypeId, Registry},
};
use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

/// A calendar date without a zone, `YYYY-MM-DD`, in the years 1970 to 2200, read in the team's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date(pub NaiveDate);

/// A calendar date without a zone, `YYYY-MM-DD`, in the years 1970 to 2200, read in the team's time zone.
#[Scalar(
    name = "Date",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339#section-5.6"
)]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let day = Some(text.as_str())
            .filter(|text| text.len() == 10)
            .and_then(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
            // The parser passes over blanks and signs.
            .filter(|day| (1970..=2200).contains(&day.year()) && day.to_string() == *text);
        day.map(Self).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            InputValueError::custom(format!(
                "'{shown}' is not a date; write YYYY-MM-DD, in the years 1970 to 2200"
            ))
        })
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

        $(#[doc = $doc])+
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

/// Registers the scalars of libraries with a link to what specifies their form, which the libraries do not give. It must
/// come before the types that use them: the first to register a name has it.
pub fn register_specified(registry: &mut Registry) {
    register::<Decimal>(
        registry,
        "An exact decimal number, as a text such as \"12.50\"; a plain number is accepted, too.",
        "https://www.w3.org/TR/xmlschema-2/#decimal",
    );
    register::<Json<serde_json::Value>>(
        registry,
        "Any JSON value.",
        "https://www.rfc-editor.org/rfc/rfc8259",
    );
}

fn register<T: OutputType>(registry: &mut Registry, description: &str, url: &str) {
    registry.create_output_type::<T, _>(MetaTypeId::Scalar, |_| MetaType::Scalar {
        name: T::type_name().into_owned(),
        description: Some(description.to_owned()),
        // Whatever reads the value checks it.
        is_valid: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        specified_by_url: Some(url.to_owned()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    });
}
