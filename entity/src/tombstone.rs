//! What is left of a row that was deleted: that it is gone, and since when. Only of rows that the change feed tells of.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// The kinds of rows that the change feed tells of. What was written at one instant comes in this order, so that rows
/// come after those that they refer to.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    async_graphql::Enum,
)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum ChangeKind {
    /// Channels.
    #[sea_orm(num_value = 1)]
    Channel,
    /// Campaigns.
    #[sea_orm(num_value = 2)]
    Campaign,
    /// Customers.
    #[sea_orm(num_value = 3)]
    Customer,
    /// Entries of customers into lifecycle stages.
    #[sea_orm(num_value = 4)]
    StageEvent,
    /// Opportunities of the sales pipeline.
    #[sea_orm(num_value = 5)]
    Opportunity,
    /// Orders.
    #[sea_orm(num_value = 6)]
    Order,
    /// Refunds of orders.
    #[sea_orm(num_value = 7)]
    Refund,
    /// Contacts with campaigns and channels.
    #[sea_orm(num_value = 8)]
    Touchpoint,
    /// Conversions that the team recorded itself.
    #[sea_orm(num_value = 9)]
    Conversion,
    /// Goals.
    #[sea_orm(num_value = 10)]
    Goal,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tombstone")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: ChangeKind,
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_id: i64,
    /// In microseconds since 1970, by the team's clock.
    pub deleted_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
