//! The audit log: who changed what.

use async_graphql::{Context, ID, InputObject, Json, Object};
use chrono::{DateTime, Utc};
use entity::audit_entry::{self, Action, ActorKind, Subject};
use serde_json::Value;

use super::{
    GlobalId, Session,
    connection::{connection, count},
    global_id::NodeType,
};
use crate::{
    auth::Scope,
    error::ApiResult,
    store::{AuditFilter, PageAsk},
};

/// Which entries of the audit log.
#[derive(InputObject, Default)]
pub struct AuditLogFilter {
    /// Those about this kind of row.
    entity: Option<Subject>,
    /// Those about the row with this id.
    entity_id: Option<ID>,
    /// Those by this operation: a mutation's field such as `createCampaign`, or a command such as `import`.
    operation: Option<String>,
    /// Those by this kind of caller.
    actor_kind: Option<ActorKind>,
    /// Those by this caller.
    actor: Option<String>,
}

impl AuditLogFilter {
    fn columns(self) -> AuditFilter {
        let mut filter = AuditFilter {
            subject: self.entity,
            operation: self.operation,
            actor_kind: self.actor_kind,
            actor: self.actor,
            subject_id: None,
        };
        if let Some(id) = self.entity_id {
            let found = id.parse::<GlobalId>().ok();
            let subject = found.and_then(|id| Some((subject_of(id.node)?, id.id)));
            match subject {
                Some((subject, id)) if filter.subject.is_none_or(|asked| asked == subject) => {
                    filter.subject = Some(subject);
                    filter.subject_id = Some(id.to_string());
                }
                // A dashboard's audience, or the id of nothing that is logged.
                _ => filter.subject_id = Some(id.0),
            }
        }
        filter
    }
}

/// A line of the audit log.
pub struct AuditEntry(audit_entry::Model);

connection!(
    AuditEntryConnection,
    AuditEntryEdge,
    AuditEntry,
    "entries of the audit log"
);

/// Answers `auditLog`.
pub async fn audit_log(
    ctx: &Context<'_>,
    filter: AuditLogFilter,
    ask: PageAsk,
) -> ApiResult<AuditEntryConnection> {
    let session = Session::with_scope(ctx, Scope::TeamAdmin)?;
    // Budgets and targets stand in the rows.
    session.caller.require(Scope::MoneyRead)?;
    let filter = filter.columns();
    let page = session.store.audit_log(&filter, &ask).await?;
    let count = count(move |store| {
        let filter = filter.clone();
        async move { store.audit_entry_count(&filter).await }
    });
    Ok(AuditEntryConnection::new(page.map(AuditEntry), count))
}

/// What became of one row, or of many rows of a load, in one transaction.
#[Object]
impl AuditEntry {
    /// The entry's id.
    async fn id(&self) -> ID {
        GlobalId::new(NodeType::AuditEntry, self.0.id).into()
    }

    /// When it was written.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// What kind of caller did it.
    async fn actor_kind(&self) -> ActorKind {
        self.0.actor_kind
    }

    /// Who did it: the subject of a token, or the prefix of an API key. `cli` for the command line.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// The API key that did it. Null for others.
    async fn api_key_id(&self) -> Option<ID> {
        let id = self.0.api_key_id?;
        Some(GlobalId::new(NodeType::ApiKey, id).into())
    }

    /// The mutation's field, or the command.
    async fn operation(&self) -> &str {
        &self.0.operation
    }

    /// What happened.
    async fn action(&self) -> Action {
        self.0.action
    }

    /// The kind of row. Null for loads.
    async fn entity(&self) -> Option<Subject> {
        self.0.subject
    }

    /// The row's id; a dashboard's is its audience. Null for loads.
    async fn entity_id(&self) -> Option<ID> {
        let id = self.0.subject_id.as_ref()?;
        let global = self.0.subject.and_then(node_of).zip(id.parse().ok());
        Some(global.map_or_else(
            || ID(id.clone()),
            |(node, id)| GlobalId::new(node, id).into(),
        ))
    }

    /// The names of the fields that changed, in alphabetical order; those that are set, of a new row.
    async fn changed_fields(&self) -> Vec<String> {
        serde_json::from_str(&self.0.changed).unwrap_or_default()
    }

    /// The row before, with amounts in millionths. Null for new rows, for loads, and for customers, whose data is not
    /// logged. What is secret is left out.
    async fn before(&self) -> Option<Json<Value>> {
        shown(self.0.before.as_deref())
    }

    /// The row after, with amounts in millionths; of a load, the numbers of rows by table. Null for rows that are gone
    /// and for customers.
    async fn after(&self) -> Option<Json<Value>> {
        shown(self.0.after.as_deref())
    }
}

/// A stored state, with the ids of other rows as clients know them.
fn shown(stored: Option<&str>) -> Option<Json<Value>> {
    let mut value = serde_json::from_str(stored?).ok()?;
    publish_ids(&mut value);
    Some(Json(value))
}

fn publish_ids(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(publish_ids),
        Value::Object(fields) => {
            for (name, value) in fields {
                let node = match name.as_str() {
                    "campaignId" => Some(NodeType::Campaign),
                    "channelId" => Some(NodeType::Channel),
                    "keyResultOf" => Some(NodeType::Goal),
                    _ => None,
                };
                let id = value.as_str().and_then(|id| id.parse().ok());
                match node.zip(id) {
                    Some((node, id)) => *value = GlobalId::new(node, id).to_string().into(),
                    None => publish_ids(value),
                }
            }
        }
        _ => {}
    }
}

/// The type of the ids of a kind of row. None for dashboards, which go by their audience.
fn node_of(subject: Subject) -> Option<NodeType> {
    Some(match subject {
        Subject::Team => NodeType::Team,
        Subject::Campaign => NodeType::Campaign,
        Subject::Channel => NodeType::Channel,
        Subject::Customer => NodeType::Customer,
        Subject::Goal => NodeType::Goal,
        Subject::Benchmark => NodeType::Benchmark,
        Subject::Dashboard => return None,
        Subject::AlertRule => NodeType::AlertRule,
        Subject::Experiment => NodeType::Experiment,
        Subject::MetricDefinition => NodeType::MetricDefinition,
        Subject::ApiKey => NodeType::ApiKey,
        Subject::ImportMapping => NodeType::ImportMapping,
        Subject::WebhookEndpoint => NodeType::WebhookEndpoint,
        Subject::Import => NodeType::Import,
    })
}

fn subject_of(node: NodeType) -> Option<Subject> {
    use sea_orm::Iterable;
    Subject::iter().find(|subject| node_of(*subject) == Some(node))
}
