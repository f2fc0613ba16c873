//! What is known of all customers of a team together, for the value of single ones.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::values::Basis;

use super::{
    Buyer, Model, Prediction, Terms, buyers, fit, observed,
    rfm::{Rfm, Scale},
};
use crate::{
    error::Result,
    kpi::{Ask, Kpi, Rights, Undefined},
    store::{
        TeamStore, Whose,
        measures::{Cut, Dimension, Key, Measure},
    },
    time::{Grain, PeriodAsk},
};

/// The models fitted to a team's customers, what they expect of each, and how all of them buy.
pub struct TeamModel {
    predictions: HashMap<i64, Prediction>,
    /// By which single customers are scored.
    pub scale: Scale,
    known: bool,
}

impl TeamModel {
    /// Reads all customers whose first order lies in the period, and fits.
    pub async fn read(store: &TeamStore, period: &PeriodAsk, terms: Terms) -> Result<Self> {
        let (_, days) = observed(store, period).await?;
        let Some(days) = days else {
            return Ok(Self {
                predictions: HashMap::new(),
                scale: Scale::default(),
                known: false,
            });
        };
        let found = buyers(store, &Whose::FirstOrderedIn(days), None).await?;
        let through = days.to;
        fit(found, terms, move |found: Vec<Buyer>, model: Model| Self {
            predictions: found
                .iter()
                .map(|buyer| buyer.customer)
                .zip(model.predict(&found))
                .collect(),
            scale: Scale::new(found.iter().map(|buyer| Rfm::of(buyer, through))),
            known: true,
        })
        .await
    }

    /// What is expected of a customer.
    ///
    /// # Errors
    /// No orders are known of the period, or the customer's first order lies outside of it.
    pub fn prediction(&self, customer: i64) -> Result<Prediction, Undefined> {
        match self.predictions.get(&customer) {
            Some(prediction) => Ok(*prediction),
            None if self.known => Err(Undefined::NoData(Measure::new_customers)),
            None => Err(Undefined::NoData(Measure::orders)),
        }
    }
}

/// Customers' purchases up to the last day observed of a period; that day, where orders are known of it.
pub async fn customers(
    store: &TeamStore,
    period: &PeriodAsk,
    ids: &[i64],
) -> Result<(Option<NaiveDate>, Vec<Buyer>)> {
    let (_, days) = observed(store, period).await?;
    let Some(days) = days else {
        return Ok((None, vec![]));
    };
    let whose = Whose::These(ids.to_vec(), days.to);
    Ok((Some(days.to), buyers(store, &whose, None).await?))
}

/// What a customer cost whom a channel won in a month, by channel and month.
pub struct Costs(HashMap<Vec<Key>, Result<rust_decimal::Decimal, Undefined>>);

impl Costs {
    /// Reads the cost of all channels in the months of the period.
    pub async fn read(store: &TeamStore, period: &PeriodAsk, rights: Rights) -> Result<Self> {
        let ask = Ask {
            cuts: vec![Cut::By(Dimension::Channel), Cut::Time(Grain::Month)],
            basis: Some(Basis::AcquiredCohort),
            ..Ask::new([Kpi::Cac], *period, rights)
        };
        let table = ask.answer(store).await?;
        let costs = table.rows.into_iter().filter_map(|row| {
            let cost = row.values.first()?.value;
            Some((row.key, cost))
        });
        Ok(Self(costs.collect()))
    }

    /// The cost of a customer of this channel whose first order lies in the month of this number.
    pub fn of(&self, channel: Option<i64>, month: i32) -> Result<rust_decimal::Decimal, Undefined> {
        let channel = channel.filter(|id| *id != 0).map_or(Key::None, Key::Id);
        let cost = self.0.get(&vec![channel, Key::Bucket(month)]).copied();
        cost.unwrap_or(Err(Undefined::NoData(Measure::new_customers)))
    }
}
