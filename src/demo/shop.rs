//! Who comes and buys: new buyers, buyers who return, companies that become leads.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::{
    conversion, stage_event,
    values::{Device, LifecycleStage, TouchKind},
};

use super::{
    chance::Chance,
    channels::Channel,
    money::CURRENCY,
    orders::{Basket, Purchase, refund_day},
    people::Person,
    plan::Plan,
    rhythm::{Audience, at, level},
    rows::Rows,
};
use crate::store::TeamWriter;

/// The system that leads, deals and stages come from.
pub const CRM_SOURCE: &str = "crm";
/// The system that orders, refunds and conversions come from.
pub const SHOP_SOURCE: &str = "shop";

/// The shop as it goes through its days in order.
pub struct Shop<'a> {
    pub(super) writer: &'a TeamWriter,
    pub(super) plan: &'a Plan,
    /// Nothing happens after this day.
    pub(super) last: NaiveDate,
    /// Everybody known so far.
    pub customers: Vec<i64>,
    buyers: HashMap<NaiveDate, Vec<i64>>,
    returned: HashSet<i64>,
}

impl<'a> Shop<'a> {
    /// A shop without customers.
    pub fn new(writer: &'a TeamWriter, plan: &'a Plan, last: NaiveDate) -> Self {
        Self {
            writer,
            plan,
            last,
            customers: Vec::new(),
            buyers: HashMap::new(),
            returned: HashSet::new(),
        }
    }

    /// Adds what happens on a day, and what follows from its leads until the last day.
    pub fn day(&mut self, day: NaiveDate, rows: &mut Rows) {
        for index in 0..new_buyers(day) {
            self.first_order(day, index, rows);
        }
        let busy = level(day, Audience::Consumers);
        for index in 0..Chance::of(day, "again").part(10.5 * busy, 0.85, 1.15) {
            self.next_order(day, index, rows);
        }
        let busy = level(day, Audience::Companies);
        let leads = Chance::of(day, "leads").part(15.0 * busy, 0.85, 1.15);
        for index in 0..leads.unsigned_abs() {
            self.lead(day, index, rows);
        }
    }

    /// One of the people who bought first on `day`; `None` when nobody of that day is known.
    pub fn buyer(&self, day: Option<NaiveDate>, chance: &mut Chance) -> Option<i64> {
        let buyers = self.buyers.get(&day?)?;
        let index = chance.below(buyers.len() as u64);
        buyers.get(index as usize).copied()
    }

    fn first_order(&mut self, day: NaiveDate, index: u64, rows: &mut Rows) {
        let person = Person::of(day, Audience::Consumers, index);
        let customer = self.arrive(&person, rows);
        self.buyers.entry(day).or_default().push(customer);
        let mut chance = Chance::of(day, &format!("first order {index}"));
        let ordered_at = at(day, 18 + chance.below(6), chance.below(3_600));
        if chance.happens(0.35) {
            let visit = ordered_at - TimeDelta::minutes(20);
            self.touch(customer, (TouchKind::Visit, Channel::Direct), visit, rows);
        }
        self.enter(customer, LifecycleStage::Customer, ordered_at, rows);
        // A first order is never cancelled, so that nobody is a customer without one.
        self.order(
            Some(customer),
            person.country,
            ordered_at,
            chance,
            rows,
            0.0,
        );
    }

    /// An order of somebody who bought first 7 to 150 days ago. Buyers from before the first day order as guests.
    fn next_order(&mut self, day: NaiveDate, index: i64, rows: &mut Rows) {
        let mut chance = Chance::of(day, &format!("next order {index}"));
        let past = day.checked_sub_days(Days::new(7 + chance.below(144)));
        let Some((past, buyers)) = past.map(|past| (past, new_buyers(past))) else {
            return;
        };
        let who = chance.below(buyers);
        let country = Person::of(past, Audience::Consumers, who).country;
        let known = self.buyers.get(&past);
        let customer = known.and_then(|ids| ids.get(who as usize).copied());
        let ordered_at = at(day, 7 + chance.below(16), chance.below(3_600));
        let counted = self.order(customer, country, ordered_at, chance, rows, 0.05);
        if let Some(customer) = customer.filter(|_| counted)
            && self.returned.insert(customer)
        {
            self.enter(customer, LifecycleStage::Repeat, ordered_at, rows);
        }
    }

    /// Adds an order; says whether it counts.
    fn order(
        &self,
        customer: Option<i64>,
        country: &'static str,
        ordered_at: DateTime<Utc>,
        mut chance: Chance,
        rows: &mut Rows,
        cancelled: f64,
    ) -> bool {
        let cancelled = chance.happens(cancelled);
        let basket = Basket::of_goods(&mut chance);
        let device = chance
            .weighted(&[
                (Device::Desktop, 50),
                (Device::Mobile, 46),
                (Device::Tablet, 4),
            ])
            .unwrap_or(Device::Other);
        let refunded_on =
            refund_day(ordered_at.date_naive(), self.last, &mut chance).filter(|_| !cancelled);
        let purchase = Purchase {
            customer,
            at: ordered_at,
            country,
            device,
            basket,
            cancelled,
        };
        purchase.book(rows, || self.writer.id(), &mut chance, refunded_on);
        !cancelled
    }

    /// Adds a person with the first contact; gives the new id.
    pub(super) fn arrive(&mut self, person: &Person, rows: &mut Rows) -> i64 {
        let customer = self.writer.id();
        let touch = person.first_touch(self.plan, self.writer.id(), customer);
        rows.customers.push(person.row(self.plan, customer));
        rows.touchpoints.push(touch);
        self.customers.push(customer);
        customer
    }

    pub(super) fn touch(
        &self,
        customer: i64,
        what: (TouchKind, Channel),
        occurred_at: DateTime<Utc>,
        rows: &mut Rows,
    ) {
        let id = self.writer.id();
        let touch = Person::later_touch(self.plan, id, customer, what, occurred_at);
        rows.touchpoints.push(touch);
    }

    pub(super) fn enter(
        &self,
        customer: i64,
        stage: LifecycleStage,
        entered_at: DateTime<Utc>,
        rows: &mut Rows,
    ) {
        rows.stages.push(stage_event::Model {
            team_id: 0,
            id: self.writer.id(),
            customer_id: customer,
            stage,
            entered_at,
            day: entered_at.date_naive(),
            first_entry: true,
            source: CRM_SOURCE.to_owned(),
        });
    }

    pub(super) fn signup(&self, customer: i64, occurred_at: DateTime<Utc>, rows: &mut Rows) {
        rows.conversions.push(conversion::Model {
            team_id: 0,
            id: self.writer.id(),
            customer_id: Some(customer),
            kind: "signup".to_owned(),
            occurred_at,
            day: occurred_at.date_naive(),
            value: None,
            currency: CURRENCY.to_owned(),
        });
    }
}

/// How many people buy for the first time on a day.
fn new_buyers(day: NaiveDate) -> u64 {
    let busy = level(day, Audience::Consumers);
    let count = Chance::of(day, "buyers").part(13.5 * busy, 0.85, 1.15);
    count.unsigned_abs()
}
