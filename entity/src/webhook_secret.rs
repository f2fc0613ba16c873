//! A secret that signs what is sent to an endpoint. It is stored as it is, because every signature needs it.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_secret")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub endpoint_id: i64,
    /// `whsec_` and the key in base64.
    pub secret: String,
    pub created_at: DateTimeUtc,
    /// The end of the overlap once a rotation has replaced it.
    pub ends_at: Option<DateTimeUtc>,
}

impl std::fmt::Debug for Model {
    /// Without the secret, which must not reach any log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("webhook_secret")
            .field("id", &self.id)
            .field("endpoint_id", &self.endpoint_id)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
