//! The names that other systems have for rows, in answers and in inputs.

use async_graphql::{Context, ID, InputObject, OneofObject, SimpleObject};
use entity::{external_ref, values::RefEntity};

use super::{Session, list::most, loaders::RefsOf, payload::Mistakes};
use crate::{
    error::ApiResult,
    store::{RefKey, TeamStore},
};

/// The name that another system has for something.
#[derive(SimpleObject, Clone)]
pub struct ExternalRef {
    /// The system, such as `hubspot`.
    pub system: String,
    /// Its name for the row; unique within the system and the kind of row.
    pub id: ID,
}

/// A name that another system has for something.
#[derive(InputObject, Clone, PartialEq, Eq, Hash)]
pub struct ExternalRefInput {
    /// The system, 1 to 60 characters.
    pub system: String,
    /// Its name for the row, 1 to 200 characters.
    pub id: String,
}

/// A row, named by our id or by another system's name for it.
#[derive(OneofObject, Clone)]
pub enum RefInput {
    /// The id that an answer gave.
    Id(ID),
    /// Another system's name for it.
    External(ExternalRefInput),
}

/// External references of a row, in a stable order, and no more than the limit.
pub async fn external_refs(
    ctx: &Context<'_>,
    entity: RefEntity,
    id: i64,
    limit: Option<u32>,
) -> ApiResult<Vec<ExternalRef>> {
    let refs = Session::of(ctx)?
        .load
        .load_one(RefsOf(entity, id))
        .await?
        .unwrap_or_default();
    let named = |row: external_ref::Model| ExternalRef {
        system: row.system,
        id: ID(row.external_id),
    };
    Ok(refs.into_iter().take(most(limit)).map(named).collect())
}

impl ExternalRefInput {
    /// Checks that names are well formed and not taken; gives them as pairs of system and name.
    pub async fn free(
        store: &TeamStore,
        entity: RefEntity,
        refs: &[Self],
        mistakes: &mut Mistakes,
    ) -> ApiResult<Vec<(String, String)>> {
        let mut free: Vec<(String, String)> = Vec::new();
        for (place, name) in refs.iter().enumerate() {
            let path = format!("input.externalRefs[{place}]");
            mistakes.check_name(&format!("{path}.system"), &name.system, 60);
            mistakes.check_name(&format!("{path}.id"), &name.id, 200);
            let pair = (name.system.clone(), name.id.clone());
            let taken = !store
                .resolve(
                    RefKey {
                        entity,
                        system: &name.system,
                    },
                    &[&name.id],
                )
                .await?
                .is_empty();
            if taken || free.contains(&pair) {
                mistakes.taken(
                    &path,
                    format!(
                        "{path}: '{}' of '{}' names something already",
                        name.id, name.system
                    ),
                );
            }
            free.push(pair);
        }
        Ok(free)
    }
}
