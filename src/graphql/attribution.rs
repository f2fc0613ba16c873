//! `attribution`: models side by side.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use rust_decimal::Decimal;

use super::{
    Session,
    attribution_input::AttributionInput,
    kpi_input::{KpiOptions, PeriodInput},
    kpi_value::{Money, UndefinedReason},
    list::start,
    metric_filter::MetricFilter,
    metrics_rows::DimensionValue,
    period::Period,
};
use crate::{
    auth::Scope,
    error::{ApiResult, Error, Result},
    kpi::{
        DateBasis, KpiValue, Undefined,
        attribution::{
            AttributionModel, Rules,
            report::{
                Amounts, CreditedResult, ModelFigures, Reconciliation, Report, ReportAsk, ReportRow,
            },
        },
        graphql_name,
    },
    store::measures::{Cut, Dimension, Filter, Predicate, PredicateOp},
};

/// The most models of one report.
const MOST_MODELS: usize = 9;

/// What the attribution report is asked.
#[derive(InputObject)]
pub struct AttributionReportInput {
    /// Over which days.
    pub period: PeriodInput,
    /// Which models, side by side, 1 to 9; the credits of a row come in this order.
    pub models: Vec<AttributionModel>,
    /// By what touches are told apart: CAMPAIGN, CHANNEL, CHANNEL_KIND, OBJECTIVE, SOURCE, MEDIUM or UTM_CAMPAIGN.
    pub group_by: Dimension,
    /// What is credited. Default: CONVERSIONS.
    pub credit: Option<CreditedResult>,
    /// Only conversions of this type. Default: all types.
    pub conversion_type: Option<String>,
    /// Which facts and touches. What the facts tell, such as COUNTRY, chooses what is credited; what touches tell, such
    /// as CHANNEL, chooses which credits are shown.
    pub filter: Option<MetricFilter>,
    /// Whether each conversion ends a person's journey, so that touches before it do not count for the next one.
    /// Default: false: a touch counts for all conversions within the lookback.
    pub restart_after_conversion: Option<bool>,
    /// Comparison, lookback, half-life, excluded channels, and the date basis. Default of the date basis: EVENT_DATE,
    /// on which all models credit the same total. The basis is always ATTRIBUTED, and the models are those above.
    pub options: Option<KpiOptions>,
}

/// Answers an `attribution` question.
pub async fn report(
    ctx: &Context<'_>,
    input: &AttributionReportInput,
) -> ApiResult<AttributionReport> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let with_customers = ctx.look_ahead().field("rows").field("cac").exists();
    let ask = question(session, input, with_customers)?;
    let report = ask.answer(&session.store).await?;
    Ok(AttributionReport {
        report,
        cut: Cut::By(input.group_by),
        models: ask.models,
    })
}

