//! From a question to facts with their journeys, ready to be credited by any model.

use std::{collections::HashMap, ops::Range};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{
    AttributionModel, ChannelRules, Rules,
    credited::{CreditSum, Credited},
    filter::{asked_of_facts, divide},
    groups::Groups,
    journeys::Journeys,
    ledger::{Deed, credit},
    weights::Milestones,
};
use crate::{
    error::Result,
    store::{
        Rates, TeamStore,
        measures::{Cut, Dimension, Event, EventScan, Fact, Filter, Measure, Scale},
    },
    time::{Calendar, DateRange},
};

/// What is to be credited.
pub struct CreditAsk<'a> {
    /// Which facts; one of those that customers make.
    pub fact: Fact,
    /// Which of their measures.
    pub measures: &'a [Measure],
    /// Grouped by what.
    pub cuts: &'a [Cut],
    /// Which credits count. What the facts themselves tell narrows the facts before they are credited; what touches
    /// tell narrows the credits.
    pub filter: &'a Filter,
    /// Which days count.
    pub days: DateRange,
    /// Whether credits count on the days of touches rather than on those of facts.
    pub by_touch: bool,
    /// By whose calendar.
    pub calendar: &'a Calendar,
    /// Into which currency.
    pub currency: &'a str,
    /// How touches are chosen.
    pub rules: &'a Rules,
    /// How touches without a channel find its kind.
    pub channels: &'a ChannelRules,
}
/// Facts and touches, read once for any number of models.
pub struct Material<'a> {
    pub(super) ask: &'a CreditAsk<'a>,
    pub(super) events: Vec<Event>,
    /// Beside each amount what must be said of it.
    pub(super) notes: Vec<Vec<CreditSum>>,
    /// The cuts that facts tell, in the order of [`Event::keys`].
    pub(super) told: Vec<Cut>,
    pub(super) rest: Filter,
    pub(super) journeys: Journeys,
    pub(super) deeds: Vec<Deed>,
    pub(super) lost: Vec<Range<usize>>,
}
impl<'a> Material<'a> {
    /// Reads the facts and the touches before them with a number of statements that does not depend on how many there
    /// are.
    pub async fn read(
        store: &TeamStore,
        ask: &'a CreditAsk<'a>,
        models: &[AttributionModel],
    ) -> Result<Self> {
        let (of_facts, rest) = divide(ask.filter);
        let is_told = |cut: &&Cut| cut.dimension() != Dimension::Time && !cut.dimension().credits();
        let mut told: Vec<Cut> = ask.cuts.iter().filter(is_told).cloned().collect();
        asked_of_facts(&rest, &mut told);
        let lookback = Days::new(u64::from(ask.rules.lookback_days) + 1);
        let earlier = |day: NaiveDate| day.checked_sub_days(lookback).unwrap_or(day);
        let later = |day: NaiveDate| day.checked_add_days(lookback).unwrap_or(day);
        let scan = EventScan {
            fact: ask.fact,
            measures: ask.measures,
            cuts: &told,
            filter: &of_facts,
            days: DateRange {
                // Conversions before the period end journeys, too.
                from: if ask.rules.restart {
                    earlier(ask.days.from)
                } else {
                    ask.days.from
                },
                to: if ask.by_touch {
                    later(ask.days.to)
                } else {
                    ask.days.to
                },
            },
            by_deed: ask.by_touch,
            calendar: ask.calendar,
            money: ask
                .measures
                .iter()
                .any(|measure| measure.spec().scale == Scale::Money),
        };
        let events = store.events(&scan).await?;
        let days = events.iter().map(|event| event.deed_day);
        let with_lost = models.contains(&AttributionModel::Markov);
        let first = days.clone().min().unwrap_or(ask.days.from);
        let last = days.max().unwrap_or(ask.days.from);
        let days = match with_lost {
            true => DateRange {
                from: earlier(first.min(ask.days.from)),
                to: last.max(ask.days.to),
            },
            false => DateRange {
                from: earlier(first),
                to: last,
            },
        };
        let (touches, milestones, rates) = futures_util::try_join!(
            async {
                match events.is_empty() && !with_lost {
                    true => Ok(Default::default()),
                    false => store.touches(days, (!with_lost).then_some(&scan)).await,
                }
            },
            async {
                match models.contains(&AttributionModel::WShaped) {
                    true => store.milestones(&scan).await,
                    false => Ok(HashMap::new()),
                }
            },
            rates(store, ask, &events),
        )?;
        let excluded = &ask.rules.exclude_channels;
        let journeys = Journeys::new(store, touches, ask.channels, excluded).await?;
        let mut material = Self {
            ask,
            events,
            notes: vec![],
            told,
            rest,
            journeys,
            deeds: vec![],
            lost: vec![],
        };
        material.set_deeds(&milestones, &rates);
        if with_lost {
            material.set_lost();
        }
        Ok(material)
    }

    /// Whether a fact is asked, rather than read only because it ends a journey.
    fn is_asked(&self, event: &Event) -> bool {
        match self.ask.by_touch {
            true => event.deed_day >= self.ask.days.from,
            false => self.ask.days.contains(event.day),
        }
    }

