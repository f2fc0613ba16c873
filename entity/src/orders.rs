//! A purchase. `net` is gross less discount, tax and shipping; amounts are micros of `currency`.

use sea_orm::entity::prelude::*;

use crate::{TeamOwned, values::Device};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub customer_id: Option<i64>,
    pub ordered_at: DateTimeUtc,
    pub day: Date,
    pub status: String,
    pub counted: bool,
    pub currency: String,
    pub gross: i64,
    pub discount: i64,
    pub tax: i64,
    pub shipping: i64,
    pub net: i64,
    pub cost_of_goods: Option<i64>,
    pub refunded: i64,
    pub country: Option<String>,
    pub device: Option<Device>,
    pub properties: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
