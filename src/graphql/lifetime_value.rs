//! `lifetimeValue`: what a cohort of customers brought, is expected to bring, and cost.

use std::sync::Arc;

use async_graphql::{Context, Lookahead, Object, SimpleObject};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rust_decimal::Decimal;

use super::{
    Session,
    connection::{connection, count},
    figure::{Figure, Figures},
    kpi_value::UndefinedReason,
    lifetime_input::LifetimeValueInput,
    metrics_rows::DimensionValue,
    period::Period,
    scalars::Date,
};
use crate::{
    auth::Scope,
    error::ApiResult,
    kpi::{
        KpiValue, Undefined,
        format::Unit,
        lifetime::{Lifetime, LifetimeAsk, Terms, ValueBasis, Valued, parameter},
    },
    store::{Page, PageAsk, measures::Cut},
};

/// Answers `lifetimeValue`.
pub async fn lifetime_value(
    ctx: &Context<'_>,
    input: &LifetimeValueInput,
) -> ApiResult<LifetimeValue> {
    let session = Session::with_scope(ctx, Scope::MetricsRead)?;
    let look = ctx.look_ahead();
    let asks_payback = |segment: Lookahead<'_>| segment.field("paybackMonths").exists();
    let list = || look.field("segments");
    let ask = LifetimeAsk {
        period: input.period(),
        by: input.by(),
        terms: input.terms()?,
        payback: asks_payback(look.field("total"))
            || asks_payback(list().field("nodes"))
            || asks_payback(list().field("edges").field("node")),
        rights: session.rights(),
    };
    let answer = ask.answer(&session.store).await?;
    Ok(LifetimeValue {
        answer,
        terms: ask.terms,
        cut: ask.by.map(|by| Arc::new(Cut::By(by))),
        money: ask.rights.money,
        figures: Figures::of(session)?,
    })
}

/// The lifetime value of customers.
pub struct LifetimeValue {
    answer: Lifetime,
    terms: Terms,
    cut: Option<Arc<Cut>>,
    money: bool,
    figures: Figures,
}

impl LifetimeValue {
    fn segment(&self, valued: &Valued, cut: Option<&Arc<Cut>>) -> LifetimeSegment {
        LifetimeSegment {
            valued: valued.clone(),
            cut: cut.cloned(),
            figures: self.figures,
        }
    }
}

/// What the customers of a period brought, are expected to bring, and cost. Purchases are predicted by BG/NBD, their
/// value by Gamma-Gamma; where a model has no fit, values are null with the reason and never guessed.
#[Object]
impl LifetimeValue {
    /// The days asked.
    async fn period(&self) -> Period {
        Period(self.answer.period.clone())
    }

    /// The last day observed, from which on is predicted. Null when no orders are known of the period.
    async fn through(&self) -> Option<Date> {
        self.answer.through.map(Date)
    }

    /// The months predicted.
    async fn horizon_months(&self) -> u32 {
        self.terms.months
    }

    /// The discount per year as a fraction.
    async fn discount_rate(&self) -> Decimal {
        self.terms.rate_per_year
    }

    /// What values are made of.
    async fn basis(&self) -> ValueBasis {
        self.terms.basis
    }

    /// The model of how often customers buy.
    async fn purchase_model(&self) -> PurchaseModel {
        let fit = self.answer.model.purchases;
        let number = |of: fn(&crate::kpi::lifetime::bgnbd::Fit) -> f64| {
            fit.ok().and_then(|fit| parameter(of(&fit)))
        };
        PurchaseModel {
            r: number(|fit| fit.model.r),
            alpha: number(|fit| fit.model.alpha),
            a: number(|fit| fit.model.a),
            b: number(|fit| fit.model.b),
            log_likelihood: number(|fit| fit.log_likelihood),
            undefined_reason: fit.err().map(UndefinedReason::from),
        }
    }

    /// The model of how much customers spend per purchase. Needs MONEY_READ.
    async fn spending_model(&self) -> SpendingModel {
        let fit = if self.money {
            self.answer.model.spending
        } else {
            Err(Undefined::NotPermitted(Scope::MoneyRead))
        };
        let number = |of: fn(&crate::kpi::lifetime::gamma_gamma::Fit) -> f64| {
            fit.ok().and_then(|fit| parameter(of(&fit)))
        };
        SpendingModel {
            p: number(|fit| fit.model.p),
            q: number(|fit| fit.model.q),
            v: number(|fit| fit.model.v),
            log_likelihood: number(|fit| fit.log_likelihood),
            customers: self.answer.model.spenders,
            undefined_reason: fit.err().map(UndefinedReason::from),
        }
    }

    /// Purchase days expected of a customer not yet won, in the months predicted after the first order; rounded to
    /// six places.
    async fn expected_purchases_of_new_customer(&self) -> Figure {
        self.figures.count(self.answer.model.expected_of_new())
    }

    /// All customers of the period together.
    async fn total(&self) -> LifetimeSegment {
        self.segment(&self.answer.total, None)
    }

