//! Credited sums: what touches got, and what none got.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::store::measures::Key;

/// A credited sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreditSum {
    /// In 10⁻¹⁸ of a thing or of the currency's unit.
    atto: i128,
    /// Whether any fact had a value.
    pub any: bool,
    /// A currency without a rate.
    pub missing_rate: Option<[u8; 3]>,
    /// Whether a rate of an earlier day was used.
    pub estimated: bool,
}

/// Sums of one group, in the order of the measures.
pub type GroupSums = Vec<CreditSum>;

/// What came of crediting by one model.
#[derive(Default)]
pub struct Credited {
    /// What touches got, by group.
    pub attributed: BTreeMap<Vec<Key>, GroupSums>,
    /// What no touch came before, by group: dimensions that touches tell are empty.
    pub unattributed: BTreeMap<Vec<Key>, GroupSums>,
}
impl Credited {
    /// What touches got and what none got, in the same groups.
    pub fn together(mut self) -> BTreeMap<Vec<Key>, GroupSums> {
        for (key, sums) in self.unattributed {
            let none = || vec![CreditSum::default(); sums.len()];
            let group = self.attributed.entry(key).or_insert_with(none);
            for (all, sum) in group.iter_mut().zip(&sums) {
                *all = all.plus(sum);
            }
        }
        self.attributed
    }
}

impl CreditSum {
    /// The sum in units, exact up to 79 billion.
    pub fn value(&self) -> Decimal {
        let (mut mantissa, mut scale) = (self.atto, 18);
        loop {
            match Decimal::try_from_i128_with_scale(mantissa, scale) {
                Ok(value) => return value.normalize(),
                Err(_) if scale > 0 => (mantissa, scale) = (mantissa / 10, scale - 1),
                Err(_) => return Decimal::MAX,
            }
        }
    }

    /// Adds a part of an amount.
    pub(super) fn add(&mut self, part: i128, note: &Self) {
        self.atto = self.atto.saturating_add(part);
        self.any = true;
        self.missing_rate = self.missing_rate.or(note.missing_rate);
        self.estimated |= note.estimated;
    }

    /// Both sums together.
    pub fn plus(mut self, other: &Self) -> Self {
        self.atto = self.atto.saturating_add(other.atto);
        self.any |= other.any;
        self.missing_rate = self.missing_rate.or(other.missing_rate);
        self.estimated |= other.estimated;
        self
    }
}
