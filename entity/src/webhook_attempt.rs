//! One attempt at a delivery, and what came back.

use sea_orm::entity::prelude::*;

use crate::{TeamOwned, webhook_delivery::Failure};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_attempt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: i64,
    /// From 1 on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub at: DateTimeUtc,
    pub latency_ms: i32,
    /// Null when there was no answer.
    pub status: Option<i32>,
    /// Null when it succeeded.
    pub failure: Option<Failure>,
    /// The beginning of the answer's body; null when there was no answer.
    pub response_head: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
