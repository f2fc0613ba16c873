//! Parts of facts put together into the groups asked.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::ActiveEnum;

use super::{
    credited::{CreditSum, Credited, GroupSums},
    filter::{by_name, cut_of, passes},
    journeys::Place,
    ledger::Credit,
    material::Material,
};
use crate::store::measures::{Cut, Dimension, Key, Predicate};

/// Gathers parts into groups. Few groups stand for many parts, so each is made once.
pub(super) struct Groups<'m, 'a> {
    material: &'m Material<'a>,
    /// The number of each distinct list of keys that facts tell.
    told: Vec<usize>,
    /// By what facts tell, where the touch came from, and the time bucket.
    sums: HashMap<(usize, Option<u32>, i32), GroupSums>,
    time: Option<crate::time::Grain>,
    buckets: HashMap<NaiveDate, i32>,
}

/// Stands for no fact.
const NO_FACT: usize = usize::MAX;

impl<'m, 'a> Groups<'m, 'a> {
    pub fn new(material: &'m Material<'a>) -> Self {
        let mut known: HashMap<&[Key], usize> = HashMap::new();
        let events = material.events.iter().enumerate();
        let told = events
            .map(|(place, event)| *known.entry(&event.keys).or_insert(place))
            .collect();
        let time = material.ask.cuts.iter().find_map(|cut| match cut {
            Cut::Time(grain) => Some(*grain),
            _ => None,
        });
        Self {
            material,
            told,
            sums: HashMap::new(),
            time,
            buckets: HashMap::new(),
        }
    }

    /// Adds a part.
    pub fn take(&mut self, credit: Credit, together: Option<&[CreditSum]>) {
        let Material {
            ask,
            journeys,
            events,
            notes,
            ..
        } = self.material;
        let event = credit.deed.map(|deed| &events[deed]);
        let touch = credit.touch.map(|touch| journeys.touch(touch));
        let day = match (event, touch) {
            (Some(event), None) if ask.by_touch => event.deed_day,
            (Some(event), _) if !ask.by_touch => event.day,
            (_, Some(touch)) => touch.day,
            (_, None) => return,
        };
        // What counts by touch can lie outside; what only ends journeys has no amounts.
        if !ask.days.contains(day) || credit.parts.iter().all(Option::is_none) {
            return;
        }
        let bucket = match self.time {
            Some(grain) => {
                let calendar = ask.calendar;
                *self
                    .buckets
                    .entry(day)
                    .or_insert_with(|| calendar.bucket(grain, day).index)
            }
            None => 0,
        };
        let told = credit.deed.map_or(NO_FACT, |deed| self.told[deed]);
        let key = (told, touch.map(|touch| touch.origin), bucket);
        let sums = self
            .sums
            .entry(key)
            .or_insert_with(|| vec![CreditSum::default(); ask.measures.len()]);
        let own = credit.deed.map(|deed| notes[deed].as_slice());
        let none = CreditSum::default();
        for (place, part) in credit.parts.iter().enumerate() {
            if let Some(part) = part {
                let notes = if touch.is_some() {
                    together.or(own)
                } else {
                    own
                };
                let note = notes.and_then(|notes| notes.get(place)).unwrap_or(&none);
                sums[place].add(*part, note);
            }
        }
    }

    /// The groups that pass the filter.
    pub fn done(self) -> Credited {
        let mut credited = Credited::default();
        let mut passing: HashSet<(usize, Option<u32>)> = HashSet::new();
        let mut refused: HashSet<(usize, Option<u32>)> = HashSet::new();
        for ((told, origin, bucket), sums) in &self.sums {
            let place = origin.map(|origin| &self.material.journeys.places[origin as usize]);
            let pair = (*told, *origin);
            if !passing.contains(&pair) && !refused.contains(&pair) {
                match self.passes(*told, place) {
                    true => passing.insert(pair),
                    false => refused.insert(pair),
                };
            }
            if refused.contains(&pair) {
                continue;
            }
            let key = self.key(*told, place, *bucket);
            let side = match origin {
                Some(_) => &mut credited.attributed,
                None => &mut credited.unattributed,
            };
            let group = side
                .entry(key)
                .or_insert_with(|| vec![CreditSum::default(); sums.len()]);
            for (all, sum) in group.iter_mut().zip(sums) {
                *all = all.plus(sum);
            }
        }
        credited
    }

    fn passes(&self, told: usize, place: Option<&Place>) -> bool {
        passes(&self.material.rest, &|predicate: &Predicate| {
            if predicate.dimension.credits() {
                return touch_key(predicate.dimension, place, by_name(predicate));
            }
            self.told_key(told, &cut_of(predicate))
        })
    }

    fn told_key(&self, told: usize, cut: &Cut) -> Key {
        let place = self.material.told.iter().position(|known| known == cut);
        let event = self.material.events.get(told);
        let key = event
            .zip(place)
            .and_then(|(event, place)| event.keys.get(place));
        key.cloned().unwrap_or(Key::None)
    }

    fn key(&self, told: usize, place: Option<&Place>, bucket: i32) -> Vec<Key> {
        let part = |cut: &Cut| match cut {
            Cut::Time(_) => Key::Bucket(bucket),
            cut if cut.dimension().credits() => touch_key(cut.dimension(), place, false),
            cut => self.told_key(told, cut),
        };
        self.material.ask.cuts.iter().map(part).collect()
    }
}

/// What a touch tells of a dimension; nothing where there is no touch.
fn touch_key(dimension: Dimension, place: Option<&Place>, name: bool) -> Key {
    let Some(place) = place else {
        return Key::None;
    };
    let entity = |id: i64, text: &str| match name {
        true => Key::Text(text.to_owned()),
        false => Key::Id(id),
    };
    let text = |text: &Option<String>| text.clone().map(Key::Text);
    let found = match dimension {
        Dimension::Campaign => place
            .campaign
            .as_ref()
            .map(|(id, text, _)| entity(*id, text)),
        Dimension::Objective => place
            .campaign
            .as_ref()
            .map(|(_, _, objective)| Key::Text(objective.to_value())),
        Dimension::Channel => place.channel.as_ref().map(|(id, text)| entity(*id, text)),
        Dimension::ChannelKind => Some(Key::Text(place.kind.to_value())),
        Dimension::Source => text(&place.origin.source),
        Dimension::Medium => text(&place.origin.medium),
        Dimension::UtmCampaign => text(&place.origin.utm_campaign),
        _ => None,
    };
    found.unwrap_or(Key::None)
}
