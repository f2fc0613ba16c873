//! `Customer.acquisition`: the touches that made somebody a customer.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Object, dataloader::Loader};
use chrono::{DateTime, Utc};
use entity::values::{ChannelKind, TouchKind};
use rust_decimal::Decimal;

use super::{
    Session,
    attribution_input::AttributionInput,
    campaign::Campaign,
    channel::Channel,
    loaders::{CampaignId, ChannelId, Loaders},
};
use crate::{
    auth::Scope,
    error::{ApiError, ApiResult},
    kpi::attribution::{
        AttributionModel, CreditingAsk,
        acquisition::{Acquisition, TouchShare, acquisitions},
        report::CreditedResult,
    },
};

/// The acquisition of a customer, credited in this way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AcquisitionOf {
    customer: i64,
    crediting: CreditingAsk,
}

impl Loader<AcquisitionOf> for Loaders {
    type Value = Arc<Acquisition>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[AcquisitionOf],
    ) -> Result<HashMap<AcquisitionOf, Self::Value>, ApiError> {
        let mut questions: HashMap<&CreditingAsk, Vec<i64>> = HashMap::new();
        for key in keys {
            questions
                .entry(&key.crediting)
                .or_default()
                .push(key.customer);
        }
        let mut found = HashMap::new();
        for (crediting, customers) in questions {
            let rules = crediting.rules(self.store().team())?;
            let answers = acquisitions(self.store(), &customers, &rules).await?;
            found.extend(answers.into_iter().map(|(customer, acquisition)| {
                let key = AcquisitionOf {
                    customer,
                    crediting: crediting.clone(),
                };
                (key, Arc::new(acquisition))
            }));
        }
        Ok(found)
    }
}

/// The acquisition of a customer; all customers of a list are answered together.
pub async fn acquisition(
    ctx: &Context<'_>,
    customer: i64,
    options: Option<AttributionInput>,
) -> ApiResult<Option<AttributionResult>> {
    let session = Session::with_scope(ctx, Scope::CustomersRead)?;
    let crediting = options.unwrap_or_default().checked("options", None)?;
    let found = session
        .load
        .load_one(AcquisitionOf {
            customer,
            crediting,
        })
        .await?;
    Ok(found.map(AttributionResult))
}

/// What made somebody a customer.
pub struct AttributionResult(Arc<Acquisition>);

/// What made somebody a customer, and the touches that are credited with it.
#[Object]
impl AttributionResult {
    /// What it was: the first conversion, or the first order of customers without a conversion.
    async fn credit(&self) -> CreditedResult {
        self.0.result
    }

    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The model. MARKOV looks at all journeys together, so that one journey is credited by LINEAR instead.
    async fn model(&self) -> AttributionModel {
        self.0.model
    }

    /// The touches that got a part, in the order of time; empty when there was none.
    async fn credits(&self) -> Vec<TouchCredit<'_>> {
        self.0.touches.iter().map(TouchCredit).collect()
    }
}

/// A touch and its part.
pub struct TouchCredit<'a>(&'a TouchShare);

/// A touch and its part of the result.
#[Object]
impl TouchCredit<'_> {
    /// When it was.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The kind of contact.
    async fn kind(&self) -> TouchKind {
        self.0.place.origin.kind
    }

    /// Its part of the result, 0 to 1; the parts of all touches add up to 1.
    async fn share(&self) -> Decimal {
        self.0.share
    }

    /// The kind of its channel: the channel's own, or what the team's rules tell.
    async fn channel_kind(&self) -> ChannelKind {
        self.0.place.kind
    }

    /// The channel. Null when it names none; needs CAMPAIGNS_READ.
    async fn channel(&self, ctx: &Context<'_>) -> ApiResult<Option<Channel>> {
        let Some((id, _)) = &self.0.place.channel else {
            return Ok(None);
        };
        let session = Session::with_scope(ctx, Scope::CampaignsRead)?;
        Ok(session.load.load_one(ChannelId(*id)).await?.map(Channel))
    }

    /// The campaign. Null when it names none; needs CAMPAIGNS_READ.
    async fn campaign(&self, ctx: &Context<'_>) -> ApiResult<Option<Campaign>> {
        let Some((id, _, _)) = &self.0.place.campaign else {
            return Ok(None);
        };
        let session = Session::with_scope(ctx, Scope::CampaignsRead)?;
        Ok(session.load.load_one(CampaignId(*id)).await?.map(Campaign))
    }

    /// The tag utm_source of the touch, or of its campaign. Null when neither has one.
    async fn source(&self) -> Option<&str> {
        self.0.place.origin.source.as_deref()
    }

    /// The tag utm_medium of the touch, or of its campaign. Null when neither has one.
    async fn medium(&self) -> Option<&str> {
        self.0.place.origin.medium.as_deref()
    }

    /// The tag utm_campaign of the touch, or of its campaign. Null when neither has one.
    async fn utm_campaign(&self) -> Option<&str> {
        self.0.place.origin.utm_campaign.as_deref()
    }
}
