//! What becomes of leads: qualified, perhaps an opportunity, perhaps won.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::{
    opportunity,
    values::{Device, LifecycleStage, Outcome, TouchKind},
};

use super::{
    chance::Chance,
    channels::Channel,
    money::{CURRENCY, DOLLAR},
    orders::{Basket, Purchase},
    people::Person,
    rhythm::{Audience, at},
    rows::Rows,
    shop::Shop,
};

/// The stages after LEAD: which share of the one before reaches it, and after how many days at least and at most.
const STAGES: [(LifecycleStage, f64, (u64, u64)); 4] = [
    (LifecycleStage::Mql, 0.45, (1, 5)),
    (LifecycleStage::Sal, 0.8, (1, 4)),
    (LifecycleStage::Sql, 0.65, (2, 7)),
    (LifecycleStage::Sqo, 0.6, (3, 10)),
];
/// The days from opportunity to decision.
const DECISION: (u64, u64) = (10, 50);
const WIN_RATE: f64 = 0.32;

impl Shop<'_> {
    /// Adds the `index`th lead of a day and what becomes of it until the last day.
    pub(super) fn lead(&mut self, day: NaiveDate, index: u64, rows: &mut Rows) {
        let person = Person::of(day, Audience::Companies, index);
        let customer = self.arrive(&person, rows);
        let mut chance = Chance::of(day, &format!("lead {index}"));
        let came = at(day, 17, chance.below(3_600));
        self.enter(customer, LifecycleStage::Lead, came, rows);
        self.signup(customer, came, rows);
        let mut today = day;
        for (stage, share, wait) in STAGES {
            let reached = chance.happens(share);
            let Some(then) = self.later(today, wait, &mut chance).filter(|_| reached) else {
                return;
            };
            today = then;
            let entered_at = office_hours(today, &mut chance);
            match stage {
                LifecycleStage::Mql => {
                    let mailing = (TouchKind::Email, Channel::Newsletter);
                    self.touch(customer, mailing, entered_at, rows);
                }
                LifecycleStage::Sql => {
                    let call = (TouchKind::Call, Channel::Direct);
                    self.touch(customer, call, entered_at, rows);
                }
                _ => {}
            }
            self.enter(customer, stage, entered_at, rows);
        }
        self.opportunity(customer, &person, today, chance, rows);
    }

    fn opportunity(
        &self,
        customer: i64,
        person: &Person,
        opened_on: NaiveDate,
        mut chance: Chance,
        rows: &mut Rows,
    ) {
        let won = chance.happens(WIN_RATE);
        let amount = 50 * chance.part(1.0, 14.0, 74.0) * DOLLAR;
        let closed = self
            .later(opened_on, DECISION, &mut chance)
            .map(|day| office_hours(day, &mut chance));
        let (outcome, stage) = match closed {
            None => (Outcome::Open, "Proposal"),
            Some(_) if won => (Outcome::Won, "Closed won"),
            Some(_) => (Outcome::Lost, "Closed lost"),
        };
        rows.opportunities.push(opportunity::Model {
            team_id: 0,
            id: self.writer.id(),
            customer_id: Some(customer),
            opened_on: Some(opened_on),
            closed_at: closed,
            closed_on: closed.map(|closed| closed.date_naive()),
            outcome,
            stage: Some(stage.to_owned()),
            amount: Some(amount),
            currency: CURRENCY.to_owned(),
            properties: "{}".to_owned(),
        });
        if let Some(closed) = closed.filter(|_| won) {
            self.enter(customer, LifecycleStage::Customer, closed, rows);
            let purchase = Purchase {
                customer: Some(customer),
                at: closed,
                country: person.country,
                device: Device::Desktop,
                basket: Basket::of_deal(amount),
                cancelled: false,
            };
            purchase.book(rows, || self.writer.id(), &mut chance, None);
        }
    }

    /// A day some days later; `None` after the last day.
    fn later(
        &self,
        day: NaiveDate,
        (least, most): (u64, u64),
        chance: &mut Chance,
    ) -> Option<NaiveDate> {
        let wait = least + chance.below(most - least + 1);
        day.checked_add_days(Days::new(wait))
            .filter(|day| *day <= self.last)
    }
}

fn office_hours(day: NaiveDate, chance: &mut Chance) -> DateTime<Utc> {
    at(day, 9 + chance.below(8), chance.below(3_600))
}
