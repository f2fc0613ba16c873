//! Journeys: which touches come before which conversion, and what is known of each touch's origin.

use std::{collections::BTreeMap, ops::Range};

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{ChannelKind, Objective};

use super::ChannelRules;
use crate::{
    error::{Error, Result},
    store::{Origin, TeamStore, Touch, Touches},
};

/// The most channels that models play over: their transitions are a matrix.
const MOST_PLAYERS: usize = 400;

/// What is known of where a touch came from.
#[derive(Clone, Debug)]
pub struct Place {
    /// The campaign: id, name and objective.
    pub campaign: Option<(i64, String, Objective)>,
    /// The channel: id and name.
    pub channel: Option<(i64, String)>,
    /// The channel's kind, or what the rules say.
    pub kind: ChannelKind,
    /// The tags and the referrer.
    pub origin: Origin,
    /// The channel, or the kind where none is named, as a small number.
    pub player: u32,
}

/// Touches of many persons with their origins.
#[derive(Default)]
pub struct Journeys {
    /// By person, then in the order of time.
    touches: Vec<Touch>,
    /// The origins.
    pub places: Vec<Place>,
    /// How many players there are.
    pub players: usize,
}

impl Journeys {
    /// Names the origins of touches; leaves out those of channels that are excluded.
    pub async fn new(
        store: &TeamStore,
        found: Touches,
        rules: &ChannelRules,
        exclude: &[ChannelKind],
    ) -> Result<Self> {
        let ids = |id: fn(&Origin) -> Option<i64>| {
            let mut ids: Vec<i64> = found.origins.iter().filter_map(id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let (campaigns, channels) = (ids(|origin| origin.campaign), ids(|origin| origin.channel));
        let (campaigns, channels) = futures_util::try_join!(
            store.campaigns_by_id(&campaigns),
            store.channels_by_id(&channels)
        )?;
        let mut places: Vec<Place> = Vec::with_capacity(found.origins.len());
        for mut origin in found.origins {
            let campaign = origin.campaign.and_then(|id| campaigns.get(&id));
            if let Some(campaign) = campaign {
                // Who tags the campaign's links need not tag each touch again.
                origin.source = origin.source.or_else(|| campaign.utm_source.clone());
                origin.medium = origin.medium.or_else(|| campaign.utm_medium.clone());
                origin.utm_campaign = origin
                    .utm_campaign
                    .or_else(|| campaign.utm_campaign.clone());
            }
            let channel = origin.channel.and_then(|id| channels.get(&id));
            places.push(Place {
                campaign: campaign.map(|row| (row.id, row.name.clone(), row.objective)),
                channel: channel.map(|row| (row.id, row.name.clone())),
                kind: channel.map_or_else(|| rules.kind(&origin), |row| row.kind),
                origin,
                player: 0,
            });
        }
        let players = number_players(&mut places)?;
        let kept = |touch: &Touch| !exclude.contains(&places[touch.origin as usize].kind);
        Ok(Self {
            touches: found.touches.into_iter().filter(kept).collect(),
            places,
            players,
        })
    }

    /// A touch by its place among all.
    pub fn touch(&self, place: usize) -> &Touch {
        &self.touches[place]
    }

    /// What is known of a touch's origin.
    pub fn place_of(&self, touch: usize) -> &Place {
        &self.places[self.touches[touch].origin as usize]
    }

    /// The person's touches up to a moment, none older than the lookback, and none up to the moment when the journey
    /// before it ended.
    pub fn before(
        &self,
        customer: i64,
        at: DateTime<Utc>,
        lookback: TimeDelta,
        after: Option<DateTime<Utc>>,
    ) -> Range<usize> {
        let from = at
            .checked_sub_signed(lookback)
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let start = self.touches.partition_point(|touch| {
            (touch.customer, touch.at) < (customer, from)
                || (touch.customer == customer && after.is_some_and(|after| touch.at <= after))
        });
        let end = self
            .touches
            .partition_point(|touch| (touch.customer, touch.at) <= (customer, at));
        start..end.max(start)
    }

    /// The places of each person's touches.
    pub fn by_customer(&self) -> impl Iterator<Item = (i64, Range<usize>)> {
        let mut from = 0;
        self.touches
            .chunk_by(|a, b| a.customer == b.customer)
            .map(move |touches| {
                let places = from..from + touches.len();
                from = places.end;
                (touches[0].customer, places)
            })
    }
}

/// Gives each channel a number, in an order that does not depend on ids, so that sums of floating point numbers do
/// not either.
fn number_players(places: &mut [Place]) -> Result<usize> {
    let identity = |place: &Place| {
        let name = place.channel.as_ref().map(|(_, name)| name.clone());
        (place.kind, name, place.channel.as_ref().map(|(id, _)| *id))
    };
    let mut numbers: BTreeMap<_, u32> = places.iter().map(|place| (identity(place), 0)).collect();
    for (number, place) in (0..).zip(numbers.values_mut()) {
        *place = number;
    }
    if numbers.len() > MOST_PLAYERS {
        return Err(Error::Limit(format!(
            "the touchpoints name {} channels; conversions can be credited to {MOST_PLAYERS} at most: ask a shorter \
             period or put channels together",
            numbers.len()
        )));
    }
    for place in places {
        place.player = numbers[&identity(place)];
    }
    Ok(numbers.len())
}
