//! An import of a file as a job: what is asked, who asked, how far it is, who is working on it.

use sea_orm::entity::prelude::*;

use crate::{TeamOwned, audit_entry::ActorKind};

/// How rows are published.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, async_graphql::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(10))")]
#[graphql(name = "ImportMode")]
pub enum Mode {
    /// All rows are checked first and published in one step at the end: nothing half shows.
    #[default]
    #[sea_orm(string_value = "STAGED")]
    Staged,
    /// Good rows are published batch by batch while the file is read, whatever becomes of the others. Figures by the day,
    /// whose rows add up, are published in one step at the end.
    #[sea_orm(string_value = "PARTIAL")]
    Partial,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, async_graphql::Enum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(12))")]
#[graphql(name = "ImportState")]
pub enum State {
    /// The file is being stored.
    #[sea_orm(string_value = "RECEIVING")]
    Receiving,
    /// It waits for its turn.
    #[sea_orm(string_value = "QUEUED")]
    Queued,
    /// The rows are being read and checked; nothing of them is stored yet.
    #[sea_orm(string_value = "CHECKING")]
    Checking,
    /// The rows are being stored.
    #[sea_orm(string_value = "PUBLISHING")]
    Publishing,
    /// It is over; what it tells of rows is final.
    #[sea_orm(string_value = "DONE")]
    Done,
    /// It is over without success; of a staged import nothing is stored.
    #[sea_orm(string_value = "FAILED")]
    Failed,
    /// It was broken off on request; of a staged import nothing is stored.
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
}

impl State {
    /// Whether it stays so.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub file_name: String,
    /// Of the file as it came.
    pub bytes: i64,
    /// What is said about the file, as JSON.
    #[sea_orm(column_type = "Text")]
    pub options: String,
    pub mode: Mode,
    pub dry_run: bool,
    pub actor_kind: ActorKind,
    /// The subject of the token, or the prefix of the key, that asked for it.
    pub actor: String,
    pub api_key_id: Option<i64>,
    pub created_at: DateTimeUtc,
    pub state: State,
    /// Whether it is to be broken off.
    pub cancel_asked: bool,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    /// In thousandths.
    pub progress: i32,
    /// The rows that are checked, in PARTIAL those that are published: work goes on after them.
    pub rows_read: i64,
    pub rows_written: i64,
    pub rows_unchanged: i64,
    pub rows_refused: i64,
    pub rows_passed_over: i64,
    /// How the file is read, as JSON; null until that is known.
    #[sea_orm(column_type = "Text", nullable)]
    pub preview: Option<String>,
    /// Why it failed.
    #[sea_orm(column_type = "Text", nullable)]
    pub failure: Option<String>,
    /// How often a worker took it up.
    pub attempts: i32,
    /// The worker that has it; only who has it may write it.
    pub lease_owner: Option<String>,
    /// Until when nobody else takes it up.
    pub lease_until: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TeamOwned for Entity {
    const TEAM: Column = Column::TeamId;
}
