//! The rows of some days on their way to the database. Their `team_id` is 0: the writer puts in the team's.

use entity::{
    ad_day, content_item, conversion, cost_day, cost_item, customer, email_day, fx_rate,
    opportunity, orders, outside_day, people_count, refund, social_day, stage_event,
    survey_response, touchpoint, web_day,
};

use crate::{error::Result, store::TeamWriter};

/// Rows by table, in the order in which they are written: referred-to rows first.
#[derive(Default)]
pub struct Rows {
    pub(super) ads: Vec<ad_day::Model>,
    pub(super) web: Vec<web_day::Model>,
    pub(super) email: Vec<email_day::Model>,
    pub(super) social: Vec<social_day::Model>,
    pub(super) customers: Vec<customer::Model>,
    pub(super) stages: Vec<stage_event::Model>,
    pub(super) touchpoints: Vec<touchpoint::Model>,
    pub(super) orders: Vec<orders::Model>,
    pub(super) refunds: Vec<refund::Model>,
    pub(super) conversions: Vec<conversion::Model>,
    pub(super) opportunities: Vec<opportunity::Model>,
    pub(super) cost_items: Vec<cost_item::Model>,
    pub(super) cost_days: Vec<cost_day::Model>,
    pub(super) surveys: Vec<survey_response::Model>,
    pub(super) contents: Vec<content_item::Model>,
    pub(super) rates: Vec<fx_rate::Model>,
    pub(super) people: Vec<people_count::Model>,
    pub(super) figures: Vec<outside_day::Model>,
}

impl Rows {
    /// Writes the rows.
    pub async fn write(self, writer: &TeamWriter) -> Result<()> {
        writer.insert::<ad_day::Entity>(self.ads).await?;
        writer.insert::<web_day::Entity>(self.web).await?;
        writer.insert::<email_day::Entity>(self.email).await?;
        writer.insert::<social_day::Entity>(self.social).await?;
        writer.insert::<customer::Entity>(self.customers).await?;
        writer.insert::<stage_event::Entity>(self.stages).await?;
        writer
            .insert::<touchpoint::Entity>(self.touchpoints)
            .await?;
        writer.insert::<orders::Entity>(self.orders).await?;
        writer.insert::<refund::Entity>(self.refunds).await?;
        writer
            .insert::<conversion::Entity>(self.conversions)
            .await?;
        writer
            .insert::<opportunity::Entity>(self.opportunities)
            .await?;
        writer.insert::<cost_item::Entity>(self.cost_items).await?;
        writer.insert::<cost_day::Entity>(self.cost_days).await?;
        writer
            .insert::<survey_response::Entity>(self.surveys)
            .await?;
        writer.insert::<content_item::Entity>(self.contents).await?;
        writer.insert::<people_count::Entity>(self.people).await?;
        writer.insert::<outside_day::Entity>(self.figures).await?;
        // Two months can share a week, and so a rate.
        writer.upsert::<fx_rate::Entity>(self.rates).await
    }
}
