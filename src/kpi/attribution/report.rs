//! The attribution report: models side by side over one dimension, beside what was spent and what platforms claim.

use std::sync::Arc;

use entity::values::Basis;

use super::{
    AttributionModel, ChannelRules, CreditAsk, Credited, Material, Rules,
    report_rows::{Setting, rows, totals},
};
use crate::{
    error::{Error, Result},
    kpi::{
        Delivered, KpiValue, Loads, Rights, Undefined,
        sums::{Sums, SumsAsk},
    },
    store::{
        TeamStore,
        measures::{Cut, Dimension, Fact, Filter, Key, Measure},
    },
    time::{Calendar, CompareAsk, DateRange, PeriodAsk, PeriodError, ResolvedPeriod},
};
use rust_decimal::Decimal;

/// What the report credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, async_graphql::Enum)]
pub enum CreditedResult {
    /// The conversions that the team recorded, and their value.
    #[default]
    Conversions,
    /// Orders, and their net value before refunds.
    Orders,
}

/// A question for the report.
pub struct ReportAsk {
    /// Over which days.
    pub period: PeriodAsk,
    /// Compared with what.
    pub compare: Option<CompareAsk>,
    /// Which models, each once.
    pub models: Vec<AttributionModel>,
    /// By what credits are told apart; one of those that touches tell.
    pub dimension: Dimension,
    /// What is credited.
    pub result: CreditedResult,
    /// Which facts and which credits.
    pub filter: Filter,
    /// How touches are chosen.
    pub rules: Rules,
    /// Whether credits count on the days of touches.
    pub by_touch: bool,
    /// Whether new customers are credited, too.
    pub with_customers: bool,
    /// The currency of amounts; the team's when `None`.
    pub currency: Option<iso_currency::Currency>,
    /// Whether only days that are over count.
    pub only_complete: bool,
    /// What the caller may read.
    pub rights: Rights,
}

/// Numbers of one model in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// Conversions or orders; exact to 10⁻¹⁵.
    pub count: Decimal,
    /// Their value in the team's currency, or why there is none.
    pub value: Result<Decimal, Undefined>,
}

/// What one model says of one group.
#[derive(Clone, Debug)]
pub struct ModelFigures {
    /// The model.
    pub model: AttributionModel,
    /// What it credits the group with.
    pub now: Amounts,
    /// The same in the period compared with.
    pub before: Option<Amounts>,
    /// Value per unit of spend.
    pub roas: KpiValue,
    /// Spend and acquisition costs per new customer; none unless asked.
    pub cac: Option<KpiValue>,
}

/// One group.
#[derive(Clone, Debug)]
pub struct ReportRow {
    /// The group; none for touches that do not tell.
    pub key: Key,
    /// What was spent on it.
    pub spend: KpiValue,
    /// The models, in the order asked.
    pub models: Vec<ModelFigures>,
}

/// Credits beside the platforms' claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// What touches were credited with.
    pub attributed: Result<Decimal, Undefined>,
    /// What no touch came before.
    pub unattributed: Result<Decimal, Undefined>,
    /// Both.
    pub total: Result<Decimal, Undefined>,
    /// What the platforms claim.
    pub claimed: Result<Decimal, Undefined>,
}

/// The answer.
pub struct Report {
    /// The period.
    pub period: ResolvedPeriod,
    /// The days compared with.
    pub baseline: Option<DateRange>,
    /// The groups: those with the largest credit of the first model first.
    pub rows: Vec<ReportRow>,
    /// What no touch came before.
    pub unattributed: Amounts,
    /// The same in the period compared with.
    pub unattributed_before: Option<Amounts>,
    /// Of counts, and of amounts.
    pub reconciliation: [Reconciliation; 2],
    /// The currency of amounts.
    pub currency: iso_currency::Currency,
}

/// What was read for some days.
pub(super) struct Figures {
    pub days: DateRange,
    /// By model: conversions or orders.
    pub results: Vec<Credited>,
    /// By model: new customers.
    pub customers: Vec<Credited>,
    /// Spend and acquisition costs by group.
    pub efforts: Sums,
    /// What platforms claim, in all.
    pub claims: Sums,
}

impl CreditedResult {
    /// The facts, their count and their value.
    pub(super) fn measures(self) -> (Fact, [Measure; 2]) {
        match self {
            Self::Conversions => (
                Fact::Conversions,
                [
                    Measure::recorded_conversions,
                    Measure::recorded_conversion_value,
                ],
            ),
            Self::Orders => (Fact::Orders, [Measure::orders, Measure::net_sales]),
        }
    }
}

