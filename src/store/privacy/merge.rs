//! Making one customer of two.

use std::collections::HashSet;

use entity::{
    customer, customer_merge, external_ref, stage_event, survey_response, values::RefEntity,
};
use sea_orm::ColumnTrait;

use super::{
    person::OfPerson,
    state::{CustomerState, MergeState, StageState},
};
use crate::{
    error::Result,
    store::{TeamStore, TeamWriter},
};

/// The versioned tables whose rows simply change hands.
pub(super) const MOVED: [&str; 4] = ["orders", "opportunity", "touchpoint", "conversion"];

/// Why two customers are not merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmergeable {
    /// They are one already.
    Same,
    /// This one was erased.
    Erased(i64),
}

impl TeamStore {
    /// The ids of a customer's rows in a table, in their order.
    pub(super) async fn rows_of_person<E: OfPerson>(&self, customer: i64) -> Result<Vec<i64>> {
        let select = self.select::<E>().filter(E::CUSTOMER.eq(customer));
        select.ids(E::ID).await
    }
}

impl TeamWriter {
    /// Gives all that belongs to the second customer to the first, whose blanks it fills, and takes the second away.
    /// Its id and its names stand for the first from now on.
    pub async fn merge_customers(
        &self,
        keep: customer::Model,
        merge: customer::Model,
    ) -> Result<Result<customer_merge::Model, Unmergeable>> {
        if keep.id == merge.id {
            return Ok(Err(Unmergeable::Same));
        }
        let erased = self.erased_among(&[keep.id, merge.id]).await?;
        if let Some(id) = [keep.id, merge.id]
            .into_iter()
            .find(|id| erased.contains(id))
        {
            return Ok(Err(Unmergeable::Erased(id)));
        }
        let mut state = MergeState {
            before: Some(CustomerState::from(&keep)),
            merged: Some(CustomerState::from(&merge)),
            ..MergeState::default()
        };
        self.move_stages(keep.id, merge.id, &mut state).await?;
        macro_rules! moved {
            ($table:ident) => {
                let ids = self
                    .rows_of_person::<entity::$table::Entity>(merge.id)
                    .await?;
                let name = <entity::$table::Entity as OfPerson>::TABLE;
                state.moved.insert(name.to_owned(), ids);
            };
        }
        moved!(orders);
        moved!(opportunity);
        moved!(touchpoint);
        moved!(conversion);
        moved!(survey_response);
        for table in MOVED {
            let set = [("customer_id", "$2".to_owned())];
            let values = vec![keep.id.into(), merge.id.into()];
            self.amend(table, &set, "customer_id = $3", values).await?;
        }
        self.move_answers(merge.id, keep.id, None).await?;
        self.move_names(keep.id, merge.id, &mut state).await?;
        state.redirected = self.redirect(merge.id, keep.id, None).await?;
        let (kept, gone) = (keep.id, merge.id);
        self.upsert::<customer::Entity>(vec![self.joined(keep, merge)])
            .await?;
        self.delete::<customer::Entity>(customer::Column::Id.eq(gone))
            .await?;
        self.refresh_person(kept).await?;
        let after = self.customers_by_id(&[kept]).await?;
        state.after = after.get(&kept).map(CustomerState::from);
        let row = customer_merge::Model {
            team_id: self.team().id,
            id: self.id(),
            kept_id: kept,
            merged_id: gone,
            stands_for_id: kept,
            reason: customer_merge::Reason::Manual,
            merged_at: self.clock().now(),
            undone_at: None,
            state: Some(state.write()?),
        };
        self.insert::<customer_merge::Entity>(vec![row.clone()])
            .await?;
        Ok(Ok(row))
    }

    /// Finds anew what follows from a customer's rows. Without any entry into a stage, the stage is as it was told.
    pub(super) async fn refresh_person(&self, customer: i64) -> Result<()> {
        let ids = [customer];
        self.refresh_order_days(&ids).await?;
        if !self.stages_of(&ids).await?.is_empty() {
            self.refresh_stages(&ids).await?;
        }
        if !self
            .rows_of_person::<entity::touchpoint::Entity>(customer)
            .await?
            .is_empty()
        {
            self.refresh_acquisition(&ids).await?;
        }
        Ok(())
    }

