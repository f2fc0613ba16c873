//! Reading the audit log. It is written by the writer's commit.

use entity::audit_entry::{self, ActorKind, Subject};
use sea_orm::{ColumnTrait, sea_query::Expr};

use super::{
    Page, PageAsk, PageCursor, Scoped, TeamStore,
    page::{Sort, SortValue},
};
use crate::error::Result;

/// Which entries are asked; what is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this kind of row.
    pub subject: Option<Subject>,
    /// Of the row with this id.
    pub subject_id: Option<String>,
    /// By this mutation or command.
    pub operation: Option<String>,
    /// By this kind of caller.
    pub actor_kind: Option<ActorKind>,
    /// By this caller.
    pub actor: Option<String>,
}

impl TeamStore {
    fn audit_entries(&self, filter: &AuditFilter) -> Scoped<'_, audit_entry::Entity> {
        use audit_entry::Column as C;
        let mut select = self.select::<audit_entry::Entity>();
        if let Some(subject) = filter.subject {
            select = select.filter(C::Subject.eq(subject));
        }
        if let Some(actor_kind) = filter.actor_kind {
            select = select.filter(C::ActorKind.eq(actor_kind));
        }
        for (column, value) in [
            (C::SubjectId, &filter.subject_id),
            (C::Operation, &filter.operation),
            (C::Actor, &filter.actor),
        ] {
            if let Some(value) = value {
                select = select.filter(column.eq(value));
            }
        }
        select
    }

    /// One page of the audit log, the newest entries first.
    pub async fn audit_log(
        &self,
        filter: &AuditFilter,
        ask: &PageAsk,
    ) -> Result<Page<audit_entry::Model>> {
        let sort = Sort {
            expr: None,
            id: Expr::col(audit_entry::Column::Id),
            descending: true,
            kind: SortValue::Id,
            cursor: |row: &audit_entry::Model| PageCursor::new(SortValue::Id, row.id),
        };
        self.audit_entries(filter).page(ask, sort).await
    }

    /// How many entries match.
    pub async fn audit_entry_count(&self, filter: &AuditFilter) -> Result<u64> {
        self.audit_entries(filter).count().await
    }
}
