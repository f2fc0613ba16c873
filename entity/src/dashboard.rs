//! The KPIs that a team chose for an audience in place of the usual ones, as a JSON list of keys.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dashboard")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub audience: Audience,
    pub metrics: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

/// Who looks at a dashboard.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum Audience {
    /// Those who answer for the whole: value of customers, cost to win them, sales, return.
    #[sea_orm(string_value = "EXECUTIVE")]
    Executive,
    /// Those who run the marketing: cost per lead, conversion, return on ad spend, by campaign.
    #[sea_orm(string_value = "MANAGER")]
    Manager,
    /// Those who run single channels day by day: engagement, reach, clicks.
    #[sea_orm(string_value = "SPECIALIST")]
    Specialist,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
