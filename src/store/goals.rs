//! Goals: lists and writes.

use std::collections::HashMap;

use entity::goal;
use sea_orm::{
    ColumnTrait, EntityName,
    sea_query::{Expr, Order},
};

use super::{
    Page, PageAsk, PageCursor, Scoped, TeamStore, TeamWriter,
    page::{Sort, SortValue},
};
use crate::error::Result;

impl TeamStore {
    fn goals_where(&self, archived: bool) -> Scoped<'_, goal::Entity> {
        let select = self.select::<goal::Entity>();
        if archived {
            select
        } else {
            select.filter(goal::Column::Archived.eq(false))
        }
    }

    /// One page of goals, by deadline; archived ones too if asked.
    pub async fn goals(&self, archived: bool, ask: &PageAsk) -> Result<Page<goal::Model>> {
        let sort = Sort {
            expr: Some(Expr::col(goal::Column::Deadline)),
            id: Expr::col(goal::Column::Id),
            descending: false,
            kind: SortValue::Day(super::sql::FIRST_DAY),
            cursor: place,
        };
        self.goals_where(archived).page(ask, sort).await
    }

    /// How many goals there are; archived ones too if asked.
    pub async fn goal_count(&self, archived: bool) -> Result<u64> {
        self.goals_where(archived).count().await
    }

    /// Every goal, by deadline; archived ones too if asked. A team has at most a few hundred.
    pub async fn all_goals(&self, archived: bool) -> Result<Vec<goal::Model>> {
        self.goals_where(archived)
            .order_by(Expr::col(goal::Column::Deadline), Order::Asc)
            .order_by(Expr::col(goal::Column::Id), Order::Asc)
            .all()
            .await
    }

    /// These goals, archived or not.
    pub async fn goals_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, goal::Model>> {
        self.by_ids::<goal::Entity>(goal::Column::Id, ids, |row| row.id)
            .await
    }

    /// The goals that are key results of each of these, by deadline, without archived ones.
    pub async fn key_results_of(&self, ids: &[i64]) -> Result<HashMap<i64, Vec<goal::Model>>> {
        let rows = self
            .goals_where(false)
            .filter(goal::Column::KeyResultOf.is_in(ids.iter().copied()))
            .order_by(Expr::col(goal::Column::Deadline), Order::Asc)
            .order_by(Expr::col(goal::Column::Id), Order::Asc)
            .all()
            .await?;
        let mut found: HashMap<i64, Vec<goal::Model>> = HashMap::new();
        for row in rows {
            if let Some(parent) = row.key_result_of {
                found.entry(parent).or_default().push(row);
            }
        }
        Ok(found)
    }
}

fn place(row: &goal::Model) -> PageCursor {
    PageCursor::new(SortValue::Day(row.deadline), row.id)
}

/// A goal's cursor in lists by deadline, as [`TeamStore::goals`] gives it.
pub fn goal_cursor(row: &goal::Model) -> String {
    PageCursor {
        list: goal::Entity.table_name().to_owned(),
        ..place(row)
    }
    .encode()
}

impl TeamWriter {
    /// Stores a goal's new state if it still has the version that the caller knows; false when it moved on.
    pub async fn update_goal(&self, row: goal::Model, known_version: i32) -> Result<bool> {
        let id = (goal::Column::Id, row.id);
        let version = (goal::Column::Version, known_version);
        self.update_versioned::<goal::Entity>(row, id, version)
            .await
    }
}
