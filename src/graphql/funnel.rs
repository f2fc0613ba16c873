//! `funnel`: how people move from one lifecycle stage to the next.

use async_graphql::{Context, InputObject, Object};
use entity::values::LifecycleStage;

use super::{
    Session,
    cohorts::{acquisition, split},
    kpi_input::{KpiOptions, PeriodInput},
    list::{most, start},
    metrics_rows::DimensionValue,
    period::Period,
};
use crate::{
    auth::Scope,
    error::ApiResult,
    kpi::{
        KpiValue,
        funnel::{self as engine, FunnelOrder},
        graphql_name,
    },
    store::measures::{Cut, Key},
};

/// A question for a funnel.
#[derive(InputObject)]
pub struct FunnelInput {
    /// On which days people entered the first step for the first time; a CUSTOMER's first step is the first order.
    period: PeriodInput,
    /// 2 to 8 stages from VISITOR to REPEAT, in this order; stages may be left out. A step is reached at the first entry
    /// into its stage or a later one: who skipped a stage has passed it. Who ordered or won a deal has become a
    /// CUSTOMER, who ordered again has come to REPEAT.
    steps: Vec<LifecycleStage>,
    /// Within how many days of the entry into the first step the others must be reached, 1 to 3650. Default: ever.
    window_days: Option<u32>,
    /// Whether steps that were reached before the first one count. Default: SEQUENTIAL, they do not.
    order: Option<FunnelOrder>,
    /// Tell people apart by who acquired them or where they are: CAMPAIGN, CHANNEL, CHANNEL_KIND, OBJECTIVE or COUNTRY.
    split_by: Option<crate::store::measures::Dimension>,
    /// Comparison, and whether only days that are over are told; other options are refused.
    options: Option<KpiOptions>,
}

/// Answers a question.
pub async fn funnel(ctx: &Context<'_>, input: &FunnelInput) -> ApiResult<Funnel> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let options = input.options.clone().unwrap_or_default();
    options.take_only(&["compareTo", "onlyComplete"])?;
    let ask = engine::FunnelAsk {
        period: input.period.ask(),
        steps: input.steps.clone(),
        window_days: input.window_days,
        order: input.order.unwrap_or(FunnelOrder::Sequential),
        split: split(input.split_by)?,
        compare: options.compare()?,
        only_complete: options.only_complete(),
        rights: session.rights(),
    };
    Ok(Funnel {
        found: engine::answer(&session.store, &ask).await?,
        split: ask.split,
    })
}

/// The answer to a question for a funnel.
pub struct Funnel {
    found: engine::Funnel,
    split: Option<Cut>,
}

/// The way of the people who entered its first step in a period.
#[Object]
impl Funnel {
    /// The days on which they entered the first step.
    async fn period(&self) -> Period {
        Period(self.found.period.clone())
    }

    /// The days of the people compared with. Null when no comparison was asked.
    async fn compared_to(&self, ctx: &Context<'_>) -> ApiResult<Option<Period>> {
        let session = Session::of(ctx)?;
        let days = self.found.baseline;
        days.map(|days| Period::of_days(session, None, days, None))
            .transpose()
    }

    /// The steps of all people.
    async fn steps(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<FunnelStep<'_>> {
        steps(&self.found.total, limit)
    }

    /// The share of those who entered the first step who reached the last.
    async fn overall(&self) -> &KpiValue {
        &self.found.total.overall
    }

    /// The same for the people of each value of the split; empty without a split.
    async fn splits(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<FunnelSplit<'_>> {
        let parts = self.found.parts.iter();
        parts
            .take(most(limit))
            .map(|(key, part)| FunnelSplit {
                cut: self.split.as_ref(),
                key,
                part,
            })
            .collect()
    }
}

fn steps(part: &engine::FunnelPart, limit: Option<u32>) -> Vec<FunnelStep<'_>> {
    start(&part.steps, limit).iter().map(FunnelStep).collect()
}

/// A part of a funnel's people.
pub struct FunnelSplit<'a> {
    cut: Option<&'a Cut>,
    key: &'a Key,
    part: &'a engine::FunnelPart,
}

/// The funnel of the people of one value of the split.
#[Object]
impl FunnelSplit<'_> {
    /// Who acquired them, or where they are.
    async fn acquisition(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<DimensionValue<'_>> {
        acquisition(self.cut, Some(self.key), limit)
    }

    /// Their steps.
    async fn steps(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<FunnelStep<'_>> {
        steps(self.part, limit)
    }

    /// The share of those who entered the first step who reached the last.
    async fn overall(&self) -> &KpiValue {
        &self.part.overall
    }
}

/// A step of a funnel.
pub struct FunnelStep<'a>(&'a engine::FunnelStep);

impl FunnelStep<'_> {
    fn seconds(&self, percent: u32) -> Option<i64> {
        self.0.next.as_ref()?.time_to_next(percent)
    }
}

/// One step: how many people reached it, how many went on, and how fast. Times are whole seconds; they are null where
/// nobody went on.
#[Object]
impl FunnelStep<'_> {
    /// The stage, such as `MQL`.
    async fn key(&self) -> String {
        graphql_name(self.0.stage)
    }

    /// How many people reached it.
    async fn entered(&self) -> u64 {
        self.0.entered
    }

    /// How many of them reached the next step. Null at the last step.
    async fn converted(&self) -> Option<u64> {
        self.0.next.as_ref().map(|next| next.converted)
    }

    /// How many of them did not. Null at the last step.
    async fn drop_off(&self) -> Option<u64> {
        let next = self.0.next.as_ref()?;
        Some(self.0.entered.saturating_sub(next.converted))
    }

    /// The share of them who reached the next step. Null at the last step.
    async fn rate(&self) -> Option<&KpiValue> {
        self.0.next.as_ref().map(|next| &next.rate)
    }

    /// The median of the seconds to the next step. Null at the last step and where nobody went on.
    async fn median_time_to_next(&self) -> Option<i64> {
        self.seconds(50)
    }

    /// The seconds to the next step that a quarter did not exceed. Null at the last step and where nobody went on.
    async fn p25_time_to_next(&self) -> Option<i64> {
        self.seconds(25)
    }

    /// The seconds to the next step that three quarters did not exceed. Null at the last step and where nobody went on.
    async fn p75_time_to_next(&self) -> Option<i64> {
        self.seconds(75)
    }

    /// The seconds to the next step that nine tenths did not exceed. Null at the last step and where nobody went on.
    async fn p90_time_to_next(&self) -> Option<i64> {
        self.seconds(90)
    }

    /// The average of the seconds to the next step. Null at the last step and where nobody went on.
    async fn mean_time_to_next(&self) -> Option<i64> {
        self.0.next.as_ref()?.mean_time_to_next()
    }
}
