//! An API key: a program's own way in, with scopes of its own. What proves it stands in `api_key_secret`.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub name: String,
    /// How the newest secret begins; it may be shown.
    pub prefix: String,
    /// A JSON list of scopes.
    pub scopes: String,
    /// The subject of the token, or the prefix of the key, that made it.
    pub created_by: String,
    pub created_at: DateTimeUtc,
    /// Never, when null.
    pub expires_at: Option<DateTimeUtc>,
    /// Until when the secret before the last rotation is good.
    pub overlap_ends_at: Option<DateTimeUtc>,
    /// To the minute.
    pub last_used_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
