//! Scalars whose form is judged item by item: what is no number or no day is its item's mistake. GraphQL itself would
//! refuse the whole call, and name neither item nor field.

use std::borrow::Cow;

use async_graphql::{InputType, InputValueError, InputValueResult, Value, registry::Registry};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::{graphql::scalars::Date, import::bulk::GivenText};

/// A value, or what is wrong with what was given instead.
#[derive(Debug)]
pub struct PerItem<T>(Result<T, String>);

/// A scalar that can be judged so.
pub trait Judged: InputType + Into<GivenText> {
    /// What is allowed.
    const ALLOWED: &'static str;
}

impl Judged for Decimal {
    const ALLOWED: &'static str =
        "a decimal number such as 1234.5 is needed, without separators of thousands";
}

impl Judged for DateTime<Utc> {
    const ALLOWED: &'static str =
        "an instant with its offset is needed, such as 2026-05-01T10:00:00Z";
}

impl Judged for Date {
    const ALLOWED: &'static str = "a day YYYY-MM-DD is needed, in the years 1970 to 2200";
}

impl<T: Judged> InputType for PerItem<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let value = value.unwrap_or_default();
        let shown: String = match &value {
            Value::String(text) => text.chars().take(60).collect(),
            Value::Number(number) => number.to_string(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        let judged = T::parse(Some(value)).map_err(|_| format!("'{shown}'; {}", T::ALLOWED));
        Ok(Self(judged))
    }

    fn to_value(&self) -> Value {
        self.0.as_ref().map_or(Value::Null, InputType::to_value)
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<T: Judged> From<PerItem<T>> for GivenText {
    fn from(value: PerItem<T>) -> Self {
        value.0.map_or_else(Self::wrong, Into::into)
    }
}

impl From<Date> for GivenText {
    fn from(day: Date) -> Self {
        day.0.into()
    }
}
