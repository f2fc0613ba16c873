//! Making two customers again of those that were merged.

use std::collections::HashSet;

use entity::{customer, customer_merge, external_ref, stage_event, values::RefEntity};
use sea_orm::{ColumnTrait, Condition, sea_query::ExprTrait};

use super::{
    merge::MOVED,
    state::{CustomerState, MergeState},
};
use crate::{error::Result, store::TeamWriter};

/// Ids per statement.
const CHUNK: usize = 2_000;

/// Why a merge is not undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotUndone {
    /// It was before.
    Before,
    /// The person was erased.
    Erased,
    /// Another merge came after it and must be undone first.
    After(i64),
}

impl TeamWriter {
    /// Undoes a merge: both customers are what they were. What was written to the kept one since stays with it.
    pub async fn unmerge_customers(
        &self,
        merge: customer_merge::Model,
    ) -> Result<Result<customer_merge::Model, NotUndone>> {
        if merge.undone_at.is_some() {
            return Ok(Err(NotUndone::Before));
        }
        let Some(state) = &merge.state else {
            return Ok(Err(NotUndone::Erased));
        };
        if let Some(later) = self.later_merge(&merge).await? {
            return Ok(Err(NotUndone::After(later)));
        }
        let state = MergeState::read(state)?;
        let (kept, gone, team) = (merge.kept_id, merge.merged_id, self.team().id);
        if let Some(merged) = state.merged {
            self.insert::<customer::Entity>(vec![merged.row(team)?])
                .await?;
        }
        for table in MOVED.into_iter().chain(["stage_event"]) {
            let ids = state.moved.get(table).map_or(&[][..], Vec::as_slice);
            self.give_back(table, ids, kept, gone).await?;
        }
        let answers = state.moved.get("survey_response");
        let answers = answers.into_iter().flatten().copied().collect();
        self.move_answers(kept, gone, Some(&answers)).await?;
        let dropped = state.dropped.into_iter();
        let dropped = dropped.map(|entry| entry.row(team, gone));
        self.insert::<stage_event::Entity>(dropped.collect::<Result<_>>()?)
            .await?;
        self.give_names_back(&state.names, kept, gone).await?;
        let redirected = state.redirected.into_iter().collect();
        self.redirect(kept, gone, Some(&redirected)).await?;
        if let Some((before, after)) = state.before.zip(state.after) {
            let now = self.clock().now();
            let rows = self.customers_by_id(&[kept]).await?;
            let restored = rows.get(&kept).map(|row| {
                CustomerState::from(row)
                    .undone(before, &after, now)
                    .row(team)
            });
            self.upsert::<customer::Entity>(restored.into_iter().collect::<Result<_>>()?)
                .await?;
        }
        for customer in [kept, gone] {
            self.refresh_person(customer).await?;
        }
        let undone = customer_merge::Model {
            stands_for_id: gone,
            undone_at: Some(self.clock().now()),
            state: None,
            ..merge
        };
        self.upsert::<customer_merge::Entity>(vec![undone.clone()])
            .await?;
        Ok(Ok(undone))
    }

    /// A merge that must be undone before this one: of the kept customer into another, or of a third one into it.
    async fn later_merge(&self, merge: &customer_merge::Model) -> Result<Option<i64>> {
        use customer_merge::Column as C;
        let away = C::MergedId.eq(merge.kept_id);
        // Who came by an e-mail address had nothing, and is in nobody's way.
        let onto = C::KeptId
            .eq(merge.kept_id)
            .and(C::Id.gt(merge.id))
            .and(C::Reason.eq(customer_merge::Reason::Manual));
        let mut later = Condition::any().add(away);
        if merge.reason == customer_merge::Reason::Manual {
            later = later.add(onto);
        }
        let rows = self
            .select::<customer_merge::Entity>()
            .filter(C::UndoneAt.is_null())
            .filter(later)
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| row.id).max())
    }

    /// Gives rows back that are still the kept customer's.
    async fn give_back(
        &self,
        table: &'static str,
        ids: &[i64],
        kept: i64,
        gone: i64,
    ) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            let (places, mut values) = self.id_list(chunk);
            let next = values.len() + 2;
            values.extend([kept.into(), gone.into()]);
            let set = [("customer_id", format!("${}", next + 1))];
            let theirs = format!("id IN ({places}) AND customer_id = ${next}");
            self.amend(table, &set, &theirs, values).await?;
        }
        Ok(())
    }

    async fn give_names_back(
        &self,
        names: &[(String, String)],
        kept: i64,
        gone: i64,
    ) -> Result<()> {
        let wanted: HashSet<(&str, &str)> = names
            .iter()
            .map(|(system, name)| (system.as_str(), name.as_str()))
            .collect();
        let stored = self.external_refs(RefEntity::Customer, &[kept]).await?;
        let back = stored
            .into_values()
            .flatten()
            .filter(|name| wanted.contains(&(name.system.as_str(), name.external_id.as_str())))
            .map(|name| external_ref::Model {
                entity_id: gone,
                ..name
            });
        self.upsert::<external_ref::Entity>(back.collect()).await
    }
}
