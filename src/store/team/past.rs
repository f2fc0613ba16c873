//! Reading what was known at an earlier instant. A statement stays as it is; before it stand, under the names of the
//! versioned tables that it reads, the rows as they were: whatever the statement joins or counts, it sees the past.

use sea_orm::{DbBackend, DbErr, Statement, Values};

use super::versions::{RECORDED_AT, SUPERSEDED_AT, Versioned};

/// What stands beside facts and has no versions: names, kinds and settings are read as they are today.
const CURRENT: [&str; 5] = [
    "team",
    "campaign",
    "channel",
    "campaign_channel",
    "external_ref",
];

/// One team's facts as they were known at an instant.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Past {
    pub team: i64,
    /// In microseconds since 1970.
    pub at: i64,
}

/// Whether a table can be read as it was, or is no fact.
fn keeps_history(table: &str) -> bool {
    Versioned::named(table).is_some() || CURRENT.contains(&table)
}

/// Whether what an expression or selection reads can be read as it was.
pub(in crate::store) fn history_of(sql: &str) -> bool {
    tables_read(sql).into_iter().all(keeps_history)
}

/// The tables that a selection reads, each once, in the order met: what stands after FROM and JOIN, but for names that
/// the selection itself has made by `name AS (…)`.
fn tables_read(sql: &str) -> Vec<&str> {
    let words: Vec<&str> = sql
        .split(|letter: char| letter.is_whitespace() || letter == ',')
        .filter(|word| !word.is_empty())
        .collect();
    let made = |name: &str| {
        words.windows(3).any(|three| {
            bare(three[0]) == name
                && three[1].eq_ignore_ascii_case("AS")
                && (three[2].starts_with('(') || three[2] == "NOT" || three[2] == "MATERIALIZED")
        })
    };
    let mut tables = Vec::new();
    for pair in words.windows(2) {
        let after = pair[0].trim_start_matches('(');
        let name = bare(pair[1]);
        let is_name = name.starts_with(|letter: char| letter.is_ascii_lowercase())
            && !pair[1].starts_with('(')
            && !name.contains('.');
        if (after.eq_ignore_ascii_case("FROM") || after.eq_ignore_ascii_case("JOIN"))
            && is_name
            && !made(name)
            && !tables.contains(&name)
        {
            tables.push(name);
        }
    }
    tables
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter| matches!(letter, '"' | '(' | ')'))
}

impl Past {
    /// The selection over the facts as they were.
    ///
    /// # Errors
    /// The selection reads facts that keep no history: those of today must not be taken for those of then.
    pub fn of(self, statement: Statement) -> Result<Statement, DbErr> {
        let Statement {
            sql,
            values,
            db_backend,
        } = statement;
        let tables = tables_read(&sql);
        if let Some(table) = tables.iter().find(|table| !keeps_history(table)) {
            return Err(DbErr::Custom(format!(
                "{table} keeps no history and cannot be read as of an earlier instant"
            )));
        }
        let tables: Vec<_> = tables.into_iter().filter_map(Versioned::named).collect();
        if tables.is_empty() {
            return Ok(Statement {
                sql,
                values,
                db_backend,
            });
        }
        let mut values = values.map_or_else(Vec::new, |values| values.0);
        let (team, at) = match db_backend {
            // Further parameters leave the text the same for every instant, so that its plan can be kept.
            DbBackend::Postgres => {
                values.extend([self.team.into(), self.at.into()]);
                let last = values.len();
                (format!("${}", last - 1), format!("${last}"))
            }
            // Here parameters count from where they stand.
            _ => (self.team.to_string(), self.at.to_string()),
        };
        let made: Vec<String> = tables
            .into_iter()
            .map(|table| {
                let columns = (table.columns)().join(", ");
                let (name, history) = (table.name, table.history());
                // SQLite would take the bare name for the one that is being made.
                let stored = match db_backend {
                    DbBackend::Postgres => name.to_owned(),
                    _ => format!("main.{name}"),
                };
                format!(
                    "{name} AS NOT MATERIALIZED (SELECT {columns} FROM {stored} \
                     WHERE team_id = {team} AND {RECORDED_AT} <= {at} \
                     UNION ALL SELECT {columns} FROM {history} \
                     WHERE team_id = {team} AND {RECORDED_AT} <= {at} AND {SUPERSEDED_AT} > {at})"
                )
            })
            .collect();
        let made = made.join(", ");
        let sql = match sql.strip_prefix("WITH ") {
            Some(rest) if rest.starts_with("RECURSIVE ") => {
                return Err(DbErr::Custom(
                    "a recursion cannot be read as of an instant".into(),
                ));
            }
            Some(rest) => format!("WITH {made}, {rest}"),
            None => format!("WITH {made} {sql}"),
        };
        Ok(Statement {
            sql,
            values: (!values.is_empty()).then_some(Values(values)),
            db_backend,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(sql: &str) -> Result<Statement, DbErr> {
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [7_i64.into()]);
        Past { team: 3, at: 99 }.of(statement)
    }

    #[test]
    fn the_tables_of_a_selection_are_found() {
        let sql = r#"SELECT EXTRACT(YEAR FROM f.day), (SELECT 1 FROM customer x) FROM "orders" AS "f"
            LEFT JOIN "campaign" AS "p" ON true JOIN (SELECT 1 FROM refund r) q ON true"#;
        assert_eq!(
            tables_read(sql),
            ["customer", "orders", "campaign", "refund"]
        );
        let made = "WITH firsts AS (SELECT 1 FROM orders) SELECT * FROM firsts";
        assert_eq!(tables_read(made), ["orders"]);
    }

    #[test]
    fn a_selection_is_left_as_it_is_behind_the_past() {
        let statement = past("SELECT 1 FROM refund f WHERE f.team_id = $1").unwrap();
        let (before, after) = statement.sql.split_once(") SELECT 1").unwrap();
        assert!(before.starts_with("WITH refund AS NOT MATERIALIZED (SELECT team_id, id"));
        assert!(before.contains("team_id = $2 AND recorded_at <= $3"));
        assert_eq!(after, " FROM refund f WHERE f.team_id = $1");
        assert_eq!(statement.values.unwrap().0.len(), 3);
    }

    #[test]
    fn facts_without_history_are_not_read_as_of_an_instant() {
        assert!(past("SELECT 1 FROM survey_response f").is_err());
        assert!(past("SELECT 1 FROM campaign f").is_ok());
    }
}
