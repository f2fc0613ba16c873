//! An address of another system that is told of events. What signs for it stands in `webhook_secret`.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// Why nothing is sent to an endpoint.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[graphql(name = "WebhookDisabledReason")]
pub enum DisabledReason {
    /// Somebody of the team switched it off.
    #[sea_orm(string_value = "MANUAL")]
    Manual,
    /// It answered 410 Gone: it wants nothing more.
    #[sea_orm(string_value = "GONE")]
    Gone,
    /// For days every attempt failed.
    #[sea_orm(string_value = "FAILING")]
    Failing,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub url: String,
    pub description: String,
    /// A JSON list of the types of events it is told of; every type when empty.
    pub event_types: String,
    pub enabled: bool,
    /// Null while it is enabled, and so is the instant.
    pub disabled_reason: Option<DisabledReason>,
    pub disabled_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
