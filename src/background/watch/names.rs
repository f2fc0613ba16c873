//! What scopes are called, for people.

use std::collections::HashMap;

use crate::{
    error::Result,
    kpi::graphql_name,
    store::{
        TeamStore,
        measures::{Cut, Dimension, Key},
    },
};

/// The names of campaigns and channels.
pub struct Names {
    campaigns: HashMap<i64, String>,
    channels: HashMap<i64, String>,
}

impl Names {
    /// The names that these parts of scopes need.
    pub async fn read<'a>(
        team: &TeamStore,
        parts: impl Iterator<Item = &'a (Cut, Key)> + Clone,
    ) -> Result<Self> {
        let ids = |wanted: Dimension| {
            let ids = parts.clone().filter_map(move |part| match part {
                (Cut::By(dimension), Key::Id(id)) if *dimension == wanted => Some(*id),
                _ => None,
            });
            let mut ids: Vec<i64> = ids.collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let (campaigns, channels) = (ids(Dimension::Campaign), ids(Dimension::Channel));
        let campaigns = team.campaigns_by_id(&campaigns).await?;
        let channels = team.channels_by_id(&channels).await?;
        Ok(Self {
            campaigns: campaigns
                .into_iter()
                .map(|(id, row)| (id, row.name))
                .collect(),
            channels: channels
                .into_iter()
                .map(|(id, row)| (id, row.name))
                .collect(),
        })
    }

    /// A scope in words, such as `CHANNEL Search, COUNTRY DE`; empty for the whole team.
    pub fn of(&self, scope: &[(Cut, Key)]) -> String {
        let parts: Vec<String> = scope.iter().map(|part| self.part(part)).collect();
        parts.join(", ")
    }

    fn part(&self, (cut, key): &(Cut, Key)) -> String {
        let what = match cut {
            Cut::Property(name) => name.clone(),
            cut => graphql_name(cut.dimension()),
        };
        let names = match cut.dimension() {
            Dimension::Campaign => Some(&self.campaigns),
            Dimension::Channel => Some(&self.channels),
            _ => None,
        };
        let value = match key {
            Key::Id(id) => names.and_then(|names| names.get(id)).cloned(),
            Key::Text(text) => Some(text.clone()),
            _ => None,
        };
        format!("{what} {}", value.unwrap_or_else(|| "(none)".to_owned()))
    }
}
