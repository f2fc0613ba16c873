//! One answer to a survey question on a scale.

use sea_orm::entity::prelude::*;

use crate::{TeamOwned, values::SurveyKind};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "survey_response")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub survey: String,
    pub kind: SurveyKind,
    pub customer_id: Option<i64>,
    pub score: i32,
    pub scale_max: i32,
    pub answered_at: DateTimeUtc,
    pub day: Date,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
