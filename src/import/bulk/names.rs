//! What the rows of a call name by our ids or by other systems' names, found for the whole call at once. The source's
//! own names stay as they are: the loaders find or make what they mean.

use std::collections::{BTreeSet, HashMap};

use entity::{campaign, channel, customer, external_ref, values::RefEntity};

use super::{
    Fault,
    given::{Given, Named, Value},
};
use crate::{error::Result, import::session::Session};

/// The most characters of a system's name and of its names for things.
const LONGEST_SYSTEM: usize = 60;
const LONGEST_ID: usize = 200;

/// Writes the source's own names into the rows as texts, and for others texts under which the session will know them.
/// What a row got wrong is its fault.
pub(super) fn prepare(rows: &mut [Given], source: &str) -> (Others, Vec<Option<Fault>>) {
    let mut others = Others::default();
    let faults = rows
        .iter_mut()
        .map(|row| {
            let mut fault = None;
            for cell in row.cells_mut() {
                let Value::Named(entity, named) = &cell.value else {
                    continue;
                };
                match checked(named, cell.field) {
                    Ok(Named::External { system, id }) if system == source => {
                        cell.value = Value::Text(id);
                    }
                    Ok(named) => cell.value = Value::Text(others.token(*entity, named)),
                    Err(found) => {
                        fault.get_or_insert(found);
                    }
                }
            }
            fault
        })
        .collect();
    (others, faults)
}

/// The name without blanks around it, if it can be one.
fn checked(named: &Named, field: &str) -> Result<Named, Fault> {
    let part = |text: &str, part: &str, most: usize| {
        let (text, length) = (text.trim(), text.chars().count());
        if text.is_empty() || length > most {
            let reason =
                format!("{length} characters were given; 1 to {most}, not blank, are allowed");
            return Err(Fault::new(
                "INVALID",
                format!("{field}.external.{part}"),
                reason,
            ));
        }
        Ok(text.to_owned())
    };
    match named {
        Named::External { system, id } => Ok(Named::External {
            system: part(system, "system", LONGEST_SYSTEM)?,
            id: part(id, "id", LONGEST_ID)?,
        }),
        Named::Id(_) => Ok(named.clone()),
        Named::Nobody => Err(nobody(RefEntity::Customer, named, field)),
    }
}

fn nobody(entity: RefEntity, named: &Named, field: &str) -> Fault {
    let what = match entity {
        RefEntity::Campaign => "campaign",
        RefEntity::Channel => "channel",
        _ => "customer",
    };
    match named {
        Named::External { system, id } => {
            let reason = format!("there is no {what} that '{system}' names '{id}'");
            Fault::new("NOT_FOUND", format!("{field}.external"), reason)
        }
        _ => {
            let reason = "there is nothing with this id".to_owned();
            Fault::new("NOT_FOUND", format!("{field}.id"), reason)
        }
    }
}

/// What is named otherwise than by the source's ids, with the texts that stand for it.
#[derive(Default)]
pub(super) struct Others {
    tokens: HashMap<(RefEntity, Named), String>,
    names: HashMap<String, (RefEntity, Named)>,
}

impl Others {
    /// A text that is no client's: none may hold U+0000.
    fn token(&mut self, entity: RefEntity, named: Named) -> String {
        let next = format!("\0{}", self.tokens.len());
        let token = self
            .tokens
            .entry((entity, named.clone()))
            .or_insert_with(|| next.clone());
        if *token == next {
            self.names.insert(next, (entity, named));
        }
        token.clone()
    }

    /// What a row names that does not exist.
    pub fn unknown(&self, row: &Given, session: &Session<'_>) -> Option<Fault> {
        row.cells().iter().find_map(|cell| {
            let Value::Text(text) = &cell.value else {
                return None;
            };
            let (entity, named) = self.names.get(text)?;
            let known = match entity {
                RefEntity::Campaign => &session.campaigns,
                RefEntity::Channel => &session.channels,
                _ => &session.customers,
            };
            (!known.contains_key(text)).then(|| nobody(*entity, named, cell.field))
        })
    }

