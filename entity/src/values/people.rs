//! What people do and say, and how they are counted.

use sea_orm::entity::prelude::*;

/// A customer's stage, in the order of the revenue waterfall.
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
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum LifecycleStage {
    /// Known, nothing more.
    Visitor,
    /// Left contact data.
    Lead,
    /// Marketing qualified lead.
    Mql,
    /// Sales accepted lead.
    Sal,
    /// Sales qualified lead.
    Sql,
    /// Sales qualified opportunity.
    Sqo,
    /// Bought.
    Customer,
    /// Bought again.
    Repeat,
    /// Left.
    Churned,
}

/// The kind of device.
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
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Device {
    /// Desktop or laptop computer.
    Desktop,
    /// Telephone.
    Mobile,
    /// Tablet.
    Tablet,
    /// Any other device.
    Other,
}

/// The kind of a touchpoint.
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
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum TouchKind {
    /// A click on an ad or link.
    Click,
    /// An ad was seen.
    View,
    /// A telephone call.
    Call,
    /// A mailing was opened or clicked.
    Email,
    /// A visit to the site.
    Visit,
    /// A contact outside the net.
    Offline,
}

/// What distinct people a source counted.
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
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PeopleKind {
    /// People who saw an ad.
    Reach,
    /// Visitors of the web site.
    Users,
    /// Those visitors who had not been there before.
    NewUsers,
    /// Those visitors who converted.
    ConvertedUsers,
}

/// The question that a survey asks.
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
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum SurveyKind {
    /// Would you recommend us? 0 to 10.
    Nps,
    /// How satisfied are you? 1 to the end of the scale.
    Csat,
}

/// How an opportunity ended.
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
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Outcome {
    /// Not decided yet.
    Open,
    /// Closed with a deal.
    Won,
    /// Closed without a deal.
    Lost,
}
