//! The mutations. Each is one transaction: it happens whole or not at all. They are boxed, because the root holds them
//! all, and a worker's stack the root.

use async_graphql::{Context, Object};

use super::api_key_input::{
    self, CreateApiKeyInput, CreateApiKeyPayload, RevokeApiKeyInput, RevokeApiKeyPayload,
    RotateApiKeyInput, RotateApiKeyPayload,
};
use super::benchmark::{
    self, DeleteBenchmarkInput, DeleteBenchmarkPayload, SetBenchmarkInput, SetBenchmarkPayload,
};
use super::dashboard::{self, SetDashboardInput, SetDashboardPayload};
use super::goal_input::{self, ArchiveGoalPayload, SetGoalInput, SetGoalPayload};
use super::{
    attribution_settings::{
        self, SetAttributionSettingsInput, SetAttributionSettingsPayload, SetChannelRulesInput,
        SetChannelRulesPayload,
    },
    campaign_input::{
        self, ArchiveCampaignPayload, ArchiveInput, CreateCampaignInput, CreateCampaignPayload,
        UpdateCampaignInput, UpdateCampaignPayload,
    },
    channel_input::{
        self, ArchiveChannelPayload, CreateChannelInput, CreateChannelPayload, UpdateChannelInput,
        UpdateChannelPayload,
    },
    insight::{
        alert_rule_input::{
            self, DeleteAlertRuleInput, DeleteAlertRulePayload, SetAlertRuleInput,
            SetAlertRulePayload,
        },
        experiment_input::{
            self, DeleteExperimentInput, DeleteExperimentPayload, SetExperimentInput,
            SetExperimentPayload,
        },
    },
    metric_input::{
        self, ArchiveMetricPayload, DefineMetricInput, DefineMetricPayload, UpdateMetricInput,
        UpdateMetricPayload,
    },
    team_settings::{self, UpdateTeamSettingsInput, UpdateTeamSettingsPayload},
};
use crate::error::ApiResult;

/// The mutations that change one thing each.
#[derive(Default)]
pub struct SingleMutation;

