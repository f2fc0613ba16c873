//! Tables whose rows keep their versions. Beside each stands a twin, `<table>_history`, that receives a row as it was
//! in the same transaction that changes or deletes it. The doors of the writer do so by themselves: whoever writes a
//! row of such a table through them cannot forget to.
//!
//! A row's `recorded_at` and a former version's `superseded_at` are the instants of the transactions that wrote and
//! ended it, in microseconds since 1970. No entity has these columns: only this module's statements know them.

use chrono::{DateTime, Utc};
use entity::{
    TeamOwned, ad_day, budget_day, conversion, cost_day, cost_item, customer, fx_rate, opportunity,
    orders, refund, source_load, stage_event, touchpoint, web_day,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IdenStatic, Iterable, Value,
    sea_query::{Alias, Expr, ExprTrait, InsertStatement, IntoIden, Query},
};

use super::{TeamWriter, stamps::kind_of};
use crate::error::{Error, Result};

/// Since when a row is as it is.
pub(super) const RECORDED_AT: &str = "recorded_at";
/// Until when a former version was so.
pub(super) const SUPERSEDED_AT: &str = "superseded_at";

/// A table whose rows keep their versions.
pub(super) struct Versioned {
    /// Its name.
    pub name: &'static str,
    /// The columns that versions keep.
    pub columns: fn() -> Vec<&'static str>,
}

/// Every such table.
pub(super) const VERSIONED: [Versioned; 14] = [
    Versioned::whole::<ad_day::Entity>("ad_day"),
    Versioned::whole::<web_day::Entity>("web_day"),
    Versioned::whole::<orders::Entity>("orders"),
    Versioned::whole::<refund::Entity>("refund"),
    Versioned::whole::<stage_event::Entity>("stage_event"),
    Versioned::whole::<opportunity::Entity>("opportunity"),
    Versioned::whole::<conversion::Entity>("conversion"),
    Versioned::whole::<touchpoint::Entity>("touchpoint"),
    Versioned::whole::<cost_item::Entity>("cost_item"),
    Versioned::whole::<cost_day::Entity>("cost_day"),
    Versioned::whole::<budget_day::Entity>("budget_day"),
    Versioned::whole::<fx_rate::Entity>("fx_rate"),
    Versioned::whole::<source_load::Entity>("source_load"),
    // Without what tells who somebody is: no number needs it, and it must not outlive its erasure.
    Versioned {
        name: "customer",
        columns: customer_columns,
    },
];

impl Versioned {
    const fn whole<E: EntityTrait>(name: &'static str) -> Self {
        Self {
            name,
            columns: columns::<E>,
        }
    }

    /// The table of this name, if its rows keep their versions.
    pub fn named(name: &str) -> Option<&'static Self> {
        VERSIONED.iter().find(|table| table.name == name)
    }

    /// The table of an entity, if its rows keep their versions.
    pub fn of<E: EntityTrait>() -> Option<&'static Self> {
        Self::named(E::default().table_name())
    }

    /// The twin's name.
    pub fn history(&self) -> String {
        format!("{}_history", self.name)
    }
}

fn columns<E: EntityTrait>() -> Vec<&'static str> {
    E::Column::iter().map(|column| column.as_str()).collect()
}

/// The columns that versions of customers keep.
pub(in crate::store) fn customer_columns() -> Vec<&'static str> {
    use customer::Column as C;
    [
        C::TeamId,
        C::Id,
        C::Country,
        C::Lifecycle,
        C::AcquiredCampaignId,
        C::AcquiredChannelId,
        C::AcquiredAt,
        C::FirstOrderDay,
        C::SecondOrderDay,
        C::CreatedAt,
    ]
    .map(|column| column.as_str())
    .into()
}

/// An instant as versions note it.
pub(super) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The last microsecond of an instant's millisecond. A team's clock goes on by a microsecond with each transaction while
/// the service's own stands still: what was written at one instant is known by its end.
pub(super) fn end_of_milli(at: DateTime<Utc>) -> i64 {
    micros(at).div_euclid(1_000) * 1_000 + 999
}

/// The table that a statement writes, if it writes one.
fn written_table(sql: &str) -> Option<&str> {
    let mut words = sql.split_whitespace();
    match words.next()?.to_ascii_uppercase().as_str() {
        "UPDATE" => words.next(),
        "INSERT" | "DELETE" => words.nth(1),
        _ => None,
    }
}

/// Refuses a raw statement that would change versioned rows without keeping what they were, or rows that the change
/// feed tells of without a stamp.
pub(super) fn check_raw(sql: &str) -> Result<()> {
    let keeps = |table: &&str| Versioned::named(table).is_some() || kind_of(table).is_some();
    match written_table(sql).filter(keeps) {
        Some(table) => Err(Error::Internal(format!(
            "{table} keeps versions or is followed by the change feed: write it by the writer's other doors"
        ))),
        None => Ok(()),
    }
}

