//! That two customers are one person: one was kept, the other's id and references stand for it.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// Why two customers were taken for one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[graphql(name = "CustomerMergeReason")]
pub enum Reason {
    /// Somebody said so.
    #[sea_orm(string_value = "MANUAL")]
    Manual,
    /// A new reference came with the e-mail address of exactly one customer.
    #[sea_orm(string_value = "EMAIL")]
    Email,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_merge")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub kept_id: i64,
    pub merged_id: i64,
    /// Who the merged one's id stands for now: the kept one, or whom that one was merged into.
    pub stands_for_id: i64,
    pub reason: Reason,
    pub merged_at: DateTimeUtc,
    pub undone_at: Option<DateTimeUtc>,
    /// What undoing needs, as JSON; null when it cannot be undone any more.
    #[sea_orm(column_type = "Text", nullable)]
    pub state: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
