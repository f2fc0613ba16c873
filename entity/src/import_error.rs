//! A row of an import's file that is refused; the first of them are kept.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_error")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: i64,
    /// In the order of the file, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i64,
    pub line: i64,
    /// As the file names it; null when the row as a whole is at fault.
    #[sea_orm(column_type = "Text", nullable)]
    pub column_name: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
