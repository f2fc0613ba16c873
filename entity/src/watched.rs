//! What is known of a goal, an alert rule or an anomaly since it was last looked at, so that a change is told once.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
pub enum Subject {
    /// A goal, by its id; the state is its status.
    #[sea_orm(string_value = "GOAL")]
    Goal,
    /// An alert rule, by its id; the state is the version looked at and the last bucket that was told of.
    #[sea_orm(string_value = "RULE")]
    Rule,
    /// An anomaly that was told of, by a hash of its id.
    #[sea_orm(string_value = "ANOMALY")]
    Anomaly,
    /// The team as a whole: what all this was worked out from.
    #[sea_orm(string_value = "TEAM")]
    Team,
    /// Which instance is at work, and since when.
    #[sea_orm(string_value = "LEASE")]
    Lease,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "watched")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: Subject,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// When the state was stored.
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
