//! A customer's own value. What single customers bought is read for all customers of a list together; the models are
//! fitted once per request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Context, Object, SimpleObject, dataloader::Loader};
use chrono::NaiveDate;
use entity::customer;
use tokio::sync::OnceCell;

use super::{
    Session,
    figure::{Figure, Figures},
    lifetime_input::CustomerValueOptions,
    loaders::Loaders,
};
use crate::{
    auth::Scope,
    error::{ApiError, ApiResult},
    kpi::{
        Undefined,
        format::Unit,
        lifetime::{
            Buyer, Costs, Number, Prediction, Rfm, TeamModel, Terms, ValueBasis, customers, plus,
            quotient,
        },
    },
    store::measures::Measure,
    time::{Grain, PeriodAsk},
};

/// A customer's purchases up to the end of a period.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BuyerOf {
    /// The customer.
    pub customer: i64,
    /// The period.
    pub period: PeriodAsk,
}

/// A customer's purchases, if any, up to the last day observed.
#[derive(Clone)]
pub struct Bought {
    through: Option<NaiveDate>,
    buyer: Option<Arc<Buyer>>,
}

impl Loader<BuyerOf> for Loaders {
    type Value = Bought;
    type Error = ApiError;

    async fn load(&self, keys: &[BuyerOf]) -> Result<HashMap<BuyerOf, Bought>, ApiError> {
        let mut by_period: HashMap<PeriodAsk, Vec<i64>> = HashMap::new();
        for key in keys {
            by_period.entry(key.period).or_default().push(key.customer);
        }
        let mut found = HashMap::new();
        for (period, ids) in by_period {
            let (through, buyers) = customers(&self.store, &period, &ids).await?;
            let mut buyers: HashMap<i64, Arc<Buyer>> = buyers
                .into_iter()
                .map(|buyer| (buyer.customer, Arc::new(buyer)))
                .collect();
            found.extend(ids.into_iter().map(|customer| {
                let buyer = buyers.remove(&customer);
                (BuyerOf { customer, period }, Bought { through, buyer })
            }));
        }
        Ok(found)
    }
}

/// What one request computes once for all customers.
#[derive(Default)]
pub struct TeamValues {
    models: Once<(PeriodAsk, Terms), TeamModel>,
    costs: Once<PeriodAsk, Costs>,
}

/// Values made once per key; who asks for one that is being made waits for it.
struct Once<K, V>(Mutex<HashMap<K, Arc<OnceCell<Arc<V>>>>>);

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: std::hash::Hash + Eq, V> Once<K, V> {
    async fn get<E>(&self, key: K, make: impl Future<Output = Result<V, E>>) -> Result<Arc<V>, E> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            cells.entry(key).or_default().clone()
        };
        let value = cell
            .get_or_try_init(|| async { Box::pin(make).await.map(Arc::new) })
            .await?;
        Ok(value.clone())
    }
}

/// The value of a customer.
pub struct CustomerValue {
    customer: i64,
    channel: Option<i64>,
    period: PeriodAsk,
    terms: Terms,
}

impl CustomerValue {
    /// The value of this customer, to be computed as far as it is selected.
    pub fn new(row: &customer::Model, options: &CustomerValueOptions) -> ApiResult<Self> {
        Ok(Self {
            customer: row.id,
            channel: row.acquired_channel_id,
            period: options.period(),
            terms: options.terms()?,
        })
    }

    async fn bought(&self, session: &Session) -> ApiResult<Bought> {
        let key = BuyerOf {
            customer: self.customer,
            period: self.period,
        };
        let found = session.load.load_one(key).await?;
        Ok(found.unwrap_or(Bought {
            through: None,
            buyer: None,
        }))
    }

    async fn model(&self, session: &Session) -> ApiResult<Arc<TeamModel>> {
        let made = TeamModel::read(&session.store, &self.period, self.terms);
        let key = (self.period, self.terms);
        Ok(Box::pin(session.values.models.get(key, made)).await?)
    }

    async fn historic(&self, session: &Session, basis: ValueBasis) -> ApiResult<Number> {
        if !session.rights().money {
            return Ok(Err(Undefined::NotPermitted(Scope::MoneyRead)));
        }
        let bought = self.bought(session).await?;
        Ok(match (bought.through, bought.buyer) {
            (None, _) => Err(Undefined::NoData(Measure::orders)),
            (Some(_), None) => Ok(0.into()),
            (Some(_), Some(buyer)) => buyer.value(basis).value(),
        })
    }

    async fn prediction(
        &self,
        session: &Session,
        of: fn(Prediction) -> Number,
    ) -> ApiResult<Number> {
        let model = Box::pin(self.model(session)).await?;
        Ok(model.prediction(self.customer).and_then(of))
    }

    async fn predicted_value(&self, session: &Session) -> ApiResult<Number> {
        if !session.rights().money {
            return Ok(Err(Undefined::NotPermitted(Scope::MoneyRead)));
        }
        Box::pin(self.prediction(session, |expected| expected.value)).await
    }