    fn set_deeds(&mut self, milestones: &HashMap<(i64, bool), DateTime<Utc>>, rates: &Rates) {
        let mut ended: HashMap<i64, [Option<DateTime<Utc>>; 2]> = HashMap::new();
        let lookback: TimeDelta = self.ask.rules.lookback();
        for event in &self.events {
            let journey = event.customer.map_or(0..0, |customer| {
                let mut after = None;
                if self.ask.rules.restart {
                    // Those at the same moment share a journey.
                    let [before, last] = ended.entry(customer).or_default();
                    if last.is_some_and(|last| last < event.at) {
                        *before = *last;
                    }
                    *last = Some(event.at);
                    after = *before;
                }
                self.journeys.before(customer, event.at, lookback, after)
            });
            let mark = |opportunity: bool| {
                let at = milestones.get(&(event.customer?, opportunity))?;
                journey
                    .clone()
                    .rposition(|touch| self.journeys.touch(touch).at <= *at)
            };
            let asked = self.is_asked(event);
            let (amounts, notes) = amounts(self.ask, event, asked, rates);
            self.notes.push(notes);
            self.deeds.push(Deed {
                at: event.at.timestamp(),
                milestones: Milestones {
                    lead: mark(false),
                    opportunity: mark(true),
                },
                // Facts that only end journeys have no part in the play.
                journey: if asked { journey.clone() } else { 0..0 },
                amounts,
            });
        }
    }

    /// Journeys that led nowhere within the period: touches of people who did not convert, or after they did.
    fn set_lost(&mut self) {
        let mut last: HashMap<i64, DateTime<Utc>> = HashMap::new();
        for event in &self.events {
            if let Some(customer) = event.customer {
                last.insert(customer, event.at);
            }
        }
        for (customer, touches) in self.journeys.by_customer() {
            let day = |touch: &usize| self.journeys.touch(*touch).day;
            let converted = last.get(&customer);
            let after = |touch: &usize| {
                converted.is_none_or(|converted| self.journeys.touch(*touch).at > *converted)
            };
            let start = touches
                .clone()
                .find(|touch| day(touch) >= self.ask.days.from && after(touch));
            let end = touches
                .clone()
                .rfind(|touch| day(touch) <= self.ask.days.to);
            if let (Some(start), Some(end)) = (start, end)
                && start <= end
            {
                self.lost.push(start..end + 1);
            }
        }
    }

    /// Credits everything by a model.
    pub fn credit(&self, model: AttributionModel) -> Credited {
        let mut groups = Groups::new(self);
        let mut notes = vec![CreditSum::default(); self.ask.measures.len()];
        if model == AttributionModel::Markov {
            // The model credits all facts together, so what is unknown of one is unknown of all.
            for (note, deed) in self.notes.iter().zip(&self.deeds) {
                if !deed.journey.is_empty() {
                    notes = notes
                        .iter()
                        .zip(note)
                        .map(|(all, note)| all.plus(note))
                        .collect();
                }
            }
        }
        let together = (model == AttributionModel::Markov).then_some(notes);
        credit(
            model,
            self.ask.rules,
            &self.journeys,
            &self.deeds,
            &self.lost,
            |part| {
                groups.take(part, together.as_deref());
            },
        );
        groups.done()
    }
}

async fn rates(store: &TeamStore, ask: &CreditAsk<'_>, events: &[Event]) -> Result<Rates> {
    let foreign = |event: &&Event| {
        event
            .currency
            .as_deref()
            .is_some_and(|currency| currency != ask.currency)
    };
    let days = || events.iter().filter(foreign).map(|event| event.day);
    match (days().min(), days().max()) {
        (Some(from), Some(to)) => store.rates_into(ask.currency, DateRange { from, to }).await,
        _ => Ok(Rates::default()),
    }
}

/// What a fact has to credit, and what must be said of it.
fn amounts(
    ask: &CreditAsk<'_>,
    event: &Event,
    asked: bool,
    rates: &Rates,
) -> (Vec<Option<i128>>, Vec<CreditSum>) {
    let foreign = event
        .currency
        .as_deref()
        .filter(|currency| *currency != ask.currency);
    let rate = foreign.map(|currency| (currency, rates.on(currency, event.day)));
    let each = ask
        .measures
        .iter()
        .zip(&event.values)
        .map(|(measure, value)| {
            let mut note = CreditSum::default();
            let Some(value) = value.filter(|_| asked) else {
                return (None, note);
            };
            let value_of = i128::from(value);
            let amount = match (measure.spec().scale, rate) {
                (Scale::Count, _) => value_of * 1_000_000_000_000_000_000,
                // Nothing needs no rate.
                (Scale::Money, Some((currency, rate))) if value != 0 => match rate {
                    Some((rate, earlier)) => {
                        note.estimated = earlier;
                        atto(Decimal::new(value, 6).saturating_mul(rate))
                    }
                    None => {
                        note.missing_rate = currency.as_bytes().try_into().ok();
                        0
                    }
                },
                _ => value_of * 1_000_000_000_000,
            };
            (Some(amount), note)
        });
    each.unzip()
}

fn atto(value: Decimal) -> i128 {
    let value = value.round_dp(18);
    let scale = 18_u32.saturating_sub(value.scale());
    value.mantissa().saturating_mul(10_i128.pow(scale))
}
