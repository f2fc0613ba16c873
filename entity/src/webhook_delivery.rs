//! An event on its way to an endpoint: what is sent, how it stands, when it is tried next.

use sea_orm::entity::prelude::*;

use crate::TeamOwned;

/// How a delivery stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[graphql(name = "WebhookDeliveryState")]
pub enum State {
    /// It will be tried, for the first time or again; it waits while the endpoint is disabled.
    #[sea_orm(string_value = "PENDING")]
    Pending,
    /// The endpoint has taken it.
    #[sea_orm(string_value = "DELIVERED")]
    Delivered,
    /// The last attempt of the schedule failed, too.
    #[sea_orm(string_value = "FAILED")]
    Failed,
}

/// Why an attempt failed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
#[graphql(name = "WebhookFailure")]
pub enum Failure {
    /// It answered with a status other than 2xx.
    #[sea_orm(string_value = "STATUS")]
    Status,
    /// It answered with a redirect, which is not followed.
    #[sea_orm(string_value = "REDIRECT")]
    Redirect,
    /// It did not answer in time.
    #[sea_orm(string_value = "TIMEOUT")]
    Timeout,
    /// Its answer broke off.
    #[sea_orm(string_value = "INCOMPLETE")]
    Incomplete,
    /// No connection came about, or it broke before an answer; a bad certificate counts, too.
    #[sea_orm(string_value = "CONNECTION")]
    Connection,
    /// Its host name has no address.
    #[sea_orm(string_value = "UNKNOWN_HOST")]
    UnknownHost,
    /// Its address is of a network that deliveries may not enter.
    #[sea_orm(string_value = "FORBIDDEN_ADDRESS")]
    ForbiddenAddress,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub endpoint_id: i64,
    pub event_id: i64,
    /// Such as `goal.status_changed`.
    pub event_type: String,
    /// The same in every attempt, also by hand, so that a receiver can drop repeats.
    pub webhook_id: String,
    /// The body, as it is sent.
    pub payload: String,
    pub state: State,
    /// How many attempts there were.
    pub attempts: i32,
    /// How many of them count for the schedule, which begins anew when somebody asks for a redelivery.
    pub tries: i32,
    /// When it is due; of finished ones the instant at which it last was.
    pub next_attempt_at: DateTimeUtc,
    /// Who is trying it; null when nobody is.
    pub lease: Option<i64>,
    /// When others may try it, whatever became of whoever tries it now.
    pub leased_until: Option<DateTimeUtc>,
    /// Of the last attempt; null before it, and when there was no answer.
    pub last_status: Option<i32>,
    /// Of the last attempt; null before it, and when it did not fail.
    pub last_failure: Option<Failure>,
    pub created_at: DateTimeUtc,
    /// Null while it is pending.
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
