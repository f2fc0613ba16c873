//! A marketing cost other than media, over some days, both ends included.

use sea_orm::entity::prelude::*;

use crate::{
    TeamOwned,
    values::{CostAllocation, CostKind},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cost_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub name: String,
    pub kind: CostKind,
    pub starts_on: Date,
    pub ends_on: Date,
    pub amount: i64,
    pub currency: String,
    pub acquisition: bool,
    pub campaign_id: i64,
    pub channel_id: i64,
    pub allocation: CostAllocation,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
