//! Experiments and what they have shown.

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{experiment, experiment_variant};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::VariantsOf;
use crate::{
    auth::Scope,
    error::{ApiResult, Error},
    graphql::{
        GlobalId, Session,
        connection::{connection, count},
        global_id::NodeType,
        kpi_value::Money,
        list::most,
        scalars::Date,
    },
    insight::experiment::{Counts, Difference, Interval, compare, deviations},
    store::PageAsk,
};

const USUAL_CONFIDENCE: f64 = 0.95;

/// An experiment.
pub struct Experiment(pub experiment::Model);

connection!(
    ExperimentConnection,
    ExperimentEdge,
    Experiment,
    "experiments"
);

/// Answers `experiments`.
pub async fn experiments(ctx: &Context<'_>, ask: PageAsk) -> ApiResult<ExperimentConnection> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let page = session.store.experiments(&ask).await?.map(Experiment);
    let count = count(|store| async move { store.experiment_count().await });
    Ok(ExperimentConnection::new(page, count))
}

/// A controlled experiment, such as an A/B test of two mail subjects: variants shown to people at random.
#[Object]
impl Experiment {
    /// The experiment's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::Experiment, self.0.id).into()
    }

    /// Its name, which no other experiment of the team has.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is to find out. Null when not told.
    async fn hypothesis(&self) -> Option<&str> {
        self.0.hypothesis.as_deref()
    }

    /// Its first day.
    async fn starts_on(&self) -> Date {
        Date(self.0.starts_on)
    }

    /// Its last day, included. Null when not decided.
    async fn ends_on(&self) -> Option<Date> {
        self.0.ends_on.map(Date)
    }

    /// The variants, the control first.
    async fn variants(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How sure intervals are to hold the true value, 0.5 to 0.999. Default: 0.95."
        )]
        confidence: Option<f64>,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> ApiResult<Vec<ExperimentVariant>> {
        let confidence = confidence.unwrap_or(USUAL_CONFIDENCE);
        if !(0.5..=0.999).contains(&confidence) {
            return Err(Error::invalid("confidence", confidence, "0.5 to 0.999 is allowed").into());
        }
        let session = Session::of(ctx)?;
        let rows = session.load.load_one(VariantsOf(self.0.id)).await?;
        let rows = rows.unwrap_or_default();
        let control = rows.first().map(counts);
        let deviations = deviations(confidence);
        Ok(rows
            .into_iter()
            .take(most(limit))
            .map(|row| ExperimentVariant {
                difference: control
                    .filter(|_| row.place != 0)
                    .and_then(|control| compare(control, counts(&row), deviations)),
                row,
                confidence,
            })
            .collect())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.0.updated_at
    }

    /// The number to give back when changing it.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

fn counts(row: &experiment_variant::Model) -> Counts {
    Counts {
        exposures: row.exposures,
        conversions: row.conversions,
    }
}

/// One variant of an experiment.
pub struct ExperimentVariant {
    row: experiment_variant::Model,
    difference: Option<Difference>,
    confidence: f64,
}

/// One variant of an experiment, and what it came to so far.
#[Object]
impl ExperimentVariant {
    /// Its name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Whether it is the control, with which the others are compared.
    async fn control(&self) -> bool {
        self.row.place == 0
    }

    /// How many people saw it.
    async fn exposures(&self) -> i64 {
        self.row.exposures
    }

    /// How many of them converted.
    async fn conversions(&self) -> i64 {
        self.row.conversions
    }

    /// The share that converted, 0 to 1. Null without exposures.
    async fn rate(&self) -> Option<Decimal> {
        counts(&self.row).rate()
    }

    /// Where the true rate lies (Wilson). Null without exposures.
    async fn interval(&self) -> Option<ConfidenceInterval> {
        let interval = counts(&self.row).interval(deviations(self.confidence))?;
        Some(ConfidenceInterval::of(interval))
    }

    /// The value of the conversions; needs MONEY_READ. Null when not told.
    async fn value(&self, ctx: &Context<'_>) -> ApiResult<Option<Money>> {
        Session::with_scope(ctx, Scope::MoneyRead)?;
        let value = self.row.value;
        Ok(value.map(|value| Money::of_micros(value, &self.row.currency)))
    }

    /// The value per person who saw it, to 6 decimal places; needs MONEY_READ. Null when the value was not told or
    /// nobody saw it.
    async fn value_per_exposure(&self, ctx: &Context<'_>) -> ApiResult<Option<Money>> {
        Session::with_scope(ctx, Scope::MoneyRead)?;
        let each = self.row.value.and_then(|value| {
            let each = Decimal::new(value, 6).checked_div(self.row.exposures.into())?;
            Some(Money {
                amount: each.round_dp(6).normalize(),
                currency: self.row.currency.clone(),
            })
        });
        Ok(each)
    }

    /// The variant beside the control. Null for the control and where one of the two has no exposures.
    async fn difference(&self) -> Option<VariantDifference> {
        let difference = self.difference?;
        let chance = 1.0 - self.confidence;
        let significant = difference
            .p_value
            .and_then(|p_value| p_value.to_f64())
            .is_some_and(|p_value| p_value < chance);
        Some(VariantDifference {
            absolute: difference.absolute,
            relative: difference.relative,
            interval: ConfidenceInterval::of(difference.interval),
            p_value: difference.p_value,
            significant,
            sample_too_small: difference.sample_too_small,
        })
    }
}

/// How a variant differs from the control.
#[derive(SimpleObject)]
pub struct VariantDifference {
    /// The variant's rate less the control's.
    absolute: Decimal,
    /// The same as a fraction of the control's rate. Null when that is zero.
    relative: Option<Decimal>,
    /// Where the true difference lies (Newcombe's interval of two Wilson intervals).
    interval: ConfidenceInterval,
    /// How likely a difference at least as large is by chance alone (two-sided z-test of two proportions, pooled), to 9
    /// decimal places. Null when nobody or everybody converted.
    p_value: Option<Decimal>,
    /// Whether the p-value is below 1 less the confidence. Look once, at the end: looking daily finds chance.
    significant: bool,
    /// Whether fewer than 5 conversions, or exposures without one, were to be expected in one of the two: then the
    /// p-value is not to be trusted.
    sample_too_small: bool,
}

/// From where to where a true value lies, with the confidence asked.
#[derive(SimpleObject)]
pub struct ConfidenceInterval {
    /// The lower end, to 9 decimal places.
    low: Decimal,
    /// The upper end, to 9 decimal places.
    high: Decimal,
}

impl ConfidenceInterval {
    fn of(interval: Interval) -> Self {
        Self {
            low: interval.low,
            high: interval.high,
        }
    }
}
