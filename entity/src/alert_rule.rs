//! A rule that says when a KPI needs attention. Its state is not stored: it follows from the facts.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// What a rule looks at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[graphql(name = "AlertConditionKind")]
pub enum AlertCondition {
    /// The value itself, against the threshold.
    #[sea_orm(string_value = "VALUE")]
    Value,
    /// The change from the bucket before as a fraction of that bucket's size, against the threshold.
    #[sea_orm(string_value = "CHANGE")]
    Change,
    /// The rule of `anomalies`; takes no threshold.
    #[sea_orm(string_value = "ANOMALY")]
    Anomaly,
}

/// How what is looked at stands to the threshold when a rule fires.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(3))")]
pub enum AlertOp {
    /// It is greater.
    #[sea_orm(string_value = "GT")]
    Gt,
    /// It is greater or equal.
    #[sea_orm(string_value = "GTE")]
    Gte,
    /// It is less.
    #[sea_orm(string_value = "LT")]
    Lt,
    /// It is less or equal.
    #[sea_orm(string_value = "LTE")]
    Lte,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_rule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub name: String,
    /// The KPI's key, such as `CAC`.
    pub metric: String,
    /// Of which facts: a JSON list of dimensions and values.
    pub scope: String,
    /// The size of the buckets, such as `DAY`.
    pub grain: String,
    pub condition: AlertCondition,
    /// Null with the condition ANOMALY, and so is the threshold.
    pub op: Option<AlertOp>,
    /// In millionths.
    pub threshold: Option<i64>,
    /// How many things a value must rest on; the KPI's usual number when null.
    pub min_volume: Option<i32>,
    pub enabled: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