/// The statement that inserts rows as recorded at an instant.
pub(super) fn insertion<E: TeamOwned>(
    rows: Vec<E::ActiveModel>,
    at: i64,
) -> Result<InsertStatement> {
    let mut insert = Query::insert();
    let stamp = Alias::new(RECORDED_AT).into_iden();
    insert
        .into_table(E::default().table_ref())
        .columns(E::Column::iter().map(IntoIden::into_iden).chain([stamp]));
    for row in rows {
        let values = E::Column::iter().map(|column| match row.get(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => {
                Ok(column.save_as(Expr::val(value)))
            }
            ActiveValue::NotSet => Err(Error::Internal(format!(
                "a row of {} lacks {}",
                E::default().to_string(),
                column.as_str()
            ))),
        });
        let mut values = values.collect::<Result<Vec<_>>>()?;
        values.push(Expr::val(at));
        insert
            .values(values)
            .map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(insert)
}

impl TeamWriter {
    /// Keeps the rows that meet a condition as they are, before they are changed or deleted. What this transaction
    /// wrote itself was never to be seen and is not kept.
    pub(super) async fn keep_versions<E: TeamOwned>(
        &self,
        table: &Versioned,
        condition: Condition,
    ) -> Result<()> {
        let columns = || (table.columns)().into_iter().map(Alias::new);
        let mut former = Query::select();
        former
            .columns(columns())
            .column(Alias::new(RECORDED_AT))
            .expr(Expr::val(self.at()))
            .from(E::default())
            .and_where(E::TEAM.eq(self.team().id))
            .and_where(Expr::col(Alias::new(RECORDED_AT)).lt(self.at()))
            .cond_where(condition);
        let bounds = [RECORDED_AT, SUPERSEDED_AT].map(Alias::new);
        let mut keep = Query::insert();
        keep.into_table(Alias::new(table.history()))
            .columns(columns().chain(bounds))
            .select_from(former)
            .map_err(|error| Error::Internal(error.to_string()))?;
        self.connection.execute(&keep).await?;
        Ok(())
    }

    /// The table of the former versions of a versioned table.
    pub(in crate::store) fn history_of(&self, table: &str) -> Result<String> {
        Ok(named(table)?.history())
    }

    /// The same by a condition in SQL, in which `$1` is the team.
    async fn keep_versions_where(
        &self,
        table: &Versioned,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<()> {
        let columns = (table.columns)().join(", ");
        let (name, history, at) = (table.name, table.history(), self.at());
        let sql = format!(
            "INSERT INTO {history} ({columns}, {RECORDED_AT}, {SUPERSEDED_AT}) \
             SELECT {columns}, {RECORDED_AT}, {at} FROM {name} \
             WHERE team_id = $1 AND {RECORDED_AT} < {at} AND ({condition})"
        );
        self.execute(&sql, values).await?;
        Ok(())
    }

    /// Sets columns of a versioned table to expressions, in the rows that meet a condition and where that changes
    /// them; says how many. In SQL `$1` is the team and the values follow from `$2` on.
    pub(in crate::store) async fn amend(
        &self,
        table: &'static str,
        set: &[(&str, String)],
        condition: &str,
        values: Vec<Value>,
    ) -> Result<u64> {
        let versioned = named(table)?;
        let changed = set
            .iter()
            .map(|(column, value)| format!("{table}.{column} IS DISTINCT FROM {value}"));
        let changed = changed.collect::<Vec<_>>().join(" OR ");
        let former = format!("({condition}) AND ({changed})");
        self.keep_versions_where(versioned, &former, values.clone())
            .await?;
        let set = set
            .iter()
            .map(|(column, value)| format!("{column} = {value}"));
        let (set, at) = (set.collect::<Vec<_>>().join(", "), self.at());
        // What this transaction wrote gets its value without the question whether it has it already.
        let sql = format!(
            "UPDATE {table} SET {set}, {RECORDED_AT} = {at} \
             WHERE team_id = $1 AND ({condition}) AND ({RECORDED_AT} = {at} OR {changed})"
        );
        self.run(&sql, values).await
    }

    /// Deletes the rows of a versioned table that meet a condition in SQL; says how many.
    pub(in crate::store) async fn withdraw(
        &self,
        table: &'static str,
        condition: &str,
        values: Vec<Value>,
    ) -> Result<u64> {
        self.keep_versions_where(named(table)?, condition, values.clone())
            .await?;
        self.bury_where(table, condition, values.clone()).await?;
        let sql = format!("DELETE FROM {table} WHERE team_id = $1 AND ({condition})");
        let removed = self.run(&sql, values).await?;
        self.note_removed(table, removed);
        Ok(removed)
    }

    /// Inserts new rows into a versioned table from others: these columns of what stands under the name `from` in a
    /// selection's rest, `FROM …`.
    pub(in crate::store) async fn record_from(
        &self,
        table: &'static str,
        columns: &[&str],
        from: &str,
        rest: &str,
        values: Vec<Value>,
    ) -> Result<u64> {
        let table = named(table)?.name;
        let selected = columns.iter().map(|column| format!("{from}.{column}"));
        let selected = selected.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "INSERT INTO {table} (team_id, {}, {RECORDED_AT}) SELECT {from}.team_id, {selected}, {} {rest}",
            columns.join(", "),
            self.at(),
        );
        let written = self.run(&sql, values).await?;
        self.note_written(table, written);
        Ok(written)
    }
}

fn named(table: &str) -> Result<&'static Versioned> {
    Versioned::named(table)
        .ok_or_else(|| Error::Internal(format!("{table} does not keep versions")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_statements_cannot_write_versioned_tables() {
        for sql in [
            "UPDATE orders SET net = 1 WHERE team_id = $1",
            "DELETE FROM ad_day WHERE team_id = $1",
            "insert into refund (team_id) SELECT 1",
            "UPDATE campaign SET name = 'x' WHERE team_id = $1",
        ] {
            assert!(check_raw(sql).is_err(), "{sql}");
        }
        for sql in [
            "UPDATE budget SET currency = 'orders' WHERE team_id = $1",
            "DELETE FROM ad_day_staged WHERE team_id = $1",
            "SELECT 1 FROM orders WHERE team_id = $1",
        ] {
            assert!(check_raw(sql).is_ok(), "{sql}");
        }
    }

    #[test]
    fn versions_of_customers_do_not_tell_who_they_are() {
        let kept = customer_columns();
        for personal in ["email", "name", "properties"] {
            assert!(columns::<customer::Entity>().contains(&personal));
            assert!(!kept.contains(&personal));
        }
    }
}
