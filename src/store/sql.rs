//! The few places where the two databases need different words for the same thing.

use chrono::NaiveDate;
use sea_orm::{
    DbBackend,
    sea_query::{Expr, Func, SimpleExpr},
};

/// Stands for "no day" where an order needs one: before every day that is allowed.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The day, or [`FIRST_DAY`] where there is none.
pub fn or_first_day(day: SimpleExpr) -> SimpleExpr {
    Func::coalesce([day, Expr::value(FIRST_DAY)]).into()
}

/// Text compared byte by byte on both databases. PostgreSQL would otherwise sort and fold by the database's locale.
pub fn bytewise(backend: DbBackend, expr: SimpleExpr) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust_with_exprs(r#"$1 COLLATE "C""#, [expr]),
        _ => expr,
    }
}

/// Lower case of the ASCII letters alone, the same on both databases.
pub fn ascii_lower(backend: DbBackend, expr: SimpleExpr) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust_with_exprs(r#"LOWER($1 COLLATE "C")"#, [expr]),
        _ => Expr::cust_with_exprs("LOWER(?)", [expr]),
    }
}

/// Whether `expr` contains `needle`, ASCII letters in either case. Not `LIKE`: its wild cards and case rules differ.
pub fn contains(backend: DbBackend, expr: SimpleExpr, needle: &str) -> SimpleExpr {
    let (template, needle) = match backend {
        DbBackend::Postgres => ("STRPOS($1, $2) > 0", needle.to_ascii_lowercase()),
        _ => ("INSTR(?, ?) > 0", needle.to_ascii_lowercase()),
    };
    Expr::cust_with_exprs(template, [ascii_lower(backend, expr), Expr::value(needle)])
}

/// Whether `expr` begins with `prefix`, ASCII letters in either case.
pub fn starts_with(backend: DbBackend, expr: SimpleExpr, prefix: &str) -> SimpleExpr {
    let template = match backend {
        DbBackend::Postgres => "STRPOS($1, $2) = 1",
        _ => "INSTR(?, ?) = 1",
    };
    Expr::cust_with_exprs(
        template,
        [
            ascii_lower(backend, expr),
            Expr::value(prefix.to_ascii_lowercase()),
        ],
    )
}

/// The days from an opportunity's opening to its closing.
pub fn cycle_days(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "(f.closed_on - f.opened_on)",
        _ => "CAST(JULIANDAY(f.closed_on) - JULIANDAY(f.opened_on) AS INTEGER)",
    }
}

/// The days from 1970-01-01 to a date column.
pub fn epoch_day(backend: DbBackend, day: SimpleExpr) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust_with_exprs("($1 - DATE '1970-01-01')", [day]),
        _ => Expr::cust_with_exprs("CAST(JULIANDAY(?) - 2440587.5 AS INTEGER)", [day]),
    }
}

/// `year * 12 + month - 1` of a date column.
pub fn month_index(backend: DbBackend, day: SimpleExpr) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust_with_exprs(
            "CAST(EXTRACT(YEAR FROM $1) * 12 + EXTRACT(MONTH FROM $2) - 1 AS INTEGER)",
            [day.clone(), day],
        ),
        _ => Expr::cust_with_exprs(
            "(CAST(SUBSTR(?, 1, 4) AS INTEGER) * 12 + CAST(SUBSTR(?, 6, 2) AS INTEGER) - 1)",
            [day.clone(), day],
        ),
    }
}

/// The text value of one key of a JSON object that is kept as text; SQL null when the key is missing.
pub fn json_text(backend: DbBackend, object: SimpleExpr, key: &str) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => {
            Expr::cust_with_exprs("(CAST($1 AS JSONB) ->> $2)", [object, Expr::value(key)])
        }
        _ => Expr::cust_with_exprs(
            "(? ->> ?)",
            [object, Expr::value(format!("$.{}", json_path_label(key)))],
        ),
    }
}

/// A key as a quoted label of a SQLite JSON path.
fn json_path_label(key: &str) -> String {
    format!("\"{}\"", key.replace(['"', '\\'], ""))
}

/// The stage that a customer has entered last or, where none was told, the one that the orders tell.
macro_rules! stage_sql {
    ($alias:literal) => {
        concat!(
            "COALESCE(",
            $alias,
            ".lifecycle, CASE WHEN ",
            $alias,
            ".second_order_day IS NOT NULL THEN 'REPEAT' WHEN ",
            $alias,
            ".first_order_day IS NOT NULL THEN 'CUSTOMER' WHEN ",
            $alias,
            ".id IS NOT NULL THEN 'VISITOR' END)"
        )
    };
}

pub(super) use stage_sql;
