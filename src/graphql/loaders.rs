//! Batching: what many fields ask one by one is read with one statement. One key type per question.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use chrono::{DateTime, Utc};
use entity::{
    budget, campaign, channel, customer, external_ref, import_error, orders, stage_event,
    values::{Basis, RefEntity},
};

use super::team_metric::TeamMetrics;
use crate::{
    error::{self, ApiError},
    kpi::{Ask, Kpi, Metric, Rights, Row, TeamMetric, attribution::CreditingAsk},
    store::{
        TeamStore,
        measures::{Cut, Dimension, Filter, Key},
    },
    time::{CompareAsk, PeriodAsk, ResolvedPeriod},
};

/// Reads for the loaders of one request, all from one team.
pub struct Loaders {
    pub(super) store: TeamStore,
    pub(super) rights: Rights,
}

impl Loaders {
    /// The team's store.
    pub fn store(&self) -> &TeamStore {
        &self.store
    }

    /// Loaders over a team's store for a caller with these rights.
    pub fn new(store: TeamStore, rights: Rights) -> Self {
        Self { store, rights }
    }
}

/// A campaign by its id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CampaignId(pub i64);

/// A channel by its id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChannelId(pub i64);

/// A customer by its id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CustomerId(pub i64);

/// The channels of a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChannelsOf(pub i64);

/// The budgets of a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BudgetsOf(pub i64);

/// The stages of a customer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StagesOf(pub i64);

/// The orders of a customer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OrdersOf(pub i64);

/// The refused rows of an import.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImportErrorsOf(pub i64);

/// What a metric of the team was before it was changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VersionsOf(pub i64);

/// The names that other systems have for a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RefsOf(pub RefEntity, pub i64);

/// The KPIs of a campaign, channel or customer.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KpisOf {
    /// The kind of entity.
    pub dimension: Dimension,
    /// The entity.
    pub id: i64,
    /// What is asked.
    pub ask: KpiRequest,
}

/// A question for the KPIs of one entity.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KpiRequest {
    /// Which, in the order of the catalogue.
    pub kpis: Arc<[Kpi]>,
    /// Which metrics of the team; ids that it does not have are left out of the answer.
    pub custom: Arc<[i64]>,
    /// Over which days.
    pub period: PeriodAsk,
    /// Compared with what.
    pub compare: Option<CompareAsk>,
    /// On whose word.
    pub basis: Option<Basis>,
    /// As known when.
    pub as_of: Option<DateTime<Utc>>,
    /// How facts are credited.
    pub crediting: CreditingAsk,
    /// In which currency, where not in the team's.
    pub currency: Option<iso_currency::Currency>,
    /// Only what is over.
    pub only_complete: bool,
}

/// The KPIs of one entity.
#[derive(Clone)]
pub struct KpiAnswer {
    /// The period as resolved.
    pub period: Arc<ResolvedPeriod>,
    /// The values, in the order asked.
    pub row: Arc<Row>,
}

impl KpiRequest {
    /// A question for some KPIs over a period, with nothing special about it.
    pub fn new(kpis: impl Into<Arc<[Kpi]>>, period: PeriodAsk) -> Self {
        Self {
            kpis: kpis.into(),
            custom: [].into(),
            period,
            compare: None,
            basis: None,
            as_of: None,
            crediting: CreditingAsk::default(),
            currency: None,
            only_complete: false,
        }
    }

    /// The plan of this question over groups of facts. Metrics of the team are read first, where it names any.
    pub async fn plan(
        &self,
        store: &TeamStore,
        cuts: Vec<Cut>,
        filter: Filter,
        rights: Rights,
    ) -> error::Result<Ask> {
        let own = TeamMetrics::read(store, &self.custom).await?;
        let kpis = self.kpis.iter().map(|kpi| Metric::Kpi(*kpi));
        let metrics = kpis.chain(own.into_metrics());
        Ok(Ask {
            cuts,
            compare: self.compare,
            filter,
            basis: self.basis,
            crediting: self.crediting.clone(),
            as_of: self.as_of,
            currency: self.currency,
            only_complete: self.only_complete,
            ..Ask::new(metrics, self.period, rights)
        })
    }
}

