//! One line of the audit log: who did what to which row, and what the row was before and after.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// What kind of caller did it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[graphql(name = "AuditActorKind")]
pub enum ActorKind {
    /// Somebody with a token of an issuer.
    #[sea_orm(string_value = "USER")]
    User,
    /// A program with an API key.
    #[sea_orm(string_value = "API_KEY")]
    ApiKey,
    /// Whoever works on the service's own machine.
    #[sea_orm(string_value = "COMMAND_LINE")]
    CommandLine,
    /// The service itself, in work that nobody asked for by a request.
    #[sea_orm(string_value = "SERVICE")]
    Service,
}

/// What happened to the row.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[graphql(name = "AuditAction")]
pub enum Action {
    /// It is new.
    #[sea_orm(string_value = "CREATED")]
    Created,
    /// It changed.
    #[sea_orm(string_value = "CHANGED")]
    Changed,
    /// It is gone.
    #[sea_orm(string_value = "DELETED")]
    Deleted,
    /// Many rows were written at once; `after` counts them by table.
    #[sea_orm(string_value = "LOADED")]
    Loaded,
}

/// What kind of row it was.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(30))")]
#[graphql(name = "AuditEntity")]
pub enum Subject {
    /// The team's settings, those of attribution and channel rules included.
    #[sea_orm(string_value = "TEAM")]
    Team,
    /// A campaign with its channels and budgets.
    #[sea_orm(string_value = "CAMPAIGN")]
    Campaign,
    /// A channel.
    #[sea_orm(string_value = "CHANNEL")]
    Channel,
    /// A customer; only the names of changed fields are kept.
    #[sea_orm(string_value = "CUSTOMER")]
    Customer,
    /// A goal.
    #[sea_orm(string_value = "GOAL")]
    Goal,
    /// A benchmark.
    #[sea_orm(string_value = "BENCHMARK")]
    Benchmark,
    /// The choice of KPIs for an audience; its id is the audience.
    #[sea_orm(string_value = "DASHBOARD")]
    Dashboard,
    /// An alert rule.
    #[sea_orm(string_value = "ALERT_RULE")]
    AlertRule,
    /// An experiment with its variants.
    #[sea_orm(string_value = "EXPERIMENT")]
    Experiment,
    /// A metric that the team defined.
    #[sea_orm(string_value = "METRIC_DEFINITION")]
    MetricDefinition,
    /// An API key with the prefixes of its secrets.
    #[sea_orm(string_value = "API_KEY")]
    ApiKey,
    /// How files of the team's own are to be read.
    #[sea_orm(string_value = "IMPORT_MAPPING")]
    ImportMapping,
    /// A webhook endpoint with the ages of its secrets.
    #[sea_orm(string_value = "WEBHOOK_ENDPOINT")]
    WebhookEndpoint,
    /// An import of a file as a job.
    #[sea_orm(string_value = "IMPORT")]
    Import,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub at: DateTimeUtc,
    pub actor_kind: ActorKind,
    /// The subject of the token, or the prefix of the key.
    pub actor: String,
    pub api_key_id: Option<i64>,
    /// The mutation's field, or the command.
    pub operation: String,
    pub action: Action,
    /// Null when many rows were written at once, and so is the id.
    pub subject: Option<Subject>,
    pub subject_id: Option<String>,
    /// The names of the fields that differ, as a JSON list.
    pub changed: String,
    /// As JSON; null where there was nothing and for rows about people.
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
