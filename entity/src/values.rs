//! The values that columns hold where only a few are allowed. They are the API's enums too, so that each is named once.

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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum ChannelKind {
    /// Paid results of search engines.
    #[sea_orm(string_value = "PAID_SEARCH")]
    PaidSearch,
    /// Unpaid results of search engines.
    #[sea_orm(string_value = "ORGANIC_SEARCH")]
    OrganicSearch,
    /// Advertising on social networks.
    #[sea_orm(string_value = "PAID_SOCIAL")]
    PaidSocial,
    /// Unpaid posts on social networks.
    #[sea_orm(string_value = "ORGANIC_SOCIAL")]
    OrganicSocial,
    /// Banner advertising.
    #[sea_orm(string_value = "DISPLAY")]
    Display,
    /// Video advertising.
    #[sea_orm(string_value = "VIDEO")]
    Video,
    /// Mailings.
    #[sea_orm(string_value = "EMAIL")]
    Email,
    /// Partners that are paid for results.
    #[sea_orm(string_value = "AFFILIATE")]
    Affiliate,
    /// Links on other sites.
    #[sea_orm(string_value = "REFERRAL")]
    Referral,
    /// Visits without a referrer.
    #[sea_orm(string_value = "DIRECT")]
    Direct,
    /// Calls.
    #[sea_orm(string_value = "PHONE")]
    Phone,
    /// Fairs, webinars, meetings.
    #[sea_orm(string_value = "EVENT")]
    Event,
    /// Whatever fits nowhere else.
    #[sea_orm(string_value = "OTHER")]
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum Objective {
    /// To become known.
    #[sea_orm(string_value = "AWARENESS")]
    Awareness,
    /// To bring visitors.
    #[sea_orm(string_value = "TRAFFIC")]
    Traffic,
    /// To find people who are interested.
    #[sea_orm(string_value = "LEADS")]
    Leads,
    /// To sell.
    #[sea_orm(string_value = "SALES")]
    Sales,
    /// To keep customers.
    #[sea_orm(string_value = "RETENTION")]
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum CampaignStatus {
    /// Being prepared.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// Running.
    #[sea_orm(string_value = "ACTIVE")]
    Active,
    /// Stopped for now.
    #[sea_orm(string_value = "PAUSED")]
    Paused,
    /// Over.
    #[sea_orm(string_value = "COMPLETED")]
    Completed,
    /// Put away: hidden from lists unless asked for.
    #[sea_orm(string_value = "ARCHIVED")]
    Archived,
}

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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum LifecycleStage {
    /// Known, nothing more.
    #[sea_orm(string_value = "VISITOR")]
    Visitor,
    /// Left contact data.
    #[sea_orm(string_value = "LEAD")]
    Lead,
    /// Marketing qualified lead.
    #[sea_orm(string_value = "MQL")]
    Mql,
    /// Sales accepted lead.
    #[sea_orm(string_value = "SAL")]
    Sal,
    /// Sales qualified lead.
    #[sea_orm(string_value = "SQL")]
    Sql,
    /// Sales qualified opportunity.
    #[sea_orm(string_value = "SQO")]
    Sqo,
    /// Bought.
    #[sea_orm(string_value = "CUSTOMER")]
    Customer,
    /// Bought again.
    #[sea_orm(string_value = "REPEAT")]
    Repeat,
    /// Left.
    #[sea_orm(string_value = "CHURNED")]
    Churned,
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum Outcome {
    /// Not decided yet.
    #[sea_orm(string_value = "OPEN")]
    Open,
    /// Closed with a deal.
    #[sea_orm(string_value = "WON")]
    Won,
    /// Closed without a deal.
    #[sea_orm(string_value = "LOST")]
    Lost,
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum Device {
    /// Desktop or laptop computer.
    #[sea_orm(string_value = "DESKTOP")]
    Desktop,
    /// Telephone.
    #[sea_orm(string_value = "MOBILE")]
    Mobile,
    /// Tablet.
    #[sea_orm(string_value = "TABLET")]
    Tablet,
    /// Any other device.
    #[sea_orm(string_value = "OTHER")]
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum TouchKind {
    /// A click on an ad or link.
    #[sea_orm(string_value = "CLICK")]
    Click,
    /// An ad was seen.
    #[sea_orm(string_value = "VIEW")]
    View,
    /// A telephone call.
    #[sea_orm(string_value = "CALL")]
    Call,
    /// A mailing was opened or clicked.
    #[sea_orm(string_value = "EMAIL")]
    Email,
    /// A visit to the site.
    #[sea_orm(string_value = "VISIT")]
    Visit,
    /// A contact outside the net.
    #[sea_orm(string_value = "OFFLINE")]
    Offline,
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum CostKind {
    /// Fees of agencies.
    #[sea_orm(string_value = "AGENCY")]
    Agency,
    /// Software and services.
    #[sea_orm(string_value = "TOOLS")]
    Tools,
    /// People.
    #[sea_orm(string_value = "SALARIES")]
    Salaries,
    /// Production of content.
    #[sea_orm(string_value = "CONTENT")]
    Content,
    /// Any other cost.
    #[sea_orm(string_value = "OTHER")]
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
pub enum CostAllocation {
    /// Not at all: it stays the whole team's.
    #[sea_orm(string_value = "NONE")]
    None,
    /// In proportion to the ad spend of the same day. Days without any stay the whole team's.
    #[sea_orm(string_value = "SPEND")]
    Spend,
    /// In equal parts among the campaigns that have ad spend on the same day. Days without any stay the whole team's.
    #[sea_orm(string_value = "EVENLY")]
    Evenly,
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum PeopleKind {
    /// People who saw an ad.
    #[sea_orm(string_value = "REACH")]
    Reach,
    /// Visitors of the web site.
    #[sea_orm(string_value = "USERS")]
    Users,
    /// Those visitors who had not been there before.
    #[sea_orm(string_value = "NEW_USERS")]
    NewUsers,
    /// Those visitors who converted.
    #[sea_orm(string_value = "CONVERTED_USERS")]
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum SurveyKind {
    /// Would you recommend us? 0 to 10.
    #[sea_orm(string_value = "NPS")]
    Nps,
    /// How satisfied are you? 1 to the end of the scale.
    #[sea_orm(string_value = "CSAT")]
    Csat,
}

/// What an external reference can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum RefEntity {
    #[sea_orm(string_value = "CAMPAIGN")]
    Campaign,
    #[sea_orm(string_value = "CHANNEL")]
    Channel,
    #[sea_orm(string_value = "CUSTOMER")]
    Customer,
    #[sea_orm(string_value = "ORDER")]
    Order,
    #[sea_orm(string_value = "REFUND")]
    Refund,
    #[sea_orm(string_value = "OPPORTUNITY")]
    Opportunity,
    #[sea_orm(string_value = "TOUCHPOINT")]
    Touchpoint,
    #[sea_orm(string_value = "CONVERSION")]
    Conversion,
    #[sea_orm(string_value = "STAGE_EVENT")]
    StageEvent,
    #[sea_orm(string_value = "COST_ITEM")]
    CostItem,
    #[sea_orm(string_value = "CONTENT_ITEM")]
    ContentItem,
    #[sea_orm(string_value = "SURVEY_RESPONSE")]
    SurveyResponse,
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
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
pub enum Basis {
    /// What customers did counts for the campaign and channel that acquired them.
    #[sea_orm(string_value = "ACQUIRED_COHORT")]
    AcquiredCohort,
    /// Conversions as the advertising platforms claim them.
    #[sea_orm(string_value = "PLATFORM_REPORTED")]
    PlatformReported,
    /// What customers did counts for the touches before it, by an attribution model.
    #[sea_orm(string_value = "ATTRIBUTED")]
    Attributed,
    /// All results over all costs, credited to nobody.
    #[sea_orm(string_value = "BLENDED")]
    Blended,
}