macro_rules! loads {
    ($key:ident => $value:ty, |$store:ident, $ids:ident| $read:expr) => {
        impl Loader<$key> for Loaders {
            type Value = $value;
            type Error = ApiError;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, ApiError> {
                let $store = &self.store;
                let $ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
                let found = $read.await?;
                Ok(found
                    .into_iter()
                    .map(|(id, value)| ($key(id), value))
                    .collect())
            }
        }
    };
}

loads!(CampaignId => campaign::Model, |store, ids| store.campaigns_by_id(&ids));
loads!(ChannelId => channel::Model, |store, ids| store.channels_by_id(&ids));
loads!(CustomerId => customer::Model, |store, ids| store.customers_by_id(&ids));
loads!(ChannelsOf => Vec<i64>, |store, ids| store.channel_ids_of(&ids));
loads!(BudgetsOf => Vec<budget::Model>, |store, ids| store.budgets_of(&ids));
loads!(OrdersOf => Vec<orders::Model>, |store, ids| store.orders_of(&ids));
loads!(ImportErrorsOf => Vec<import_error::Model>, |store, ids| store.import_errors_of(&ids));
loads!(StagesOf => Vec<stage_event::Model>, |store, ids| store.stages_of(&ids));

impl Loader<VersionsOf> for Loaders {
    type Value = Vec<Metric>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[VersionsOf],
    ) -> Result<HashMap<VersionsOf, Vec<Metric>>, ApiError> {
        let ids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let mut found = HashMap::new();
        for (id, rows) in self.store.metric_versions_of(&ids).await? {
            let versions = rows
                .iter()
                .map(|row| Ok(Metric::Team(TeamMetric::of_version(row)?.into())));
            found.insert(VersionsOf(id), versions.collect::<error::Result<_>>()?);
        }
        Ok(found)
    }
}

impl Loader<RefsOf> for Loaders {
    type Value = Vec<external_ref::Model>;
    type Error = ApiError;

    async fn load(&self, keys: &[RefsOf]) -> Result<HashMap<RefsOf, Self::Value>, ApiError> {
        let mut by_entity: HashMap<RefEntity, Vec<i64>> = HashMap::new();
        for RefsOf(entity, id) in keys {
            by_entity.entry(*entity).or_default().push(*id);
        }
        let mut found = HashMap::new();
        for (entity, ids) in by_entity {
            let refs = self.store.external_refs(entity, &ids).await?;
            found.extend(
                refs.into_iter()
                    .map(|(id, refs)| (RefsOf(entity, id), refs)),
            );
        }
        Ok(found)
    }
}

impl Loader<KpisOf> for Loaders {
    type Value = KpiAnswer;
    type Error = ApiError;

    async fn load(&self, keys: &[KpisOf]) -> Result<HashMap<KpisOf, KpiAnswer>, ApiError> {
        let mut questions: HashMap<(Dimension, &KpiRequest), Vec<i64>> = HashMap::new();
        for key in keys {
            questions
                .entry((key.dimension, &key.ask))
                .or_default()
                .push(key.id);
        }
        let mut found = HashMap::new();
        for ((dimension, ask), ids) in questions {
            let groups = ids.iter().map(|id| vec![Key::Id(*id)]).collect();
            let cuts = vec![Cut::By(dimension)];
            let filter = Filter::of(dimension, ids);
            let plan = ask.plan(&self.store, cuts, filter, self.rights).await?;
            let table = Ask {
                groups: Some(groups),
                ..plan
            }
            .answer(&self.store)
            .await?;
            let period = Arc::new(table.period);
            for row in table.rows {
                if let [Key::Id(id)] = row.key[..] {
                    let answer = KpiAnswer {
                        period: period.clone(),
                        row: Arc::new(row),
                    };
                    found.insert(
                        KpisOf {
                            dimension,
                            id,
                            ask: ask.clone(),
                        },
                        answer,
                    );
                }
            }
        }
        Ok(found)
    }
}
