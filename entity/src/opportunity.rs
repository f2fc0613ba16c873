//! A possible deal and how it ended.

use sea_orm::entity::prelude::*;

use crate::{TeamOwned, values::Outcome};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "opportunity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub customer_id: Option<i64>,
    pub opened_on: Option<Date>,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_on: Option<Date>,
    pub outcome: Outcome,
    pub stage: Option<String>,
    pub amount: Option<i64>,
    pub currency: String,
    pub properties: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
