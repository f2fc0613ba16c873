//! Channels.

use async_graphql::{Context, ID, Object};
use entity::{
    channel,
    values::{ChannelKind, RefEntity},
};

use super::{
    GlobalId,
    connection::connection,
    external_ref::{ExternalRef, external_refs},
    global_id::NodeType,
    kpi_input::{KpiOptions, PeriodInput},
    kpi_set::KpiSet,
};
use crate::{error::ApiResult, store::measures::Dimension};

/// A channel.
#[derive(Clone)]
pub struct Channel(pub channel::Model);

connection!(ChannelConnection, ChannelEdge, Channel, "channels");

/// A way to reach people.
#[Object]
impl Channel {
    /// The channel's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Channel, self.0.id).into()
    }

    /// The names that other systems have for the channel.
    async fn external_refs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExternalRef>> {
        external_refs(ctx, RefEntity::Channel, self.0.id, limit).await
    }

    /// The name, unique within the team.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its kind.
    async fn kind(&self) -> ChannelKind {
        self.0.kind
    }

    /// Whether reach on it is bought.
    async fn paid(&self) -> bool {
        self.0.paid
    }

    /// Whether it was put away.
    async fn archived(&self) -> bool {
        self.0.archived
    }

    /// Its KPIs in a period: only those selected are computed, for all channels of a list together.
    async fn kpis(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Over which days.")] period: PeriodInput,
        #[graphql(desc = "Comparison and basis.")] options: Option<KpiOptions>,
    ) -> ApiResult<KpiSet> {
        KpiSet::load(
            ctx,
            Dimension::Channel,
            self.0.id,
            &period,
            options.as_ref(),
        )
        .await
    }

    /// Counts up with every change; give it back when updating.
    async fn version(&self) -> i32 {
        self.0.version
    }
}
