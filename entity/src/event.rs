//! What happened to a team's data, in the order in which it was made last: what webhooks deliver and subscriptions
//! tell.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(30))")]
pub enum Kind {
    #[sea_orm(string_value = "GOAL_STATUS_CHANGED")]
    GoalStatusChanged,
    #[sea_orm(string_value = "ANOMALY_DETECTED")]
    AnomalyDetected,
    #[sea_orm(string_value = "IMPORT_PROGRESSED")]
    ImportProgressed,
    #[sea_orm(string_value = "IMPORT_FINISHED")]
    ImportFinished,
    #[sea_orm(string_value = "DATA_REFRESHED")]
    DataRefreshed,
    #[sea_orm(string_value = "CUSTOMER_STAGE_CHANGED")]
    CustomerStageChanged,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    /// Its place among the team's events: what becomes visible later has a higher one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub at: DateTimeUtc,
    pub kind: Kind,
    /// A JSON object with what the kind needs: ids and small values, never a row.
    #[sea_orm(column_type = "Text")]
    pub data: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
