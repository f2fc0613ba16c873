//! Which days a source has delivered of one kind of fact, and when last.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "source_load")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fact: String,
    pub data_from: Option<Date>,
    pub data_through: Option<Date>,
    pub loaded_at: DateTimeUtc,
    /// The first day that the last load changed or took back after it had been delivered before.
    pub restated_from: Option<Date>,
    /// The days that rows booked on the last of them cover: a JSON list of pairs of the first and the last day.
    pub spans: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
