//! Customers.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    customer, stage_event,
    values::{LifecycleStage, RefEntity},
};

use super::{
    GlobalId, Session,
    acquisition::{AttributionResult, acquisition},
    attribution_input::AttributionInput,
    campaign::Campaign,
    channel::Channel,
    connection::{connection, count},
    customer_value::CustomerValue,
    external_ref::{ExternalRef, external_refs},
    global_id::NodeType,
    kpi_input::{KpiOptions, PeriodInput},
    kpi_set::KpiSet,
    lifetime_input::CustomerValueOptions,
    list::most,
    loaders::{CampaignId, ChannelId, OrdersOf, StagesOf},
    order::{Order, OrderConnection},
    privacy::{CustomerMerge, ErasureOf, MergesOf},
};
use crate::{
    auth::Scope,
    error::ApiResult,
    store::{CustomerFilter, Page, PageAsk, measures::Dimension},
};

/// A customer.
#[derive(Clone)]
pub struct Customer(pub customer::Model);

connection!(CustomerConnection, CustomerEdge, Customer, "customers");

/// A stage that a customer entered.
#[derive(SimpleObject)]
pub struct StageChange {
    /// The stage before. Null for the first.
    from: Option<LifecycleStage>,
    /// The stage entered.
    to: LifecycleStage,
    /// When.
    at: DateTime<Utc>,
    /// Who told.
    source: String,
}

impl Customer {
    fn stage(&self) -> LifecycleStage {
        let ordered = match (self.0.first_order_day, self.0.second_order_day) {
            (_, Some(_)) => LifecycleStage::Repeat,
            (Some(_), None) => LifecycleStage::Customer,
            (None, None) => LifecycleStage::Visitor,
        };
        self.0.lifecycle.unwrap_or(ordered)
    }
}

