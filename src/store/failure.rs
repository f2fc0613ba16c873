//! What a failure of the database means: that it is away, that its disk is full, that others are at work, that a
//! statement took too long; or a mistake of ours.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::{error::DatabaseError, postgres::PgDatabaseError};

use crate::error::Error;

/// What is told when a log could not be written to the disk: see [`is_lost`].
pub(super) const LOST: &str = "the disk failed while something was written; until the service is started again it \
    only reads";

/// The failure of a statement as an error of the service.
pub fn failure(error: DbErr) -> Error {
    if let DbErr::ConnectionAcquire(_) | DbErr::Conn(_) = error {
        return match sql_error(&error) {
            Some(sqlx::Error::Database(told)) if is_full(told.as_ref()) => {
                Error::StorageFull(error.into())
            }
            _ => Error::Unavailable(error),
        };
    }
    match sql_error(&error) {
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed,
        ) => Error::Unavailable(error),
        Some(sqlx::Error::Database(told)) => match meaning(told.as_ref()) {
            Meaning::Away => Error::Unavailable(error),
            Meaning::Full => Error::StorageFull(error.into()),
            Meaning::Lost => Error::Busy(LOST),
            Meaning::Busy => {
                Error::Busy("another program is writing; nothing was written, try again later")
            }
            Meaning::TooLong => Error::Timeout(
                "the database took longer than the setting statement_timeout_seconds allows; narrow the question".into(),
            ),
            Meaning::TooLarge => {
                Error::Limit("a sum of amounts is over 9.2 trillion; narrow the question".into())
            }
            Meaning::Other => Error::Database(error),
        },
        _ => Error::Database(error),
    }
}

/// Whether the system could not tell that what was written is on the disk. It may have thrown away what it could not
/// write, so that a later success would say nothing about it.
pub(super) fn is_lost(error: &DbErr) -> bool {
    matches!(sql_error(error), Some(sqlx::Error::Database(told)) if matches!(meaning(told.as_ref()), Meaning::Lost))
}

/// Whether SQLite has undone the transaction in which this happened, without being asked. Its driver does not notice, and
/// counts wrongly from then on.
pub(super) fn is_undone(error: &DbErr) -> bool {
    match sql_error(error) {
        Some(sqlx::Error::Database(told)) => matches!(
            meaning(told.as_ref()),
            Meaning::Full | Meaning::Lost | Meaning::Away
        ),
        _ => false,
    }
}

/// Whether this is the answer of a database, if a refusal.
pub(super) fn is_answer(error: &DbErr) -> bool {
    match sql_error(error) {
        Some(sqlx::Error::Database(told)) => is_serving(told.as_ref()),
        _ => false,
    }
}

/// Whether a refusal comes from a database that otherwise serves.
pub(super) fn is_serving(told: &dyn DatabaseError) -> bool {
    !matches!(meaning(told), Meaning::Away)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Away,
    Full,
    Lost,
    Busy,
    TooLong,
    TooLarge,
    Other,
}

fn is_full(told: &dyn DatabaseError) -> bool {
    meaning(told) == Meaning::Full
}

fn sql_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(told))
        | DbErr::Exec(RuntimeErr::SqlxError(told))
        | DbErr::Query(RuntimeErr::SqlxError(told)) => Some(told),
        _ => None,
    }
}

fn meaning(told: &dyn DatabaseError) -> Meaning {
    match told.try_downcast_ref::<PgDatabaseError>() {
        Some(told) => of_postgres(told.code(), told.message()),
        None => {
            let code = told.code().and_then(|code| code.parse().ok());
            code.map_or(Meaning::Other, |code| of_sqlite(code, told.message()))
        }
    }
}

/// By the codes of PostgreSQL's appendix A.
fn of_postgres(code: &str, message: &str) -> Meaning {
    match code {
        // Shut down, starting, a standby after a change of roles, no room for connections or memory, failing disks.
        "57P01" | "57P02" | "57P03" | "57P05" | "25006" | "53200" | "53300" | "53400" | "58030" => {
            Meaning::Away
        }
        "53100" => Meaning::Full,
        "40001" | "40P01" | "55P03" => Meaning::Busy,
        "57014" => Meaning::TooLong,
        "22003" if message.contains("bigint out of range") => Meaning::TooLarge,
        code if code.starts_with("08") => Meaning::Away,
        _ => Meaning::Other,
    }
}

/// By SQLite's extended result codes.
fn of_sqlite(code: i32, message: &str) -> Meaning {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const IO: i32 = 10;
    const FULL: i32 = 13;
    const CANNOT_OPEN: i32 = 14;
    const IO_FSYNC: i32 = IO | 4 << 8;
    const IO_DIRECTORY_FSYNC: i32 = IO | 5 << 8;
    const IO_SHM_SIZE: i32 = IO | 19 << 8;
    match (code, code & 0xff) {
        (IO_FSYNC | IO_DIRECTORY_FSYNC, _) => Meaning::Lost,
        // A connection that opens finds no room for what all connections share.
        (_, FULL) | (IO_SHM_SIZE, _) => Meaning::Full,
        (_, IO | CANNOT_OPEN) => Meaning::Away,
        (_, BUSY | LOCKED) => Meaning::Busy,
        _ if message.contains("integer overflow") => Meaning::TooLarge,
        _ => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_whether_a_database_is_away_full_or_busy() {
        for (code, meant) in [
            ("08006", Meaning::Away),
            ("57P01", Meaning::Away),
            ("57P03", Meaning::Away),
            ("53300", Meaning::Away),
            ("53100", Meaning::Full),
            ("40P01", Meaning::Busy),
            ("57014", Meaning::TooLong),
            ("23505", Meaning::Other),
            ("42P01", Meaning::Other),
        ] {
            assert_eq!(of_postgres(code, ""), meant, "{code}");
        }
        for (code, meant) in [
            (13, Meaning::Full),
            (4874, Meaning::Full),
            (778, Meaning::Away),
            (1034, Meaning::Lost),
            (1290, Meaning::Lost),
            (14, Meaning::Away),
            (5, Meaning::Busy),
            (517, Meaning::Busy),
            (11, Meaning::Other),
            (2067, Meaning::Other),
        ] {
            assert_eq!(of_sqlite(code, ""), meant, "{code}");
        }
        assert_eq!(of_sqlite(1, "integer overflow"), Meaning::TooLarge);
    }

    #[test]
    fn what_the_database_cannot_be_asked_is_unavailable_and_never_internal() {
        let io = || sqlx::Error::from(std::io::Error::from(std::io::ErrorKind::BrokenPipe));
        for error in [
            DbErr::Query(RuntimeErr::SqlxError(io().into())),
            DbErr::Exec(RuntimeErr::SqlxError(io().into())),
            DbErr::Exec(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into())),
            DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
        ] {
            assert_eq!(failure(error).code(), "UNAVAILABLE");
        }
        assert_eq!(failure(DbErr::Custom("x".into())).code(), "INTERNAL");
    }
}