    /// The customers told apart, in the order of their keys. Empty when no split was asked.
    async fn segments(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "Only rows after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> ApiResult<LifetimeSegmentConnection> {
        let ask = PageAsk::new(first, after, last, before)?;
        let segments: Vec<_> = self
            .answer
            .segments
            .iter()
            .map(|valued| self.segment(valued, self.cut.as_ref()))
            .collect();
        let total = segments.len() as u64;
        let page = Page::of_list(segments, &ask, LifetimeSegment::cursor)?;
        Ok(LifetimeSegmentConnection::new(
            page,
            count(move |_| async move { Ok(total) }),
        ))
    }
}

/// How often customers buy: BG/NBD, fitted by maximum likelihood, time in weeks. All numbers are rounded to nine
/// places, and null when there is no fit.
#[derive(SimpleObject)]
pub struct PurchaseModel {
    /// Shape of the gamma distribution of purchase rates.
    r: Option<Decimal>,
    /// Its scale, in weeks.
    alpha: Option<Decimal>,
    /// First parameter of the beta distribution of dropout probabilities.
    a: Option<Decimal>,
    /// Its second parameter.
    b: Option<Decimal>,
    /// The log-likelihood of the customers' histories.
    log_likelihood: Option<Decimal>,
    /// Why there is no fit. Null when there is one.
    undefined_reason: Option<UndefinedReason>,
}

/// What customers spend per purchase day: Gamma-Gamma, fitted by maximum likelihood to customers who came back. All
/// numbers are rounded to nine places, and null when there is no fit.
#[derive(SimpleObject)]
pub struct SpendingModel {
    /// Shape of a customer's purchases.
    p: Option<Decimal>,
    /// Shape of the distribution between customers.
    q: Option<Decimal>,
    /// Its scale, in the team's currency.
    v: Option<Decimal>,
    /// The log-likelihood of the customers' mean values.
    log_likelihood: Option<Decimal>,
    /// Customers fitted to: those who came back and whose later purchase days brought more than nothing on average.
    customers: u64,
    /// Why there is no fit. Null when there is one.
    undefined_reason: Option<UndefinedReason>,
}

connection!(
    LifetimeSegmentConnection,
    LifetimeSegmentEdge,
    LifetimeSegment,
    "segments of customers"
);

/// Customers together.
pub struct LifetimeSegment {
    valued: Valued,
    cut: Option<Arc<Cut>>,
    figures: Figures,
}

impl LifetimeSegment {
    fn cursor(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.valued.key).unwrap_or_default())
    }
}

/// The customers of one segment, or all. Refunds count on the day of their order.
#[Object]
impl LifetimeSegment {
    /// What the customers have in common. Null for all customers together.
    async fn dimension(&self) -> Option<DimensionValue<'_>> {
        let cut = self.cut.as_ref()?;
        Some(DimensionValue::new(cut, &self.valued.key))
    }

    /// How many customers there are.
    async fn customers(&self) -> u64 {
        self.valued.group.customers
    }

    /// Those of them who ordered on more than one day.
    async fn repeat_customers(&self) -> u64 {
        self.valued.group.repeat_customers
    }

    /// The share of their orders whose cost of goods is known. A MARGIN is null unless it is 1.
    async fn cost_coverage(&self) -> Figure {
        let coverage = self.valued.group.cost_coverage();
        self.figures.figure(Unit::Rate, coverage)
    }

    /// What they brought so far.
    async fn historic(&self) -> Figure {
        self.figures.money(self.valued.group.historic)
    }

    /// What they brought so far, per customer.
    async fn historic_per_customer(&self) -> Figure {
        let group = &self.valued.group;
        self.figures.money(group.each(group.historic))
    }

    /// What they are expected to bring in the months predicted, discounted; each customer's part is rounded to six
    /// places.
    async fn predicted(&self) -> Figure {
        self.figures.money(self.valued.group.predicted)
    }

    /// What they are expected to bring in the months predicted, per customer.
    async fn predicted_per_customer(&self) -> Figure {
        let group = &self.valued.group;
        self.figures.money(group.each(group.predicted))
    }

    /// What a customer brought so far and is expected to bring: historic and predicted value per customer.
    async fn lifetime_value(&self) -> Figure {
        self.figures.money(self.valued.group.lifetime_value())
    }

    /// Purchase days expected in the months predicted, per customer.
    async fn expected_purchases(&self) -> Figure {
        let group = &self.valued.group;
        self.figures.count(group.each(group.purchases))
    }

    /// The share of customers expected ever to buy again.
    async fn alive(&self) -> Figure {
        let group = &self.valued.group;
        self.figures.figure(Unit::Rate, group.each(group.alive))
    }

    /// What winning a customer of this segment cost in the same days.
    async fn cac(&self) -> &KpiValue {
        &self.valued.cac
    }

    /// `lifetimeValue` per unit of `cac`. With the basis REVENUE it overstates, because goods cost money too.
    async fn ltv_to_cac(&self) -> Figure {
        self.figures.figure(Unit::Ratio, self.valued.per_cost())
    }

    /// The month after that of the first order, which is 0, by whose end customers' margin had covered `cac`. Each
    /// month counts the customers for whom it is over. Null with NOT_PAID_BACK when it has not yet.
    async fn payback_months(&self) -> Figure {
        self.figures.count(self.valued.payback)
    }

    /// Whether an amount was converted at the rate of an earlier day, at most seven days old.
    async fn estimated(&self) -> bool {
        self.valued.group.estimated
    }
}
