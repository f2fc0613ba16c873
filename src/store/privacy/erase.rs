//! Erasing a person: the customer's row and facts stay for the numbers, and nothing in them tells who it was.

use chrono::{DateTime, Utc};
use entity::{
    customer, customer_erasure, customer_merge, external_ref, idempotency_key, import_error,
    refund, values::RefEntity,
};
use sea_orm::{ColumnTrait, Condition, sea_query::ExprTrait};

use super::{
    of_persons,
    person::{OfPerson, Texts, nothing},
    state::MergeState,
};
use crate::{error::Result, store::TeamWriter};

/// Ids per statement.
const CHUNK: usize = 10_000;
/// What stands in a stored answer where it told of the person.
const ERASED_TEXT: &str = "(erased)";

/// That a customer was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether that was before.
    pub before: bool,
}

impl TeamWriter {
    /// Erases a customer, for good. Who was erased before stays so.
    pub async fn erase_customer(&self, row: customer::Model) -> Result<Erased> {
        if let Some(at) = self.erasures_of(&[row.id]).await?.remove(&row.id) {
            return Ok(Erased { at, before: true });
        }
        let id = row.id;
        let merges = self.merges_of(&[id]).await?.remove(&id).unwrap_or_default();
        let states = merges.iter().filter_map(|merge| merge.state.as_deref());
        let states: Vec<MergeState> = states.map(MergeState::read).collect::<Result<_>>()?;
        let texts = Texts::of(&row).and(states.iter().flat_map(MergeState::texts));
        let active = merges.iter().filter(|merge| merge.undone_at.is_none());
        let people: Vec<i64> = [id]
            .into_iter()
            .chain(active.map(|merge| merge.merged_id))
            .collect();
        macro_rules! clear {
            ($table:ty) => {
                self.clear_rows::<$table>(id, &texts).await?;
            };
        }
        of_persons!(clear);
        let names = self.external_refs(RefEntity::Customer, &[id]).await?;
        let names = names.into_values().flatten().map(|name| name.external_id);
        let names: Vec<String> = names.collect();
        let of_customer = external_ref::Column::Entity
            .eq(RefEntity::Customer)
            .and(external_ref::Column::EntityId.eq(id));
        self.delete::<external_ref::Entity>(of_customer).await?;
        let now = self.clock().now();
        let anonymous = customer::Model {
            email: None,
            name: None,
            properties: nothing(),
            source_updated_at: None,
            updated_at: now,
            version: row.version.saturating_add(1),
            ..row
        };
        self.upsert::<customer::Entity>(vec![anonymous]).await?;
        self.clear_history(&people, &texts).await?;
        self.forget_states(merges).await?;
        self.forget_keys(&texts, &names).await?;
        let texts = texts.words().and(names.iter().map(String::as_str));
        self.clear_answers(&texts).await?;
        self.clear_refusals(&texts).await?;
        let erasure = customer_erasure::Model {
            team_id: self.team().id,
            customer_id: id,
            erased_at: now,
        };
        self.insert::<customer_erasure::Entity>(vec![erasure])
            .await?;
        Ok(Erased {
            at: now,
            before: false,
        })
    }

    /// Clears a customer's rows in a table, and takes away other systems' names for them that tell who it was. Other
    /// names stay: by them the next delivery finds the rows, and does not count them twice.
    async fn clear_rows<E: OfPerson>(&self, customer: i64, person: &Texts) -> Result<()> {
        let rows = self
            .select::<E>()
            .filter(E::CUSTOMER.eq(customer))
            .all()
            .await?;
        let ids: Vec<i64> = rows.iter().map(E::id).collect();
        let changed = rows.into_iter().filter_map(|row| {
            let mut cleared = row.clone();
            E::clear(&mut cleared, person);
            (cleared != row).then_some(cleared)
        });
        self.upsert::<E>(changed.collect()).await?;
        self.clear_names(E::KIND, &ids, person).await?;
        if E::KIND == RefEntity::Order {
            let mut refunds = Vec::new();
            for chunk in ids.chunks(CHUNK) {
                let of_orders = refund::Column::OrderId.is_in(chunk.iter().copied());
                let select = self.select::<refund::Entity>().filter(of_orders);
                refunds.extend(select.ids(refund::Column::Id).await?);
            }
            self.clear_names(RefEntity::Refund, &refunds, person)
                .await?;
        }
        Ok(())
    }