    async fn lifetime(&self, session: &Session) -> ApiResult<Number> {
        let historic = self.historic(session, self.terms.basis).await?;
        Ok(plus(historic, self.predicted_value(session).await?))
    }
}

/// What a customer brought and is expected to bring. Refunds count on the day of their order.
#[Object]
impl CustomerValue {
    /// Net order value less refunds, of all orders up to the end of the period; 0 without orders.
    async fn historic_revenue(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = self.historic(session, ValueBasis::Revenue).await?;
        Ok(Figures::of(session)?.money(value))
    }

    /// The same less the cost of the goods. Null with MISSING_COST when the cost of any order is unknown.
    async fn historic_margin(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = self.historic(session, ValueBasis::Margin).await?;
        Ok(Figures::of(session)?.money(value))
    }

    /// What the customer is expected to bring in the months predicted, discounted; rounded to six places. Null with
    /// NO_DATA for customers whose first order lies outside of the period, with SAMPLE_TOO_SMALL or NO_FIT where the
    /// models cannot learn from the team's customers.
    async fn predicted(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = self.predicted_value(session).await?;
        Ok(Figures::of(session)?.money(value))
    }

    /// Purchase days expected in the months predicted; rounded to six places.
    async fn expected_purchases(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = self
            .prediction(session, |expected| expected.purchases)
            .await?;
        Ok(Figures::of(session)?.count(value))
    }

    /// The probability that the customer ever buys again, 0 to 1; rounded to six places. It is 1 until the first repeat
    /// purchase, because the model lets customers leave after repeat purchases alone.
    async fn alive(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = self.prediction(session, |expected| expected.alive).await?;
        Ok(Figures::of(session)?.figure(Unit::Rate, value))
    }

    /// Historic and predicted value together, on the basis asked.
    async fn lifetime_value(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = Box::pin(self.lifetime(session)).await?;
        Ok(Figures::of(session)?.money(value))
    }

    /// `lifetimeValue` per unit of what a customer cost whom the same channel won in the same calendar month.
    async fn ltv_to_cac(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = Box::pin(self.lifetime(session)).await?;
        let bought = self.bought(session).await?;
        let made = Costs::read(&session.store, &self.period, session.rights());
        let costs = Box::pin(session.values.costs.get(self.period, made)).await?;
        let calendar = session.store.calendar()?;
        let cost = bought
            .buyer
            .ok_or(Undefined::NoData(Measure::new_customers))
            .and_then(|buyer| {
                let month = calendar.bucket(Grain::Month, buyer.first_day).index;
                costs.of(self.channel, month)
            });
        let ratio = value.and_then(|value| quotient(value, cost?));
        Ok(Figures::of(session)?.figure(Unit::Ratio, ratio))
    }

    /// How recently, how often and for how much the customer bought. Null without orders up to the end of the period.
    async fn rfm(&self, ctx: &Context<'_>) -> ApiResult<Option<CustomerRfm>> {
        let session = Session::of(ctx)?;
        let bought = self.bought(session).await?;
        let (Some(through), Some(buyer)) = (bought.through, bought.buyer) else {
            return Ok(None);
        };
        Ok(Some(CustomerRfm {
            rfm: Rfm::of(&buyer, through),
            model: CustomerValue { ..*self },
        }))
    }
}

/// A customer's purchases in three numbers.
pub struct CustomerRfm {
    rfm: Rfm,
    model: CustomerValue,
}

/// How recently, how often and for how much a customer bought.
#[Object(name = "Rfm")]
impl CustomerRfm {
    /// Days from the last order to the last day observed.
    async fn recency_days(&self) -> i64 {
        self.rfm.recency_days
    }

    /// Orders that count.
    async fn frequency(&self) -> u64 {
        self.rfm.frequency
    }

    /// What they brought: net order value less refunds.
    async fn monetary(&self, ctx: &Context<'_>) -> ApiResult<Figure> {
        let session = Session::of(ctx)?;
        let value = if session.rights().money {
            self.rfm.monetary
        } else {
            Err(Undefined::NotPermitted(Scope::MoneyRead))
        };
        Ok(Figures::of(session)?.money(value))
    }

    /// Scores among the customers whose first order lies in the period.
    async fn scores(&self, ctx: &Context<'_>) -> ApiResult<RfmScores> {
        let session = Session::of(ctx)?;
        let scores = self.model.model(session).await?.scale.scores(&self.rfm);
        Ok(RfmScores {
            recency: scores.recency,
            frequency: scores.frequency,
            monetary: scores.monetary.filter(|_| session.rights().money),
        })
    }
}

/// Scores from 1 to 5, 5 being best: 1, and one more for every fifth of the customers that the customer is better than.
/// Equal numbers have equal scores.
#[derive(SimpleObject)]
pub struct RfmScores {
    /// Of recency: the more recent, the higher.
    recency: u8,
    /// Of frequency.
    frequency: u8,
    /// Of what the purchases brought. Null where that is unknown or may not be read.
    monetary: Option<u8>,
}
