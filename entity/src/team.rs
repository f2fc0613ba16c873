//! A tenant. Everything else belongs to one.

use sea_orm::entity::prelude::*;

use crate::values::Basis;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub currency: String,
    pub time_zone: String,
    pub week_start: String,
    pub fiscal_year_start_month: i32,
    pub ad_basis: Basis,
    pub churn_days: Option<i32>,
    /// How conversions are credited, as JSON; the defaults when null.
    pub attribution: Option<String>,
    /// How touches find their channel, as JSON; the defaults when null.
    pub channel_rules: Option<String>,
    /// Whether a new reference with the e-mail address of exactly one customer names that customer.
    pub match_by_email: bool,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