    async fn clear_names(&self, kind: RefEntity, ids: &[i64], person: &Texts) -> Result<()> {
        use external_ref::Column as C;
        let mut telling = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let names = self.external_refs(kind, chunk).await?;
            let names = names.into_values().flatten();
            telling.extend(names.filter(|name| person.tell_in(&name.external_id)));
        }
        for chunk in telling.chunks(200) {
            let any = chunk.iter().fold(Condition::any(), |any, name| {
                let this = C::System
                    .eq(name.system.as_str())
                    .and(C::ExternalId.eq(name.external_id.as_str()));
                any.add(this)
            });
            let those = Condition::all().add(C::Entity.eq(kind)).add(any);
            self.delete::<external_ref::Entity>(those).await?;
        }
        Ok(())
    }

    /// Forgets what the customers were before they were merged: the merges cannot be undone any more.
    async fn forget_states(&self, merges: Vec<customer_merge::Model>) -> Result<()> {
        let known = merges.into_iter().filter(|merge| merge.state.is_some());
        let forgotten = known.map(|merge| customer_merge::Model {
            state: None,
            ..merge
        });
        self.upsert::<customer_merge::Entity>(forgotten.collect())
            .await
    }

    /// Forgets calls whose keys tell who it was. A word of the name or a part of the address is not enough, nor a
    /// reference within a longer one: a key that is forgotten does not keep its call from being worked through again.
    async fn forget_keys(&self, person: &Texts, names: &[String]) -> Result<()> {
        let keys = self.select::<idempotency_key::Entity>().all().await?;
        let named = |key: &str| names.iter().any(|name| holds_whole(key, name));
        for row in keys {
            if person.tell_in(&row.key) || named(&row.key) {
                let this = idempotency_key::Column::Mutation
                    .eq(row.mutation)
                    .and(idempotency_key::Column::Key.eq(row.key));
                self.delete::<idempotency_key::Entity>(this).await?;
            }
        }
        Ok(())
    }

    /// Takes the person out of the stored answers to calls: a refused row's mistake repeats the value.
    async fn clear_answers(&self, person: &Texts) -> Result<()> {
        let stored = self.select::<idempotency_key::Entity>().all().await?;
        let mut changed = Vec::new();
        for row in stored {
            let Ok(mut answer) = serde_json::from_str(&row.answer) else {
                continue;
            };
            if clear_reasons(&mut answer, person) {
                changed.push(idempotency_key::Model {
                    answer: answer.to_string(),
                    ..row
                });
            }
        }
        self.upsert::<idempotency_key::Entity>(changed).await
    }

    /// Takes the person out of what imports refused: a refusal repeats the value of the file.
    async fn clear_refusals(&self, person: &Texts) -> Result<()> {
        let refusals = self.select::<import_error::Entity>().all().await?;
        let telling = refusals
            .into_iter()
            .filter(|row| person.tell_in(&row.reason));
        let cleared = telling.map(|row| import_error::Model {
            reason: ERASED_TEXT.to_owned(),
            ..row
        });
        self.upsert::<import_error::Entity>(cleared.collect()).await
    }
}

/// Whether a text holds another one that neither begins nor ends within a word.
fn holds_whole(text: &str, part: &str) -> bool {
    let letter = |found: Option<char>| found.is_some_and(char::is_alphanumeric);
    let mut found = text.match_indices(part);
    found.any(|(at, part)| {
        !letter(text[..at].chars().next_back()) && !letter(text[at + part.len()..].chars().next())
    })
}

/// Replaces the reasons of refusals that tell of the person; says whether there were any.
fn clear_reasons(value: &mut serde_json::Value, person: &Texts) -> bool {
    use serde_json::Value;
    match value {
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| clear_reasons(item, person) | any),
        Value::Object(fields) => fields.iter_mut().fold(false, |any, (name, field)| {
            let cleared = match field {
                Value::String(text) if name == "reason" && person.tell_in(text) => {
                    *text = ERASED_TEXT.to_owned();
                    true
                }
                field => clear_reasons(field, person),
            };
            cleared | any
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_in_a_key_as_a_whole_word_only() {
        for (key, found) in [
            ("contact-1001", true),
            ("1001", true),
            ("sync of 1001, again", true),
            ("shop-2026-05-14-110012", false),
            ("x1001", false),
            ("1001ä", false),
            ("", false),
        ] {
            assert_eq!(holds_whole(key, "1001"), found, "{key}");
        }
        assert!(!holds_whole("a key", "other"));
    }
}
