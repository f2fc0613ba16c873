//! What the rows of a call name by our ids or by other systems' names, found for the whole call at once. The source's
//! own names stay as they are: the loaders find or make what they mean.

use std::collections::{BTreeSet, HashMap};

use entity::{campaign, channel, values::RefEntity};

use super::{
    Fault,
    given::{Given, Named, Value},
};
use crate::{
    error::Result,
    import::{
        identity::{Wanted, address},
        session::Session,
    },
};

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

    /// The e-mail addresses that come with what is named.
    fn addresses(&self, rows: &[&Given]) -> HashMap<&str, String> {
        let mut found = HashMap::new();
        for row in rows {
            let Some(email) = row.text("email") else {
                continue;
            };
            for cell in row.cells() {
                if let Value::Text(text) = &cell.value
                    && let Some((token, _)) = self.names.get_key_value(text)
                {
                    found
                        .entry(token.as_str())
                        .or_insert_with(|| address(email));
                }
            }
        }
        found
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
                    make(&missing, &self.addresses(rows), session).await?;
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
    let same = |id: i64| (id, id);
    let known: HashMap<i64, i64> = match entity {
        _ if ids.is_empty() => HashMap::new(),
        RefEntity::Campaign => {
            let id = campaign::Column::Id;
            let rows = writer.by_ids::<campaign::Entity>(id, &ids, |row| row.id);
            rows.await?.into_keys().map(same).collect()
        }
        RefEntity::Channel => {
            let id = channel::Column::Id;
            let rows = writer.by_ids::<channel::Entity>(id, &ids, |row| row.id);
            rows.await?.into_keys().map(same).collect()
        }
        _ => {
            // The id of one that was merged means the other; that of one that was erased means nobody.
            let found = writer.customers_by_id(&ids).await?;
            let ids: Vec<i64> = found.values().map(|row| row.id).collect();
            let erased = writer.erased_among(&ids).await?;
            let found = found.into_iter().map(|(id, row)| (id, row.id));
            found.filter(|(_, id)| !erased.contains(id)).collect()
        }
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

/// Finds or makes customers that other systems name, in a row with an e-mail address perhaps by that.
async fn make(
    missing: &[(&str, &Named)],
    emails: &HashMap<&str, String>,
    session: &mut Session<'_>,
) -> Result<()> {
    let named = |named: &'_ Named| match named {
        Named::External { system, id } => Some((system.clone(), id.clone())),
        _ => None,
    };
    let names: Vec<(&str, (String, String))> = missing
        .iter()
        .filter_map(|(token, name)| Some((*token, named(name)?)))
        .collect();
    let wanted: Vec<Wanted<'_>> = names
        .iter()
        .map(|(token, (system, name))| Wanted {
            system,
            name,
            email: emails.get(token).map(String::as_str),
        })
        .collect();
    let found = session.find_or_make_customers(&wanted).await?;
    let ids = names
        .iter()
        .filter_map(|(token, name)| Some(((*token).to_owned(), *found.get(name)?)));
    session.customers.extend(ids);
    Ok(())
}
