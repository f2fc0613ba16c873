//! What campaigns, channels and costs are.

use sea_orm::entity::prelude::*;

/// The kind of a channel, in the manner of web analytics' default channel groups.
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
pub enum ChannelKind {
    /// Paid results of search engines.
    PaidSearch,
    /// Unpaid results of search engines.
    OrganicSearch,
    /// Advertising on social networks.
    PaidSocial,
    /// Unpaid posts on social networks.
    OrganicSocial,
    /// Banner advertising.
    Display,
    /// Video advertising.
    Video,
    /// Mailings.
    Email,
    /// Partners that are paid for results.
    Affiliate,
    /// Links on other sites.
    Referral,
    /// Visits without a referrer.
    Direct,
    /// Calls.
    Phone,
    /// Fairs, webinars, meetings.
    Event,
    /// Whatever fits nowhere else.
    Other,
}

/// What a campaign is for.
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
pub enum Objective {
    /// To become known.
    Awareness,
    /// To bring visitors.
    Traffic,
    /// To find people who are interested.
    Leads,
    /// To sell.
    Sales,
    /// To keep customers.
    Retention,
}

/// Where a campaign stands.
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
pub enum CampaignStatus {
    /// Being prepared.
    Draft,
    /// Running.
    Active,
    /// Stopped for now.
    Paused,
    /// Over.
    Completed,
    /// Put away: hidden from lists unless asked for.
    Archived,
}

/// The kind of a cost other than media.
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
pub enum CostKind {
    /// Fees of agencies.
    Agency,
    /// Software and services.
    Tools,
    /// People.
    Salaries,
    /// Production of content.
    Content,
    /// Any other cost.
    Other,
}

/// How a cost that names neither a campaign nor a channel is shared out among them.
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
    db_type = "String(StringLen::N(10))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum CostAllocation {
    /// Not at all: it stays the whole team's.
    None,
    /// In proportion to the ad spend of the same day. Days without any stay the whole team's.
    Spend,
    /// In equal parts among the campaigns that have ad spend on the same day. Days without any stay the whole team's.
    Evenly,
}

/// On whose word a KPI rests.
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
pub enum Basis {
    /// What customers did counts for the campaign and channel that acquired them.
    AcquiredCohort,
    /// Conversions as the advertising platforms claim them.
    PlatformReported,
    /// What customers did counts for the touches before it, by an attribution model.
    Attributed,
    /// All results over all costs, credited to nobody.
    Blended,
}
