//! RFM: how recently, how often and for how much a customer bought, scored among all customers.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Buyer, Number, ValueBasis};

/// A customer's purchases in three numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rfm {
    /// Days from the last order to the last day observed.
    pub recency_days: i64,
    /// Orders.
    pub frequency: u64,
    /// What they brought: net order value less refunds.
    pub monetary: Number,
}

impl Rfm {
    /// The customer's numbers on a day.
    pub fn of(buyer: &Buyer, through: NaiveDate) -> Self {
        Self {
            recency_days: (through - buyer.last_day).num_days(),
            frequency: buyer.orders,
            monetary: buyer.value(ValueBasis::Revenue).value(),
        }
    }
}

/// Scores from 1 to 5, 5 being best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scores {
    /// Of recency: fewer days are better.
    pub recency: u8,
    /// Of frequency.
    pub frequency: u8,
    /// Of what the purchases brought; `None` where that is unknown.
    pub monetary: Option<u8>,
}

/// All customers' numbers, by which each is scored.
#[derive(Clone, Debug, Default)]
pub struct Scale {
    /// Days ago as negative numbers, so that larger is better.
    recency: Vec<i64>,
    frequency: Vec<u64>,
    monetary: Vec<Decimal>,
}

impl Scale {
    /// The scale of these customers.
    pub fn new(customers: impl IntoIterator<Item = Rfm>) -> Self {
        let mut scale = Self::default();
        for rfm in customers {
            scale.recency.push(-rfm.recency_days);
            scale.frequency.push(rfm.frequency);
            scale.monetary.extend(rfm.monetary.ok());
        }
        scale.recency.sort_unstable();
        scale.frequency.sort_unstable();
        scale.monetary.sort_unstable();
        scale
    }

    /// A customer's scores: 1, and one more for every fifth of the customers that the customer is better than. Equal
    /// numbers have equal scores.
    pub fn scores(&self, rfm: &Rfm) -> Scores {
        Scores {
            recency: score(&self.recency, &-rfm.recency_days),
            frequency: score(&self.frequency, &rfm.frequency),
            monetary: rfm.monetary.ok().map(|value| score(&self.monetary, &value)),
        }
    }
}

fn score<T: Ord>(sorted: &[T], value: &T) -> u8 {
    let worse = sorted.partition_point(|other| other < value);
    let fifths = 5 * worse / sorted.len().max(1);
    u8::try_from(fifths.min(4)).map_or(5, |fifths| fifths + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfm(recency_days: i64, frequency: u64, monetary: i64) -> Rfm {
        Rfm {
            recency_days,
            frequency,
            monetary: Ok(monetary.into()),
        }
    }

    #[test]
    fn ten_customers_fill_five_scores_two_by_two() {
        let customers: Vec<Rfm> = (0..10).map(|n| rfm(n * 7, 1 + n as u64, n * 10)).collect();
        let scale = Scale::new(customers.iter().copied());
        let scores: Vec<Scores> = customers.iter().map(|rfm| scale.scores(rfm)).collect();
        let frequency: Vec<u8> = scores.iter().map(|scores| scores.frequency).collect();
        let recency: Vec<u8> = scores.iter().map(|scores| scores.recency).collect();
        assert_eq!(frequency, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(recency, [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]);
        assert!(
            scores
                .iter()
                .all(|scores| scores.monetary == Some(scores.frequency))
        );
    }

    #[test]
    fn equal_numbers_have_equal_scores() {
        // Nine ordered once and are worse than nobody; one is better than nine tenths.
        let customers = [vec![rfm(1, 1, 5); 9], vec![rfm(1, 2, 5)]].concat();
        let scale = Scale::new(customers);
        assert_eq!(scale.scores(&rfm(1, 1, 5)).frequency, 1);
        assert_eq!(scale.scores(&rfm(1, 2, 5)).frequency, 5);
        assert_eq!(scale.scores(&rfm(1, 2, 5)).monetary, Some(1));
    }
}