    /// The first customer with what the second knows more.
    fn joined(&self, keep: customer::Model, merge: customer::Model) -> customer::Model {
        let by = |row: &customer::Model| {
            (
                row.acquired_campaign_id,
                row.acquired_channel_id,
                row.acquired_at,
            )
        };
        let (ours, theirs) = (by(&keep), by(&merge));
        let earlier = match (ours.2, theirs.2) {
            (Some(ours), Some(theirs)) => theirs < ours,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => ours.0.is_none() && ours.1.is_none(),
        };
        let acquired = if earlier { theirs } else { ours };
        let parse = |text: &str| {
            serde_json::from_str::<std::collections::BTreeMap<String, serde_json::Value>>(text)
                .unwrap_or_default()
        };
        let mut properties = parse(&merge.properties);
        properties.extend(parse(&keep.properties));
        customer::Model {
            email: keep.email.or(merge.email),
            name: keep.name.or(merge.name),
            country: keep.country.or(merge.country),
            lifecycle: keep.lifecycle.or(merge.lifecycle),
            acquired_campaign_id: acquired.0,
            acquired_channel_id: acquired.1,
            acquired_at: acquired.2,
            properties: serde_json::to_string(&properties).unwrap_or(keep.properties),
            updated_at: self.clock().now(),
            version: keep.version.saturating_add(1),
            ..keep
        }
    }

    /// Moves entries into stages. Of one that both have, the kept customer's stays.
    async fn move_stages(&self, keep: i64, merge: i64, state: &mut MergeState) -> Result<()> {
        let mut stages = self.stages_of(&[keep, merge]).await?;
        let entry = |row: &stage_event::Model| (row.stage, row.entered_at);
        let known: HashSet<_> = stages
            .remove(&keep)
            .unwrap_or_default()
            .iter()
            .map(entry)
            .collect();
        let theirs = stages.remove(&merge).unwrap_or_default();
        let (twice, moved): (Vec<_>, Vec<_>) = theirs
            .into_iter()
            .partition(|row| known.contains(&entry(row)));
        if !twice.is_empty() {
            let ids = twice.iter().map(|row| row.id);
            self.delete::<stage_event::Entity>(stage_event::Column::Id.is_in(ids))
                .await?;
        }
        let set = [("customer_id", "$2".to_owned())];
        let values = vec![keep.into(), merge.into()];
        self.amend("stage_event", &set, "customer_id = $3", values)
            .await?;
        state.dropped = twice.iter().map(StageState::from).collect();
        let moved = moved.iter().map(|row| row.id).collect();
        state.moved.insert("stage_event".to_owned(), moved);
        Ok(())
    }

    /// Moves answers to surveys from one customer to another; with `only`, those of these ids.
    pub(super) async fn move_answers(
        &self,
        from: i64,
        to: i64,
        only: Option<&HashSet<i64>>,
    ) -> Result<()> {
        let theirs = survey_response::Column::CustomerId.eq(from);
        let rows = self
            .select::<survey_response::Entity>()
            .filter(theirs)
            .all()
            .await?;
        let rows = rows
            .into_iter()
            .filter(|row| only.is_none_or(|ids| ids.contains(&row.id)))
            .map(|mut row| {
                survey_response::Entity::give(&mut row, to);
                row
            });
        self.upsert::<survey_response::Entity>(rows.collect()).await
    }

    async fn move_names(&self, keep: i64, merge: i64, state: &mut MergeState) -> Result<()> {
        let names = self.external_refs(RefEntity::Customer, &[merge]).await?;
        let names: Vec<external_ref::Model> = names.into_values().flatten().collect();
        let pairs = names
            .iter()
            .map(|name| (name.system.clone(), name.external_id.clone()));
        state.names = pairs.collect();
        let names = names.into_iter().map(|name| external_ref::Model {
            entity_id: keep,
            ..name
        });
        self.upsert::<external_ref::Entity>(names.collect()).await
    }

    /// Lets the ids that stand for one customer stand for another; with `only`, those of these merges. Says which.
    pub(super) async fn redirect(
        &self,
        from: i64,
        to: i64,
        only: Option<&HashSet<i64>>,
    ) -> Result<Vec<i64>> {
        use customer_merge::Column as C;
        let rows = self
            .select::<customer_merge::Entity>()
            .filter(C::StandsForId.eq(from))
            .filter(C::UndoneAt.is_null())
            .all()
            .await?;
        let rows: Vec<customer_merge::Model> = rows
            .into_iter()
            .filter(|row| only.is_none_or(|ids| ids.contains(&row.id)))
            .map(|row| customer_merge::Model {
                stands_for_id: to,
                ..row
            })
            .collect();
        let ids = rows.iter().map(|row| row.id).collect();
        self.upsert::<customer_merge::Entity>(rows).await?;
        Ok(ids)
    }
}
