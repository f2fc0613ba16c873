//! A person or company that may buy, may have bought, or left.

use sea_orm::entity::prelude::*;

use crate::{TeamOwned, values::LifecycleStage};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub email: Option<String>,
    pub name: Option<String>,
    pub country: Option<String>,
    pub lifecycle: Option<LifecycleStage>,
    pub acquired_campaign_id: Option<i64>,
    pub acquired_channel_id: Option<i64>,
    pub acquired_at: Option<DateTimeUtc>,
    pub first_order_day: Option<Date>,
    pub second_order_day: Option<Date>,
    pub source_updated_at: Option<DateTimeUtc>,
    pub properties: String,
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
