//! A number that is no KPI of the catalogue.

use async_graphql::{Context, Object};
use iso_currency::Currency;
use rust_decimal::Decimal;

use super::{
    Session,
    kpi_value::{Money, UndefinedReason},
};
use crate::{
    error::{ApiResult, Error},
    kpi::{
        Undefined,
        format::{Unit, format_value},
    },
};

/// A number or the reason why there is none.
#[derive(Clone, Copy)]
pub struct Figure {
    value: Result<Decimal, Undefined>,
    unit: Unit,
    currency: Currency,
}

/// Makes figures in the currency of a session's team.
#[derive(Clone, Copy)]
pub struct Figures(Currency);

impl Figures {
    /// Figures of this session's team.
    pub fn of(session: &Session) -> ApiResult<Self> {
        let code = &session.store.team().currency;
        let currency = Currency::from_code(code)
            .ok_or_else(|| Error::Internal(format!("the team's currency {code} is unknown")))?;
        Ok(Self(currency))
    }

    /// A figure.
    pub fn figure(self, unit: Unit, value: Result<Decimal, Undefined>) -> Figure {
        Figure {
            value,
            unit,
            currency: self.0,
        }
    }

    /// An amount of money.
    pub fn money(self, value: Result<Decimal, Undefined>) -> Figure {
        self.figure(Unit::Currency, value)
    }

    /// A number of things.
    pub fn count(self, value: Result<Decimal, Undefined>) -> Figure {
        self.figure(Unit::Count, value)
    }
}

/// A number that is no KPI of the catalogue: exact or rounded as its field says, or the reason why there is none.
#[Object]
impl Figure {
    /// The number as a text; rates are fractions of 1. Null exactly when `undefinedReason` is not.
    async fn value(&self) -> Option<Decimal> {
        self.value.ok()
    }

    /// What the number is.
    async fn unit(&self) -> Unit {
        self.unit
    }

    /// The number as an amount of money. Null when it is none or when `value` is null.
    async fn money(&self) -> Option<Money> {
        let amount = self.value.ok().filter(|_| self.unit == Unit::Currency)?;
        Some(Money {
            amount,
            currency: self.currency.code().to_owned(),
        })
    }

    /// The number as people write it, such as `$1,234.50` in English, rounded half to even. Null when `value` is.
    async fn formatted(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A BCP 47 tag such as de-DE or zh-TW. Default: what Accept-Language prefers, else English."
        )]
        locale: Option<String>,
    ) -> ApiResult<Option<String>> {
        let formats = Session::of(ctx)?.locale.numbers(locale.as_deref())?;
        let write = |value| format_value(value, self.unit, Some(self.currency), &formats);
        Ok(self.value.ok().map(write).transpose()?)
    }

    /// Why `value` is null; null when it is not.
    async fn undefined_reason(&self) -> Option<UndefinedReason> {
        self.value.err().map(UndefinedReason::from)
    }
}
