//! Both models together: what each customer is expected to bring.

use std::collections::HashMap;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    bgnbd::{self, BgNbd, History},
    discount::{WEEKS_PER_MONTH, discounted_purchases},
    gamma_gamma::{self, GammaGamma, Spending},
    summary::{Buyer, ValueBasis},
};
use crate::kpi::Undefined;

/// Customers with a repeat purchase that a model needs to be fitted to.
const FEWEST_REPEATERS: u64 = 30;
/// Decimal places of predictions: micros of amounts.
const PLACES: u32 = 6;
/// Decimal places of parameters.
const PARAMETER_PLACES: u32 = 9;

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Terms {
    /// For how many months.
    pub months: u32,
    /// Discount per year, as a fraction.
    pub rate_per_year: Decimal,
    /// Of what.
    pub basis: ValueBasis,
}

/// The models fitted to a team's customers.
#[derive(Clone, Debug)]
pub struct Model {
    /// How often customers buy, or why that cannot be said.
    pub purchases: Result<bgnbd::Fit, Undefined>,
    /// For how much, or why that cannot be said.
    pub spending: Result<gamma_gamma::Fit, Undefined>,
    /// How many customers the spending is learned from: those with repeats and a positive mean.
    pub spenders: u64,
    terms: Terms,
}

/// What is expected of a customer.
#[derive(Clone, Copy, Debug)]
pub struct Prediction {
    /// The probability of ever buying again.
    pub alive: Result<Decimal, Undefined>,
    /// Purchase days within the months asked.
    pub purchases: Result<Decimal, Undefined>,
    /// What they bring, discounted.
    pub value: Result<Decimal, Undefined>,
}

impl Model {
    /// Fits both models to customers in any order.
    pub fn fit(buyers: &[Buyer], terms: Terms) -> Self {
        let repeaters = buyers
            .iter()
            .filter(|buyer| buyer.history.repeats > 0)
            .count() as u64;
        let purchases = enough(repeaters).and_then(|()| {
            BgNbd::fit(buyers.iter().map(|buyer| buyer.history)).map_err(Undefined::NoFit)
        });
        let spending: Vec<Spending> = buyers
            .iter()
            .filter_map(|buyer| spending(buyer, terms.basis))
            .filter(|spending| spending.mean > 0.0)
            .collect();
        let spenders = spending.len() as u64;
        let spending = match why_no_spending(buyers, terms.basis) {
            Some(reason) if spenders < FEWEST_REPEATERS => Err(reason),
            _ => {
                enough(spenders).and_then(|()| GammaGamma::fit(spending).map_err(Undefined::NoFit))
            }
        };
        Self {
            purchases,
            spending,
            spenders,
            terms,
        }
    }

    /// What is expected of each of these customers, in their order. Equal histories are computed once.
    pub fn predict<'a>(&self, buyers: impl IntoIterator<Item = &'a Buyer>) -> Vec<Prediction> {
        let mut seen: HashMap<History, [f64; 3]> = HashMap::new();
        let predict = |buyer: &Buyer| {
            let model = match self.purchases {
                Ok(fit) => fit.model,
                Err(reason) => {
                    return Prediction {
                        alive: Err(reason),
                        purchases: Err(reason),
                        value: Err(reason),
                    };
                }
            };
            let [alive, purchases, discounted] = *seen
                .entry(buyer.history)
                .or_insert_with(|| self.counts(&model, buyer.history));
            let value = self
                .spend(buyer)
                .and_then(|spend| rounded(spend * discounted, PLACES));
            Prediction {
                alive: rounded(alive, PLACES),
                purchases: rounded(purchases, PLACES),
                value,
            }
        };
        buyers.into_iter().map(predict).collect()
    }

    /// Purchase days expected of a customer not yet won, within the months asked after the first order.
    pub fn expected_of_new(&self) -> Result<Decimal, Undefined> {
        let weeks = WEEKS_PER_MONTH * f64::from(self.terms.months);
        rounded(self.purchases?.model.expected_of_new(weeks), PLACES)
    }

    fn counts(&self, model: &BgNbd, history: History) -> [f64; 3] {
        let months = self.terms.months;
        let rate = self.terms.rate_per_year.to_f64().unwrap_or(0.0);
        [
            model.alive(history),
            model.expected(history, WEEKS_PER_MONTH * f64::from(months)),
            discounted_purchases(model, history, months, rate),
        ]
    }

    fn spend(&self, buyer: &Buyer) -> Result<f64, Undefined> {
        let model = self.spending?.model;
        buyer.repeat_value(self.terms.basis).value()?;
        let (repeats, mean) =
            spending(buyer, self.terms.basis).map_or((0, 0.0), |own| (own.repeats, own.mean));
        Ok(model.expected(repeats, mean))
    }
}

/// A parameter as answers give it.
pub fn parameter(value: f64) -> Option<Decimal> {
    rounded(value, PARAMETER_PLACES).ok()
}

/// What a customer spends on repeat days; `None` without such days or where it is unknown.
fn spending(buyer: &Buyer, basis: ValueBasis) -> Option<Spending> {
    let repeats = buyer.history.repeats;
    let total = buyer.repeat_value(basis).value().ok()?.to_f64()?;
    (repeats > 0).then(|| Spending {
        repeats,
        mean: total / f64::from(repeats),
    })
}

/// Why the spending of some customers with repeats is unknown, if it is.
fn why_no_spending(buyers: &[Buyer], basis: ValueBasis) -> Option<Undefined> {
    let total: super::Amount = buyers
        .iter()
        .filter(|buyer| buyer.history.repeats > 0)
        .map(|buyer| buyer.repeat_value(basis))
        .sum();
    total.value().err()
}

fn enough(found: u64) -> Result<(), Undefined> {
    if found >= FEWEST_REPEATERS {
        return Ok(());
    }
    Err(Undefined::SampleTooSmall {
        found,
        needed: FEWEST_REPEATERS,
    })
}

/// A number rounded half to even, so that it does not show the last bits of floating point.
fn rounded(value: f64, places: u32) -> Result<Decimal, Undefined> {
    Decimal::from_f64_retain(value)
        .map(|value| value.round_dp(places).normalize())
        .ok_or(Undefined::NoFit(super::Degenerate::NoMaximum))
}
