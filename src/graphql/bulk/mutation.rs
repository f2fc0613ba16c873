//! The bulk mutations: many rows in one call, each of which says what became of it.

use async_graphql::{Context, Object};

use super::{
    BulkPayload, UpsertDaysInput, UpsertInput,
    ad_days::AdDayUpsert,
    benchmarks::BenchmarkUpsert,
    content::ContentUpsert,
    conversions::ConversionUpsert,
    costs::CostUpsert,
    customers,
    customers::{CustomerUpsert, UpsertCustomersPayload},
    email_days::EmailDayUpsert,
    exchange_rates::ExchangeRateUpsert,
    figures::FigureUpsert,
    opportunities::OpportunityUpsert,
    orders::OrderUpsert,
    people_counts::PeopleCountUpsert,
    refunds::RefundUpsert,
    social_days::SocialDayUpsert,
    stage_events::StageEventUpsert,
    surveys::SurveyAnswerUpsert,
    touchpoints::TouchpointUpsert,
    upsert, upsert_days,
    web_days::WebDayUpsert,
};
use crate::error::ApiResult;

/// The bulk mutations.
#[derive(Default)]
pub struct BulkMutation;

/// Many rows in one call. A repeat changes nothing.
#[Object]
impl BulkMutation {
    /// Creates and updates customers by the ids that a CRM has for them; a repeat changes nothing. Needs
    /// CUSTOMERS_WRITE.
    async fn upsert_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The customers.")] input: UpsertInput<CustomerUpsert>,
    ) -> ApiResult<UpsertCustomersPayload> {
        Box::pin(customers::upsert(ctx, input)).await
    }

    /// Creates and updates benchmarks, keyed by metric, industry, day and where they come from. Needs GOALS_WRITE.
    async fn upsert_benchmarks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<BenchmarkUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates orders, keyed by the source's order ids. Needs INGEST.
    async fn upsert_orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<OrderUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates entries of customers into lifecycle stages, keyed by customer, stage and instant. Needs
    /// INGEST.
    async fn upsert_stage_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<StageEventUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates deals of the sales pipeline, keyed by the source's deal ids. Needs INGEST.
    async fn upsert_opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<OpportunityUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates money given back for orders of the same source, keyed by the source's refund ids. Needs
    /// INGEST.
    async fn upsert_refunds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<RefundUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates contacts of customers with campaigns and channels, keyed by the source's ids. Needs
    /// INGEST.
    async fn upsert_touchpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<TouchpointUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates conversions that the team recorded itself, keyed by the source's ids. Needs INGEST.
    async fn upsert_conversions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<ConversionUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates costs beside media, spread evenly over their days, keyed by the source's ids. Needs
    /// INGEST.
    async fn upsert_costs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<CostUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates answers to surveys, keyed by the source's ids. Needs INGEST.
    async fn upsert_survey_answers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<SurveyAnswerUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates what the team published, keyed by the source's ids. Needs INGEST.
    async fn upsert_content(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<ContentUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates exchange rates of days, keyed by day and pair of currencies. Needs INGEST.
    async fn upsert_exchange_rates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertInput<ExchangeRateUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert(ctx, input)).await
    }

    /// Creates and updates days of advertising, keyed by day, campaign, channel, country, device and properties.
    /// Needs INGEST.
    async fn upsert_ad_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertDaysInput<AdDayUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert_days(ctx, input)).await
    }

    /// Creates and updates days of the web site, keyed by day, channel, campaign, country, device, landing page and
    /// properties. Needs INGEST.
    async fn upsert_web_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertDaysInput<WebDayUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert_days(ctx, input)).await
    }

    /// Creates and updates days of mailings, keyed by day, channel, campaign, country, device and properties. Needs
    /// INGEST.
    async fn upsert_email_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertDaysInput<EmailDayUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert_days(ctx, input)).await
    }

    /// Creates and updates days of social accounts, keyed by day, channel, campaign, country, device and properties.
    /// Needs INGEST.
    async fn upsert_social_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertDaysInput<SocialDayUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert_days(ctx, input)).await
    }

    /// Creates and updates counts of distinct people, keyed by kind, days, channel, campaign, country and device.
    /// Needs INGEST.
    async fn upsert_people_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertDaysInput<PeopleCountUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert_days(ctx, input)).await
    }

    /// Creates and updates daily figures that others count for the team, keyed by figure, day, channel, campaign,
    /// country and properties. Needs INGEST.
    async fn upsert_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rows.")] input: UpsertDaysInput<FigureUpsert>,
    ) -> ApiResult<BulkPayload> {
        Box::pin(upsert_days(ctx, input)).await
    }
}
