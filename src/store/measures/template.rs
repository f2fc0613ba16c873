//! What measures say in the same words on both databases: `{seconds:…}` and `{passed}` in their SQL.

use sea_orm::DbBackend;

use crate::store::sql::cycle_days;

/// The stages in the order in which people pass them. CHURNED is not on the way to anything.
const RANK: &str = "CASE ? WHEN 'VISITOR' THEN 1 WHEN 'LEAD' THEN 2 WHEN 'MQL' THEN 3 WHEN 'SAL' THEN 4 \
     WHEN 'SQL' THEN 5 WHEN 'SQO' THEN 6 WHEN 'CUSTOMER' THEN 7 WHEN 'REPEAT' THEN 8 ELSE 0 END";

/// Whether the customer of the stage entry `f` reached a later stage since. Who bought has passed every stage before.
const PASSED: &str = "(EXISTS (SELECT 1 FROM stage_event e WHERE e.team_id = f.team_id \
     AND e.customer_id = f.customer_id AND e.entered_at >= f.entered_at AND {rank:e.stage} > {rank:f.stage}) \
     OR EXISTS (SELECT 1 FROM orders x WHERE x.team_id = f.team_id AND x.customer_id = f.customer_id \
     AND x.counted AND x.ordered_at >= f.entered_at) \
     OR EXISTS (SELECT 1 FROM opportunity w WHERE w.team_id = f.team_id AND w.customer_id = f.customer_id \
     AND w.outcome = 'WON' AND w.closed_at >= f.entered_at))";

/// The SQL with its placeholders filled in: `{passed}`, whether the customer of a stage entry went on;
/// `{seconds:COLUMN}`, the whole seconds from 1970 to an instant; `{cycle}`, the days from opening to closing a deal.
pub fn expand(backend: DbBackend, sql: &str) -> String {
    let sql = sql.replace("{cycle}", cycle_days(backend));
    let sql = sql.replace("{passed}", PASSED);
    let sql = fill(&sql, "{rank:", |column| RANK.replace('?', column));
    fill(&sql, "{seconds:", |instant| seconds(backend, instant))
}

/// The whole seconds from 1970 to an instant, as a BIGINT.
pub fn seconds(backend: DbBackend, instant: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST(FLOOR(EXTRACT(EPOCH FROM {instant})) AS BIGINT)"),
        _ => format!("UNIXEPOCH({instant})"),
    }
}

/// Replaces every `OPEN…}` by what is made of its inside.
fn fill(sql: &str, open: &str, with: impl Fn(&str) -> String) -> String {
    let mut parts = sql.split(open);
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, rest) = part.split_once('}').unwrap_or((part, ""));
        filled.push_str(&with(inside));
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_filled_and_the_rest_stays() {
        let sql = "{seconds:a} - {seconds:b} < 5 AND {passed}";
        let sqlite = expand(DbBackend::Sqlite, sql);
        assert!(sqlite.starts_with("UNIXEPOCH(a) - UNIXEPOCH(b) < 5 AND (EXISTS"));
        assert!(sqlite.contains("> CASE f.stage WHEN 'VISITOR'") && !sqlite.contains('{'));
        assert_eq!(expand(DbBackend::Sqlite, "COUNT(*)"), "COUNT(*)");
    }
}
