//! A secret of an API key: its visible prefix, and a hash of the whole.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key_secret")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub api_key_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub prefix: String,
    /// SHA-256 of the secret, in base64url.
    pub hash: String,
    pub created_at: DateTimeUtc,
    /// The end of the overlap once a rotation has replaced it.
    pub ends_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
