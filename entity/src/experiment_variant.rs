//! One variant of an experiment and what it came to so far. The one at place 0 is the control.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "experiment_variant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub experiment_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub name: String,
    pub exposures: i64,
    pub conversions: i64,
    /// The value of the conversions in micros of `currency`, where it is known.
    pub value: Option<i64>,
    pub currency: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