impl ReportAsk {
    /// Reads and computes the report. The number of statements does not depend on how many models, groups or touches
    /// there are.
    pub async fn answer(&self, store: &TeamStore) -> Result<Report> {
        self.check()?;
        let loads = store.source_loads().await?;
        let calendar = store.calendar()?;
        let today = calendar.today(store.clock().now());
        let delivered = Delivered::new(&loads);
        let sources = Arc::new(Loads::new(loads, today));
        if self
            .compare
            .as_ref()
            .is_some_and(|compare| !compare.to.is_period())
        {
            return Err(PeriodError::NotAPeriod.into());
        }
        let (period, baseline) = calendar.window(
            &self.period,
            self.compare.as_ref(),
            self.only_complete.then_some(None),
            today,
            delivered.all(),
        )?;
        let currency = store.currency(self.currency)?;
        let figures = |days| self.figures(store, &calendar, currency.code(), days);
        let (now, before) = futures_util::try_join!(figures(period.range), async {
            match baseline {
                Some(days) => figures(days).await.map(Some),
                None => Ok(None),
            }
        })?;
        let setting = Setting {
            ask: self,
            rules: Arc::new(self.rules.clone()),
            delivered: &delivered,
            loads: sources,
            period: &period,
            today,
            currency,
        };
        let rows = rows(&setting, &now, before.as_ref())?;
        let (unattributed, reconciliation) = totals(&setting, &now);
        Ok(Report {
            rows,
            unattributed,
            unattributed_before: before.map(|before| totals(&setting, &before).0),
            reconciliation,
            period,
            baseline,
            currency,
        })
    }

    /// Why a measure cannot be read under the filter, if it cannot.
    pub(super) fn misfit(&self, measure: Measure) -> Option<Undefined> {
        let unfit = Dimension::ALL.into_iter().find(|dimension| {
            // All spend stands beside the conversions of a type; what platforms claim is of no type that we know.
            let beside = *dimension == Dimension::ConversionType
                && !measure.counts_conversions()
                && self.filter.separates(*dimension);
            let named = self.filter.names(*dimension) && !beside;
            (named || *dimension == self.dimension) && !dimension.fits(measure.spec().fact)
        });
        unfit.map(|dimension| Undefined::IncompatibleDimension(measure, dimension))
    }

    fn check(&self) -> Result<()> {
        let (fact, _) = self.result.measures();
        let unfit = |dimension: &Dimension| {
            self.filter.names(*dimension) && !dimension.fits(fact) && !dimension.credits()
        };
        if let Some(dimension) = Dimension::ALL.into_iter().find(unfit) {
            return Err(Error::invalid(
                "input.filter",
                crate::kpi::graphql_name(dimension),
                "neither touches nor what is credited tell it",
            ));
        }
        Ok(())
    }

    async fn figures(
        &self,
        store: &TeamStore,
        calendar: &Calendar,
        currency: &str,
        days: DateRange,
    ) -> Result<Figures> {
        let (fact, measures) = self.result.measures();
        // Without the right to amounts none is read.
        let measures = &measures[..if self.rights.money { 2 } else { 1 }];
        let cuts = [Cut::By(self.dimension)];
        let channels = ChannelRules::of(store.team())?;
        let ask = |fact, measures, rules| CreditAsk {
            fact,
            measures,
            cuts: &cuts,
            filter: &self.filter,
            days,
            by_touch: self.by_touch,
            calendar,
            currency,
            rules,
            channels: &channels,
        };
        let results = ask(fact, measures, &self.rules);
        // A first order ends no journey but its own.
        let whole = Rules {
            restart: false,
            ..self.rules.clone()
        };
        let customers = ask(Fact::FirstOrders, &[Measure::new_customers], &whole);
        let credited = async |ask| {
            let material = Material::read(store, ask, &self.models).await?;
            let credit = |model: &AttributionModel| material.credit(*model);
            Ok::<Vec<Credited>, Error>(self.models.iter().map(credit).collect())
        };
        let fits = |measure: &Measure| self.misfit(*measure).is_none() && self.may_read(*measure);
        let sums = async |measures: &[Measure], cuts: &[Cut]| {
            let measures: Vec<Measure> = measures.iter().copied().filter(fits).collect();
            let ask = SumsAsk {
                measures: &measures,
                cuts,
                filter: &self.filter,
                days,
                calendar,
                today: calendar.today(store.clock().now()),
                currency,
                credit: None,
            };
            Sums::read(store, &ask).await
        };
        let (results, customers, efforts, claims) = futures_util::try_join!(
            credited(&results),
            async {
                match self.with_customers && self.rights.money {
                    true => credited(&customers).await,
                    false => Ok(vec![]),
                }
            },
            sums(&[Measure::spend, Measure::acquisition_costs], &cuts),
            sums(&[Measure::conversions, Measure::conversion_value], &[]),
        )?;
        Ok(Figures {
            days,
            results,
            customers,
            efforts,
            claims,
        })
    }

    /// Whether the caller may read the measure.
    pub(super) fn may_read(&self, measure: Measure) -> bool {
        self.rights.money || measure.spec().scale != crate::store::measures::Scale::Money
    }

    /// The basis of the report's KPIs.
    pub(super) const BASIS: Basis = Basis::Attributed;
}