fn question(
    session: &Session,
    input: &AttributionReportInput,
    with_customers: bool,
) -> Result<ReportAsk> {
    if !input.group_by.credits() {
        return Err(Error::invalid(
            "input.groupBy",
            graphql_name(input.group_by),
            "touches tell CAMPAIGN, CHANNEL, CHANNEL_KIND, OBJECTIVE, SOURCE, MEDIUM and UTM_CAMPAIGN",
        ));
    }
    let mut models = Vec::new();
    for model in &input.models {
        if !models.contains(model) {
            models.push(*model);
        }
    }
    if models.is_empty() || input.models.len() > MOST_MODELS {
        return Err(Error::invalid(
            "input.models",
            format!("{} models", input.models.len()),
            &format!("1 to {MOST_MODELS} are allowed"),
        ));
    }
    let options = input.options.clone().unwrap_or_default();
    if options
        .basis
        .is_some_and(|basis| basis != entity::values::Basis::Attributed)
    {
        return Err(Error::BadInput(
            "input.options.basis: attribution has the basis ATTRIBUTED".into(),
        ));
    }
    if options.as_of.is_some() {
        return Err(Error::BadInput(
            "input.options.asOf: the report tells what is known now; `metrics` on the basis ATTRIBUTED takes it".into(),
        ));
    }
    let attribution: AttributionInput = options.attribution.clone().unwrap_or_default();
    if attribution.model.is_some() {
        return Err(Error::BadInput(
            "input.options.attribution.model: the models of the report are input.models".into(),
        ));
    }
    let crediting = options.crediting()?;
    if crediting.date_basis == Some(DateBasis::OrderDate) {
        return Err(Error::invalid(
            "input.options.dateBasis",
            "ORDER_DATE",
            "EVENT_DATE and TOUCH_DATE are allowed",
        ));
    }
    let rules = Rules {
        restart: input.restart_after_conversion.unwrap_or(false),
        ..crediting.rules(session.store.team())?
    };
    let result = input.credit.unwrap_or_default();
    let filter = match &input.filter {
        Some(filter) => filter.checked("input.filter")?,
        None => Filter::Everything,
    };
    if filter.names(Dimension::Property) {
        session.caller.require(Scope::PersonalDataRead)?;
    }
    let of_type = match (&input.conversion_type, result) {
        (None, _) => Filter::Everything,
        (Some(_), CreditedResult::Orders) => {
            return Err(Error::BadInput(
                "input.conversionType: orders have no type".into(),
            ));
        }
        (Some(name), CreditedResult::Conversions) => Filter::Is(Predicate {
            dimension: Dimension::ConversionType,
            property: None,
            op: PredicateOp::Eq,
            texts: vec![name.clone()],
            ids: vec![],
        }),
    };
    Ok(ReportAsk {
        period: input.period.ask(),
        compare: options.compare()?,
        models,
        dimension: input.group_by,
        result,
        filter: filter.and(of_type),
        rules,
        by_touch: crediting.date_basis == Some(DateBasis::TouchDate),
        with_customers,
        currency: options.currency()?,
        only_complete: options.only_complete(),
        rights: session.rights(),
    })
}

/// The answer to an `attribution` question.
pub struct AttributionReport {
    report: Report,
    cut: Cut,
    models: Vec<AttributionModel>,
}

/// Which touches brought what, by several models side by side. On EVENT_DATE the credits of each model and what is
/// unattributed add up to the same total, exactly.
#[Object]
impl AttributionReport {
    /// The groups, the one with the largest credit of the first model first.
    async fn rows(&self) -> Vec<AttributionRow<'_>> {
        let rows = self.report.rows.iter();
        rows.map(|row| AttributionRow { row, report: self })
            .collect()
    }

    /// What no touch came before: nobody known, no touch within the lookback, or excluded channels alone.
    async fn unattributed(&self) -> UnattributedCredit {
        UnattributedCredit {
            now: CreditAmounts::new(&self.report.unattributed, self.report.currency),
            before: self
                .report
                .unattributed_before
                .as_ref()
                .map(|before| CreditAmounts::new(before, self.report.currency)),
        }
    }

    /// The models, in the order asked.
    async fn models(&self) -> &[AttributionModel] {
        &self.models
    }

    /// The days asked.
    async fn period(&self) -> Period {
        Period(self.report.period.clone())
    }

    /// The days compared with. Null when no comparison was asked.
    async fn compared_to(&self, ctx: &Context<'_>) -> ApiResult<Option<Period>> {
        let session = Session::of(ctx)?;
        let period = |days| Period::of_days(session, None, days, None);
        self.report.baseline.map(period).transpose()
    }

    /// How many conversions or orders touches were credited with, beside what the platforms claim; by the first model.
    async fn reconciliation(&self) -> ReconciliationValues {
        (&self.report.reconciliation[0]).into()
    }

    /// The same for their value, in the team's currency; needs MONEY_READ.
    async fn value_reconciliation(&self) -> ReconciliationValues {
        (&self.report.reconciliation[1]).into()
    }
}

/// One group of the report.
pub struct AttributionRow<'a> {
    row: &'a ReportRow,
    report: &'a AttributionReport,
}

impl AttributionRow<'_> {
    fn figures(&self, model: AttributionModel) -> Result<&ModelFigures> {
        let found = self
            .row
            .models
            .iter()
            .find(|figures| figures.model == model);
        found.ok_or_else(|| {
            Error::invalid(
                "model",
                graphql_name(model),
                "it must be one of input.models",
            )
        })
    }
}