/// What can be changed. Mistakes in the input come back in the payload's `errors`.
#[Object]
impl SingleMutation {
    /// Makes a campaign; needs CAMPAIGNS_WRITE.
    async fn create_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The campaign.")] input: CreateCampaignInput,
    ) -> ApiResult<CreateCampaignPayload> {
        Ok(Box::pin(campaign_input::create(ctx, input)).await?.into())
    }

    /// Changes a campaign that is still at the version given; needs CAMPAIGNS_WRITE.
    async fn update_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateCampaignInput,
    ) -> ApiResult<UpdateCampaignPayload> {
        Ok(Box::pin(campaign_input::update(ctx, input)).await?.into())
    }

    /// Puts a campaign away: its facts still count, lists leave it out; needs CAMPAIGNS_WRITE.
    async fn archive_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] input: ArchiveInput,
    ) -> ApiResult<ArchiveCampaignPayload> {
        Ok(Box::pin(campaign_input::archive(ctx, input)).await?.into())
    }

    /// Makes a channel; needs CAMPAIGNS_WRITE.
    async fn create_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel.")] input: CreateChannelInput,
    ) -> ApiResult<CreateChannelPayload> {
        Ok(Box::pin(channel_input::create(ctx, input)).await?.into())
    }

    /// Changes a channel that is still at the version given; needs CAMPAIGNS_WRITE.
    async fn update_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateChannelInput,
    ) -> ApiResult<UpdateChannelPayload> {
        Ok(Box::pin(channel_input::update(ctx, input)).await?.into())
    }

    /// Puts a channel away: its facts still count, lists leave it out; needs CAMPAIGNS_WRITE.
    async fn archive_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] input: ArchiveInput,
    ) -> ApiResult<ArchiveChannelPayload> {
        Ok(Box::pin(channel_input::archive(ctx, input)).await?.into())
    }

    /// Sets how results are credited where a query does not say; needs TEAM_ADMIN.
    async fn set_attribution_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: SetAttributionSettingsInput,
    ) -> ApiResult<SetAttributionSettingsPayload> {
        Ok(Box::pin(attribution_settings::set_attribution(ctx, input))
            .await?
            .into())
    }

    /// Sets which kind of channel touches came by that name none; needs TEAM_ADMIN.
    async fn set_channel_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rules.")] input: SetChannelRulesInput,
    ) -> ApiResult<SetChannelRulesPayload> {
        Ok(
            Box::pin(attribution_settings::set_channel_rules(ctx, input))
                .await?
                .into(),
        )
    }

    /// Defines a metric of the team over KPIs of the catalogue; needs TEAM_ADMIN.
    async fn define_metric(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The metric.")] input: DefineMetricInput,
    ) -> ApiResult<DefineMetricPayload> {
        Ok(Box::pin(metric_input::define(ctx, input)).await?.into())
    }

    /// Changes a metric of the team that is still at the version given. Answers change with it; the version before
    /// stays readable. Needs TEAM_ADMIN.
    async fn update_metric(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateMetricInput,
    ) -> ApiResult<UpdateMetricPayload> {
        Ok(Box::pin(metric_input::update(ctx, input)).await?.into())
    }

    /// Puts a metric of the team away: the catalogue leaves it out, questions by its id are answered; needs TEAM_ADMIN.
    async fn archive_metric(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which metric.")] input: ArchiveInput,
    ) -> ApiResult<ArchiveMetricPayload> {
        Ok(Box::pin(metric_input::archive(ctx, input)).await?.into())
    }

    /// Changes the team's name and settings, if it is still at the version given; needs TEAM_ADMIN.
    async fn update_team_settings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The changes.")] input: UpdateTeamSettingsInput,
    ) -> ApiResult<UpdateTeamSettingsPayload> {
        Ok(Box::pin(team_settings::update(ctx, input)).await?.into())
    }

    /// Makes an alert rule, or changes one that is still at the version given; needs GOALS_WRITE.
    async fn set_alert_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] input: SetAlertRuleInput,
    ) -> ApiResult<SetAlertRulePayload> {
        Ok(Box::pin(alert_rule_input::set(ctx, input)).await?.into())
    }

    /// Deletes an alert rule that is still at the version given; needs GOALS_WRITE.
    async fn delete_alert_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rule.")] input: DeleteAlertRuleInput,
    ) -> ApiResult<DeleteAlertRulePayload> {
        Ok(Box::pin(alert_rule_input::delete(ctx, input)).await?.into())
    }

    /// Makes an experiment, or changes one, its counts included; needs GOALS_WRITE.
    async fn set_experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The experiment.")] input: SetExperimentInput,
    ) -> ApiResult<SetExperimentPayload> {
        Ok(Box::pin(experiment_input::set(ctx, input)).await?.into())
    }

    /// Deletes an experiment that is still at the version given, with its counts; needs GOALS_WRITE.
    async fn delete_experiment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which experiment.")] input: DeleteExperimentInput,
    ) -> ApiResult<DeleteExperimentPayload> {
        Ok(Box::pin(experiment_input::delete(ctx, input)).await?.into())
    }

    /// Makes a goal, or changes one that is still at the version given; needs GOALS_WRITE and METRICS_READ.
    async fn set_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The goal, or its changes.")] input: SetGoalInput,
    ) -> ApiResult<SetGoalPayload> {
        Ok(Box::pin(goal_input::set(ctx, input)).await?.into())
    }

    /// Puts a goal away: lists and comparisons leave it out, its objective no longer counts it; needs GOALS_WRITE.
    async fn archive_goal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which goal.")] input: ArchiveInput,
    ) -> ApiResult<ArchiveGoalPayload> {
        Ok(Box::pin(goal_input::archive(ctx, input)).await?.into())
    }

    /// Makes a benchmark, or changes one that is still at the version given; needs GOALS_WRITE.
    async fn set_benchmark(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The benchmark, or its changes.")] input: SetBenchmarkInput,
    ) -> ApiResult<SetBenchmarkPayload> {
        Ok(Box::pin(benchmark::set(ctx, input)).await?.into())
    }

    /// Removes a benchmark that is still at the version given; needs GOALS_WRITE.
    async fn delete_benchmark(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which benchmark.")] input: DeleteBenchmarkInput,
    ) -> ApiResult<DeleteBenchmarkPayload> {
        Ok(Box::pin(benchmark::delete(ctx, input)).await?.into())
    }

    /// Chooses the KPIs that an audience looks at; needs GOALS_WRITE.
    async fn set_dashboard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which KPIs, for whom.")] input: SetDashboardInput,
    ) -> ApiResult<SetDashboardPayload> {
        Ok(Box::pin(dashboard::set(ctx, input)).await?.into())
    }
    /// Makes an API key; its secret is in the answer and nowhere else. Needs TEAM_ADMIN and every scope that the key
    /// gets.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key.")] input: CreateApiKeyInput,
    ) -> ApiResult<CreateApiKeyPayload> {
        Ok(Box::pin(api_key_input::create(ctx, input)).await?.into())
    }

    /// Gives an API key a new secret, and lets the one so far live on for a while. Needs TEAM_ADMIN and every scope of
    /// the key.
    async fn rotate_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: RotateApiKeyInput,
    ) -> ApiResult<RotateApiKeyPayload> {
        Ok(Box::pin(api_key_input::rotate(ctx, input)).await?.into())
    }

    /// Ends an API key and all of its secrets now; needs TEAM_ADMIN.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which key.")] input: RevokeApiKeyInput,
    ) -> ApiResult<RevokeApiKeyPayload> {
        Ok(Box::pin(api_key_input::revoke(ctx, input)).await?.into())
    }
}
