//! Persons: finding all that is held on one, erasing one, taking two customers for one.

mod data;
mod erase;
mod loaders;
mod merge;

use async_graphql::{Context, Object};
use entity::{customer, values::RefEntity};

pub use data::CustomerData;
pub use erase::{EraseCustomerInput, EraseCustomerPayload};
pub use loaders::{ErasureOf, MergesOf};
pub use merge::{
    CustomerMerge, MergeCustomersInput, MergeCustomersPayload, UnmergeCustomersInput,
    UnmergeCustomersPayload,
};

use super::{GlobalId, external_ref::RefInput, global_id::NodeType, payload::Mistakes};
use crate::{
    error::{ApiResult, Result},
    store::{RefKey, TeamStore},
};

/// The queries about persons.
#[derive(Default)]
pub struct PrivacyQuery;

/// The mutations about persons.
#[derive(Default)]
pub struct PrivacyMutation;

/// What is held on a person.
#[Object]
impl PrivacyQuery {
    /// All that is held on a customer, for a person who asks for it. Null when there is no such customer. Needs
    /// CUSTOMERS_READ, PERSONAL_DATA_READ and MONEY_READ.
    async fn customer_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which customer.")] customer: RefInput,
    ) -> ApiResult<Option<CustomerData>> {
        Box::pin(data::customer_data(ctx, &customer)).await
    }
}

/// Changes to who customers are.
#[Object]
impl PrivacyMutation {
    /// Erases a person for good: address, name, references, properties and whatever else tells who it was. The numbers
    /// stay as they are. Whoever was erased before stays so. Needs CUSTOMERS_WRITE and PERSONAL_DATA_READ.
    async fn erase_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] input: EraseCustomerInput,
    ) -> ApiResult<EraseCustomerPayload> {
        Ok(Box::pin(erase::erase(ctx, input)).await?.into())
    }

    /// Takes two customers for one: all that belongs to one of them is the other's. Needs CUSTOMERS_WRITE.
    async fn merge_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which customers.")] input: MergeCustomersInput,
    ) -> ApiResult<MergeCustomersPayload> {
        Ok(Box::pin(merge::merge(ctx, input)).await?.into())
    }

    /// Undoes a merge: both customers are what they were. What was written since stays with the one that was kept.
    /// Needs CUSTOMERS_WRITE.
    async fn unmerge_customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which merge.")] input: UnmergeCustomersInput,
    ) -> ApiResult<UnmergeCustomersPayload> {
        Ok(Box::pin(merge::unmerge(ctx, input)).await?.into())
    }
}

/// The customer named; `None` when there is none in the team.
async fn found(store: &TeamStore, named: &RefInput) -> Result<Option<customer::Model>> {
    let id = match named {
        RefInput::Id(id) => match id.parse::<GlobalId>() {
            Ok(found) if found.node == NodeType::Customer => Some(found.id),
            _ => None,
        },
        RefInput::External(name) => {
            let key = RefKey {
                entity: RefEntity::Customer,
                system: &name.system,
            };
            store.resolve(key, &[&name.id]).await?.remove(&name.id)
        }
    };
    match id {
        Some(id) => Ok(store.customers_by_id(&[id]).await?.remove(&id)),
        None => Ok(None),
    }
}

/// The same; that there is none is a mistake.
async fn wanted(
    store: &TeamStore,
    field: &str,
    named: &RefInput,
    mistakes: &mut Mistakes,
) -> Result<Option<customer::Model>> {
    let row = found(store, named).await?;
    if row.is_none() {
        let (path, what) = match named {
            RefInput::Id(_) => (format!("{field}.id"), "there is no customer with this id"),
            RefInput::External(_) => (
                format!("{field}.external"),
                "no customer has this name: nobody ever had, or who had was erased",
            ),
        };
        mistakes.not_found(&path, format!("{path}: {what}"));
    }
    Ok(row)
}
