//! Alert rules: lists and writes.

use std::collections::HashMap;

use entity::alert_rule;
use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, Order},
};

use super::{
    Page, PageAsk, PageCursor, Scoped, TeamStore, TeamWriter,
    page::{Sort, SortValue},
};
use crate::error::Result;

/// The most rules that are looked at together.
const MOST_RULES: u64 = 1_000;

impl TeamStore {
    fn alert_rules_that_are(&self, enabled: Option<bool>) -> Scoped<'_, alert_rule::Entity> {
        let select = self.select::<alert_rule::Entity>();
        match enabled {
            Some(enabled) => select.filter(alert_rule::Column::Enabled.eq(enabled)),
            None => select,
        }
    }

    /// One page of alert rules, the oldest first.
    pub async fn alert_rules(
        &self,
        enabled: Option<bool>,
        ask: &PageAsk,
    ) -> Result<Page<alert_rule::Model>> {
        let sort = Sort {
            expr: None,
            id: Expr::col(alert_rule::Column::Id),
            descending: false,
            kind: SortValue::Id,
            cursor: |row: &alert_rule::Model| PageCursor::new(SortValue::Id, row.id),
        };
        self.alert_rules_that_are(enabled).page(ask, sort).await
    }

    /// How many alert rules there are.
    pub async fn alert_rule_count(&self, enabled: Option<bool>) -> Result<u64> {
        self.alert_rules_that_are(enabled).count().await
    }

    /// The rules that are not put out of force, the oldest first; at most 1 000.
    pub async fn rules_in_force(&self) -> Result<Vec<alert_rule::Model>> {
        self.alert_rules_that_are(Some(true))
            .order_by(Expr::col(alert_rule::Column::Id), Order::Asc)
            .limit(MOST_RULES)
            .all()
            .await
    }

    /// These alert rules.
    pub async fn alert_rules_by_id(&self, ids: &[i64]) -> Result<HashMap<i64, alert_rule::Model>> {
        self.by_ids::<alert_rule::Entity>(alert_rule::Column::Id, ids, |row| row.id)
            .await
    }
}

impl TeamWriter {
    /// Stores a rule's new state if it still has the version that the caller knows; false when it moved on.
    pub async fn update_alert_rule(
        &self,
        row: alert_rule::Model,
        known_version: i32,
    ) -> Result<bool> {
        let id = (alert_rule::Column::Id, row.id);
        let version = (alert_rule::Column::Version, known_version);
        self.update_versioned::<alert_rule::Entity>(row, id, version)
            .await
    }

    /// Deletes a rule.
    pub async fn delete_alert_rule(&self, id: i64) -> Result<()> {
        self.delete::<alert_rule::Entity>(alert_rule::Column::Id.eq(id))
            .await?;
        Ok(())
    }
}