    /// Finds what is named and tells the session; customers that another system names first are made.
    pub async fn resolve(&self, rows: &[&Given], session: &mut Session<'_>) -> Result<()> {
        let texts = rows.iter().flat_map(|row| row.cells());
        let wanted: BTreeSet<&str> = texts
            .filter_map(|cell| match &cell.value {
                Value::Text(text) if self.names.contains_key(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        for entity in [RefEntity::Campaign, RefEntity::Channel, RefEntity::Customer] {
            let of_kind: Vec<(&str, &Named)> = wanted
                .iter()
                .filter_map(|token| {
                    self.names
                        .get(*token)
                        .map(|(kind, named)| (kind, named, *token))
                })
                .filter(|(kind, _, _)| **kind == entity)
                .map(|(_, named, token)| (token, named))
                .collect();
            if of_kind.is_empty() {
                continue;
            }
            let found = find(entity, &of_kind, session).await?;
            match entity {
                RefEntity::Campaign => session.campaigns.extend(found),
                RefEntity::Channel => session.channels.extend(found),
                _ => {
                    let missing: Vec<(&str, &Named)> = of_kind
                        .into_iter()
                        .filter(|(token, _)| !found.contains_key(*token))
                        .collect();
                    session.customers.extend(found);
                    make(&missing, session).await?;
                }
            }
        }
        Ok(())
    }
}

/// The ids of those that exist, by their tokens.
async fn find(
    entity: RefEntity,
    wanted: &[(&str, &Named)],
    session: &Session<'_>,
) -> Result<HashMap<String, i64>> {
    let writer = session.writer;
    let ids: Vec<i64> = wanted
        .iter()
        .filter_map(|(_, named)| match named {
            Named::Id(id) => Some(*id),
            _ => None,
        })
        .collect();
    let names: Vec<(&str, &str)> = wanted
        .iter()
        .filter_map(|(_, named)| match named {
            Named::External { system, id } => Some((system.as_str(), id.as_str())),
            _ => None,
        })
        .collect();
    let known: BTreeSet<i64> = match entity {
        _ if ids.is_empty() => BTreeSet::new(),
        RefEntity::Campaign => {
            let id = campaign::Column::Id;
            let rows = writer.by_ids::<campaign::Entity>(id, &ids, |row| row.id);
            rows.await?.into_keys().collect()
        }
        RefEntity::Channel => {
            let id = channel::Column::Id;
            let rows = writer.by_ids::<channel::Entity>(id, &ids, |row| row.id);
            rows.await?.into_keys().collect()
        }
        _ => writer.customers_by_id(&ids).await?.into_keys().collect(),
    };
    let named = writer.resolve_named(entity, &names).await?;
    let id_of = |name: &Named| match name {
        Named::Id(id) => known.get(id).copied(),
        Named::External { system, id } => named.get(&(system.clone(), id.clone())).copied(),
        Named::Nobody => None,
    };
    let found = wanted.iter();
    Ok(found
        .filter_map(|(token, name)| Some(((*token).to_owned(), id_of(name)?)))
        .collect())
}

/// Makes customers that other systems name.
async fn make(missing: &[(&str, &Named)], session: &mut Session<'_>) -> Result<()> {
    let (mut rows, mut links) = (Vec::new(), Vec::new());
    for (token, named) in missing {
        let Named::External { system, id: name } = named else {
            continue;
        };
        let id = session.writer.id();
        rows.push(session.new_customer(id));
        links.push(external_ref::Model {
            team_id: session.team_id(),
            entity: RefEntity::Customer,
            system: system.clone(),
            external_id: name.clone(),
            entity_id: id,
            source_updated_at: None,
        });
        session.customers.insert((*token).to_owned(), id);
        session.made.insert(id);
    }
    session.writer.insert::<customer::Entity>(rows).await?;
    session.writer.insert::<external_ref::Entity>(links).await
}
