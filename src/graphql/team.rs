//! The team and who calls.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use entity::{team, values::Basis};

use super::{
    GlobalId, Session,
    attribution_settings::{AttributionSettings, ChannelRuleValue, channel_rules},
    global_id::NodeType,
    kpi_input::{KpiOptions, PeriodInput},
    kpi_set::{KpiSet, request},
    list::start,
    live::event_cursor,
    scalars::{CurrencyCode, TimeZone},
};
use crate::{
    auth::{Role, Scope},
    error::{ApiResult, Error, Result},
    store::measures::Filter,
    time::WeekStart,
};

/// The caller.
pub struct Viewer;

/// Who calls, for which team, with which rights.
#[Object]
impl Viewer {
    /// The subject of the token; of an API key, how its secret begins.
    async fn subject(&self, ctx: &Context<'_>) -> ApiResult<String> {
        Ok(Session::of(ctx)?.caller.subject().to_owned())
    }

    /// The team of the token; all answers come from its rows alone.
    async fn team(&self, ctx: &Context<'_>) -> ApiResult<Team> {
        Ok(Team(Session::of(ctx)?.store.team().clone()))
    }

    /// The role of the token. An API key is an INTEGRATION with scopes of its own.
    async fn role(&self, ctx: &Context<'_>) -> ApiResult<Role> {
        Ok(Session::of(ctx)?.caller.role())
    }

    /// What the token allows: the role's scopes, or fewer where the token says so.
    async fn scopes(&self, ctx: &Context<'_>) -> ApiResult<Vec<Scope>> {
        Ok(Session::of(ctx)?.caller.scopes().iter().collect())
    }

    /// Where the team's events stand now: a subscription with this as `after` tells what happens from now on, even if it
    /// begins later.
    async fn event_cursor(&self, ctx: &Context<'_>) -> ApiResult<String> {
        Ok(event_cursor(&Session::of(ctx)?.store).await?)
    }
}

/// A team.
pub struct Team(pub team::Model);

/// A tenant: campaigns, customers and facts belong to exactly one.
#[Object]
impl Team {
    /// The team's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Team, self.0.id).into()
    }

    /// The team's name in tokens and on the command line.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// The team's name for people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What decides how its numbers are cut and shown.
    async fn settings(&self, ctx: &Context<'_>) -> ApiResult<TeamSettings> {
        let calendar = Session::of(ctx)?.store.calendar()?;
        Ok(TeamSettings::of(&self.0, calendar.week_start)?)
    }

    /// The KPIs of the whole team in a period; only those selected are computed.
    async fn kpis(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Over which days.")] period: PeriodInput,
        #[graphql(desc = "Comparison and basis.")] options: Option<KpiOptions>,
    ) -> ApiResult<KpiSet> {
        let session = Session::with_scope(ctx, Scope::MetricsRead)?;
        let ask = request(ctx.field(), &period, options.as_ref())?;
        let store = &session.store;
        let plan = ask
            .plan(store, vec![], Filter::Everything, session.rights())
            .await?;
        let mut table = plan.answer(store).await?;
        let row = table
            .rows
            .pop()
            .ok_or_else(|| Error::Internal("a plan without a row".into()))?;
        Ok((table.period, row).into())
    }
}

/// A team's settings.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct TeamSettings {
    /// The zone that cuts its days.
    time_zone: TimeZone,
    /// The first day of its weeks.
    week_start: WeekStart,
    /// The first month of its fiscal year, 1 to 12.
    fiscal_year_start_month: i32,
    /// The currency of its reports.
    currency: CurrencyCode,
    /// The basis of advertising KPIs where a query names none.
    basis: Basis,
    /// After how many days without an order a customer counts as lost, in retention, churn and lapsed rates. Null where
    /// each period stands against the one before it.
    churn_days: Option<i32>,
    /// Whether a new reference that comes with the e-mail address of exactly one customer names that customer.
    match_by_email: bool,
    /// How results are credited to touches where a query does not say.
    attribution: AttributionSettings,
    #[graphql(skip)]
    channel_rules: Vec<ChannelRuleValue>,
    /// Counts up with every change.
    version: i32,
}

#[ComplexObject]
impl TeamSettings {
    /// Which kind of channel touches came by that name none: the first rule that matches decides.
    async fn channel_rules(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> &[ChannelRuleValue] {
        start(&self.channel_rules, limit)
    }
}

impl TeamSettings {
    /// The settings of a team's row.
    pub fn of(team: &team::Model, week_start: WeekStart) -> Result<Self> {
        Ok(Self {
            time_zone: TimeZone(team.time_zone.clone()),
            week_start,
            fiscal_year_start_month: team.fiscal_year_start_month,
            currency: CurrencyCode(team.currency.clone()),
            basis: team.ad_basis,
            churn_days: team.churn_days,
            match_by_email: team.match_by_email,
            attribution: AttributionSettings::of(team)?,
            channel_rules: channel_rules(team)?,
            version: team.version,
        })
    }
}
