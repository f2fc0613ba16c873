//! Whatever has an id of its own, and how it is found by it.

use async_graphql::{ID, Interface};

use super::{
    GlobalId, Session,
    api_key::ApiKey,
    benchmark::Benchmark,
    campaign::Campaign,
    catalog::MetricDefinition,
    channel::Channel,
    customer::Customer,
    global_id::NodeType,
    goal::Goal,
    goal_loaders::GoalId,
    import::Import,
    import_mapping::ImportMapping,
    insight::{alert_rule::AlertRule, anomaly::Anomaly, experiment::Experiment, place},
    journey::{
        Conversion, ConversionId, Opportunity, OpportunityId, OrderId, Refund, RefundId,
        StageEvent, StageEventId, Touchpoint, TouchpointId,
    },
    loaders::{CampaignId, ChannelId, CustomerId},
    order::Order,
    team::Team,
    team_metric::TeamMetrics,
    webhooks::{WebhookDelivery, WebhookEndpoint},
};
use crate::{
    auth::Scope,
    error::ApiResult,
    kpi::{Kpi, Metric, graphql_name},
};

/// Whatever has an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id, unique over all types."))]
pub enum Node {
    Team(Team),
    Campaign(Campaign),
    Channel(Channel),
    Customer(Customer),
    Order(Order),
    Anomaly(Anomaly),
    AlertRule(AlertRule),
    Experiment(Experiment),
    Goal(Goal),
    Benchmark(Benchmark),
    MetricDefinition(MetricDefinition),
    ApiKey(ApiKey),
    ImportMapping(ImportMapping),
    WebhookEndpoint(WebhookEndpoint),
    WebhookDelivery(WebhookDelivery),
    StageEvent(StageEvent),
    Opportunity(Opportunity),
    Refund(Refund),
    Touchpoint(Touchpoint),
    Conversion(Conversion),
    Import(Import),
}

/// The row with an id, if the caller's team has one.
pub(super) async fn node(session: &Session, id: &ID) -> ApiResult<Option<Node>> {
    let team = session.store.team().id;
    if let Some(place) = place(id, team) {
        session.caller.require(Scope::MetricsRead)?;
        let found = session.load.load_one(place).await?;
        return Ok(found.map(|anomaly| Anomaly::new(anomaly, team).into()));
    }
    let Ok(GlobalId { node, id }) = id.parse() else {
        // KPIs of the catalogue go by their keys.
        let kpi = Kpi::ALL
            .iter()
            .find(|kpi| graphql_name(**kpi) == id.as_str());
        return Ok(kpi.map(|kpi| MetricDefinition::from(Metric::Kpi(*kpi)).into()));
    };
    let needs = match node {
        NodeType::Team => None,
        NodeType::Campaign | NodeType::Channel => Some(Scope::CampaignsRead),
        NodeType::Customer
        | NodeType::CustomerMerge
        | NodeType::StageEvent
        | NodeType::Opportunity
        | NodeType::Touchpoint
        | NodeType::Conversion => Some(Scope::CustomersRead),
        NodeType::Order | NodeType::Refund => Some(Scope::MoneyRead),
        NodeType::AlertRule | NodeType::Experiment => Some(Scope::MetricsRead),
        NodeType::Goal | NodeType::Benchmark => Some(Scope::MetricsRead),
        NodeType::MetricDefinition => Some(Scope::MetricsRead),
        NodeType::ApiKey | NodeType::AuditEntry => Some(Scope::TeamAdmin),
        NodeType::ImportMapping => Some(Scope::Ingest),
        NodeType::WebhookEndpoint | NodeType::WebhookDelivery => Some(Scope::WebhooksWrite),
        NodeType::Import => Some(Scope::Ingest),
    };
    if let Some(scope) = needs {
        session.caller.require(scope)?;
    }
    Ok(match node {
        NodeType::Team => {
            let team = session.store.team();
            (team.id == id).then(|| Node::Team(Team(team.clone())))
        }
        NodeType::Campaign => session
            .load
            .load_one(CampaignId(id))
            .await?
            .map(|row| Campaign(row).into()),
        NodeType::Channel => session
            .load
            .load_one(ChannelId(id))
            .await?
            .map(|row| Channel(row).into()),
        NodeType::Customer => session
            .load
            .load_one(CustomerId(id))
            .await?
            .map(|row| Customer(row).into()),
        NodeType::Order => session
            .load
            .load_one(OrderId(id))
            .await?
            .map(|row| Order(row).into()),
        NodeType::StageEvent => session
            .load
            .load_one(StageEventId(id))
            .await?
            .map(|row| StageEvent(row).into()),
        NodeType::Opportunity => session
            .load
            .load_one(OpportunityId(id))
            .await?
            .map(|row| Opportunity(row).into()),
        NodeType::Refund => session
            .load
            .load_one(RefundId(id))
            .await?
            .map(|row| Refund(row).into()),
        NodeType::Touchpoint => session
            .load
            .load_one(TouchpointId(id))
            .await?
            .map(|row| Touchpoint(row).into()),
        NodeType::Conversion => session
            .load
            .load_one(ConversionId(id))
            .await?
            .map(|row| Conversion(row).into()),
        NodeType::AlertRule => match session.store.alert_rules_by_id(&[id]).await?.remove(&id) {
            Some(row) => Some(AlertRule::of(row)?.into()),
            None => None,
        },
        NodeType::Experiment => session
            .store
            .experiments_by_id(&[id])
            .await?
            .remove(&id)
            .map(|row| Experiment(row).into()),
        NodeType::Goal => match session.load.load_one(GoalId(id)).await? {
            Some(row) => Some(Goal::of(row)?.into()),
            None => None,
        },
        NodeType::ImportMapping => {
            let found = session
                .store
                .import_mappings_by_id(&[id])
                .await?
                .remove(&id);
            found.map(|row| ImportMapping(row).into())
        }
        NodeType::Benchmark => match session.store.benchmarks_by_id(&[id]).await?.remove(&id) {
            Some(row) => Some(Benchmark::of(row)?.into()),
            None => None,
        },
        NodeType::ApiKey => session
            .store
            .api_keys_by_id(&[id])
            .await?
            .remove(&id)
            .map(|row| ApiKey(row).into()),
        NodeType::WebhookEndpoint => session
            .store
            .webhook_endpoints_by_id(&[id])
            .await?
            .remove(&id)
            .map(|row| WebhookEndpoint(row).into()),
        NodeType::WebhookDelivery => session
            .store
            .webhook_deliveries_by_id(&[id])
            .await?
            .remove(&id)
            .map(|row| WebhookDelivery(row).into()),
        NodeType::Import => {
            let found = session.store.import_by_id(id).await?;
            found.map(|job| Import(job).into())
        }
        // Entries are no nodes: they are read through `auditLog`, and merges through their customers.
        NodeType::AuditEntry | NodeType::CustomerMerge => None,
        NodeType::MetricDefinition => {
            let mut found = TeamMetrics::read(&session.store, &[id])
                .await?
                .into_metrics();
            found
                .pop()
                .map(|metric| MetricDefinition::from(metric).into())
        }
    })
}