/// One group of the report.
#[Object]
impl AttributionRow<'_> {
    /// The group; its key is null for touches that do not tell.
    async fn dimension(&self) -> DimensionValue<'_> {
        DimensionValue::new(&self.report.cut, &self.row.key)
    }

    /// What each model credits the group with, in the order asked.
    async fn credits(
        &self,
        #[graphql(desc = "At most so many, from the start. Default: all.")] limit: Option<u32>,
    ) -> Vec<ModelCredit> {
        let currency = self.report.report.currency;
        let credit = |figures: &ModelFigures| ModelCredit {
            model: figures.model,
            now: CreditAmounts::new(&figures.now, currency),
            before: figures
                .before
                .as_ref()
                .map(|before| CreditAmounts::new(before, currency)),
        };
        start(&self.row.models, limit).iter().map(credit).collect()
    }

    /// What was spent on advertising for the group in the period.
    async fn spend(&self) -> &KpiValue {
        &self.row.spend
    }

    /// Return on ad spend: the value credited by a model per unit of spend.
    async fn roas(
        &self,
        #[graphql(desc = "One of the models asked.")] model: AttributionModel,
    ) -> ApiResult<&KpiValue> {
        Ok(&self.figures(model)?.roas)
    }

    /// Customer acquisition cost: spend and acquisition costs per new customer credited by a model.
    async fn cac(
        &self,
        #[graphql(desc = "One of the models asked.")] model: AttributionModel,
    ) -> ApiResult<&KpiValue> {
        let missing = || Error::Internal("the report was read without customers".into());
        Ok(self.figures(model)?.cac.as_ref().ok_or_else(missing)?)
    }
}

/// How much was credited.
#[derive(SimpleObject)]
pub struct CreditAmounts {
    /// Conversions or orders, exact to fifteen places; the parts of all groups add up exactly.
    conversions: Decimal,
    /// Their value in the team's currency. Null exactly when `undefinedReason` is not.
    revenue: Option<Money>,
    /// Why there is no value; null when there is one.
    undefined_reason: Option<UndefinedReason>,
}

impl CreditAmounts {
    fn new(amounts: &Amounts, currency: iso_currency::Currency) -> Self {
        let money = |amount| Money {
            amount,
            currency: currency.code().to_owned(),
        };
        Self {
            conversions: amounts.count,
            revenue: amounts.value.ok().map(money),
            undefined_reason: amounts.value.err().map(UndefinedReason::from),
        }
    }
}

/// What one model credits a group with.
#[derive(SimpleObject)]
pub struct ModelCredit {
    /// The model.
    model: AttributionModel,
    /// In the period.
    #[graphql(flatten)]
    now: CreditAmounts,
    /// In the period compared with. Null when no comparison was asked.
    before: Option<CreditAmounts>,
}

/// What no touch came before.
#[derive(SimpleObject)]
pub struct UnattributedCredit {
    /// In the period.
    #[graphql(flatten)]
    now: CreditAmounts,
    /// In the period compared with. Null when no comparison was asked.
    before: Option<CreditAmounts>,
}

/// What was credited beside what the platforms claim.
#[derive(SimpleObject)]
#[graphql(name = "Reconciliation")]
pub struct ReconciliationValues {
    /// What touches were credited with. Null when `undefinedReason` is not.
    attributed: Option<Decimal>,
    /// What no touch came before. Null when `undefinedReason` is not.
    unattributed: Option<Decimal>,
    /// Both. Null when `undefinedReason` is not.
    total: Option<Decimal>,
    /// What the advertising platforms claim. Null where none delivered the period.
    platform_claimed: Option<Decimal>,
    /// What the platforms claim per unit of the total: above 1 they claim more than there was. Null when either is
    /// unknown or the total is zero.
    over_claim: Option<Decimal>,
    /// Why there are no numbers; null when there are.
    undefined_reason: Option<UndefinedReason>,
}

impl From<&Reconciliation> for ReconciliationValues {
    fn from(from: &Reconciliation) -> Self {
        let parts = [from.attributed, from.unattributed, from.total];
        let reason: Option<Undefined> = parts.iter().find_map(|part| part.err());
        let claimed = from.claimed.ok();
        let ratio = |(claimed, total): (Decimal, Decimal)| {
            Some(claimed.checked_div(total)?.round_dp(15).normalize())
        };
        Self {
            attributed: from.attributed.ok(),
            unattributed: from.unattributed.ok(),
            total: from.total.ok(),
            platform_claimed: claimed,
            over_claim: claimed.zip(from.total.ok()).and_then(ratio),
            undefined_reason: reason.map(UndefinedReason::from),
        }
    }
}