/// A person or company that may buy, has bought, or left.
#[Object]
impl Customer {
    /// The customer's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Customer, self.0.id).into()
    }

    /// The names that other systems have for the customer.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        external_refs(ctx, RefEntity::Customer, self.0.id, limit).await
    }

    /// The e-mail address. Null when unknown; needs PERSONAL_DATA_READ.
    async fn email(&self, ctx: &Context<'_>) -> Option<ApiResult<String>> {
        match Session::with_scope(ctx, Scope::PersonalDataRead) {
            Ok(_) => self.0.email.clone().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// The name. Null when unknown; needs PERSONAL_DATA_READ.
    async fn name(&self, ctx: &Context<'_>) -> Option<ApiResult<String>> {
        match Session::with_scope(ctx, Scope::PersonalDataRead) {
            Ok(_) => self.0.name.clone().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    /// The country as an ISO 3166 two-letter code, or as delivered where it is none. Null when unknown.
    async fn country(&self) -> Option<&str> {
        self.0.country.as_deref()
    }

    /// The stage entered last; without any, what the orders tell.
    async fn lifecycle(&self) -> LifecycleStage {
        self.stage()
    }

    /// The stages entered, in the order of time.
    async fn lifecycle_history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<StageChange>> {
        let events = Session::of(ctx)?
            .load
            .load_one(StagesOf(self.0.id))
            .await?
            .unwrap_or_default();
        let mut from = None;
        let change = |event: stage_event::Model| {
            let before = from.replace(event.stage);
            StageChange {
                from: before,
                to: event.stage,
                at: event.entered_at,
                source: event.source,
            }
        };
        Ok(events.into_iter().take(most(limit)).map(change).collect())
    }

    /// The campaign that acquired the customer. Null when none did; needs CAMPAIGNS_READ.
    async fn acquired_by(&self, ctx: &Context<'_>) -> ApiResult<Option<Campaign>> {
        let Some(id) = self.0.acquired_campaign_id else {
            return Ok(None);
        };
        Ok(Session::with_scope(ctx, Scope::CampaignsRead)?
            .load
            .load_one(CampaignId(id))
            .await?
            .map(Campaign))
    }

    /// The channel through which the customer was acquired. Null when unknown; needs CAMPAIGNS_READ.
    async fn acquired_through(&self, ctx: &Context<'_>) -> ApiResult<Option<Channel>> {
        let Some(id) = self.0.acquired_channel_id else {
            return Ok(None);
        };
        Ok(Session::with_scope(ctx, Scope::CampaignsRead)?
            .load
            .load_one(ChannelId(id))
            .await?
            .map(Channel))
    }

    /// What made the person a customer, the first conversion or else the first order, and the touches that are credited
    /// with it. Null until there is one.
    async fn acquisition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is credited. Default: the team's settings.")] options: Option<
            AttributionInput,
        >,
    ) -> ApiResult<Option<AttributionResult>> {
        acquisition(ctx, self.0.id, options).await
    }

    /// The customer's orders, in the order of time; needs MONEY_READ.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<OrderConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let session = Session::with_scope(ctx, Scope::MoneyRead)?;
        let orders = session
            .load
            .load_one(OrdersOf(self.0.id))
            .await?
            .unwrap_or_default();
        let total = orders.len() as u64;
        let cursor = |order: &Order| GlobalId::new(NodeType::Order, order.0.id).to_string();
        let page = Page::of_list(orders.into_iter().map(Order).collect(), &ask, cursor)?;
        Ok(OrderConnection::new(
            page,
            count(move |_| async move { Ok(total) }),
        ))
    }

    /// The customer's KPIs in a period: only those selected are computed, for all customers of a list together.
    async fn kpis(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Over which days.")] period: PeriodInput,
        #[graphql(desc = "Comparison and basis.")] options: Option<KpiOptions>,
    ) -> ApiResult<KpiSet> {
        KpiSet::load(
            ctx,
            Dimension::Customer,
            self.0.id,
            &period,
            options.as_ref(),
        )
        .await
    }

    /// What the customer brought and is expected to bring; amounts need MONEY_READ. For all customers of a list
    /// together: the models are fitted once.
    async fn value(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is computed of.")] options: Option<CustomerValueOptions>,
    ) -> ApiResult<CustomerValue> {
        Session::with_scope(ctx, Scope::MetricsRead)?;
        CustomerValue::new(&self.0, &options.unwrap_or_default())
    }

    /// Merges of other customers into this one, the oldest first, those undone included.
    async fn merges(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<CustomerMerge>> {
        let load = &Session::of(ctx)?.load;
        let rows = load.load_one(MergesOf(self.0.id)).await?;
        Ok(rows
            .unwrap_or_default()
            .into_iter()
            .take(most(limit))
            .map(CustomerMerge)
            .collect())
    }

    /// When the person was erased; the numbers stay. Null for others.
    async fn erased_at(&self, ctx: &Context<'_>) -> ApiResult<Option<DateTime<Utc>>> {
        let load = &Session::of(ctx)?.load;
        load.load_one(ErasureOf(self.0.id)).await
    }

    /// Counts up with every change.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// Which customers are asked. Parts that are left out do not narrow.
#[derive(InputObject, Default)]
#[graphql(name = "CustomerFilter")]
pub struct CustomerFilterInput {
    /// The whole e-mail address; needs PERSONAL_DATA_READ.
    email: Option<String>,
    /// Part of the name, ASCII letters in either case; needs PERSONAL_DATA_READ.
    name_contains: Option<String>,
    /// One of these stages was entered last.
    lifecycle: Option<Vec<LifecycleStage>>,
    /// Acquired by this campaign.
    acquired_by: Option<ID>,
    /// Acquired through this channel.
    acquired_through: Option<ID>,
    /// Whether another customer has the same e-mail address, as after a row whose reference and address are those of
    /// two customers; needs PERSONAL_DATA_READ.
    shares_email: Option<bool>,
}

impl CustomerFilterInput {
    /// The filter as the store takes it. Asking for names and addresses tells of them, so it needs their scope.
    pub fn columns(self, session: &Session) -> ApiResult<CustomerFilter> {
        let personal = self.email.is_some() || self.name_contains.is_some();
        if personal || self.shares_email.is_some() {
            session.caller.require(Scope::PersonalDataRead)?;
        }
        let id = |field: &str, id: Option<ID>, node| {
            id.map(|id| GlobalId::expect(field, &id, node)).transpose()
        };
        Ok(CustomerFilter {
            email: self.email,
            name_contains: self.name_contains,
            lifecycle: self.lifecycle.map(super::campaign_list::distinct),
            acquired_by_campaign: id("filter.acquiredBy", self.acquired_by, NodeType::Campaign)?,
            acquired_through_channel: id(
                "filter.acquiredThrough",
                self.acquired_through,
                NodeType::Channel,
            )?,
            shares_email: self.shares_email,
        })
    }
}
