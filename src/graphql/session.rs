//! What one request knows: who calls, the team's store, and the loaders over it.

use std::time::Duration;

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache},
    runtime::TokioTimer,
};

use super::{
    acquisition::AcquisitionOf,
    customer_value::{BuyerOf, TeamValues},
    goal_loaders::{GoalId, GoalsOf, KeyResultsOf, ProgressOf, RangeOf},
    insight::{AlertStateOf, VariantsOf},
    loaders::{
        BudgetsOf, CampaignId, ChannelId, ChannelsOf, CustomerId, ImportErrorsOf, KpisOf, Loaders,
        OrdersOf, RefsOf, StagesOf, VersionsOf,
    },
    privacy::{ErasureOf, MergesOf},
    webhooks::{AttemptsOf, HealthOf},
};
use crate::{
    auth::{Caller, Scope},
    error::{ApiResult, Error},
    kpi::Rights,
    locale::RequestLocale,
    store::{TeamStore, TeamWriter},
    telemetry::Followed,
};

/// The data of one request. Loaders live here and not in the schema, so that nothing is shared between teams.
pub struct Session {
    /// Who calls.
    pub caller: Caller,
    /// The team's part of the database.
    pub store: TeamStore,
    /// What the client wants texts and numbers in.
    pub locale: RequestLocale,
    /// Batches what fields of the same kind ask for.
    pub load: DataLoader<Loaders, HashMapCache>,
    /// What all customers' values share.
    pub values: TeamValues,
}

impl Session {
    /// The session of a verified caller and the store of the caller's team.
    pub fn new(caller: Caller, store: TeamStore, locale: RequestLocale) -> Self {
        let loaders = Loaders::new(store.clone(), rights(&caller));
        // Fields of one level resolve together, so there is nothing to wait for.
        let load = DataLoader::with_cache(
            loaders,
            Followed::current(),
            TokioTimer::default(),
            HashMapCache::default(),
        )
        .delay(Duration::ZERO);
        Self {
            caller,
            store,
            locale,
            load,
            values: TeamValues::default(),
        }
    }

    /// The session of this request, if its caller has the scope.
    pub fn with_scope<'a>(ctx: &Context<'a>, scope: Scope) -> ApiResult<&'a Self> {
        let session = Self::of(ctx)?;
        session.caller.require(scope)?;
        Ok(session)
    }

    /// The session of this request.
    pub fn of<'a>(ctx: &Context<'a>) -> ApiResult<&'a Self> {
        match ctx.data_opt::<Self>() {
            Some(session) => Ok(session),
            None => Err(Error::Internal("a request without a session".into()).into()),
        }
    }

    /// Begins what a mutation writes. The audit log calls it by the mutation's field.
    pub async fn begin(&self, ctx: &Context<'_>) -> ApiResult<TeamWriter> {
        Ok(self.store.begin(ctx.field().name()).await?)
    }

    /// What the caller may read of KPIs.
    pub fn rights(&self) -> Rights {
        rights(&self.caller)
    }

    /// Forgets what was loaded, after something was written.
    pub fn forget_loaded(&self) {
        self.load.clear::<CampaignId>();
        self.load.clear::<ChannelId>();
        self.load.clear::<CustomerId>();
        self.load.clear::<ChannelsOf>();
        self.load.clear::<BudgetsOf>();
        self.load.clear::<OrdersOf>();
        self.load.clear::<StagesOf>();
        self.load.clear::<RefsOf>();
        self.load.clear::<VersionsOf>();
        self.load.clear::<KpisOf>();
        self.load.clear::<BuyerOf>();
        self.load.clear::<AlertStateOf>();
        self.load.clear::<VariantsOf>();
        self.load.clear::<crate::insight::search::Place>();
        self.load.clear::<GoalId>();
        self.load.clear::<GoalsOf>();
        self.load.clear::<KeyResultsOf>();
        self.load.clear::<ProgressOf>();
        self.load.clear::<RangeOf>();
        self.load.clear::<AcquisitionOf>();
        self.load.clear::<HealthOf>();
        self.load.clear::<AttemptsOf>();
        self.load.clear::<MergesOf>();
        self.load.clear::<ErasureOf>();
        super::journey::forget(&self.load);
        self.load.clear::<ImportErrorsOf>();
    }
}

fn rights(caller: &Caller) -> Rights {
    Rights {
        money: caller.scopes().contains(Scope::MoneyRead),
        personal: caller.scopes().contains(Scope::PersonalDataRead),
    }
}
