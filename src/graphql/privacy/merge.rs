//! Taking two customers for one, and back.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::customer_merge::{self, Reason};

use super::wanted;
use crate::{
    auth::Scope,
    error::ApiResult,
    graphql::{
        GlobalId, Session,
        customer::Customer,
        external_ref::RefInput,
        global_id::NodeType,
        loaders::CustomerId,
        payload::{Mistakes, Outcome, payload},
    },
    store::{NotUndone, Unmergeable},
};

/// Which customers are one.
#[derive(InputObject)]
pub struct MergeCustomersInput {
    /// The customer that stays. What it does not know is filled in from the other.
    keep: RefInput,
    /// The customer that goes away. Its id and its references stand for the one that stays.
    merge: RefInput,
    /// The version of the one that stays, as the caller has read it. Default: whatever it is.
    version: Option<i32>,
}

/// Which merge to undo.
#[derive(InputObject)]
pub struct UnmergeCustomersInput {
    /// The merge.
    merge_id: ID,
}

/// That two customers were taken for one.
#[derive(Clone)]
pub struct CustomerMerge(pub customer_merge::Model);

payload!(MergeCustomersPayload, merge: CustomerMerge, "The merge. Null when there are mistakes.");
payload!(UnmergeCustomersPayload, merge: CustomerMerge, "The merge, undone. Null when there are mistakes.");

/// Two customers taken for one.
#[Object]
impl CustomerMerge {
    /// The merge's id.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::new(NodeType::CustomerMerge, self.0.id).into()
    }

    /// Who the merged id stands for now: after undoing, for itself. Null without CUSTOMERS_READ.
    async fn customer(&self, ctx: &Context<'_>) -> ApiResult<Option<Customer>> {
        let session = Session::of(ctx)?;
        if !session.caller.scopes().contains(Scope::CustomersRead) {
            return Ok(None);
        }
        let id = CustomerId(self.0.stands_for_id);
        Ok(session.load.load_one(id).await?.map(Customer))
    }

    /// The id of the customer that was kept.
    async fn kept_id(&self) -> ID {
        GlobalId::new(NodeType::Customer, self.0.kept_id).into()
    }

    /// The id of the customer that went away.
    async fn merged_id(&self) -> ID {
        GlobalId::new(NodeType::Customer, self.0.merged_id).into()
    }

    /// Why they were taken for one.
    async fn reason(&self) -> Reason {
        self.0.reason
    }

    /// When.
    async fn merged_at(&self) -> DateTime<Utc> {
        self.0.merged_at
    }

    /// When it was undone. Null when it was not.
    async fn undone_at(&self) -> Option<DateTime<Utc>> {
        self.0.undone_at
    }
}

/// Answers `mergeCustomers`.
pub async fn merge(
    ctx: &Context<'_>,
    input: MergeCustomersInput,
) -> ApiResult<Outcome<CustomerMerge>> {
    let session = Session::with_scope(ctx, Scope::CustomersWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let keep = wanted(&writer, "input.keep", &input.keep, &mut mistakes).await?;
    let merge = wanted(&writer, "input.merge", &input.merge, &mut mistakes).await?;
    let (Some(keep), Some(merge)) = (keep, merge) else {
        return Ok(Err(mistakes));
    };
    if let Some(version) = input.version.filter(|version| *version != keep.version) {
        mistakes.conflict(version, keep.version);
        return Ok(Err(mistakes));
    }
    let kept = keep.id;
    match writer.merge_customers(keep, merge).await? {
        Ok(row) => {
            writer.commit().await?;
            session.forget_loaded();
            Ok(Ok(CustomerMerge(row)))
        }
        Err(Unmergeable::Same) => {
            let text = "input.merge: this is the customer of input.keep already";
            mistakes.invalid("input.merge", text);
            Ok(Err(mistakes))
        }
        Err(Unmergeable::Erased(id)) => {
            let field = if id == kept {
                "input.keep"
            } else {
                "input.merge"
            };
            let text = format!("{field}: this person was erased and stays nobody");
            mistakes.invalid(field, text);
            Ok(Err(mistakes))
        }
    }
}

/// Answers `unmergeCustomers`.
pub async fn unmerge(
    ctx: &Context<'_>,
    input: UnmergeCustomersInput,
) -> ApiResult<Outcome<CustomerMerge>> {
    let session = Session::with_scope(ctx, Scope::CustomersWrite)?;
    let writer = session.begin(ctx).await?;
    let mut mistakes = Mistakes::default();
    let path = "input.mergeId";
    let row = match input.merge_id.parse::<GlobalId>() {
        Ok(found) if found.node == NodeType::CustomerMerge => writer.merge_by_id(found.id).await?,
        _ => None,
    };
    let Some(row) = row else {
        mistakes.not_found(path, format!("{path}: there is no merge with this id"));
        return Ok(Err(mistakes));
    };
    let reason = match writer.unmerge_customers(row).await? {
        Ok(row) => {
            writer.commit().await?;
            session.forget_loaded();
            return Ok(Ok(CustomerMerge(row)));
        }
        Err(NotUndone::Before) => "this merge was undone before".to_owned(),
        Err(NotUndone::Erased) => "the person was erased, and with it what the two were".to_owned(),
        Err(NotUndone::After(later)) => {
            let later = GlobalId::new(NodeType::CustomerMerge, later);
            format!("the customer was merged again since; undo {later} first")
        }
    };
    mistakes.invalid(path, format!("{path}: {reason}"));
    Ok(Err(mistakes))
}
