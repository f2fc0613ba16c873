//! A goal: a number that a KPI shall come to by a day, or an objective that its key results measure.
//!
//! `scope` is a JSON list of the dimensions that narrow the KPI; numbers are exact decimals as texts.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "goal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub name: String,
    pub kind: Option<GoalKind>,
    pub metric: Option<String>,
    pub scope: String,
    pub baseline: Option<String>,
    pub baseline_source: Option<BaselineSource>,
    pub target: Option<String>,
    pub currency: Option<String>,
    pub grain: Option<String>,
    pub starts_on: Date,
    pub deadline: Date,
    pub owner: String,
    pub key_result_of: Option<i64>,
    pub review_every: String,
    pub archived: bool,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// What a goal asks of its KPI.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum GoalKind {
    /// A level at the deadline, such as a rate, a cost per customer, or leads a month.
    #[sea_orm(string_value = "REACH_LEVEL")]
    ReachLevel,
    /// A sum over the days from the start to the deadline, such as revenue. For metrics that add up.
    #[sea_orm(string_value = "ACCUMULATE")]
    Accumulate,
}

/// Where a goal's baseline comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
pub enum BaselineSource {
    /// Somebody gave it.
    #[sea_orm(string_value = "GIVEN")]
    Given,
    /// It was read from the team's own history when the goal was set.
    #[sea_orm(string_value = "HISTORY")]
    History,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
