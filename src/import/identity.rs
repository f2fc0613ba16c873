//! Which customer a row means. This is the one rule of all ways in:
//!
//! 1. By reference: a name of a system means the customer that the system named so before.
//! 2. By e-mail address, unless the team has turned that off: a new name that comes with an address means the customer
//!    with this address, if there is exactly one and the system has no other name for it. That is noted as a merge,
//!    which can be undone.
//! 3. Otherwise the row is about a new customer. Two customers with one address are left as they are.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::{customer, customer_merge, external_ref, values::RefEntity};

use super::session::Session;
use crate::{error::Result, store::of_email_match};

/// A customer as rows name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'n> {
    /// The system that names it.
    pub system: &'n str,
    /// The system's name.
    pub name: &'n str,
    /// The e-mail address that comes with it, as [`address`] writes it.
    pub email: Option<&'n str>,
}

/// An address in the form that it is stored and found in.
pub(super) fn address(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Customers by e-mail address, with the systems that have a name for each.
#[derive(Default)]
struct Addresses {
    customers: HashMap<String, Vec<i64>>,
    systems: HashSet<(i64, String)>,
}

impl Addresses {
    async fn of(wanted: &[Wanted<'_>], session: &Session<'_>) -> Result<Self> {
        let emails: HashSet<&str> = wanted.iter().filter_map(|one| one.email).collect();
        if emails.is_empty() || !session.writer.team().match_by_email {
            return Ok(Self::default());
        }
        let emails: Vec<&str> = emails.into_iter().collect();
        let customers = session.writer.customers_with_emails(&emails).await?;
        let only: Vec<i64> = customers
            .values()
            .filter(|ids| ids.len() == 1)
            .flatten()
            .copied()
            .collect();
        let mut systems = HashSet::new();
        // As many ids as SQLite can compare with in one statement.
        for ids in only.chunks(10_000) {
            let names = session
                .writer
                .external_refs(RefEntity::Customer, ids)
                .await?;
            let names = names.into_values().flatten();
            systems.extend(names.map(|name| (name.entity_id, name.system)));
        }
        Ok(Self { customers, systems })
    }

    /// The customer whom a new name means by its address.
    fn find(&self, wanted: &Wanted<'_>) -> Option<i64> {
        match self.customers.get(wanted.email?)?[..] {
            [only] => (!self.systems.contains(&(only, wanted.system.to_owned()))).then_some(only),
            _ => None,
        }
    }

    /// Notes that a customer has a name of a system; a new one has an address, too.
    fn note(&mut self, customer: i64, wanted: &Wanted<'_>, is_new: bool, by_email: bool) {
        self.systems.insert((customer, wanted.system.to_owned()));
        if let Some(email) = wanted.email.filter(|_| is_new && by_email) {
            let ids = self.customers.entry(email.to_owned()).or_default();
            ids.push(customer);
        }
    }
}

impl Session<'_> {
    /// Finds customers, or makes those that are new; gives their ids by system and name.
    pub async fn find_or_make_customers(
        &mut self,
        wanted: &[Wanted<'_>],
    ) -> Result<HashMap<(String, String), i64>> {
        let names: Vec<(&str, &str)> = wanted.iter().map(|one| (one.system, one.name)).collect();
        let mut found = self
            .writer
            .resolve_named(RefEntity::Customer, &names)
            .await?;
        let mut missing: BTreeMap<(&str, &str), Wanted<'_>> = BTreeMap::new();
        for one in wanted {
            if !found.contains_key(&(one.system.to_owned(), one.name.to_owned())) {
                let place = missing.entry((one.system, one.name)).or_insert(*one);
                place.email = place.email.or(one.email);
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let missing: Vec<Wanted<'_>> = missing.into_values().collect();
        let by_email = self.writer.team().match_by_email;
        let mut addresses = Addresses::of(&missing, self).await?;
        let (mut rows, mut links, mut merges) = (Vec::new(), Vec::new(), Vec::new());
        for one in missing {
            let known = addresses.find(&one);
            let new = self.writer.id();
            let id = known.unwrap_or(new);
            match known.zip(one.email) {
                Some((kept, email)) => {
                    let merged = self.new_customer(new);
                    let name = (one.system, one.name);
                    let id = self.writer.id();
                    merges.push(of_email_match(kept, merged, email, name, id)?);
                }
                None => {
                    rows.push(self.new_customer(id));
                    self.made.insert(id);
                }
            }
            addresses.note(id, &one, known.is_none(), by_email);
            links.push(external_ref::Model {
                team_id: self.team_id(),
                entity: RefEntity::Customer,
                system: one.system.to_owned(),
                external_id: one.name.to_owned(),
                entity_id: id,
                source_updated_at: None,
            });
            found.insert((one.system.to_owned(), one.name.to_owned()), id);
        }
        self.writer.insert::<customer::Entity>(rows).await?;
        self.writer.insert::<external_ref::Entity>(links).await?;
        self.writer.insert::<customer_merge::Entity>(merges).await?;
        Ok(found)
    }

    /// Finds customers by the source's names, or makes those that are new. Blank names are passed over; names that the
    /// session knows mean whom it knows by them.
    pub async fn resolve_people(
        &mut self,
        wanted: Vec<(&str, Option<&str>)>,
    ) -> Result<HashMap<String, i64>> {
        let (known, wanted): (Vec<_>, Vec<_>) = wanted
            .into_iter()
            .filter(|(name, _)| !name.is_empty())
            .partition(|(name, _)| self.customers.contains_key(*name));
        let system = self.source;
        let wanted: Vec<Wanted<'_>> = wanted
            .into_iter()
            .map(|(name, email)| Wanted {
                system,
                name,
                email,
            })
            .collect();
        let found = self.find_or_make_customers(&wanted).await?;
        let mut ids: HashMap<String, i64> = found
            .into_iter()
            .map(|((_, name), id)| (name, id))
            .collect();
        let known = known.into_iter();
        ids.extend(
            known.filter_map(|(name, _)| Some((name.to_owned(), *self.customers.get(name)?))),
        );
        Ok(ids)
    }
}
