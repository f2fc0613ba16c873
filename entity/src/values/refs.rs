//! What the ids of other systems are ids of.

use sea_orm::entity::prelude::*;

/// What an external reference can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(20))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RefEntity {
    Campaign,
    Channel,
    Customer,
    Order,
    Refund,
    Opportunity,
    Touchpoint,
    Conversion,
    StageEvent,
    CostItem,
    ContentItem,
    SurveyResponse,
}
